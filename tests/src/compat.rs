//! What is compatible with Go Jaeger, as data: `crates/jaeger-service/compat/*.toml`, a line a flag, port, endpoint, metric
//! or store. `docs/compatibility.md` is made from it, and `tests/compatibility.rs` compares it with the binaries.

pub mod data;
pub mod families;
pub mod help;
pub mod page;
pub mod settings;
