//! jaeger-remote-storage: one store, served to collectors and queries in other processes.
//!
//! ```text
//! connection -> route -> body (messages, bounded) -> write -> store       its answer means stored
//!                     \                           \-> read  -> store -> chunks of spans as they are read
//!                      \-> health, reflection
//! ```
//!
//! It speaks `jaeger.storage.v1`, as Go Jaeger's clients do, and beside it `jaeger.embedded.v1` (see `proto/`), over any
//! [`Store`](jaeger_storage::Store).
#![forbid(unsafe_code)]

mod body;
mod chunks;
mod config;
mod read;
mod room;
mod route;
mod serve;
mod server;
mod write;
mod write_stream;

pub use config::{Config, Offers};
pub use jaeger_grpc::ReflectionError;
pub use server::Server;
