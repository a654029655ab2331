//! A body of `POST /api/traces` on port 14268.
#![no_main]

use jaeger_wire::{testing::rounds, thrift::Protocol};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    rounds::jaeger_batch(bytes, Protocol::Binary);
});
