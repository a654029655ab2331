//! v1 in Thrift: a body of `POST /api/v1/spans`, a list of `zipkincore.Span` without a message around it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jaeger_model::{BatchBuilder, SpanId, TraceId};

use super::host::{ip_text, ipv4_text};
use super::thrift_span::{self, BinaryAnnotation, Endpoint, kind, structs};
use super::v1::{Annotation, Host, Lists, Span, Tag, TagValue, write};
use crate::DecodeError;
use crate::error::Fault;
use crate::thrift::{BinaryReader, Reader};

/// So many bytes Go's reader takes in one piece.
const GOS_LARGEST: i32 = 100 << 20;

/// Reads a body and gives how many spans it has. Bytes behind the list are not read.
///
/// # Errors
/// [`DecodeError`] with the place in the body; the builder is then as it was before.
pub fn decode_thrift(body: &[u8], builder: &mut BatchBuilder) -> Result<usize, DecodeError> {
    match body {
        [] => return Err(DecodeError::Said("EOF".to_owned())),
        [_, a, b, c, d, ..] => match i32::from_be_bytes([*a, *b, *c, *d]) {
            negative @ ..=-1 => return Err(DecodeError::Said(format!("negative size: {negative}"))),
            size if size > GOS_LARGEST => {
                return Err(DecodeError::Said(format!("size exceeded max allowed: {size}")));
            }
            _ => {}
        },
        _ => {}
    }
    let before = builder.mark();
    let mut reader = BinaryReader::new(body);
    spans(&mut reader, builder).map_err(|fault| {
        builder.rollback(before);
        fault.at(reader.offset())
    })
}

fn spans(reader: &mut BinaryReader<'_>, builder: &mut BatchBuilder) -> Result<usize, Fault> {
    let len = structs(reader, "spans")?;
    for _ in 0..len {
        let read = thrift_span::Span::read(reader)?;
        let span = Span {
            trace_id: TraceId::new(read.trace_id_high, read.trace_id),
            id: SpanId(read.id),
            parent: read.parent.unwrap_or(0),
            name: Cow::Borrowed(read.name),
            micros: read.micros,
            duration_micros: read.duration_micros.unwrap_or(0),
            now: None,
        };
        write(&span, &read, builder)?;
    }
    Ok(len)
}

impl<'a> Lists<'a> for thrift_span::Span<'a, BinaryReader<'a>> {
    fn annotations(&self, each: &mut dyn FnMut(Annotation<'a>)) -> Result<(), DecodeError> {
        let read = self.annotations(|annotation| {
            let host = annotation.host.map(host);
            each(Annotation { micros: annotation.micros, value: Cow::Borrowed(annotation.value), host });
        });
        read.map_err(|fault| *fault)
    }

    fn tags(&self, each: &mut dyn FnMut(Tag<'a>)) -> Result<(), DecodeError> {
        let read = self.binary_annotations(|annotation| {
            each(Tag {
                key: Cow::Borrowed(annotation.key),
                value: value(annotation),
                bytes: Cow::Borrowed(annotation.value),
                service: annotation.host.map(|host| Cow::Borrowed(host.service)),
            });
        });
        read.map_err(|fault| *fault)
    }
}

fn host(endpoint: Endpoint<'_>) -> Host<'_> {
    let text = |text: String| Cow::Owned(text.into_bytes());
    Host {
        service: Cow::Borrowed(endpoint.service),
        ipv4: if endpoint.ipv4 == 0 { Cow::default() } else { text(ipv4_text(endpoint.ipv4)) },
        ipv6: if endpoint.ipv6.is_empty() { Cow::default() } else { text(ip_text(endpoint.ipv6)) },
        port: endpoint.port.into(),
    }
}

/// Numbers of 16 and 32 bits are read without their sign here, unlike in an agent.
fn value(annotation: BinaryAnnotation<'_>) -> TagValue<'_> {
    let BinaryAnnotation { value, kind, .. } = annotation;
    let said = |text: String| TagValue::Str(Cow::Owned(text.into_bytes()));
    let number = match kind {
        kind::BOOL => return TagValue::Bool(value == [1]),
        kind::BYTES => return said(STANDARD.encode(value)),
        kind::STRING => return TagValue::Str(Cow::Borrowed(value)),
        kind::I16 => value.first_chunk().map(|bytes| TagValue::I64(u16::from_be_bytes(*bytes).into())),
        kind::I32 => value.first_chunk().map(|bytes| TagValue::I64(u32::from_be_bytes(*bytes).into())),
        kind::I64 => value.first_chunk().map(|bytes| TagValue::I64(i64::from_be_bytes(*bytes))),
        kind::DOUBLE => value.first_chunk().map(|bytes| TagValue::F64(f64::from_be_bytes(*bytes))),
        _ => return said(format!("<unknown zipkin v1 binary annotation type ({kind})>")),
    };
    number.unwrap_or_else(|| said("<not enough bytes representing the number>".to_owned()))
}
