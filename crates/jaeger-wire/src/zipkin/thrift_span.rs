//! A v1 span as `zipkincore.Span` has it: borrowed, its lists left on the wire and read again by whoever asks, so
//! that a span of a thousand annotations holds no memory.

use crate::DecodeError;
use crate::error::Fault;
use crate::thrift::{Kind, Reader, skip};

/// Who an annotation is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Endpoint<'a> {
    pub(super) ipv4: i32,
    pub(super) port: i16,
    pub(super) service: &'a [u8],
    pub(super) ipv6: &'a [u8],
}

/// Something that happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Annotation<'a> {
    pub(super) micros: i64,
    pub(super) value: &'a [u8],
    pub(super) host: Option<Endpoint<'a>>,
}

/// A tag.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct BinaryAnnotation<'a> {
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) kind: i32,
    pub(super) host: Option<Endpoint<'a>>,
}

/// `AnnotationType` of the definition; numbers are big-endian, of the width that the type says.
pub(super) mod kind {
    pub(in super::super) const BOOL: i32 = 0;
    pub(in super::super) const BYTES: i32 = 1;
    pub(in super::super) const I16: i32 = 2;
    pub(in super::super) const I32: i32 = 3;
    pub(in super::super) const I64: i32 = 4;
    pub(in super::super) const DOUBLE: i32 = 5;
    pub(in super::super) const STRING: i32 = 6;
}

/// A span; its two lists are readers that stand before them.
#[derive(Clone, Debug)]
pub(super) struct Span<'a, R> {
    pub(super) trace_id: u64,
    pub(super) trace_id_high: u64,
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: &'a [u8],
    pub(super) debug: bool,
    pub(super) micros: Option<i64>,
    pub(super) duration_micros: Option<i64>,
    annotations: Option<R>,
    binary_annotations: Option<R>,
}

impl<'a, R: Reader<'a>> Span<'a, R> {
    /// Reads a span. The definition requires no field; that no id is there means other bytes than a span's.
    pub(super) fn read(reader: &mut R) -> Result<Self, Fault> {
        let mut span = Self {
            trace_id: 0,
            trace_id_high: 0,
            id: 0,
            parent: None,
            name: &[],
            debug: false,
            micros: None,
            duration_micros: None,
            annotations: None,
            binary_annotations: None,
        };
        let (mut has_trace_id, mut has_id) = (false, false);
        let mut id = 0;
        while let Some(field) = reader.field(id)? {
            id = field.id;
            match (field.id, field.kind) {
                (1, Kind::I64) => {
                    span.trace_id = reader.i64("zipkincore.Span.trace_id")?.cast_unsigned();
                    has_trace_id = true;
                }
                (3, Kind::Binary) => span.name = reader.binary("zipkincore.Span.name")?,
                (4, Kind::I64) => {
                    span.id = reader.i64("zipkincore.Span.id")?.cast_unsigned();
                    has_id = true;
                }
                (5, Kind::I64) => span.parent = Some(reader.i64("zipkincore.Span.parent_id")?.cast_unsigned()),
                (6, Kind::List) => span.annotations = Some(later(reader)?),
                (8, Kind::List) => span.binary_annotations = Some(later(reader)?),
                (9, Kind::Bool | Kind::True | Kind::False) => {
                    span.debug = reader.bool(field.kind, "zipkincore.Span.debug")?;
                }
                (10, Kind::I64) => span.micros = Some(reader.i64("zipkincore.Span.timestamp")?),
                (11, Kind::I64) => span.duration_micros = Some(reader.i64("zipkincore.Span.duration")?),
                (12, Kind::I64) => span.trace_id_high = reader.i64("zipkincore.Span.trace_id_high")?.cast_unsigned(),
                _ => skip(reader, field.kind)?,
            }
        }
        match (has_trace_id, has_id) {
            (true, true) => Ok(span),
            (false, _) => Err(DecodeError::missing("zipkincore.Span.trace_id")),
            (true, false) => Err(DecodeError::missing("zipkincore.Span.id")),
        }
    }

    /// Gives each annotation to `each`.
    pub(super) fn annotations(&self, mut each: impl FnMut(Annotation<'a>)) -> Result<(), Fault> {
        let Some(mut reader) = self.annotations.clone() else { return Ok(()) };
        for _ in 0..structs(&mut reader, "zipkincore.Span.annotations")? {
            each(annotation(&mut reader)?);
        }
        Ok(())
    }

    /// Gives each binary annotation to `each`.
    pub(super) fn binary_annotations(&self, mut each: impl FnMut(BinaryAnnotation<'a>)) -> Result<(), Fault> {
        let Some(mut reader) = self.binary_annotations.clone() else { return Ok(()) };
        for _ in 0..structs(&mut reader, "zipkincore.Span.binary_annotations")? {
            each(binary_annotation(&mut reader)?);
        }
        Ok(())
    }
}

/// The number of structs in a list. Another kind of element is another definition's list.
pub(super) fn structs<'a, R: Reader<'a>>(reader: &mut R, what: &'static str) -> Result<usize, Fault> {
    let (kind, len) = reader.list(what)?;
    if kind == Kind::Struct {
        Ok(len)
    } else {
        Err(DecodeError::malformed(what, format!("a list of {kind:?}, not of structs")).into())
    }
}

fn later<'a, R: Reader<'a>>(reader: &mut R) -> Result<R, Fault> {
    let before = reader.clone();
    skip(reader, Kind::List)?;
    Ok(before)
}

fn annotation<'a, R: Reader<'a>>(reader: &mut R) -> Result<Annotation<'a>, Fault> {
    let mut annotation = Annotation::default();
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::I64) => annotation.micros = reader.i64("Annotation.timestamp")?,
            (2, Kind::Binary) => annotation.value = reader.binary("Annotation.value")?,
            (3, Kind::Struct) => annotation.host = Some(endpoint(reader)?),
            _ => skip(reader, field.kind)?,
        }
    }
    Ok(annotation)
}

fn binary_annotation<'a, R: Reader<'a>>(reader: &mut R) -> Result<BinaryAnnotation<'a>, Fault> {
    let mut annotation = BinaryAnnotation::default();
    let mut has_key = false;
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::Binary) => {
                annotation.key = reader.binary("BinaryAnnotation.key")?;
                has_key = true;
            }
            (2, Kind::Binary) => annotation.value = reader.binary("BinaryAnnotation.value")?,
            (3, Kind::I32) => annotation.kind = reader.i32("BinaryAnnotation.annotation_type")?,
            (4, Kind::Struct) => annotation.host = Some(endpoint(reader)?),
            _ => skip(reader, field.kind)?,
        }
    }
    // A tag of one byte would be a row of forty in memory.
    if has_key { Ok(annotation) } else { Err(DecodeError::missing("BinaryAnnotation.key")) }
}

fn endpoint<'a, R: Reader<'a>>(reader: &mut R) -> Result<Endpoint<'a>, Fault> {
    let mut endpoint = Endpoint::default();
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::I32) => endpoint.ipv4 = reader.i32("Endpoint.ipv4")?,
            (2, Kind::I16) => endpoint.port = reader.i16("Endpoint.port")?,
            (3, Kind::Binary) => endpoint.service = reader.binary("Endpoint.service_name")?,
            (4, Kind::Binary) => endpoint.ipv6 = reader.binary("Endpoint.ipv6")?,
            _ => skip(reader, field.kind)?,
        }
    }
    Ok(endpoint)
}
