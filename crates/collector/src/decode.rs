//! `admit -> DECODE -> queue`: a body's bytes become a batch, in the one shape that spans have from here on.

use std::sync::atomic::{AtomicUsize, Ordering};

use std::time::SystemTime;

use jaeger_model::{Batch, BatchBuilder, Timestamp};
use jaeger_wire::otlp::Outcome;
use jaeger_wire::thrift::Protocol;
use jaeger_wire::{DecodeError, api_v2, jaeger, otlp, tchannel, zipkin};

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
    /// A batch as it is.
    JaegerThrift,
    ZipkinThrift,
    ZipkinV1Json,
    ZipkinV2Json,
    ZipkinV2Protobuf,
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
            _ => None,
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
            Self::JaegerThrift | Self::TchannelBatches => "jaeger",
            Self::ZipkinThrift
            | Self::ZipkinV1Json
            | Self::ZipkinV2Json
            | Self::ZipkinV2Protobuf
            | Self::TchannelZipkin => "zipkin",
        });
        self.reserve(spans, body, &mut builder);
        if self == Self::JaegerThrift && body.is_empty() {
            return Err("*jaeger.Batch field 0 read error: EOF".to_owned());
        }
        let outcome = match self {
            Self::ApiV2 => api_v2::decode_post_spans(body, &mut builder).map(|()| all()),
            Self::OtlpProtobuf => otlp::decode_protobuf(body, &mut builder),
            Self::OtlpJson => otlp::decode_json(body, &mut builder),
            Self::JaegerThrift => jaeger::decode_batch(body, Protocol::Binary, &mut builder).map(|_meta| all()),
            Self::ZipkinThrift => zipkin::decode_thrift(body, &mut builder).map(|_spans| all()),
            Self::ZipkinV1Json => zipkin::decode_v1_json(body, now(), &mut builder).map(|_spans| all()),
            Self::ZipkinV2Json => zipkin::decode_v2_json(body, &mut builder).map(|_spans| all()),
            Self::ZipkinV2Protobuf => zipkin::decode_v2_protobuf(body, &mut builder).map(|_spans| all()),
            Self::TchannelBatches => tchannel::decode_submit(body, &mut builder).map(|_batches| all()),
            Self::TchannelZipkin => zipkin::decode_args(body, Protocol::Binary, &mut builder).map(|_spans| all()),
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
        static LAST: [AtomicUsize; 6] = [const { AtomicUsize::new(8) }; 6];
        let [api_v2, protobuf, json, thrift, zipkin, tchannel] = &LAST;
        match self {
            Self::ApiV2 => api_v2,
            Self::OtlpProtobuf => protobuf,
            Self::OtlpJson => json,
            Self::JaegerThrift => thrift,
            Self::ZipkinThrift | Self::ZipkinV1Json | Self::ZipkinV2Json | Self::ZipkinV2Protobuf => zipkin,
            Self::TchannelBatches | Self::TchannelZipkin => tchannel,
        }
    }
}

/// No span of the request was refused by itself.
fn all() -> Outcome {
    Outcome::default()
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
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
