//! v1 spans in JSON: a body of `POST /api/v1/spans` on 9411.
#![no_main]

use jaeger_wire::testing::zipkin;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _taken = zipkin::v1_json(bytes);
});
