//! OTLP traces: what OpenTelemetry SDKs send to 4317 and 4318, and what api_v3 answers.
//!
//! ```text
//! body --decode_protobuf | decode_json--> BatchBuilder          (each span checked by itself: Outcome)
//! spans --encode_protobuf | encode_json--> TracesData           (grouped by process, then by scope)
//! ```
//!
//! What an OpenTelemetry span loses in Jaeger's shape is listed in `docs/adr/0005-otlp-losses.md`.

mod convert;
mod decode_json;
mod decode_protobuf;
mod encode_json;
mod encode_protobuf;
pub(crate) mod finish;
mod group;
mod json_value;
mod nested;
mod outcome;
mod protobuf_value;
mod response;

pub use convert::failed;
pub use decode_json::decode_json;
pub use decode_protobuf::{count_spans, decode_protobuf};
pub use encode_json::{encode_json, encode_json_resources};
pub use encode_protobuf::encode_protobuf;
pub use outcome::Outcome;
pub use response::{status_json, status_protobuf};

#[cfg(test)]
mod tests;
