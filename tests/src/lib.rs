//! What the end-to-end tests share, in the order that a test uses it: the binaries are built, a server is started on
//! free ports, a real client or a recorded input sends to it, its HTTP API is asked, the answer is compared with what
//! was sent, and the server is stopped by SIGTERM.
//!
//! The tests themselves stand in `tests/`: `clients.rs` (real tracing clients) and `recorded.rs` (what Go Jaeger
//! answered to the same bytes).

pub mod binaries;
pub mod child;
pub mod exposition;
pub mod grpc;
pub mod http;
pub mod json;
pub mod opentelemetry;
pub mod peers;
pub mod replay;
pub mod server;
pub mod span;
pub mod wait;
