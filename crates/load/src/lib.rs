//! The load generator: makes spans from a seed, sends them over every wire, and measures servers from outside.
//!
//! ```text
//! profile -> wire (encode once) -> send/{udp,grpc,http} --> any Jaeger-compatible server
//!                                  observe (CPU, memory) <-- /proc of its process
//! ```

pub mod bench;
pub mod demo;
pub mod observe;
pub mod profile;
pub mod send;
pub mod server;
pub mod steady;
pub mod wire;
