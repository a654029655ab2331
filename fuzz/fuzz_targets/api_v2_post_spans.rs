//! A body of `PostSpans` on port 14250.
#![no_main]

use jaeger_wire::testing::rounds;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    rounds::post_spans(bytes);
});
