//! A datagram on port 6831.
#![no_main]

use jaeger_wire::{testing::rounds, thrift::Protocol};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    rounds::jaeger_message(bytes, Protocol::Compact);
});
