//! Bytes to spans: one pass, straight into the builder.

use jaeger_model::{
    BatchBuilder, Duration, Full, ProcessIndex, Reference, ReferenceKind, SpanId, Timestamp, TraceId, ValueIn,
};

use super::unknown::unknown_type_text;
use super::{BatchMeta, ClientStats, EMIT_BATCH, EMIT_ZIPKIN_BATCH, Message, tag_type};
use crate::DecodeError;
use crate::error::Fault;
use crate::thrift::{BinaryReader, CompactReader, Kind, Protocol, Reader, Usual, skip};

/// Reads a datagram that an agent got: a message that calls `emitBatch` or
/// `emitZipkinBatch`. All message types and both forms of the
/// binary header are taken; bytes behind the message are not read.
///
/// # Errors
/// [`DecodeError`] with the place in the packet; the builder is then as it was before.
pub fn decode_message(packet: &[u8], protocol: Protocol, builder: &mut BatchBuilder) -> Result<Message, DecodeError> {
    match protocol {
        Protocol::Compact => whole::<CompactReader<'_>, _>(packet, builder, message),
        Protocol::Binary => whole::<BinaryReader<'_>, _>(packet, builder, message),
    }
}

/// Reads a batch without a message around it: a body of `POST /api/traces`. Bytes behind the batch are not read.
///
/// # Errors
/// [`DecodeError`] with the place in the body; the builder is then as it was before.
pub fn decode_batch(body: &[u8], protocol: Protocol, builder: &mut BatchBuilder) -> Result<BatchMeta, DecodeError> {
    match protocol {
        Protocol::Compact => whole::<CompactReader<'_>, _>(body, builder, batch),
        Protocol::Binary => whole::<BinaryReader<'_>, _>(body, builder, batch),
    }
}

/// Whether a datagram calls `emitZipkinBatch`, told by its first bytes alone.
#[must_use]
pub fn calls_zipkin(packet: &[u8]) -> bool {
    /// No header is longer before its method's name, nor twice that with it.
    const HEAD: usize = 40;
    let head = packet.get(..HEAD).unwrap_or(packet);
    head.windows(EMIT_ZIPKIN_BATCH.len()).any(|window| window == EMIT_ZIPKIN_BATCH.as_bytes())
}

fn whole<'a, R: Reader<'a>, T>(
    bytes: &'a [u8],
    builder: &mut BatchBuilder,
    read: impl FnOnce(&mut R, &mut BatchBuilder) -> Result<T, Fault>,
) -> Result<T, DecodeError> {
    let mut reader = R::new(bytes);
    let before = builder.mark();
    read(&mut reader, builder).map_err(|fault| {
        builder.rollback(before);
        fault.at(reader.offset())
    })
}

fn message<'a, R: Reader<'a>>(reader: &mut R, builder: &mut BatchBuilder) -> Result<Message, Fault> {
    let header = reader.header()?;
    if header.method == EMIT_ZIPKIN_BATCH.as_bytes() {
        return zipkin_batch(reader, builder);
    }
    if header.method != EMIT_BATCH.as_bytes() {
        return Err(DecodeError::unknown_method(header.method).into());
    }
    let mut meta = None;
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::Struct) => meta = Some(batch(reader, builder)?),
            _ => skip(reader, field.kind)?,
        }
    }
    meta.map(Message::EmitBatch).ok_or_else(|| DecodeError::missing("emitBatch.batch"))
}

#[cfg(feature = "zipkin")]
fn zipkin_batch<'a, R: Reader<'a>>(reader: &mut R, builder: &mut BatchBuilder) -> Result<Message, Fault> {
    crate::zipkin::spans_of_an_agent(reader, builder).map(|spans| Message::EmitZipkinBatch { spans })
}

#[cfg(not(feature = "zipkin"))]
fn zipkin_batch<'a, R: Reader<'a>>(_reader: &mut R, _builder: &mut BatchBuilder) -> Result<Message, Fault> {
    Err(DecodeError::Unsupported { what: EMIT_ZIPKIN_BATCH }.into())
}

