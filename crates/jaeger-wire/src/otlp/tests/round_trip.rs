//! Spans that OTLP can carry come back as they went.
//!
//! Those are spans with a process that has a name; ids that are not zero; no flags and no warnings; a start and an
//! end within 1677 to 2262; keys that do not repeat and are none of OTLP's own; the tags that OTLP keeps in fields
//! at the ends (scope first, then attributes, kind, status, trace state); the parent first among the references, and
//! CHILD_OF elsewhere or FOLLOWS_FROM behind it. A log's fields may change places. Spans of one process and scope
//! come behind each other.

use jaeger_model::{
    Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, Timestamp, TraceId, Value, ValueIn,
};
use proptest::prelude::*;

use super::shown::show_logs_sorted;
use crate::otlp::{decode_json, decode_protobuf, encode_json, encode_protobuf};

#[derive(Clone, Debug)]
enum Tag {
    Str(String),
    Bool(bool),
    I64(i64),
    F64(f64),
    Bytes(Vec<u8>),
}

impl Tag {
    fn value(&self) -> ValueIn<'_> {
        match self {
            Self::Str(text) => Value::Str(text).into(),
            Self::Bool(value) => ValueIn::Bool(*value),
            Self::I64(number) => ValueIn::I64(*number),
            Self::F64(number) => ValueIn::F64(*number),
            Self::Bytes(bytes) => ValueIn::Bytes(bytes),
        }
    }
}

#[derive(Clone, Debug)]
struct Span {
    ids: (u128, u64),
    operation: String,
    start: i64,
    duration: i64,
    scope: (String, String),
    tags: Vec<Tag>,
    kind: Option<&'static str>,
    status: Option<bool>,
    description: String,
    trace_state: String,
    parent: Option<(u64, bool)>,
    links: Vec<(u128, u64, bool)>,
    logs: Vec<(i64, Option<String>, Vec<Tag>)>,
}

fn tag() -> impl Strategy<Value = Tag> {
    prop_oneof![
        "\\PC{0,20}".prop_map(Tag::Str),
        any::<String>().prop_map(Tag::Str),
        any::<bool>().prop_map(Tag::Bool),
        any::<i64>().prop_map(Tag::I64),
        any::<f64>().prop_map(Tag::F64),
        Just(f64::INFINITY).prop_map(Tag::F64),
        Just(f64::NAN).prop_map(Tag::F64),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Tag::Bytes),
    ]
}

fn span() -> impl Strategy<Value = Span> {
    let half = i64::MIN / 2..i64::MAX / 2;
    let kinds = prop::sample::select(vec!["internal", "server", "client", "producer", "consumer"]);
    (
        ((1..=u128::MAX, 1..=u64::MAX), ".{0,9}", half.clone(), half, ("[a-c]{1,2}", "[v-x]{0,1}")),
        (
            prop::collection::vec(tag(), 0..40),
            prop::option::of(kinds),
            prop::option::of(any::<bool>()),
            ".{0,5}",
            "[a-z=]{0,5}",
        ),
        (
            prop::option::of((1..=u64::MAX, any::<bool>())),
            prop::collection::vec((0..=u128::MAX, any::<u64>(), any::<bool>()), 0..3),
            prop::collection::vec((any::<i64>(), prop::option::of(".{1,5}"), prop::collection::vec(tag(), 0..4)), 0..3),
        ),
    )
        .prop_map(|(first, second, third)| {
            let (ids, operation, start, duration, scope) = first;
            let (tags, kind, status, description, trace_state) = second;
            let (parent, links, logs) = third;
            // A message without a status is not carried back.
            let description = if status.is_some() { description } else { String::new() };
            Span {
                ids,
                operation,
                start,
                duration,
                scope,
                tags,
                kind,
                status,
                description,
                trace_state,
                parent,
                links,
                logs,
            }
        })
}

