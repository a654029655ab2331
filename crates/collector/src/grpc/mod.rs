//! gRPC as a server of single messages needs it: one message in, one out, over HTTP/2.
//!
//! ```text
//! connection (HTTP/2, age, GOAWAY) -> body (one message, bounded, inflated) -> handler -> answer (message or status)
//! ```
//!
//! The span path hands over the bytes of a message without a generated type in between; a body is admitted as it arrives, and a refusal
//! carries RetryInfo. Health and reflection, which stream, are tonic's and share the connections.

mod answer;
mod body;
mod connection;
pub(crate) mod side;
mod timeout;

pub(crate) use answer::{Answer, RpcStatus, refusal, reply, unknown_method};
pub(crate) use body::read_message;
pub(crate) use connection::{ConnectionSettings, serve};
pub(crate) use timeout::{DEFAULT_PATIENCE, patience};
