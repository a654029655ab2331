//! Spans to bytes, as Jaeger's clients write them: field after field in the definition's order.

use jaeger_model::{LogView, ProcessView, Reference, ReferenceKind, SpanView, TagView, Value};

use super::{BatchMeta, ClientStats, EMIT_BATCH, tag_type};
use crate::thrift::{BinaryWriter, CompactWriter, Kind, Protocol, Writer};

/// Appends a message that calls `emitBatch` with `spans`, all of which are said to be of `process`.
///
/// Thrift carries microseconds and no warnings: finer times are cut toward zero, warnings left out.
pub fn encode_message<'a>(
    process: ProcessView<'_>,
    spans: impl Iterator<Item = SpanView<'a>> + Clone,
    meta: &BatchMeta,
    protocol: Protocol,
    out: &mut Vec<u8>,
) {
    match protocol {
        Protocol::Compact => message::<CompactWriter>(process, spans, meta, out),
        Protocol::Binary => message::<BinaryWriter>(process, spans, meta, out),
    }
}

/// Appends a batch without a message around it: a body for `POST /api/traces`.
///
/// Thrift carries microseconds and no warnings: finer times are cut toward zero, warnings left out.
pub fn encode_batch<'a>(
    process: ProcessView<'_>,
    spans: impl Iterator<Item = SpanView<'a>> + Clone,
    meta: &BatchMeta,
    protocol: Protocol,
    out: &mut Vec<u8>,
) {
    match protocol {
        Protocol::Compact => batch::<CompactWriter>(process, spans, meta, out),
        Protocol::Binary => batch::<BinaryWriter>(process, spans, meta, out),
    }
}

fn message<'a, W: Writer>(
    process: ProcessView<'_>,
    spans: impl Iterator<Item = SpanView<'a>> + Clone,
    meta: &BatchMeta,
    out: &mut Vec<u8>,
) {
    W::header(out, EMIT_BATCH, 0);
    W::field(out, 0, 1, Kind::Struct);
    batch::<W>(process, spans, meta, out);
    W::stop(out);
}

/// Appends a batch's fields and its stop.
pub(crate) fn batch<'a, W: Writer>(
    process: ProcessView<'_>,
    all: impl Iterator<Item = SpanView<'a>> + Clone,
    meta: &BatchMeta,
    out: &mut Vec<u8>,
) {
    W::field(out, 0, 1, Kind::Struct);
    W::field(out, 0, 1, Kind::Binary);
    W::binary(out, process.service().as_bytes());
    tags::<W>(out, 1, 2, process.tags());
    W::stop(out);
    W::field(out, 1, 2, Kind::List);
    W::list(out, Kind::Struct, all.clone().count());
    for one in all {
        span::<W>(out, one);
    }
    let mut before = 2;
    if let Some(seq_no) = meta.seq_no {
        i64_field::<W>(out, before, 3, seq_no);
        before = 3;
    }
    if let Some(lost) = meta.stats {
        W::field(out, before, 4, Kind::Struct);
        stats::<W>(out, lost);
    }
    W::stop(out);
}

fn stats<W: Writer>(out: &mut Vec<u8>, stats: ClientStats) {
    i64_field::<W>(out, 0, 1, stats.full_queue_dropped_spans);
    i64_field::<W>(out, 1, 2, stats.too_large_dropped_spans);
    i64_field::<W>(out, 2, 3, stats.failed_to_emit_spans);
    W::stop(out);
}

fn span<W: Writer>(out: &mut Vec<u8>, span: SpanView<'_>) {
    let parent = ParentField::of(&span);
    i64_field::<W>(out, 0, 1, span.trace_id().low().cast_signed());
    i64_field::<W>(out, 1, 2, span.trace_id().high().cast_signed());
    i64_field::<W>(out, 2, 3, span.span_id().0.cast_signed());
    i64_field::<W>(out, 3, 4, parent.span_id.cast_signed());
    W::field(out, 4, 5, Kind::Binary);
    W::binary(out, span.operation().as_bytes());
    let mut before = 5;
    let references = span.references().skip(parent.stands_for);
    if references.len() > 0 {
        W::field(out, before, 6, Kind::List);
        W::list(out, Kind::Struct, references.len());
        references.for_each(|one| reference::<W>(out, one));
        before = 6;
    }
    W::field(out, before, 7, Kind::I32);
    W::i32(out, span.flags().cast_signed());
    i64_field::<W>(out, 7, 8, span.start().as_micros());
    i64_field::<W>(out, 8, 9, span.duration().as_micros());
    before = tags::<W>(out, 9, 10, span.tags());
    if span.logs().len() > 0 {
        W::field(out, before, 11, Kind::List);
        W::list(out, Kind::Struct, span.logs().len());
        span.logs().for_each(|one| log::<W>(out, one));
    }
    W::stop(out);
}

