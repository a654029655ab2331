//! Batches at random, with everything that a wire may stumble over.

use jaeger_model::{
    Batch, BatchBuilder, Duration, ProcessIndex, Reference, ReferenceKind, SpanId, Timestamp, TraceId, ValueIn,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// What a wire carries; batches hold no more than that.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Times have nanoseconds; else they are whole microseconds.
    pub nanoseconds: bool,
    /// Spans have warnings.
    pub warnings: bool,
    /// Spans are of several processes, or of none; else all are of one.
    pub processes: bool,
}

#[derive(Clone, Debug)]
enum Owned {
    Str(String),
    Bool(bool),
    I64(i64),
    F64(f64),
    Bytes(Vec<u8>),
}

type Tag = (String, Owned);

#[derive(Clone, Debug)]
struct Span {
    trace: (u64, u64),
    id: u64,
    operation: String,
    flags: u32,
    times: (i64, i64),
    /// Same trace, same span as the one before, follows from, id.
    references: Vec<(bool, bool, bool, u64)>,
    tags: Vec<Tag>,
    logs: Vec<(i64, Vec<Tag>)>,
    warnings: Vec<String>,
    process: usize,
}

/// Batches of up to eight spans of this shape.
pub fn batches(shape: Shape) -> impl Strategy<Value = Batch> {
    (vec((text(), tags()), 1..4), vec(span(), 0..8))
        .prop_map(move |(processes, spans)| build(shape, &processes, &spans))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["", "http.url", "span.kind", "error", "GET /", "db.statement"])
            .prop_map(String::from),
        2 => "[a-z.]{1,12}",
        1 => "\\PC{0,40}",
        1 => any::<String>(),
        1 => "[a-z]{120,140}",
    ]
}

fn value() -> impl Strategy<Value = Owned> {
    prop_oneof![
        text().prop_map(Owned::Str),
        any::<bool>().prop_map(Owned::Bool),
        number().prop_map(Owned::I64),
        prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), Just(-0.0), Just(0.0)].prop_map(Owned::F64),
        vec(any::<u8>(), 0..20).prop_map(Owned::Bytes),
    ]
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -200..200_i64, Just(i64::MIN), Just(i64::MAX), Just(0)]
}

fn tags() -> impl Strategy<Value = Vec<Tag>> {
    // Lists of 15 and more have another header in Thrift.
    prop_oneof![9 => vec((text(), value()), 0..5), 1 => vec((text(), value()), 13..18)]
}

fn id() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..4_u64, Just(u64::MAX)]
}

fn span() -> impl Strategy<Value = Span> {
    let references = vec((prop::bool::weighted(0.7), prop::bool::weighted(0.2), any::<bool>(), id()), 0..4);
    let logs = vec((number(), tags()), 0..3);
    let ids = (prop_oneof![Just(0), id()], id(), id());
    (ids, text(), any::<u32>(), (number(), number()), references, tags(), logs, vec(text(), 0..3), any::<usize>())
        .prop_map(|((high, low, id), operation, flags, times, references, tags, logs, warnings, process)| Span {
            trace: (high, low),
            id,
            operation,
            flags,
            times,
            references,
            tags,
            logs,
            warnings,
            process,
        })
}

fn build(shape: Shape, processes: &[(String, Vec<Tag>)], spans: &[Span]) -> Batch {
    // Within what 64 bits of nanoseconds hold, whatever the unit.
    let nanos = |number: i64| if shape.nanoseconds { number } else { number / 1000 * 1000 };
    let mut builder = BatchBuilder::new();
    let indices: Vec<ProcessIndex> = processes
        .iter()
        .map(|(service, tags)| {
            for (key, value) in tags {
                builder.process_tag(key.as_bytes(), value.as_in());
            }
            builder.process(service.as_bytes()).expect("room")
        })
        .collect();
    for span in spans {
        builder.begin_span();
        let trace_id = TraceId::new(span.trace.0, span.trace.1);
        builder.span_ids(trace_id, SpanId(span.id));
        builder.span_operation(span.operation.as_bytes());
        builder.span_flags(span.flags);
        builder.span_start(Timestamp::from_nanos(nanos(span.times.0)));
        builder.span_duration(Duration::from_nanos(nanos(span.times.1)));
        let choice = if shape.processes { span.process % (indices.len() + 1) } else { 0 };
        if let Some(process) = indices.get(choice) {
            builder.span_process(*process);
        }
        let mut before = 1;
        for (own, same, follows, id) in &span.references {
            let trace_id = if *own { trace_id } else { TraceId(u128::from(*id)) };
            let kind = if *follows { ReferenceKind::FollowsFrom } else { ReferenceKind::ChildOf };
            before = if *same { before } else { *id };
            builder.span_reference(Reference { kind, trace_id, span_id: SpanId(before) });
        }
        for (key, value) in &span.tags {
            builder.span_tag(key.as_bytes(), value.as_in());
        }
        for (time, fields) in &span.logs {
            builder.begin_log(Timestamp::from_nanos(nanos(*time)));
            for (key, value) in fields {
                builder.log_field(key.as_bytes(), value.as_in());
            }
        }
        if shape.warnings {
            span.warnings.iter().for_each(|warning| builder.span_warning(warning));
        }
        builder.end_span().expect("room");
    }
    builder.finish()
}

impl Owned {
    fn as_in(&self) -> ValueIn<'_> {
        match self {
            Self::Str(text) => ValueIn::Str(text.as_bytes()),
            Self::Bool(value) => ValueIn::Bool(*value),
            Self::I64(value) => ValueIn::I64(*value),
            Self::F64(value) => ValueIn::F64(*value),
            Self::Bytes(bytes) => ValueIn::Bytes(bytes),
        }
    }
}