fn build(services: &[(String, Vec<Tag>, Vec<Span>)]) -> Batch {
    let mut b = BatchBuilder::new();
    for (at, (service, tags, spans)) in services.iter().enumerate() {
        for (place, tag) in tags.iter().enumerate() {
            b.process_tag(format!("p{place}").as_bytes(), tag.value());
        }
        // The number keeps two processes apart, and spans of one scope behind each other.
        let process = b.process(format!("{service}{at}").as_bytes()).expect("room");
        let mut spans = spans.clone();
        spans.sort_by(|a, b| a.scope.cmp(&b.scope));
        for span in &spans {
            b.begin_span();
            b.span_process(process);
            put(&mut b, span);
            b.end_span().expect("room");
        }
    }
    b.finish()
}

fn put(b: &mut BatchBuilder, span: &Span) {
    let (trace_id, span_id) = (TraceId(span.ids.0), SpanId(span.ids.1));
    b.span_ids(trace_id, span_id);
    b.span_operation(span.operation.as_bytes());
    b.span_start(Timestamp::from_nanos(span.start));
    b.span_duration(Duration::from_nanos(span.duration));
    let kind_of = |child| if child { ReferenceKind::ChildOf } else { ReferenceKind::FollowsFrom };
    if let Some((id, child)) = span.parent {
        b.span_reference(Reference { kind: kind_of(child), trace_id, span_id: SpanId(id) });
    }
    for (trace, id, child) in &span.links {
        let reference = Reference { kind: kind_of(*child), trace_id: TraceId(*trace), span_id: SpanId(*id) };
        if reference.trace_id != trace_id {
            b.span_reference(reference);
        }
    }
    b.span_tag(b"otel.scope.name", span.scope.0.as_str().into());
    if !span.scope.1.is_empty() {
        b.span_tag(b"otel.scope.version", span.scope.1.as_str().into());
    }
    for (place, tag) in span.tags.iter().enumerate() {
        b.span_tag(format!("t{place}").as_bytes(), tag.value());
    }
    if let Some(kind) = span.kind {
        b.span_tag(b"span.kind", kind.into());
    }
    match span.status {
        Some(true) => b.span_tag(b"otel.status_code", "OK".into()),
        Some(false) => {
            b.span_tag(b"otel.status_code", "ERROR".into());
            b.span_tag(b"error", ValueIn::Bool(true));
        }
        None => {}
    }
    if !span.description.is_empty() {
        b.span_tag(b"otel.status_description", span.description.as_str().into());
    }
    if !span.trace_state.is_empty() {
        b.span_tag(b"w3c.tracestate", span.trace_state.as_str().into());
    }
    for (time, event, fields) in &span.logs {
        b.begin_log(Timestamp::from_nanos(*time));
        if let Some(event) = event {
            b.log_field(b"event", event.as_str().into());
        }
        for (place, field) in fields.iter().enumerate() {
            b.log_field(format!("f{place}").as_bytes(), field.value());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn decoding_what_was_encoded_gives_it_back(
        services in prop::collection::vec(
            ("[a-z]{1,5}", prop::collection::vec(tag(), 0..3), prop::collection::vec(span(), 1..4)), 0..4)
    ) {
        let batch = build(&services);
        let mut protobuf = Vec::new();
        encode_protobuf(batch.spans(), &mut protobuf);
        let mut json = Vec::new();
        encode_json(batch.spans(), &mut json);
        serde_json::from_slice::<serde_json::Value>(&json).expect("JSON that others read");

        let mut builder = BatchBuilder::new();
        let outcome = decode_protobuf(&protobuf, &mut builder).expect("protobuf");
        prop_assert_eq!((outcome.accepted, outcome.rejected), (batch.len(), 0));
        prop_assert_eq!(show_logs_sorted(&builder.finish()), show_logs_sorted(&batch));

        let mut builder = BatchBuilder::new();
        let outcome = decode_json(&json, &mut builder).expect("JSON");
        prop_assert_eq!((outcome.accepted, outcome.rejected), (batch.len(), 0));
        // JSON has one zero, as Go writes it.
        let one_zero = |spans: Vec<String>| -> Vec<String> {
            let of = |span: &String| {
                [" ", "}", "]", ","].iter().fold(span.clone(), |span, behind| {
                    span.replace(&format!("=-0.0{behind}"), &format!("=0.0{behind}"))
                })
            };
            spans.iter().map(of).collect()
        };
        prop_assert_eq!(one_zero(show_logs_sorted(&builder.finish())), one_zero(show_logs_sorted(&batch)));
    }
}
