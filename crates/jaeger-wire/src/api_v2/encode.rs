//! Spans to bytes, field for field as Go writes them: what its definition calls non-nullable is always there.

use jaeger_model::{LogView, ProcessView, Reference, ReferenceKind, SpanView, TagView, Value};

use super::{batch_field, span_field, tag_field, time, value_type};
use crate::protobuf::Writer;

/// Appends a `PostSpansRequest`. With `process` it is the batch's, and spans of an equal one bring none of their own.
/// A span without a process gets the batch's from whoever reads this: give none where there are such spans.
pub fn encode_post_spans<'a>(
    process: Option<ProcessView<'_>>,
    spans: impl Iterator<Item = SpanView<'a>>,
    out: &mut Vec<u8>,
) {
    Writer::new(out).message(batch_field::BATCH, |batch| {
        let mut own = OwnProcess { shared: process, ..OwnProcess::default() };
        for one in spans {
            let process = own.field_of(one);
            batch.message(batch_field::SPANS, |message| span(message, one, process));
        }
        if let Some(shared) = process {
            batch.message(batch_field::PROCESS, |message| put_process(message, shared));
        }
    });
}

/// The process that each span brings itself, written once for spans that follow each other.
#[derive(Default)]
struct OwnProcess<'p> {
    /// The batch's process, which its spans do not repeat.
    shared: Option<ProcessView<'p>>,
    /// Where the process of the span before stands.
    last: Option<(usize, *const u8)>,
    /// That process as a field; nothing where it is the batch's.
    field: Vec<u8>,
}

impl OwnProcess<'_> {
    fn field_of(&mut self, span: SpanView<'_>) -> &[u8] {
        let (Some(own), Some(index)) = (span.process(), span.process_index()) else {
            (self.last, self.field) = (None, Vec::new());
            return &[];
        };
        // A name lies in its batch's text: its address tells batches apart, but for a name without letters.
        let name = own.service();
        let place = (!name.is_empty()).then_some((index, name.as_ptr()));
        if place.is_none() || place != self.last {
            self.last = place;
            self.field.clear();
            if self.shared.is_none_or(|shared| shared != own) {
                Writer::new(&mut self.field).message(span_field::PROCESS, |message| put_process(message, own));
            }
        }
        &self.field
    }
}

/// Appends a message whose field 1 is spans, each with its process: `SpansResponseChunk`, `WriteSpanRequest`.
pub fn encode_spans<'a>(spans: impl Iterator<Item = SpanView<'a>>, out: &mut Vec<u8>) {
    let mut own = OwnProcess::default();
    let mut writer = Writer::new(out);
    for one in spans {
        let process = own.field_of(one);
        writer.message(batch_field::SPANS, |message| span(message, one, process));
    }
}

/// Appends for each span a whole gRPC message, flag and length before it, whose field 1 is the span with its process: a stream of
/// `WriteSpanRequest`.
pub fn encode_span_stream<'a>(spans: impl Iterator<Item = SpanView<'a>>, out: &mut Vec<u8>) {
    let mut own = OwnProcess::default();
    for one in spans {
        let process = own.field_of(one);
        framed(out, |out| Writer::new(out).message(batch_field::SPANS, |message| span(message, one, process)));
    }
}

/// Appends a gRPC message that is not compressed: flag and length, then what `fill` appends.
pub fn framed(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&[0; 5]);
    fill(out);
    // A batch holds at most 1 GiB of text, far under what the length can say.
    let length = u32::try_from(out.len() - at - 5).unwrap_or(u32::MAX).to_be_bytes();
    for (to, from) in out.iter_mut().skip(at + 1).zip(length) {
        *to = from;
    }
}

/// Appends a `Span` without a field around it.
pub fn encode_span(span_view: SpanView<'_>, with_process: bool, out: &mut Vec<u8>) {
    let mut own = OwnProcess::default();
    let process = if with_process { own.field_of(span_view) } else { &[] };
    span(&mut Writer::new(out), span_view, process);
}

