//! What Go Jaeger made of bodies and packets: `tests/recorded/`, raw answers of `/api/traces`.

use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jaeger_model::{ReferenceKind, SpanView, Tags, Value};
use serde_json::{Value as Json, json};

pub(crate) fn file(path: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/recorded").join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

pub(crate) fn body(input: &str) -> Vec<u8> {
    let input = file(&format!("inputs/{input}.json"));
    let body = STANDARD.decode(input["body_base64"].as_str().expect("a body")).expect("base64");
    let mut plain = Vec::new();
    match input["headers"]["Content-Encoding"].as_str() {
        Some("gzip") => flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).expect("gzip"),
        Some("deflate") => flate2::read::ZlibDecoder::new(&body[..]).read_to_end(&mut plain).expect("zlib"),
        _ => return body,
    };
    plain
}

/// The raw answers of a case that hold traces.
pub(crate) fn raw_traces(case: &Json) -> Vec<Json> {
    let exchanges = case["exchanges"].as_array().expect("exchanges").iter();
    let raw = exchanges.filter(|exchange| {
        let url = exchange["request"]["url"].as_str().unwrap_or("");
        url.contains("raw=true") && url.contains("/api/traces/") && !url.contains("pretty")
    });
    let answers = raw.filter_map(|exchange| {
        let response = &exchange["response"];
        let same_as = response["body_same_as"].as_u64().and_then(|at| usize::try_from(at).ok());
        same_as.map_or(response, |at| &case["exchanges"][at]["response"])["body"].as_str()
    });
    answers
        .flat_map(|body| serde_json::from_str::<Json>(body).expect("JSON")["data"].as_array().cloned())
        .flatten()
        .collect()
}

/// The span as `/api/traces` shows it, with its process in place.
pub(crate) fn shown(span: SpanView<'_>) -> Json {
    let process = span.process().expect("a process");
    let references = span.references().map(|reference| {
        let kind = if reference.kind == ReferenceKind::ChildOf { "CHILD_OF" } else { "FOLLOWS_FROM" };
        json!({"refType": kind, "traceID": reference.trace_id.to_string(), "spanID": reference.span_id.to_string()})
    });
    let logs = span.logs().map(|log| json!({"timestamp": log.time().as_micros(), "fields": tags(log.fields())}));
    json!({
        "traceID": span.trace_id().to_string(),
        "spanID": span.span_id().to_string(),
        "operationName": span.operation(),
        "references": references.collect::<Vec<_>>(),
        "startTime": span.start().as_micros(),
        "duration": span.duration().as_micros().cast_unsigned(),
        "tags": tags(span.tags()),
        "logs": logs.collect::<Vec<_>>(),
        "process": {"serviceName": process.service(), "tags": tags(process.tags())},
    })
}

fn tags(tags: Tags<'_>) -> Json {
    let each = tags.map(|tag| {
        let (kind, value) = match tag.value {
            Value::Str(text) => ("string", json!(text)),
            Value::Bool(value) => ("bool", json!(value)),
            Value::I64(number) => ("int64", json!(number)),
            Value::F64(number) => ("float64", json!(number)),
            Value::Bytes(bytes) => ("binary", json!(STANDARD.encode(bytes))),
        };
        json!({"key": tag.key, "type": kind, "value": value})
    });
    each.collect()
}

/// The datagrams of an input.
pub(crate) fn packets(input: &str) -> Vec<Vec<u8>> {
    let input = file(&format!("inputs/{input}.json"));
    let packets = input["packets_base64"].as_array().expect("packets").iter();
    packets.map(|packet| STANDARD.decode(packet.as_str().expect("text")).expect("base64")).collect()
}

/// Every span of the raw answers of `case`, with its process in place.
pub(crate) fn raw_spans(case: &Json) -> Vec<Json> {
    let mut spans = Vec::new();
    for trace in raw_traces(case) {
        for mut span in trace["spans"].as_array().cloned().unwrap_or_default() {
            let process = span["processID"].as_str().expect("a process").to_owned();
            span["process"] = trace["processes"][process].clone();
            let fields = span.as_object_mut().expect("a span");
            fields.remove("processID");
            fields.remove("warnings");
            spans.push(span);
        }
    }
    spans
}

/// The body of a request in an exchange.
pub(crate) fn body_of(request: &Json) -> Vec<u8> {
    match (request["body"].as_str(), request["body_base64"].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(base64)) => STANDARD.decode(base64).expect("base64"),
        (None, None) => Vec::new(),
    }
}
