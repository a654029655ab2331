//! Zipkin's formats (`proto/thrift/zipkincore.thrift`, `proto/zipkin/zipkin.proto`): what its senders post to 9411, send
//! to 5775 over UDP, and submit over TChannel.
//!
//! ```text
//! 9411 /api/v1/spans --decode_thrift | decode_v1_json------> v1 -\
//! 9411 /api/v2/spans --decode_v2_json | decode_v2_protobuf-> v2 --+--> BatchBuilder
//! 5775, TChannel ----decode_args-------------------------> agent -/
//! ```
//!
//! Go Jaeger turns the same v1 span into two different ones: by rules of its own where it came through an agent
//! ([`decode_args`]), by those of an OpenTelemetry receiver where it came to 9411. Both are kept, each at its door.
//! What the receiver loses on the way is listed in `docs/adr/0053-zipkin-spans.md`.

mod agent;
mod gos_words;
mod host;
mod strict;
mod thrift_span;
mod v1;
mod v1_json;
mod v1_status;
mod v1_thrift;
mod v2;
mod v2_event;
mod v2_json;
mod v2_link;
mod v2_protobuf;
mod v2_tags;

pub use agent::decode_args;
pub(crate) use agent::spans as spans_of_an_agent;
pub use v1_json::decode_v1_json;
pub use v1_thrift::decode_thrift;
pub use v2_json::decode_v2_json;
pub use v2_protobuf::decode_v2_protobuf;

/// The words by which annotations say who sent and who received, and when.
mod core {
    pub(super) const CLIENT_SEND: &[u8] = b"cs";
    pub(super) const CLIENT_RECEIVE: &[u8] = b"cr";
    pub(super) const SERVER_RECEIVE: &[u8] = b"sr";
    pub(super) const SERVER_SEND: &[u8] = b"ss";
    pub(super) const MESSAGE_SEND: &[u8] = b"ms";
    pub(super) const MESSAGE_RECEIVE: &[u8] = b"mr";
    /// The binary annotation that names a component; its host is the service.
    pub(super) const LOCAL_COMPONENT: &[u8] = b"lc";
    pub(super) const COMPONENT: &[u8] = b"component";
}

/// The span kinds as OTLP numbers them.
mod span_kind {
    pub(super) const UNSPECIFIED: u32 = 0;
    pub(super) const INTERNAL: u32 = 1;
    pub(super) const SERVER: u32 = 2;
    pub(super) const CLIENT: u32 = 3;
    pub(super) const PRODUCER: u32 = 4;
    pub(super) const CONSUMER: u32 = 5;
}

/// What says that a span came without a start.
const START_ABSENT: &[u8] = b"otel.zipkin.absentField.startTime";

#[cfg(test)]
mod tests;
