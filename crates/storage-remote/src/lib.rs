//! `SPAN_STORAGE_TYPE=grpc`: a store in another process.
//!
//! ```text
//! collector -> write -> channel ==gRPC==> jaeger-remote-storage (or Go Jaeger's) -> its store
//! query     <- read  <- channel <========
//! ```
//!
//! Each connection begins with the question what the server speaks ([`peer`]): `jaeger.embedded.v1`, which is ours and carries all of the
//! contract, or `jaeger.storage.v1` alone, which Go Jaeger's server has; then [`Capabilities`](jaeger_storage::Capabilities) say what is
//! missing. Both directions of both wires stand in [`wire`], for the server too.
#![forbid(unsafe_code)]

mod archive;
mod found;
mod peer;
mod read;
mod store;
pub mod wire;
mod write;

pub use jaeger_grpc::AddressError;
pub use store::{RemoteConfig, RemoteStore};
