//! `admit -> DECODE -> queue`: a body's bytes become a batch, in the one shape that spans have from here on.

use std::sync::atomic::{AtomicUsize, Ordering};

use jaeger_model::{Batch, BatchBuilder};
use jaeger_wire::otlp::Outcome;
use jaeger_wire::thrift::Protocol;
use jaeger_wire::{DecodeError, api_v2, otlp, tchannel, zipkin};

/// No span with its ids is shorter.
const MIN_SPAN_BYTES: usize = 24;
/// Nor is a tag.
const MIN_TAG_BYTES: usize = 6;

/// What a body is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    ApiV2,
    OtlpProtobuf,
    OtlpJson,
    /// The arguments of `submitBatches`.
    TchannelBatches,
    /// The arguments of `submitZipkinBatch`.
    TchannelZipkin,
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
            Self::OtlpJson | Self::TchannelBatches | Self::TchannelZipkin => None,
        }
    }

    /// How many elements the list of a TChannel call says that it has: its answer has one for each.
    pub(crate) fn elements(self, body: &[u8]) -> usize {
        match self {
            Self::TchannelBatches | Self::TchannelZipkin => tchannel::count_elements(body),
            _ => 0,
        }
    }

    /// Reads the spans; an error is in words for the sender.
    pub(crate) fn decode(self, body: &[u8], spans: Option<u64>) -> Result<Decoded, String> {
        let mut builder = BatchBuilder::new().with_format(match self {
            Self::ApiV2 => "proto",
            Self::OtlpProtobuf | Self::OtlpJson => "otlp",
            Self::TchannelBatches => "jaeger",
            Self::TchannelZipkin => "zipkin",
        });
        self.reserve(spans, body, &mut builder);
        let outcome = match self {
            Self::ApiV2 => api_v2::decode_post_spans(body, &mut builder).map(|()| Outcome::default()),
            Self::OtlpProtobuf => otlp::decode_protobuf(body, &mut builder),
            Self::OtlpJson => otlp::decode_json(body, &mut builder),
            Self::TchannelBatches => tchannel::decode_submit(body, &mut builder).map(|_batches| Outcome::default()),
            Self::TchannelZipkin => {
                zipkin::decode_args(body, Protocol::Binary, &mut builder).map(|_spans| Outcome::default())
            }
        };
        let outcome = outcome.map_err(|error| said(&error))?;
        let batch = builder.finish();
        self.remember(&batch);
        Ok(Decoded { batch, rejected: outcome.rejected as u64, reason: outcome.reason })
    }

    /// Makes room for as many tags a span as the last batch had: growing tables step by step costs more than reading them.
    fn reserve(self, spans: Option<u64>, body: &[u8], builder: &mut BatchBuilder) {
        // A span is some bytes at least, whatever was counted.
        let spans =
            spans.map_or(0, |spans| usize::try_from(spans).unwrap_or(usize::MAX)).min(body.len() / MIN_SPAN_BYTES);
        let tags = spans.saturating_mul(self.tags_a_span().load(Ordering::Relaxed)).min(body.len() / MIN_TAG_BYTES);
        builder.reserve(spans, tags, body.len() / 4);
    }

    fn remember(self, batch: &Batch) {
        if let Some(span) = batch.span(batch.len() / 2) {
            let fields: usize = span.logs().map(|log| log.fields().len()).sum();
            self.tags_a_span().store(span.tags().len() + fields, Ordering::Relaxed);
        }
    }

    fn tags_a_span(self) -> &'static AtomicUsize {
        static LAST: [AtomicUsize; 4] = [const { AtomicUsize::new(8) }; 4];
        let [api_v2, protobuf, json, tchannel] = &LAST;
        match self {
            Self::ApiV2 => api_v2,
            Self::OtlpProtobuf => protobuf,
            Self::OtlpJson => json,
            Self::TchannelBatches | Self::TchannelZipkin => tchannel,
        }
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
