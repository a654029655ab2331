//! Documents as Go Jaeger writes them, and what is read of those that its versions wrote.

use jaeger_model::{
    Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, Timestamp, TraceId, Value, ValueIn,
};
use serde_json::{Value as Json, json};

use super::*;
use crate::config::TagsAsFields;

const START: i64 = 1_795_478_400_123_456;

fn batch() -> Batch {
    let mut builder = BatchBuilder::new();
    builder.process_tag(b"hostname", ValueIn::from("web-1"));
    builder.process_tag(b"cores", ValueIn::I64(8));
    let process = builder.process(b"shop").unwrap();
    builder.begin_span();
    builder.span_ids(TraceId(0xabc), SpanId(0x1f));
    builder.span_process(process);
    builder.span_operation(b"GET \"/cart\"");
    builder.span_flags(1);
    builder.span_start(Timestamp::from_nanos(START * 1000 + 999));
    builder.span_duration(Duration::from_micros(250_000));
    for (kind, trace, span) in [(ReferenceKind::ChildOf, 0xabc, 7), (ReferenceKind::FollowsFrom, (1 << 64) | 2, 8)] {
        builder.span_reference(Reference { kind, trace_id: TraceId(trace), span_id: SpanId(span) });
    }
    builder.span_tag(b"http.method", ValueIn::from("GET"));
    builder.span_tag(b"error", ValueIn::Bool(true));
    builder.span_tag(b"http.status_code", ValueIn::I64(-200));
    builder.span_tag(b"load", ValueIn::F64(1.0 / 3.0));
    builder.span_tag(b"raw", ValueIn::Bytes(&[0, 0xca, 0xfe]));
    builder.begin_log(Timestamp::from_micros(START + 5));
    builder.log_field(b"event", ValueIn::from("retry"));
    builder.begin_log(Timestamp::from_micros(START + 6));
    builder.end_span().unwrap();
    builder.begin_span();
    builder.span_ids(TraceId((0xfeed << 64) | 1), SpanId(u64::MAX));
    builder.span_operation(b"none");
    builder.end_span().unwrap();
    builder.finish()
}

fn encoded(config: &TagsAsFields) -> Vec<String> {
    let batch = batch();
    let mut encoder = Encoder::new(&batch, config);
    let one = |span| {
        let mut out = Vec::new();
        encoder.span(&mut out, span);
        String::from_utf8(out).unwrap()
    };
    batch.spans().map(one).collect()
}

fn decoded(documents: &[&str]) -> Batch {
    let mut spans = Spans::new("@");
    documents.iter().for_each(|document| spans.add(document).unwrap());
    spans.finish()
}

#[test]
fn a_document_has_gos_fields_in_gos_order() {
    let expected = r#"{"traceID":"0000000000000abc","spanID":"000000000000001f","flags":1,"operationName":"GET \"/cart\"",
        "references":[{"refType":"CHILD_OF","traceID":"0000000000000abc","spanID":"0000000000000007"},
        {"refType":"FOLLOWS_FROM","traceID":"00000000000000010000000000000002","spanID":"0000000000000008"}],
        "startTime":1795478400123456,"startTimeMillis":1795478400123,"duration":250000,
        "tags":[{"key":"http.method","type":"string","value":"GET"},{"key":"error","type":"bool","value":"true"},
        {"key":"http.status_code","type":"int64","value":"-200"},{"key":"load","type":"float64","value":"0.3333333333"},
        {"key":"raw","type":"binary","value":"00cafe"}],
        "logs":[{"timestamp":1795478400123461,"fields":[{"key":"event","type":"string","value":"retry"}]},
        {"timestamp":1795478400123462,"fields":null}],
        "process":{"serviceName":"shop","tags":[{"key":"hostname","type":"string","value":"web-1"},
        {"key":"cores","type":"int64","value":"8"}]}}"#;
    let expected: String = expected.split('\n').map(str::trim_start).collect();
    let documents = encoded(&TagsAsFields::default());
    assert_eq!(documents[0], expected);
    assert_eq!(
        documents[1],
        r#"{"traceID":"000000000000feed0000000000000001","spanID":"ffffffffffffffff","operationName":"none","references":[],"startTime":0,"startTimeMillis":0,"duration":0,"tags":[],"logs":[],"process":{"serviceName":"","tags":[]}}"#
    );
}

#[test]
fn tags_that_are_fields_have_their_own_types_and_an_at_for_each_dot() {
    let all = TagsAsFields { all: true, ..TagsAsFields::default() };
    let document: Json = serde_json::from_str(&encoded(&all)[0]).unwrap();
    assert_eq!(document["tags"], json!([{"key": "raw", "type": "binary", "value": "00cafe"}]));
    let third: f64 = 1.0 / 3.0;
    let fields = json!({"http@method": "GET", "error": true, "http@status_code": -200, "load": third});
    assert_eq!(document["tag"], fields);
    assert_eq!(document["process"]["tag"], json!({"hostname": "web-1", "cores": 8}));
    assert_eq!(document["logs"][0]["fields"][0]["key"], "event", "fields of logs stay where they are");
    let one = TagsAsFields { keys: ["error".to_owned()].into(), ..TagsAsFields::default() };
    let document: Json = serde_json::from_str(&encoded(&one)[0]).unwrap();
    assert_eq!(document["tag"], json!({"error": true}));
    assert_eq!(document["tags"].as_array().unwrap().len(), 4);
    assert!(document["process"].get("tag").is_none());
}

