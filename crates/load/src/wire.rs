//! Spans as bytes: encoded once before anything is timed.

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use jaeger_model::{Batch, SpanView, Timestamp};
use jaeger_wire::jaeger::{self, BatchMeta};
use jaeger_wire::thrift::Protocol;
use jaeger_wire::{api_v2, otlp, tchannel};

use crate::profile::{Generator, Profile};

/// A wire that spans can be sent over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wire {
    /// Thrift compact over UDP (6831).
    UdpCompact,
    /// Thrift binary over UDP (6832).
    UdpBinary,
    /// api_v2 over gRPC (14250).
    ApiV2,
    /// OTLP over gRPC (4317).
    OtlpGrpc,
    /// OTLP in protobuf over HTTP (4318).
    OtlpHttp,
    /// Thrift binary over HTTP (14268).
    ThriftHttp,
    /// Thrift binary over TChannel (14267).
    Tchannel,
    /// Zipkin v2 in JSON over HTTP (9411).
    ZipkinJson,
}

impl FromStr for Wire {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "udp-compact" => Self::UdpCompact,
            "udp-binary" => Self::UdpBinary,
            "api-v2" => Self::ApiV2,
            "otlp-grpc" => Self::OtlpGrpc,
            "otlp-http" => Self::OtlpHttp,
            "thrift-http" => Self::ThriftHttp,
            "tchannel" => Self::Tchannel,
            "zipkin-json" => Self::ZipkinJson,
            other => {
                return Err(format!(
                    "{other:?} is no wire; use udp-compact, udp-binary, api-v2, otlp-grpc, otlp-http, thrift-http, tchannel or zipkin-json"
                ));
            }
        })
    }
}

impl Wire {
    /// How many spans its clients put into one packet or request.
    #[must_use]
    pub fn spans_per_batch(self) -> usize {
        match self {
            Self::UdpCompact | Self::UdpBinary => 20,
            _ => 100,
        }
    }

    /// One packet or request body of a batch of one process.
    ///
    /// # Errors
    /// When the batch does not fit this wire.
    pub fn encode(self, batch: &Batch) -> anyhow::Result<Vec<u8>> {
        let mut out = Vec::new();
        let process = batch.process(0).context("a batch of the load has one process")?;
        let meta = BatchMeta::default();
        match self {
            Self::UdpCompact => jaeger::encode_message(process, batch.spans(), &meta, Protocol::Compact, &mut out),
            Self::UdpBinary => jaeger::encode_message(process, batch.spans(), &meta, Protocol::Binary, &mut out),
            Self::ThriftHttp => jaeger::encode_batch(process, batch.spans(), &meta, Protocol::Binary, &mut out),
            Self::Tchannel => return Ok(tchannel_call(batch)),
            Self::ZipkinJson => return Ok(serde_json::to_vec(&batch.spans().map(zipkin_span).collect::<Vec<_>>())?),
            Self::ApiV2 => api_v2::encode_post_spans(Some(process), batch.spans(), &mut out),
            Self::OtlpGrpc | Self::OtlpHttp => otlp::encode_protobuf(batch.spans(), &mut out),
        }
        Ok(out)
    }
}

/// All frames of a call that submits one batch. A connection has one call at a time, so that all may have one id.
fn tchannel_call(batch: &Batch) -> Vec<u8> {
    const ID: u32 = 2;
    let (mut body, (scheme, thrift)) = (Vec::new(), tchannel::SCHEME);
    tchannel::encode_submit([batch], &mut body);
    let header = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let head = tchannel::CallRequest {
        ttl: Duration::from_secs(10),
        tracing: [0; 25],
        service: tchannel::COLLECTOR.to_owned(),
        headers: vec![header(scheme, thrift), header(tchannel::CALLER, "jaeger-load")],
    };
    let method = tchannel::Method::SubmitBatches.name().as_bytes();
    let arguments = [method, &tchannel::encode_headers(&[]), &body];
    tchannel::encode_request(ID, &head, tchannel::ChecksumKind::Crc32, arguments).into()
}

/// A span as Zipkin's clients write it: what has no place there is left out.
fn zipkin_span(span: SpanView<'_>) -> serde_json::Value {
    let tags: serde_json::Map<_, _> = span
        .tags()
        .filter(|tag| tag.key != "span.kind")
        .map(|tag| (tag.key.to_owned(), tag.value.text().into_owned().into()))
        .collect();
    let mut object = serde_json::json!({
        "traceId": format!("{:032x}", span.trace_id().0),
        "id": format!("{:016x}", span.span_id().0),
        "name": span.operation(),
        "timestamp": span.start().as_micros(),
        "duration": span.duration().as_nanos() / 1000,
        "localEndpoint": {"serviceName": span.service()},
        "tags": tags,
    });
    if let Some(parent) = span.parent() {
        object["parentId"] = format!("{:016x}", parent.0).into();
    }
    if let Some(kind) = span.kind() {
        object["kind"] = kind.to_ascii_uppercase().into();
    }
    object
}

/// Packets or request bodies, ready to send.
#[derive(Clone, Default)]
pub struct Payloads {
    /// Each packet or body.
    pub bodies: Vec<Bytes>,
    /// Spans of each.
    pub spans_each: usize,
}

impl Payloads {
    /// At least `spans` spans of a profile, encoded for a wire.
    ///
    /// # Errors
    /// When a batch does not fit the wire.
    pub fn encode(profile: Profile, wire: Wire, spans: usize, seed: u64, now: Timestamp) -> anyhow::Result<Self> {
        Self::encode_in(wire.spans_per_batch(), profile, wire, spans, seed, now)
    }

    /// The same in batches of another length.
    ///
    /// # Errors
    /// When a batch does not fit the wire.
    pub fn encode_in(
        spans_each: usize,
        profile: Profile,
        wire: Wire,
        spans: usize,
        seed: u64,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let mut generator = Generator::new(profile, seed, now, spans_each);
        let count = spans.div_ceil(spans_each);
        let mut bodies = Vec::with_capacity(count);
        // One allocation for many bodies: a million small ones would cost the sender cache misses.
        const CHUNK_BYTES: usize = 4 << 20;
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let mut ends = Vec::new();
        for _ in 0..count {
            let body = wire.encode(&generator.batch()).context("encoding the load")?;
            chunk.extend_from_slice(&body);
            ends.push(chunk.len());
            if chunk.len() >= CHUNK_BYTES {
                cut(&mut chunk, &mut ends, &mut bodies);
            }
        }
        cut(&mut chunk, &mut ends, &mut bodies);
        Ok(Self { bodies, spans_each })
    }

    /// Spans of all.
    #[must_use]
    pub fn spans(&self) -> usize {
        self.bodies.len() * self.spans_each
    }

    /// Bytes of all.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bodies.iter().map(Bytes::len).sum()
    }
}

fn cut(chunk: &mut Vec<u8>, ends: &mut Vec<usize>, bodies: &mut Vec<Bytes>) {
    let whole = Bytes::from(std::mem::take(chunk));
    let mut start = 0;
    for end in ends.drain(..) {
        bodies.push(whole.slice(start..end));
        start = end;
    }
}