/// Reads a batch's fields to its stop.
pub(crate) fn batch<'a, R: Reader<'a>>(reader: &mut R, builder: &mut BatchBuilder) -> Result<BatchMeta, Fault> {
    let mut meta = BatchMeta::default();
    let mut of = None;
    let mut has_spans = false;
    // Spans before their process wait until it is known; no client does that.
    let mut waiting: Option<R> = None;
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::Struct) => of = Some(process(reader, builder)?),
            (2, Kind::List) => {
                has_spans = true;
                if let Some(process) = of {
                    spans(reader, process, builder)?;
                } else {
                    waiting = Some(reader.clone());
                    skip(reader, Kind::List)?;
                }
            }
            (3, Kind::I64) => meta.seq_no = Some(reader.i64("Batch.seqNo")?),
            (4, Kind::Struct) => meta.stats = Some(stats(reader)?),
            _ => skip(reader, field.kind)?,
        }
    }
    let Some(process) = of else {
        return Err(DecodeError::missing("Batch.process"));
    };
    if !has_spans {
        return Err(DecodeError::missing("Batch.spans"));
    }
    if let Some(mut waiting) = waiting {
        spans(&mut waiting, process, builder)?;
    }
    Ok(meta)
}

fn stats<'a, R: Reader<'a>>(reader: &mut R) -> Result<ClientStats, Fault> {
    const NAMES: [&str; 3] =
        ["ClientStats.fullQueueDroppedSpans", "ClientStats.tooLargeDroppedSpans", "ClientStats.failedToEmitSpans"];
    let (mut full, mut large, mut failed) = (None, None, None);
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::I64) => full = Some(reader.i64(NAMES[0])?),
            (2, Kind::I64) => large = Some(reader.i64(NAMES[1])?),
            (3, Kind::I64) => failed = Some(reader.i64(NAMES[2])?),
            _ => skip(reader, field.kind)?,
        }
    }
    Ok(ClientStats {
        full_queue_dropped_spans: full.ok_or_else(|| DecodeError::missing(NAMES[0]))?,
        too_large_dropped_spans: large.ok_or_else(|| DecodeError::missing(NAMES[1]))?,
        failed_to_emit_spans: failed.ok_or_else(|| DecodeError::missing(NAMES[2]))?,
    })
}

fn process<'a, R: Reader<'a>>(reader: &mut R, builder: &mut BatchBuilder) -> Result<ProcessIndex, Fault> {
    let mut service = None;
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::Binary) => service = Some(reader.binary("Process.serviceName")?),
            (2, Kind::List) => {
                for _ in 0..structs(reader, "Process.tags")? {
                    tag(reader, |key, value| builder.process_tag(key, value))?;
                }
            }
            _ => skip(reader, field.kind)?,
        }
    }
    let service = service.ok_or_else(|| DecodeError::missing("Process.serviceName"))?;
    builder.process(service).map_err(full)
}

#[cold]
fn full(full: Full) -> Fault {
    DecodeError::Full(full).into()
}

/// The number of structs in a list. Another kind of element is another definition's list.
#[inline]
fn structs<'a, R: Reader<'a>>(reader: &mut R, what: &'static str) -> Result<usize, Fault> {
    let (kind, len) = reader.list(what)?;
    if kind == Kind::Struct { Ok(len) } else { Err(no_structs(kind, what)) }
}

#[cold]
fn no_structs(kind: Kind, what: &'static str) -> Fault {
    DecodeError::malformed(what, format!("a list of {kind:?}, not of structs")).into()
}

fn spans<'a, R: Reader<'a>>(reader: &mut R, process: ProcessIndex, builder: &mut BatchBuilder) -> Result<(), Fault> {
    let len = structs(reader, "Batch.spans")?;
    // As many spans as can stand in what is left, so that the table is made once and no count is believed. Usual
    // spans have a tag in 40 bytes, and new text in one byte of five.
    let left = reader.remaining();
    builder.reserve(len.min(left / SMALLEST_SPAN), left / 40, left / 5);
    for _ in 0..len {
        span(reader, process, builder)?;
    }
    Ok(())
}

/// A span's required fields at a byte of header and of value each, and its end.
const SMALLEST_SPAN: usize = 17;

