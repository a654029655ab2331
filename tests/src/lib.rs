//! What the end-to-end tests share, in the order that a test uses it: the binaries are built, a server is started on
//! free ports, a real client or a recorded input sends to it, its HTTP API is asked, the answer is compared with what
//! was sent, and the server is stopped by SIGTERM.
//!
//! The tests themselves stand in `tests/`: `clients.rs` (real tracing clients), `recorded.rs` (what Go Jaeger answered to
//! the same bytes), `ledger.rs` and `shutdown.rs` (nothing is lost unnoticed, under load and at the end), `durable.rs`
//! (nor when the process is killed or the disk is full), `bad_input.rs`, and `first_minutes.rs` (what somebody sees who starts it for the first time).

pub mod acknowledged;
pub mod archived;
pub mod binaries;
pub mod browser;
pub mod child;
pub mod cluster;
pub mod compat;
pub mod exposition;
pub mod found;
pub mod frames;
pub mod grpc;
pub mod hop;
pub mod http;
pub mod json;
pub mod killed;
pub mod ledger;
pub mod load;
pub mod manifests;
pub mod opentelemetry;
pub mod otlp;
pub mod peers;
pub mod port;
pub mod program;
pub mod prometheus;
pub mod replay;
pub mod retold;
pub mod separate;
pub mod server;
pub mod servers;
pub mod shop;
pub mod span;
pub mod story;
pub mod terminal;
pub mod thrift;
pub mod volume;
pub mod wait;
