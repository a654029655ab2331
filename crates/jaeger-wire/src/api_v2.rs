//! api_v2's spans (`proto/api_v2/model.proto`): what agents post to a collector, and what query streams back.
//!
//! Messages that hold no spans are generated code.

mod decode;
mod encode;
mod process;
mod time;

pub use decode::{batch_span_count, decode_post_spans, decode_span_stream, decode_spans};
pub use encode::{encode_post_spans, encode_span, encode_span_stream, encode_spans, framed};

/// Field numbers of `PostSpansRequest` and `Batch`.
mod batch_field {
    pub(super) const BATCH: u32 = 1;
    pub(super) const SPANS: u32 = 1;
    pub(super) const PROCESS: u32 = 2;
}

/// Field numbers of `Span`.
mod span_field {
    pub(super) const TRACE_ID: u32 = 1;
    pub(super) const SPAN_ID: u32 = 2;
    pub(super) const OPERATION_NAME: u32 = 3;
    pub(super) const REFERENCES: u32 = 4;
    pub(super) const FLAGS: u32 = 5;
    pub(super) const START_TIME: u32 = 6;
    pub(super) const DURATION: u32 = 7;
    pub(super) const TAGS: u32 = 8;
    pub(super) const LOGS: u32 = 9;
    pub(super) const PROCESS: u32 = 10;
    pub(super) const WARNINGS: u32 = 12;
}

/// Field numbers of `KeyValue`.
mod tag_field {
    pub(super) const KEY: u32 = 1;
    pub(super) const V_TYPE: u32 = 2;
    pub(super) const V_STR: u32 = 3;
    pub(super) const V_BOOL: u32 = 4;
    pub(super) const V_INT64: u32 = 5;
    pub(super) const V_FLOAT64: u32 = 6;
    pub(super) const V_BINARY: u32 = 7;
}

/// `ValueType` of the definition; another order than Thrift's.
mod value_type {
    pub(super) const STRING: u32 = 0;
    pub(super) const BOOL: u32 = 1;
    pub(super) const INT64: u32 = 2;
    pub(super) const FLOAT64: u32 = 3;
    pub(super) const BINARY: u32 = 4;
}

#[cfg(test)]
mod tests;