#[test]
fn what_is_written_is_read_to_the_microsecond() {
    let documents = encoded(&TagsAsFields::default());
    let read = decoded(&documents.iter().map(String::as_str).collect::<Vec<_>>());
    let (written, read) = (batch(), read);
    let (before, after) = (written.span(0).unwrap(), read.span(0).unwrap());
    assert_eq!(after.start().as_nanos(), START * 1000);
    assert_eq!((after.trace_id(), after.span_id(), after.flags()), (before.trace_id(), before.span_id(), 1));
    assert_eq!(after.process(), before.process());
    assert!(after.references().eq(before.references()) && after.logs().eq(before.logs()));
    let tags: Vec<_> = after.tags().map(|tag| (tag.key, tag.value)).collect();
    assert_eq!(tags[3], ("load", Value::F64(0.333_333_333_3)));
    assert_eq!(tags[4], ("raw", Value::Bytes(&[0, 0xca, 0xfe])));
    assert_eq!(read.span(1).unwrap().span_id(), SpanId(u64::MAX));
}

#[test]
fn documents_of_older_and_newer_versions_are_read() {
    let old = r#"{"traceID":"abc","spanID":"1f","parentSpanID":"7","flags":1,"operationName":"old","references":null,
        "startTime":1,"startTimeMillis":0,"duration":2,"tags":null,"logs":[{"timestamp":3,"fields":null}],
        "process":{"serviceName":"s","tags":null}}"#;
    let new = r#"{"traceID":"00000000000000000000000000000abc","spanID":"0000000000000020","parentSpanID":"000000000000001f",
        "operationName":"new","references":[{"refType":"CHILD_OF","traceID":"00000000000000000000000000000abc",
        "spanID":"000000000000001f"}],"startTime":1,"duration":2,"tags":[],"logs":[],"process":{"serviceName":"s","tags":[]},
        "scope":{"name":"x"},"@timestamp":"1000"}"#;
    let fields = r#"{"traceID":"abc","spanID":"21","operationName":"fields","startTime":1,"duration":2,
        "tags":[{"key":"a","type":"string","value":"b"}],
        "tag":{"http@method":"GET","error":true,"n":5,"f":1.5,"whole":2.0,"none":null},"process":{"serviceName":"s","tag":{"host@name":"h"}}}"#;
    let batch = decoded(&[old, new, fields]);
    let span = |at| batch.span(at).unwrap();
    assert_eq!((span(0).parent(), span(1).parent()), (Some(SpanId(7)), Some(SpanId(0x1f))));
    assert_eq!(span(1).references().len(), 1, "a parent that is referred to is not added");
    assert!((0..3).all(|at| span(at).trace_id() == TraceId(0xabc)));
    let mut tags: Vec<_> = span(2).tags().map(|tag| (tag.key, tag.value)).collect();
    tags.sort_by_key(|(key, _)| *key);
    assert_eq!(
        tags,
        [
            ("a", Value::Str("b")),
            ("error", Value::Bool(true)),
            ("f", Value::F64(1.5)),
            ("http.method", Value::Str("GET")),
            ("n", Value::I64(5)),
            ("whole", Value::I64(2)),
        ]
    );
    let process: Vec<_> = span(2).process().unwrap().tags().collect();
    assert_eq!(process[0].key, "host.name");
}

#[test]
fn a_document_that_is_no_span_leaves_nothing_behind() {
    let mut spans = Spans::new("@");
    for document in [
        "{}",
        "[]",
        r#"{"traceID":"x","spanID":"1"}"#,
        r#"{"traceID":"1","spanID":"11111111111111111"}"#,
        r#"{"traceID":"1","spanID":"1","startTime":"soon"}"#,
        r#"{"traceID":"1","spanID":"1","references":[{"refType":"CHILD_OF","traceID":"","spanID":"1"}]}"#,
        r#"{"traceID":"1","spanID":"1","tags":{}}"#,
    ] {
        assert!(spans.add(document).is_err(), "{document}");
    }
    assert_eq!(spans.len(), 0);
    // A value that does not fit its type stays as it is.
    spans.add(r#"{"traceID":"1","spanID":"1","tags":[{"key":"n","type":"int64","value":"many"},{"key":"b","type":"binary","value":"0"}]}"#).unwrap();
    let batch = spans.finish();
    let tags: Vec<_> = batch.span(0).unwrap().tags().map(|tag| tag.value).collect();
    assert_eq!(tags, [Value::Str("many"), Value::Str("0")]);
}

#[test]
fn ids_of_documents_are_of_the_span_and_no_other() {
    let batch = batch();
    let id = |at: usize| {
        let mut out = Vec::new();
        document_id(&mut out, batch.span(at).unwrap());
        String::from_utf8(out).unwrap()
    };
    assert_eq!((id(0).len(), id(1).len()), (22, 32));
    assert_eq!(id(0), id(0));
    assert!(id(0).starts_with("AAAAAAAAC"), "{}", id(0));
}

#[test]
fn service_documents_have_gos_ids() {
    // Of FNV-1a: the offset, and a letter.
    assert_eq!(service_id("", ""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(service_id("a", ""), 0xaf63_dc4c_8601_ec8c);
    assert_eq!(service_id("foo", "bar"), 0x8594_4171_f739_67e8);
    let mut out = Vec::new();
    service(&mut out, "shop", "GET /");
    assert_eq!(out, br#"{"serviceName":"shop","operationName":"GET /"}"#);
}