/// A span's required fields, a bit each, with the names that an error gives them.
const REQUIRED: [(u16, &str); 8] = [
    (1 << 1, "Span.traceIdLow"),
    (1 << 2, "Span.traceIdHigh"),
    (1 << 3, "Span.spanId"),
    (1 << 4, "Span.parentSpanId"),
    (1 << 5, "Span.operationName"),
    (1 << 7, "Span.flags"),
    (1 << 8, "Span.startTime"),
    (1 << 9, "Span.duration"),
];
const ALL_REQUIRED: u16 = 0b11_1011_1110;

fn span<'a, R: Reader<'a>>(reader: &mut R, process: ProcessIndex, builder: &mut BatchBuilder) -> Result<(), Fault> {
    let (mut low, mut high, mut own, mut parent) = (0, 0, 0, 0);
    let mut seen = 0_u16;
    let mut id = 0;
    builder.begin_span();
    builder.span_process(process);
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::I64) => low = reader.i64("Span.traceIdLow")?,
            (2, Kind::I64) => high = reader.i64("Span.traceIdHigh")?,
            (3, Kind::I64) => own = reader.i64("Span.spanId")?,
            (4, Kind::I64) => parent = reader.i64("Span.parentSpanId")?,
            (5, Kind::Binary) => builder.span_operation(reader.binary("Span.operationName")?),
            (6, Kind::List) => {
                for _ in 0..structs(reader, "Span.references")? {
                    builder.span_reference(reference(reader)?);
                }
                continue;
            }
            (7, Kind::I32) => builder.span_flags(reader.i32("Span.flags")?.cast_unsigned()),
            (8, Kind::I64) => builder.span_start(Timestamp::from_micros(reader.i64("Span.startTime")?)),
            (9, Kind::I64) => builder.span_duration(Duration::from_micros(reader.i64("Span.duration")?)),
            (10, Kind::List) => {
                for _ in 0..structs(reader, "Span.tags")? {
                    tag(reader, |key, value| builder.span_tag(key, value))?;
                }
                continue;
            }
            (11, Kind::List) => {
                for _ in 0..structs(reader, "Span.logs")? {
                    log(reader, builder)?;
                }
                continue;
            }
            _ => {
                skip(reader, field.kind)?;
                continue;
            }
        }
        // Here the field is one of 1 to 5 and 7 to 9.
        seen |= 1 << (field.id & 0x0f);
    }
    if seen != ALL_REQUIRED {
        return Err(missing(seen, &REQUIRED));
    }
    let trace_id = TraceId::new(high.cast_unsigned(), low.cast_unsigned());
    builder.span_ids(trace_id, SpanId(own.cast_unsigned()));
    if parent != 0 {
        let span_id = SpanId(parent.cast_unsigned());
        if !builder.span_references().any(|known| known.trace_id == trace_id && known.span_id == span_id) {
            builder.span_reference_first(Reference { kind: ReferenceKind::ChildOf, trace_id, span_id });
        }
    }
    builder.end_span().map_err(full)
}

#[cold]
fn missing(seen: u16, required: &[(u16, &'static str)]) -> Fault {
    let what = required.iter().find(|(bit, _)| seen & bit == 0).map_or("of a struct", |(_, name)| name);
    DecodeError::missing(what)
}

fn reference<'a, R: Reader<'a>>(reader: &mut R) -> Result<Reference, Fault> {
    const REQUIRED: [(u16, &str); 4] = [
        (1 << 1, "SpanRef.refType"),
        (1 << 2, "SpanRef.traceIdLow"),
        (1 << 3, "SpanRef.traceIdHigh"),
        (1 << 4, "SpanRef.spanId"),
    ];
    let (mut kind, mut low, mut high, mut span_id) = (0, 0, 0, 0);
    let mut seen = 0_u16;
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::I32) => kind = reader.i32("SpanRef.refType")?,
            (2, Kind::I64) => low = reader.i64("SpanRef.traceIdLow")?,
            (3, Kind::I64) => high = reader.i64("SpanRef.traceIdHigh")?,
            (4, Kind::I64) => span_id = reader.i64("SpanRef.spanId")?,
            _ => {
                skip(reader, field.kind)?;
                continue;
            }
        }
        seen |= 1 << (field.id & 0x0f);
    }
    if seen != 0b1_1110 {
        return Err(missing(seen, &REQUIRED));
    }
    Ok(Reference {
        // A kind of tomorrow is taken as the one that claims less.
        kind: if kind == 0 { ReferenceKind::ChildOf } else { ReferenceKind::FollowsFrom },
        trace_id: TraceId::new(high.cast_unsigned(), low.cast_unsigned()),
        span_id: SpanId(span_id.cast_unsigned()),
    })
}

