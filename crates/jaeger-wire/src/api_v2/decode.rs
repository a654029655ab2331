//! Bytes to spans: one pass over each span, straight into the builder.

use jaeger_model::{BatchBuilder, ProcessIndex, Reference, ReferenceKind, SpanId, Timestamp, TraceId, ValueIn};

use super::process::{self, Processes};
use super::{batch_field, span_field, tag_field, time, value_type};
use crate::DecodeError;
use crate::protobuf::Reader;

/// Reads a `PostSpansRequest`. A span without a process of its own has the batch's, wherever that stands.
///
/// # Errors
/// [`DecodeError`]; the builder is then as it was before.
pub fn decode_post_spans(body: &[u8], builder: &mut BatchBuilder) -> Result<(), DecodeError> {
    let before = builder.mark();
    request(body, builder).inspect_err(|_| builder.rollback(before))
}

fn request(body: &[u8], builder: &mut BatchBuilder) -> Result<(), DecodeError> {
    let Outline { process_parts, spans: count } = outline(body)?;
    // A table made once costs half of one that grows; two bytes at least stand for each row.
    // Usual spans have a tag in 40 bytes, and new text in one byte of five.
    builder.reserve(count, body.len() / 40, body.len() / 5);
    let shared = match &*process_parts {
        [] => None,
        parts => Some(process::read(parts, builder)?),
    };
    let mut processes = Processes::default();
    let mut request = Reader::new(body);
    while let Some(field) = request.field()? {
        if field.number != batch_field::BATCH {
            continue;
        }
        let batch = field.wire.message("PostSpansRequest.batch")?;
        spans(batch, shared, &mut processes, builder)?;
    }
    Ok(())
}

/// Reads a message whose field 1 is spans, each with its process: `SpansResponseChunk`, `WriteSpanRequest`.
///
/// # Errors
/// [`DecodeError`]; the builder is then as it was before.
pub fn decode_spans(body: &[u8], builder: &mut BatchBuilder) -> Result<(), DecodeError> {
    let before = builder.mark();
    spans(Reader::new(body), None, &mut Processes::default(), builder).inspect_err(|_| builder.rollback(before))
}

/// Reads several messages whose field 1 is spans, as the stream of a `WriteSpanStream` brings them: equal processes are one.
///
/// # Errors
/// [`DecodeError`]; the builder is then as it was before.
pub fn decode_span_stream<'a>(
    messages: impl IntoIterator<Item = &'a [u8]>,
    builder: &mut BatchBuilder,
) -> Result<(), DecodeError> {
    let before = builder.mark();
    let mut processes = Processes::default();
    for message in messages {
        spans(Reader::new(message), None, &mut processes, builder).inspect_err(|_| builder.rollback(before))?;
    }
    Ok(())
}

/// How many spans a `PostSpansRequest` holds, as far as it can be read; reads none of them.
///
/// For counting what is refused undecoded.
#[must_use]
pub fn batch_span_count(body: &[u8]) -> usize {
    let mut outline = Outline::default();
    // An error ends the count and is found again by whoever decodes.
    match outline.add(body) {
        Ok(()) | Err(_) => outline.spans,
    }
}

/// What must be known of a request before its first span is read.
#[derive(Default)]
struct Outline<'a> {
    /// The batch's process, which Go writes behind the spans; more than one where the field is repeated.
    process_parts: Vec<&'a [u8]>,
    spans: usize,
}

fn outline(body: &[u8]) -> Result<Outline<'_>, DecodeError> {
    let mut outline = Outline::default();
    outline.add(body)?;
    Ok(outline)
}