/// What the field `parentSpanId` says, and how many references it stands for.
///
/// A reader puts a reference to the parent before all others unless one to the same span is there. So the first
/// reference can be left out where it is just that one; else all are written, and the field is only a repetition.
struct ParentField {
    span_id: u64,
    stands_for: usize,
}

impl ParentField {
    fn of(span: &SpanView<'_>) -> Self {
        let mut references = span.references();
        if let Some(first) = references.next()
            && first.kind == ReferenceKind::ChildOf
            && first.trace_id == span.trace_id()
            && first.span_id.0 != 0
            && !references.any(|other| other.trace_id == first.trace_id && other.span_id == first.span_id)
        {
            return Self { span_id: first.span_id.0, stands_for: 1 };
        }
        Self { span_id: span.parent().map_or(0, |parent| parent.0), stands_for: 0 }
    }
}

fn reference<W: Writer>(out: &mut Vec<u8>, reference: Reference) {
    W::field(out, 0, 1, Kind::I32);
    W::i32(
        out,
        match reference.kind {
            ReferenceKind::ChildOf => 0,
            ReferenceKind::FollowsFrom => 1,
        },
    );
    i64_field::<W>(out, 1, 2, reference.trace_id.low().cast_signed());
    i64_field::<W>(out, 2, 3, reference.trace_id.high().cast_signed());
    i64_field::<W>(out, 3, 4, reference.span_id.0.cast_signed());
    W::stop(out);
}

fn log<W: Writer>(out: &mut Vec<u8>, log: LogView<'_>) {
    i64_field::<W>(out, 0, 1, log.time().as_micros());
    // Required, so that an empty one is written too.
    W::field(out, 1, 2, Kind::List);
    W::list(out, Kind::Struct, log.fields().len());
    log.fields().for_each(|field| tag::<W>(out, field));
    W::stop(out);
}

/// An optional list of tags; says which field was the last.
fn tags<'a, W: Writer>(
    out: &mut Vec<u8>,
    before: i16,
    id: i16,
    tags: impl ExactSizeIterator<Item = TagView<'a>>,
) -> i16 {
    if tags.len() == 0 {
        return before;
    }
    W::field(out, before, id, Kind::List);
    W::list(out, Kind::Struct, tags.len());
    tags.for_each(|one| tag::<W>(out, one));
    id
}

#[inline]
fn tag<W: Writer>(out: &mut Vec<u8>, tag: TagView<'_>) {
    W::field(out, 0, 1, Kind::Binary);
    W::binary(out, tag.key.as_bytes());
    W::field(out, 1, 2, Kind::I32);
    match tag.value {
        Value::Str(text) => {
            W::i32(out, tag_type::STRING);
            W::field(out, 2, 3, Kind::Binary);
            W::binary(out, text.as_bytes());
        }
        Value::F64(number) => {
            W::i32(out, tag_type::DOUBLE);
            W::field(out, 2, 4, Kind::Double);
            W::double(out, number);
        }
        Value::Bool(value) => {
            W::i32(out, tag_type::BOOL);
            W::bool_field(out, 2, 5, value);
        }
        Value::I64(number) => {
            W::i32(out, tag_type::LONG);
            i64_field::<W>(out, 2, 6, number);
        }
        Value::Bytes(bytes) => {
            W::i32(out, tag_type::BINARY);
            W::field(out, 2, 7, Kind::Binary);
            W::binary(out, bytes);
        }
    }
    W::stop(out);
}

#[inline]
fn i64_field<W: Writer>(out: &mut Vec<u8>, before: i16, id: i16, value: i64) {
    W::field(out, before, id, Kind::I64);
    W::i64(out, value);
}
