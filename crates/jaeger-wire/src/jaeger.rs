//! Jaeger's own Thrift format (`proto/jaeger.thrift`, `proto/agent.thrift`): what its clients send to an agent over
//! UDP, as a message that calls `emitBatch`, and to a collector over HTTP, as a bare batch.

mod decode;
mod encode;
mod unknown;

#[cfg(feature = "tchannel")]
pub(crate) use decode::batch as read_batch;
pub use decode::{calls_zipkin, decode_batch, decode_message};
#[cfg(feature = "tchannel")]
pub(crate) use encode::batch as write_batch;
pub use encode::{encode_batch, encode_message};

/// A message that an agent got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Message {
    /// Spans of one process, now in the builder.
    EmitBatch(BatchMeta),
    /// Spans of Zipkin's definition, now in the builder.
    EmitZipkinBatch {
        /// How many the message had; some become two.
        spans: usize,
    },
}

/// What a client says about a batch besides its spans.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BatchMeta {
    /// The batch's number, counted by the client.
    pub seq_no: Option<i64>,
    /// What the client lost so far.
    pub stats: Option<ClientStats>,
}

/// Spans that a client dropped since it started, by reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClientStats {
    /// Its queue was full.
    pub full_queue_dropped_spans: i64,
    /// They fit no packet.
    pub too_large_dropped_spans: i64,
    /// Sending failed.
    pub failed_to_emit_spans: i64,
}

const EMIT_BATCH: &str = "emitBatch";
const EMIT_ZIPKIN_BATCH: &str = "emitZipkinBatch";

/// `TagType` of the definition; another order than api_v2's.
mod tag_type {
    pub(super) const STRING: i32 = 0;
    pub(super) const DOUBLE: i32 = 1;
    pub(super) const BOOL: i32 = 2;
    pub(super) const LONG: i32 = 3;
    pub(super) const BINARY: i32 = 4;
}

#[cfg(test)]
mod tests;
