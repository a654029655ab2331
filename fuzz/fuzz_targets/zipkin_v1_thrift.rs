//! v1 spans in Thrift: a body of `POST /api/v1/spans` on 9411, and what an agent gets on 5775.
#![no_main]

use jaeger_wire::testing::zipkin;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _taken = zipkin::v1_thrift(bytes);
});
