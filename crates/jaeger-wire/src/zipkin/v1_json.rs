//! v1 in JSON: a body of `POST /api/v1/spans`.

use std::borrow::Cow;

use jaeger_model::{BatchBuilder, SpanId, Timestamp, TraceId};

use super::gos_words::said;
use super::strict::Field;
use super::v1::{Annotation, Host, Lists, Span, Tag, TagValue, write};
use crate::DecodeError;
use crate::json::Reader;

/// Reads a body and gives how many spans it has. `now` is the start of a span that gives none at all.
///
/// # Errors
/// [`DecodeError`] in Go's words; the builder is then as it was before.
pub fn decode_v1_json(body: &[u8], now: Timestamp, builder: &mut BatchBuilder) -> Result<usize, DecodeError> {
    let before = builder.mark();
    let mut reader = Reader::new(body);
    let mut count = 0;
    let mut read = || {
        Field("").array(&mut reader, "[]*zipkinv1.jsonSpan")?;
        reader.array(|reader| {
            count += 1;
            span(reader, now, builder)
        })?;
        reader.end()
    };
    let read = read();
    read.map(|()| count).map_err(|error| {
        builder.rollback(before);
        match said(error, body) {
            DecodeError::Said(words) if !words.starts_with("zipkinV1 ") => {
                DecodeError::Said(format!("zipkinv1: {words}"))
            }
            other => other,
        }
    })
}

/// The lists, wherever in the object they stood.
#[derive(Default)]
struct Later<'a> {
    annotations: Option<Reader<'a>>,
    tags: Option<Reader<'a>>,
}

fn span<'a>(reader: &mut Reader<'a>, now: Timestamp, builder: &mut BatchBuilder) -> Result<(), DecodeError> {
    let mut lists = Later::default();
    let (mut trace_id, mut id, mut parent) = (Cow::default(), Cow::default(), Cow::default());
    let (mut name, mut micros, mut duration_micros) = (Cow::default(), 0, 0);
    Field("").object(reader, "zipkinv1.jsonSpan")?;
    reader.object(|reader, member| {
        match member {
            b"traceId" => trace_id = Field("jsonSpan.traceId").text(reader)?,
            b"id" => id = Field("jsonSpan.id").text(reader)?,
            b"parentId" => parent = Field("jsonSpan.parentId").text(reader)?,
            b"name" => name = Field("jsonSpan.name").text(reader)?,
            b"timestamp" => micros = Field("jsonSpan.timestamp").int64(reader)?,
            b"duration" => duration_micros = Field("jsonSpan.duration").int64(reader)?,
            b"debug" => drop(Field("jsonSpan.debug").bool(reader)?),
            b"annotations" => lists.annotations = Some(reader.later()?),
            b"binaryAnnotations" => lists.tags = Some(reader.later()?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let span = Span {
        trace_id: TraceId(hex(&trace_id, &[16, 32], "traceId")?),
        id: SpanId(span_id(&id, "id")?),
        parent: if parent.is_empty() { 0 } else { span_id(&parent, "parentId")? },
        name,
        micros: Some(micros).filter(|micros| *micros != 0),
        duration_micros,
        now: Some(now),
    };
    write(&span, &lists, builder)
}

#[expect(clippy::cast_possible_truncation, reason = "16 hex digits fit in 64 bits")]
fn span_id(text: &[u8], what: &str) -> Result<u64, DecodeError> {
    hex(text, &[16], what).map(|id| id as u64)
}

/// An id of exactly so many digits, and not zero.
fn hex(text: &[u8], lens: &[usize], what: &str) -> Result<u128, DecodeError> {
    let wrong = |why: &str| Err(DecodeError::Said(format!("zipkinV1 span {what}: {why}")));
    let of_trace = lens.len() > 1;
    if !lens.contains(&text.len()) {
        return wrong(match of_trace {
            true => "hex traceId span has wrong length (expected 16 or 32)",
            false => "hex Id has wrong length (expected 16)",
        });
    }
    let mut id = 0;
    for byte in text {
        let Some(digit) = char::from(*byte).to_digit(16) else {
            return wrong(&format!("encoding/hex: invalid byte: U+{byte:04X} '{}'", byte.escape_ascii()));
        };
        id = id << 4 | u128::from(digit);
    }
    match id {
        0 if of_trace => wrong("traceId is zero"),
        0 => wrong("ID is zero"),
        id => Ok(id),
    }
}

impl<'a> Lists<'a> for Later<'a> {
    fn annotations(&self, each: &mut dyn FnMut(Annotation<'a>)) -> Result<(), DecodeError> {
        let Some(mut reader) = self.annotations.clone() else { return Ok(()) };
        Field("jsonSpan.annotations").array(&mut reader, "[]*zipkinv1.annotation")?;
        reader.array(|reader| {
            let mut annotation = Annotation::default();
            Field("jsonSpan.annotations").object(reader, "zipkinv1.annotation")?;
            reader.object(|reader, member| {
                match member {
                    b"timestamp" => annotation.micros = Field("annotation.annotations.timestamp").int64(reader)?,
                    b"value" => annotation.value = Field("annotation.annotations.value").text(reader)?,
                    b"endpoint" => annotation.host = host(reader)?,
                    _ => reader.skip()?,
                }
                Ok(())
            })?;
            each(annotation);
            Ok(())
        })
    }

    fn tags(&self, each: &mut dyn FnMut(Tag<'a>)) -> Result<(), DecodeError> {
        let Some(mut reader) = self.tags.clone() else { return Ok(()) };
        Field("jsonSpan.binaryAnnotations").array(&mut reader, "[]*zipkinv1.binaryAnnotation")?;
        reader.array(|reader| {
            let (mut key, mut value, mut service) = (Cow::default(), TagValue::Str(Cow::default()), None);
            Field("jsonSpan.binaryAnnotations").object(reader, "zipkinv1.binaryAnnotation")?;
            reader.object(|reader, member| {
                match member {
                    b"key" => key = Field("binaryAnnotation.binaryAnnotations.key").text(reader)?,
                    // Senders write the addresses `sa` and `ca` so.
                    b"value" if matches!(reader.peek(), Some(b't' | b'f')) => value = TagValue::Bool(reader.bool()?),
                    b"value" => {
                        value = TagValue::Str(Field("binaryAnnotation.binaryAnnotations.value").text(reader)?);
                    }
                    b"endpoint" => service = host(reader)?.map(|host| host.service),
                    _ => reader.skip()?,
                }
                Ok(())
            })?;
            let service = service.filter(|service| !service.is_empty());
            let bytes = if let TagValue::Str(text) = &value { text.clone() } else { Cow::default() };
            each(Tag { key, value, bytes, service });
            Ok(())
        })
    }
}

fn host<'a>(reader: &mut Reader<'a>) -> Result<Option<Host<'a>>, DecodeError> {
    if reader.null()? {
        return Ok(None);
    }
    let mut host = Host::default();
    Field("endpoint").object(reader, "zipkinv1.endpoint")?;
    reader.object(|reader, member| {
        match member {
            b"serviceName" => host.service = Field("endpoint.endpoint.serviceName").text(reader)?,
            b"ipv4" => host.ipv4 = Field("endpoint.endpoint.ipv4").text(reader)?,
            b"ipv6" => host.ipv6 = Field("endpoint.endpoint.ipv6").text(reader)?,
            b"port" => host.port = Field("endpoint.endpoint.port").int32(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(Some(host))
}
