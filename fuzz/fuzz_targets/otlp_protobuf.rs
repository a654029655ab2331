//! A body of OTLP in protobuf, on ports 4317 and 4318.
#![no_main]

use jaeger_wire::testing::otlp;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _taken = otlp::protobuf(bytes);
});
