//! `admit -> DECODE -> queue`: a body's bytes become a batch, in the one shape that spans have from here on.

use jaeger_model::{Batch, BatchBuilder};
use jaeger_wire::otlp::Outcome;
use jaeger_wire::{DecodeError, api_v2, otlp};

/// What a body is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    ApiV2,
    OtlpProtobuf,
    OtlpJson,
}

/// A body's spans.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) batch: Batch,
    /// Spans refused one by one, for their ids.
    pub(crate) rejected: u64,
    pub(crate) reason: Option<String>,
}

impl Wire {
    /// How many spans there are, where that is known without decoding.
    pub(crate) fn count(self, body: &[u8]) -> Option<u64> {
        match self {
            Self::ApiV2 => Some(api_v2::batch_span_count(body) as u64),
            Self::OtlpProtobuf => Some(otlp::count_spans(body) as u64),
            Self::OtlpJson => None,
        }
    }

    /// Reads the spans; an error is in words for the sender.
    pub(crate) fn decode(self, body: &[u8]) -> Result<Decoded, String> {
        let mut builder = BatchBuilder::new().with_format(match self {
            Self::ApiV2 => "proto",
            Self::OtlpProtobuf | Self::OtlpJson => "otlp",
        });
        let outcome = match self {
            Self::ApiV2 => api_v2::decode_post_spans(body, &mut builder).map(|()| Outcome::default()),
            Self::OtlpProtobuf => otlp::decode_protobuf(body, &mut builder),
            Self::OtlpJson => otlp::decode_json(body, &mut builder),
        };
        let outcome = outcome.map_err(|error| said(&error))?;
        Ok(Decoded { batch: builder.finish(), rejected: outcome.rejected as u64, reason: outcome.reason })
    }
}

/// Go's words where it has some for the same fault, else the decoder's.
fn said(error: &DecodeError) -> String {
    match error {
        DecodeError::Truncated { .. } => "unexpected EOF".to_owned(),
        DecodeError::IdLength { what, .. } => format!("invalid length for {what}"),
        DecodeError::At { source, .. } => said(source),
        other => other.to_string(),
    }
}
