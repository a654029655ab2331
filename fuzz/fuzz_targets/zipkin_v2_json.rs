//! v2 spans in JSON: a body of `POST /api/v2/spans` on 9411.
#![no_main]

use jaeger_wire::testing::zipkin;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _taken = zipkin::v2_json(bytes);
});
