//! One direction of a TChannel connection: frames, handshake, calls and answers with their arguments.
#![no_main]

use jaeger_wire::testing::tchannel;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    tchannel::connection(bytes);
});