fn log<'a, R: Reader<'a>>(reader: &mut R, builder: &mut BatchBuilder) -> Result<(), Fault> {
    let (mut has_time, mut has_fields) = (false, false);
    let mut id = 0;
    builder.begin_log(Timestamp::default());
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::I64) => {
                builder.log_time(Timestamp::from_micros(reader.i64("Log.timestamp")?));
                has_time = true;
            }
            (2, Kind::List) => {
                has_fields = true;
                for _ in 0..structs(reader, "Log.fields")? {
                    tag(reader, |key, value| builder.log_field(key, value))?;
                }
            }
            _ => skip(reader, field.kind)?,
        }
    }
    match (has_time, has_fields) {
        (true, true) => Ok(()),
        (false, _) => Err(DecodeError::missing("Log.timestamp")),
        (true, false) => Err(DecodeError::missing("Log.fields")),
    }
}

/// A tag's fields as they stand; which of them is the value only its type says.
pub(super) struct TagFields<'a> {
    pub(super) key: &'a [u8],
    pub(super) string: Option<&'a [u8]>,
    pub(super) double: Option<f64>,
    pub(super) bool: Option<bool>,
    pub(super) long: Option<i64>,
    pub(super) binary: Option<&'a [u8]>,
}

#[inline(always)]
fn tag<'a, R: Reader<'a>>(reader: &mut R, mut push: impl FnMut(&[u8], ValueIn<'_>)) -> Result<(), Fault> {
    match reader.usual_pair() {
        Some((key, Usual::Binary(value))) => push(key, ValueIn::Str(value)),
        Some((key, Usual::Bool(value))) => push(key, ValueIn::Bool(value)),
        Some((key, Usual::I64(value))) => push(key, ValueIn::I64(value)),
        None => return any_tag(reader, push),
    }
    Ok(())
}

/// A tag with its fields in any order, and with any others.
#[inline(never)]
fn any_tag<'a, R: Reader<'a>>(reader: &mut R, mut push: impl FnMut(&[u8], ValueIn<'_>)) -> Result<(), Fault> {
    let mut tag = TagFields { key: &[], string: None, double: None, bool: None, long: None, binary: None };
    let (mut has_key, mut kind) = (false, None);
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::Binary) => {
                tag.key = reader.binary("Tag.key")?;
                has_key = true;
            }
            (2, Kind::I32) => kind = Some(reader.i32("Tag.vType")?),
            (3, Kind::Binary) => tag.string = Some(reader.binary("Tag.vStr")?),
            (4, Kind::Double) => tag.double = Some(reader.double("Tag.vDouble")?),
            (5, Kind::Bool | Kind::True | Kind::False) => tag.bool = Some(reader.bool(field.kind, "Tag.vBool")?),
            (6, Kind::I64) => tag.long = Some(reader.i64("Tag.vLong")?),
            (7, Kind::Binary) => tag.binary = Some(reader.binary("Tag.vBinary")?),
            _ => skip(reader, field.kind)?,
        }
    }
    if !has_key {
        return Err(DecodeError::missing("Tag.key"));
    }
    // A value that is not there is the type's zero.
    let value = match kind.ok_or_else(|| DecodeError::missing("Tag.vType"))? {
        tag_type::STRING => ValueIn::Str(tag.string.unwrap_or(&[])),
        tag_type::DOUBLE => ValueIn::F64(tag.double.unwrap_or(0.0)),
        tag_type::BOOL => ValueIn::Bool(tag.bool.unwrap_or(false)),
        tag_type::LONG => ValueIn::I64(tag.long.unwrap_or(0)),
        tag_type::BINARY => ValueIn::Bytes(tag.binary.unwrap_or(&[])),
        _ => {
            push(tag.key, ValueIn::Str(unknown_type_text(&tag).as_bytes()));
            return Ok(());
        }
    };
    push(tag.key, value);
    Ok(())
}
