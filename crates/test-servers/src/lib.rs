//! Real servers for tests: [`cassandra`] is fetched once from Maven Central by the checksums beside this crate's manifest, unpacked
//! under `${XDG_CACHE_HOME:-$HOME/.cache}/jaeger-rust/servers`, and started on free ports of loopback.
//!
//! A server ends with its handle, and in any case with the process that started it.

pub mod cassandra;
mod libraries;
mod process;