/// `process` is the field of the span's own process, or nothing.
fn span(writer: &mut Writer<'_>, span: SpanView<'_>, process: &[u8]) {
    writer.bytes(span_field::TRACE_ID, &span.trace_id().0.to_be_bytes());
    writer.bytes(span_field::SPAN_ID, &span.span_id().0.to_be_bytes());
    text(writer, span_field::OPERATION_NAME, span.operation());
    for one in span.references() {
        writer.message(span_field::REFERENCES, |message| reference(message, one));
    }
    if span.flags() != 0 {
        writer.varint(span_field::FLAGS, span.flags().into());
    }
    writer.message(span_field::START_TIME, |message| time::put_timestamp(message, span.start()));
    writer.message(span_field::DURATION, |message| time::put_duration(message, span.duration()));
    for one in span.tags() {
        tag_message(writer, span_field::TAGS, one);
    }
    for one in span.logs() {
        writer.message(span_field::LOGS, |message| log(message, one));
    }
    writer.raw(process);
    for warning in span.warnings() {
        writer.bytes(span_field::WARNINGS, warning.as_bytes());
    }
}

fn put_process(writer: &mut Writer<'_>, process: ProcessView<'_>) {
    text(writer, 1, process.service());
    for one in process.tags() {
        tag_message(writer, 2, one);
    }
}

fn reference(writer: &mut Writer<'_>, reference: Reference) {
    writer.bytes(1, &reference.trace_id.0.to_be_bytes());
    writer.bytes(2, &reference.span_id.0.to_be_bytes());
    if reference.kind == ReferenceKind::FollowsFrom {
        writer.varint(3, 1);
    }
}

fn log(writer: &mut Writer<'_>, log: LogView<'_>) {
    writer.message(1, |message| time::put_timestamp(message, log.time()));
    for field in log.fields() {
        tag_message(writer, 2, field);
    }
}

/// A field that is a tag. Nearly all tags are short text, whose lengths are known before anything is written.
#[inline]
fn tag_message(writer: &mut Writer<'_>, number: u32, one: TagView<'_>) {
    if let Value::Str(value) = one.value
        && let (Ok(field), Ok(key), Ok(text)) =
            (u8::try_from(number << 3 | 2), u8::try_from(one.key.len()), u8::try_from(value.len()))
        && (1..60).contains(&key)
        && (1..60).contains(&text)
    {
        writer.raw(&[field, key + text + 4, KEY_HEADER, key]);
        writer.raw(one.key.as_bytes());
        writer.raw(&[STR_HEADER, text]);
        writer.raw(value.as_bytes());
    } else {
        writer.message(number, |message| tag(message, one));
    }
}

/// The header of `KeyValue.key`, and that of `KeyValue.v_str`.
const KEY_HEADER: u8 = 0x0a;
const STR_HEADER: u8 = 0x1a;

#[inline]
fn tag(writer: &mut Writer<'_>, tag: TagView<'_>) {
    text(writer, tag_field::KEY, tag.key);
    match tag.value {
        Value::Str(value) => text(writer, tag_field::V_STR, value),
        Value::Bool(value) => {
            writer.varint(tag_field::V_TYPE, value_type::BOOL.into());
            if value {
                writer.varint(tag_field::V_BOOL, 1);
            }
        }
        Value::I64(value) => {
            writer.varint(tag_field::V_TYPE, value_type::INT64.into());
            if value != 0 {
                writer.int64(tag_field::V_INT64, value);
            }
        }
        Value::F64(value) => {
            writer.varint(tag_field::V_TYPE, value_type::FLOAT64.into());
            // By bits, so that -0.0 stays.
            if value.to_bits() != 0 {
                writer.double(tag_field::V_FLOAT64, value);
            }
        }
        Value::Bytes(value) => {
            writer.varint(tag_field::V_TYPE, value_type::BINARY.into());
            if !value.is_empty() {
                writer.bytes(tag_field::V_BINARY, value);
            }
        }
    }
}

/// Text, left out where it is empty.
#[inline]
fn text(writer: &mut Writer<'_>, number: u32, text: &str) {
    if !text.is_empty() {
        writer.bytes(number, text.as_bytes());
    }
}