impl<'a> Outline<'a> {
    fn add(&mut self, body: &'a [u8]) -> Result<(), DecodeError> {
        let mut request = Reader::new(body);
        while let Some(field) = request.field()? {
            if field.number != batch_field::BATCH {
                continue;
            }
            let mut batch = field.wire.message("PostSpansRequest.batch")?;
            while let Some(field) = batch.field()? {
                match field.number {
                    batch_field::SPANS => self.spans += 1,
                    batch_field::PROCESS => self.process_parts.push(field.wire.bytes("Batch.process")?),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

fn spans<'a>(
    mut message: Reader<'a>,
    shared: Option<ProcessIndex>,
    processes: &mut Processes<'a>,
    builder: &mut BatchBuilder,
) -> Result<(), DecodeError> {
    while let Some(field) = message.field()? {
        if field.number == batch_field::SPANS {
            let body = field.wire.message("Batch.spans")?;
            span(body, shared, processes, builder)?;
        }
    }
    Ok(())
}

fn span<'a>(
    mut message: Reader<'a>,
    shared: Option<ProcessIndex>,
    processes: &mut Processes<'a>,
    builder: &mut BatchBuilder,
) -> Result<(), DecodeError> {
    let (mut trace, mut own) = (TraceId::default(), SpanId::default());
    let mut process = shared;
    builder.begin_span();
    // Absent is what Go's zero time is, and no less.
    builder.span_start(Timestamp::UNSET);
    while let Some(field) = message.field()? {
        let wire = field.wire;
        match field.number {
            span_field::TRACE_ID => trace = trace_id(wire.bytes("Span.trace_id")?)?,
            span_field::SPAN_ID => own = span_id(wire.bytes("Span.span_id")?)?,
            span_field::OPERATION_NAME => builder.span_operation(wire.bytes("Span.operation_name")?),
            span_field::REFERENCES => builder.span_reference(reference(wire.message("Span.references")?)?),
            span_field::FLAGS => builder.span_flags(wire.uint32("Span.flags")?),
            span_field::START_TIME => builder.span_start(time::timestamp(wire.message("Span.start_time")?)?),
            span_field::DURATION => builder.span_duration(time::duration(wire.message("Span.duration")?)?),
            span_field::TAGS => tag(wire.bytes("Span.tags")?, |key, value| builder.span_tag(key, value))?,
            span_field::LOGS => log(wire.message("Span.logs")?, builder)?,
            span_field::PROCESS => process = Some(processes.of(wire.bytes("Span.process")?, builder)?),
            span_field::WARNINGS => {
                let warning = wire.bytes("Span.warnings")?;
                builder.span_warning(&String::from_utf8_lossy(warning));
            }
            _ => {}
        }
    }
    builder.span_ids(trace, own);
    if let Some(process) = process {
        builder.span_process(process);
    }
    Ok(builder.end_span()?)
}

/// Sixteen bytes, the high ones first, or the low eight alone.
#[inline]
fn trace_id(bytes: &[u8]) -> Result<TraceId, DecodeError> {
    if let Ok(bytes) = bytes.try_into() {
        return Ok(TraceId(u128::from_be_bytes(bytes)));
    }
    match bytes.try_into() {
        Ok(low) => Ok(TraceId::new(0, u64::from_be_bytes(low))),
        Err(_) => Err(DecodeError::IdLength { what: "TraceID", len: bytes.len() }),
    }
}

#[inline]
fn span_id(bytes: &[u8]) -> Result<SpanId, DecodeError> {
    match bytes.try_into() {
        Ok(bytes) => Ok(SpanId(u64::from_be_bytes(bytes))),
        Err(_) => Err(DecodeError::IdLength { what: "SpanID", len: bytes.len() }),
    }
}

fn reference(mut message: Reader<'_>) -> Result<Reference, DecodeError> {
    let mut reference =
        Reference { kind: ReferenceKind::ChildOf, trace_id: TraceId::default(), span_id: SpanId::default() };
    while let Some(field) = message.field()? {
        match field.number {
            1 => reference.trace_id = trace_id(field.wire.bytes("SpanRef.trace_id")?)?,
            2 => reference.span_id = span_id(field.wire.bytes("SpanRef.span_id")?)?,
            // A kind of tomorrow is taken as the one that claims less.
            3 if field.wire.uint32("SpanRef.ref_type")? == 0 => reference.kind = ReferenceKind::ChildOf,
            3 => reference.kind = ReferenceKind::FollowsFrom,
            _ => {}
        }
    }
    Ok(reference)
}

fn log(mut message: Reader<'_>, builder: &mut BatchBuilder) -> Result<(), DecodeError> {
    builder.begin_log(Timestamp::UNSET);
    while let Some(field) = message.field()? {
        match field.number {
            1 => builder.log_time(time::timestamp(field.wire.message("Log.timestamp")?)?),
            2 => tag(field.wire.bytes("Log.fields")?, |key, value| builder.log_field(key, value))?,
            _ => {}
        }
    }
    Ok(())
}

/// A `KeyValue`.
#[inline(always)]
pub(super) fn tag(message: &[u8], mut push: impl FnMut(&[u8], ValueIn<'_>)) -> Result<(), DecodeError> {
    match usual_tag(message) {
        Some((key, value)) => {
            push(key, value);
            Ok(())
        }
        None => any_tag(Reader::new(message), push),
    }
}

/// A tag in the form that nearly all have: key, type unless it is text, value.
#[inline(always)]
fn usual_tag(message: &[u8]) -> Option<(&[u8], ValueIn<'_>)> {
    let [0x0a, len @ 0..0x80, rest @ ..] = message else { return None };
    let (key, value) = rest.split_at_checked(usize::from(*len))?;
    let value = match value {
        [0x1a, len @ 0..0x80, text @ ..] if text.len() == usize::from(*len) => ValueIn::Str(text),
        [0x10, 1, 0x20, value @ 0..=1] => ValueIn::Bool(*value == 1),
        [0x10, 2, 0x28, number @ 0..0x80] => ValueIn::I64(i64::from(*number)),
        [0x10, 2, 0x28, low, high @ 0..0x80] => ValueIn::I64(i64::from(*low & 0x7f) | i64::from(*high) << 7),
        _ => return None,
    };
    Some((key, value))
}

/// A tag with its fields in any order: of its values the one counts that `v_type` names, and a value that is not there
/// is zero.
#[inline(never)]
fn any_tag(mut message: Reader<'_>, mut push: impl FnMut(&[u8], ValueIn<'_>)) -> Result<(), DecodeError> {
    let (mut key, mut string, mut binary): (&[u8], &[u8], &[u8]) = (&[], &[], &[]);
    let (mut bool, mut int64, mut float64) = (false, 0, 0.0);
    let mut kind = value_type::STRING;
    while let Some(field) = message.field()? {
        let wire = field.wire;
        match field.number {
            tag_field::KEY => key = wire.bytes("KeyValue.key")?,
            tag_field::V_TYPE => kind = wire.uint32("KeyValue.v_type")?,
            tag_field::V_STR => string = wire.bytes("KeyValue.v_str")?,
            tag_field::V_BOOL => bool = wire.varint("KeyValue.v_bool")? != 0,
            tag_field::V_INT64 => int64 = wire.int64("KeyValue.v_int64")?,
            tag_field::V_FLOAT64 => float64 = wire.double("KeyValue.v_float64")?,
            tag_field::V_BINARY => binary = wire.bytes("KeyValue.v_binary")?,
            _ => {}
        }
    }
    let value = match kind {
        value_type::STRING => ValueIn::Str(string),
        value_type::BOOL => ValueIn::Bool(bool),
        value_type::INT64 => ValueIn::I64(int64),
        value_type::FLOAT64 => ValueIn::F64(float64),
        value_type::BINARY => ValueIn::Bytes(binary),
        unknown => {
            push(key, ValueIn::Str(format!("unknown type {}", unknown.cast_signed()).as_bytes()));
            return Ok(());
        }
    };
    push(key, value);
    Ok(())
}
