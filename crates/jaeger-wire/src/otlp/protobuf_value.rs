//! Attribute values in protobuf: KeyValue and AnyValue.

use jaeger_model::ValueIn;

use super::nested::put_any;
use crate::error::DecodeError;
use crate::protobuf::Reader;

/// An attribute's value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Any<'a> {
    None,
    Str(&'a [u8]),
    Bool(bool),
    I64(i64),
    F64(f64),
    Bytes(&'a [u8]),
    List(&'a [u8]),
    Map(&'a [u8]),
}

/// A KeyValue's key and value.
#[inline]
pub(super) fn attribute(bytes: &[u8]) -> Result<(&[u8], Any<'_>), DecodeError> {
    if let Some(attribute) = short_attribute(bytes) {
        return Ok(attribute);
    }
    let (key, value) = key_value(bytes)?;
    Ok((key, any_value(value)?))
}

/// Nearly all attributes: the key, one value, and every length under 128. A third of the time that reading each
/// field by itself takes.
#[inline]
fn short_attribute(bytes: &[u8]) -> Option<(&[u8], Any<'_>)> {
    let [0x0a, len @ ..0x80, rest @ ..] = bytes else { return None };
    let (key, rest) = rest.split_at_checked(usize::from(*len))?;
    let [0x12, len @ ..0x80, value @ ..] = rest else { return None };
    if value.len() != usize::from(*len) {
        return None;
    }
    let value = match value {
        [0x0a, len @ ..0x80, text @ ..] if text.len() == usize::from(*len) => Any::Str(text),
        [0x18, number @ ..0x80] => Any::I64(i64::from(*number)),
        [0x18, low @ 0x80..=0xff, high @ ..0x80] => Any::I64(i64::from(low & 0x7f) | i64::from(*high) << 7),
        [0x10, value @ ..2] => Any::Bool(*value == 1),
        _ => return None,
    };
    Some((key, value))
}

/// A KeyValue's key and the bytes of its AnyValue.
pub(super) fn key_value(bytes: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let (mut key, mut value): (&[u8], &[u8]) = (b"", b"");
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.field()? {
        match field.number {
            1 => key = field.wire.bytes("OTLP attribute key")?,
            2 => value = field.wire.bytes("OTLP attribute value")?,
            _ => {}
        }
    }
    Ok((key, value))
}

pub(super) fn any_value(bytes: &[u8]) -> Result<Any<'_>, DecodeError> {
    let mut value = Any::None;
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.field()? {
        let wire = field.wire;
        value = match field.number {
            1 => Any::Str(wire.bytes("OTLP string value")?),
            2 => Any::Bool(wire.varint("OTLP bool value")? != 0),
            3 => Any::I64(wire.int64("OTLP int value")?),
            4 => Any::F64(wire.double("OTLP double value")?),
            5 => Any::List(wire.bytes("OTLP list value")?),
            6 => Any::Map(wire.bytes("OTLP map value")?),
            7 => Any::Bytes(wire.bytes("OTLP bytes value")?),
            _ => continue,
        };
    }
    Ok(value)
}

/// The value in Jaeger's shape: none is an empty text, lists and maps are JSON text in `text`.
#[inline]
pub(super) fn value_in<'a>(value: Any<'a>, text: &'a mut Vec<u8>) -> Result<ValueIn<'a>, DecodeError> {
    Ok(match value {
        Any::None => ValueIn::Str(b""),
        Any::Str(text) => ValueIn::Str(text),
        Any::Bool(value) => ValueIn::Bool(value),
        Any::I64(value) => ValueIn::I64(value),
        Any::F64(value) => ValueIn::F64(value),
        Any::Bytes(bytes) => ValueIn::Bytes(bytes),
        Any::List(_) | Any::Map(_) => {
            text.clear();
            put_any(text, value, 0)?;
            ValueIn::Str(text)
        }
    })
}
