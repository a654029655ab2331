//! What the collector adds to [`jaeger_grpc`]: one message in, one out.
//!
//! ```text
//! connection (HTTP/2, age, GOAWAY) -> body (one message, bounded, inflated) -> handler -> answer (message or status)
//! ```
//!
//! A body is admitted as it arrives, and a refusal carries RetryInfo.

mod answer;
mod body;

pub(crate) use answer::{RpcStatus, refusal};
pub(crate) use body::read_message;
pub(crate) use jaeger_grpc::{
    Answer, ConnectionSettings, DEFAULT_PATIENCE, Side, patience, reply, serve, unknown_method,
};
