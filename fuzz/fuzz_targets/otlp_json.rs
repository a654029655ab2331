//! A body of OTLP in JSON, on port 4318.
#![no_main]

use jaeger_wire::testing::otlp;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _taken = otlp::json(bytes);
});
