//! v2 in protobuf: a `ListOfSpans`, a body of `POST /api/v2/spans`.

use std::borrow::Cow;

use jaeger_model::{BatchBuilder, TraceId};

use super::host::ip_text;
use super::span_kind;
use super::v2::{Endpoint, Lists, Renamed, Span, write};
use crate::DecodeError;
use crate::protobuf::{Reader, Wire};

/// Reads a body and gives how many spans it has.
///
/// # Errors
/// [`DecodeError`] in Go's words; the builder is then as it was before.
pub fn decode_v2_protobuf(body: &[u8], builder: &mut BatchBuilder) -> Result<usize, DecodeError> {
    let before = builder.mark();
    let mut renamed = Renamed::default();
    let mut read = || {
        if Renamed::possible(body) {
            each_span(body, &mut |span, lists| renamed.see(&span, lists))?;
        }
        each_span(body, &mut |span, lists| write(&span, lists, &renamed, builder))
    };
    let read = read();
    read.map_err(|error| {
        builder.rollback(before);
        match error {
            // Go puts a blank there that does not break.
            DecodeError::Malformed { .. } | DecodeError::Truncated { .. } | DecodeError::TooDeep { .. } => {
                DecodeError::Said("proto:\u{a0}cannot parse invalid wire-format data".to_owned())
            }
            other => other,
        }
    })
}

type Each<'e, 'a> = &'e mut dyn FnMut(Span<'a>, &dyn Lists) -> Result<(), DecodeError>;

fn each_span<'a>(body: &'a [u8], each: Each<'_, 'a>) -> Result<usize, DecodeError> {
    let mut reader = Reader::new(body);
    let mut count = 0;
    while let Some(field) = reader.field()? {
        if field.number == 1 {
            count += 1;
            let message = field.wire.message("Span")?;
            let span = span(message)?;
            each(span, &Message(message))?;
        }
    }
    Ok(count)
}

/// A span's message, from its start.
struct Message<'a>(Reader<'a>);

fn span(mut reader: Reader<'_>) -> Result<Span<'_>, DecodeError> {
    let (mut trace_id, mut id, mut parent) = (&[][..], &[][..], &[][..]);
    let mut span = Span {
        trace_id: TraceId(0),
        id: 0,
        parent: None,
        name: Cow::default(),
        kind: span_kind::UNSPECIFIED,
        micros: Some(0),
        duration_micros: 0,
        local: Endpoint::default(),
        remote: Endpoint::default(),
    };
    while let Some(field) = reader.field()? {
        match field.number {
            1 => trace_id = field.wire.bytes("Span.trace_id")?,
            2 => parent = field.wire.bytes("Span.parent_id")?,
            3 => id = field.wire.bytes("Span.id")?,
            4 => span.kind = kind(field.wire.uint32("Span.kind")?),
            5 => span.name = Cow::Borrowed(field.wire.bytes("Span.name")?),
            6 => span.micros = Some(field.wire.fixed64("Span.timestamp")?),
            7 => span.duration_micros = field.wire.varint("Span.duration")?,
            8 => span.local = endpoint(field.wire)?,
            9 => span.remote = endpoint(field.wire)?,
            _ => {}
        }
    }
    let said = |text: String| DecodeError::Said(text);
    match <[u8; 16]>::try_from(trace_id) {
        Ok(bytes) => span.trace_id = TraceId(u128::from_be_bytes(bytes)),
        Err(_) => {
            let len = trace_id.len();
            return Err(said(format!("invalid TraceID: has length {len} yet wanted length 16")));
        }
    }
    let eight = |bytes: &[u8], what: &str| match <[u8; 8]>::try_from(bytes) {
        Ok(bytes) => Ok(Some(u64::from_be_bytes(bytes))),
        Err(_) if bytes.is_empty() => Ok(None),
        Err(_) => Err(said(format!("invalid {what}: has length {} yet wanted length 8", bytes.len()))),
    };
    span.parent = eight(parent, "ParentID")?;
    span.id = eight(id, "SpanID")?.ok_or_else(|| said("expected a non-nil SpanID".to_owned()))?;
    Ok(span)
}

fn kind(number: u32) -> u32 {
    match number {
        1 => span_kind::CLIENT,
        2 => span_kind::SERVER,
        3 => span_kind::PRODUCER,
        4 => span_kind::CONSUMER,
        _ => span_kind::UNSPECIFIED,
    }
}

fn endpoint(wire: Wire<'_>) -> Result<Endpoint<'_>, DecodeError> {
    let mut reader = wire.message("Endpoint")?;
    let mut endpoint = Endpoint::default();
    let (mut ipv4, mut ipv6) = (&[][..], &[][..]);
    while let Some(field) = reader.field()? {
        match field.number {
            1 => endpoint.service = Cow::Borrowed(field.wire.bytes("Endpoint.service_name")?),
            2 => ipv4 = field.wire.bytes("Endpoint.ipv4")?,
            3 => ipv6 = field.wire.bytes("Endpoint.ipv6")?,
            #[expect(clippy::cast_possible_truncation, reason = "a port has 16 bits")]
            4 => endpoint.port = field.wire.uint32("Endpoint.port")? as u16,
            _ => {}
        }
    }
    let ip = if ipv6.is_empty() { ipv4 } else { ipv6 };
    endpoint.ip = (!ip.is_empty()).then(|| ip_text(ip));
    Ok(endpoint)
}

impl Lists for Message<'_> {
    fn tags(&self, each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), DecodeError> {
        pairs(self.0, 11, &mut |mut entry| {
            let (mut key, mut value) = (&[][..], &[][..]);
            while let Some(field) = entry.field()? {
                match field.number {
                    1 => key = field.wire.bytes("Span.tags.key")?,
                    2 => value = field.wire.bytes("Span.tags.value")?,
                    _ => {}
                }
            }
            each(key, value);
            Ok(())
        })
    }

    fn annotations(&self, each: &mut dyn FnMut(u64, &[u8])) -> Result<(), DecodeError> {
        pairs(self.0, 10, &mut |mut annotation| {
            let (mut micros, mut value) = (0, &[][..]);
            while let Some(field) = annotation.field()? {
                match field.number {
                    1 => micros = field.wire.fixed64("Annotation.timestamp")?,
                    2 => value = field.wire.bytes("Annotation.value")?,
                    _ => {}
                }
            }
            each(micros, value);
            Ok(())
        })
    }
}

/// Gives each message of one number to `each`.
fn pairs<'a>(
    mut reader: Reader<'a>,
    number: u32,
    each: &mut dyn FnMut(Reader<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    while let Some(field) = reader.field()? {
        if field.number == number {
            each(field.wire.message("Span")?)?;
        }
    }
    Ok(())
}
