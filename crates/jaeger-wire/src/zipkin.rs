//! Zipkin's formats: what its senders post to 9411, send to 5775 over UDP, and submit over TChannel.
//!
//! ```text
//! 9411 /api/v1/spans --decode_thrift | decode_v1_json------> v1 -\
//! 9411 /api/v2/spans --decode_v2_json | decode_v2_protobuf-> v2 --+--> BatchBuilder
//! 5775, TChannel ----decode_args---------> sanitize, agent ------/
//! ```
//!
//! Go Jaeger turns the same v1 span into two different ones: by rules of its own where it came through an agent
//! ([`decode_args`]), by those of an OpenTelemetry receiver where it came to 9411. Both are kept, each at its door.

mod agent;
mod thrift_span;

pub use agent::decode_args;
pub(crate) use agent::spans as spans_of_an_agent;

/// The words by which annotations say who sent and who received, and when.
mod core {
    pub(super) const CLIENT_SEND: &[u8] = b"cs";
    pub(super) const CLIENT_RECEIVE: &[u8] = b"cr";
    pub(super) const SERVER_RECEIVE: &[u8] = b"sr";
    pub(super) const SERVER_SEND: &[u8] = b"ss";
    /// The binary annotation that names a component; its host is the service.
    pub(super) const LOCAL_COMPONENT: &[u8] = b"lc";
    pub(super) const COMPONENT: &[u8] = b"component";
}

#[cfg(test)]
mod tests;
