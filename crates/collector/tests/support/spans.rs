//! Requests as clients send them.

use std::sync::Arc;

use jaeger_model::{Batch, BatchBuilder, Duration, SpanId, Timestamp, TraceId};
use jaeger_wire::api_v2::encode_post_spans;
use jaeger_wire::jaeger::{BatchMeta, encode_batch};
use jaeger_wire::thrift::Protocol;

/// `count` spans of one service; their ids begin at `first`.
pub fn batch(service: &str, first: u64, count: u64) -> Batch {
    let mut builder = BatchBuilder::new();
    let process = builder.process(service.as_bytes()).expect("room");
    for id in first..first + count {
        builder.begin_span();
        builder.span_ids(TraceId(7), SpanId(id));
        builder.span_process(process);
        builder.span_operation(b"op");
        builder.span_start(Timestamp::from_micros(1_700_000_000_000_000));
        builder.span_duration(Duration::from_micros(5));
        builder.end_span().expect("room");
    }
    builder.finish()
}

/// PostSpansRequest with `count` spans.
pub fn post(service: &str, first: u64, count: u64) -> Vec<u8> {
    let mut message = Vec::new();
    let batch = batch(service, first, count);
    encode_post_spans(batch.process(0), batch.spans(), &mut message);
    message
}

/// The same as a batch in Jaeger's Thrift.
pub fn thrift(service: &str, first: u64, count: u64) -> Vec<u8> {
    let mut body = Vec::new();
    let batch = batch(service, first, count);
    let process = batch.process(0).expect("a process");
    encode_batch(process, batch.spans(), &BatchMeta::default(), Protocol::Binary, &mut body);
    body
}

/// The same for a part of the same process.
pub fn shared(service: &str, first: u64, count: u64) -> Arc<Batch> {
    Arc::new(batch(service, first, count))
}

/// ExportTraceServiceRequest in JSON with one span for each id.
pub fn otlp_json(service: &str, span_ids: &[&str]) -> String {
    let spans: Vec<_> = span_ids
        .iter()
        .map(|id| format!(r#"{{"traceId":"000102030405060708090a0b0c0d0e0f","spanId":"{id}","name":"op","startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000000005000"}}"#))
        .collect();
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"{service}"}}}}]}},"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
        spans.join(",")
    )
}

/// ExportTraceServiceRequest in protobuf with one span for each (trace id, span id).
pub fn otlp_protobuf(service: &str, ids: &[(&[u8], &[u8])]) -> Vec<u8> {
    let field = |number: u8, bytes: &[u8]| {
        let mut out = vec![number << 3 | 2];
        let mut len = bytes.len();
        while len > 127 {
            out.push(u8::try_from(len & 127).expect("7 bits") | 128);
            len >>= 7;
        }
        out.push(u8::try_from(len).expect("7 bits"));
        out.extend_from_slice(bytes);
        out
    };
    let name = [field(1, b"service.name"), field(2, &field(1, service.as_bytes()))].concat();
    let resource = field(1, &field(1, &name));
    let spans: Vec<u8> = ids
        .iter()
        .flat_map(|(trace, span)| field(2, &[field(1, trace), field(2, span), field(5, b"op")].concat()))
        .collect();
    field(1, &[resource, field(2, &spans)].concat())
}
