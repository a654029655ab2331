//! Attribute values in OTLP's JSON: an object whose one member's name is the value's type.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jaeger_model::ValueIn;

use super::nested::{Elements, TOO_DEEP, put_bytes, put_float, put_map, put_text};
use crate::error::{DecodeError, MAX_DEPTH};
use crate::json::Reader;

/// An attribute's value.
#[derive(Debug)]
pub(super) enum Any<'a> {
    None,
    Str(Cow<'a, [u8]>),
    Bool(bool),
    I64(i64),
    F64(f64),
    Bytes(Vec<u8>),
    /// A list or map, whose JSON text is where the reader was told to put it.
    Nested,
}

impl Any<'_> {
    /// The value in Jaeger's shape; `nested` is the text of a list or map.
    pub(super) fn value_in<'v>(&'v self, nested: &'v [u8]) -> ValueIn<'v> {
        match self {
            Self::None => ValueIn::Str(b""),
            Self::Str(text) => ValueIn::Str(text),
            Self::Bool(value) => ValueIn::Bool(*value),
            Self::I64(value) => ValueIn::I64(*value),
            Self::F64(value) => ValueIn::F64(*value),
            Self::Bytes(bytes) => ValueIn::Bytes(bytes),
            Self::Nested => ValueIn::Str(nested),
        }
    }

    /// The text, nothing where the value is none.
    pub(super) fn text(&self) -> &[u8] {
        if let Self::Str(text) = self { text } else { b"" }
    }
}

/// Reads a KeyValue; a list's or map's text replaces what is in `nested`.
pub(super) fn key_value<'a>(
    reader: &mut Reader<'a>,
    nested: &mut Vec<u8>,
) -> Result<(Cow<'a, [u8]>, Any<'a>), DecodeError> {
    let (mut key, mut value) = (Cow::Borrowed(&b""[..]), Any::None);
    reader.object(|reader, member| {
        match member {
            b"key" => key = reader.text()?,
            b"value" => value = any_value(reader, nested)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok((key, value))
}

/// The types of a value, by the member's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Str,
    Bool,
    Int,
    Double,
    Bytes,
    List,
    Map,
}

impl Kind {
    fn of(member: &[u8]) -> Option<Self> {
        Some(match member {
            b"stringValue" | b"string_value" => Self::Str,
            b"boolValue" | b"bool_value" => Self::Bool,
            b"intValue" | b"int_value" => Self::Int,
            b"doubleValue" | b"double_value" => Self::Double,
            b"bytesValue" | b"bytes_value" => Self::Bytes,
            b"arrayValue" | b"array_value" => Self::List,
            b"kvlistValue" | b"kvlist_value" => Self::Map,
            _ => return None,
        })
    }
}

/// Of several members the last one counts.
fn any_value<'a>(reader: &mut Reader<'a>, nested: &mut Vec<u8>) -> Result<Any<'a>, DecodeError> {
    let mut value = Any::None;
    reader.object(|reader, member| {
        let Some(kind) = Kind::of(member) else { return reader.skip() };
        value = match kind {
            Kind::Str => Any::Str(reader.text()?),
            Kind::Bool => Any::Bool(reader.bool()?),
            Kind::Int => Any::I64(reader.int64()?),
            Kind::Double => Any::F64(reader.double()?),
            Kind::Bytes => Any::Bytes(base64(reader)?),
            Kind::List | Kind::Map => {
                nested.clear();
                put_nested(reader, nested, kind, 0)?;
                Any::Nested
            }
        };
        Ok(())
    })?;
    Ok(value)
}

/// Appends the JSON text of a value within a list or map.
fn put_any(reader: &mut Reader<'_>, out: &mut Vec<u8>, depth: usize) -> Result<(), DecodeError> {
    let start = out.len();
    reader.object(|reader, member| {
        let Some(kind) = Kind::of(member) else { return reader.skip() };
        out.truncate(start);
        match kind {
            Kind::Str => put_text(out, &reader.text()?),
            Kind::Bool => out.extend_from_slice(if reader.bool()? { b"true" } else { b"false" }),
            Kind::Int => out.extend_from_slice(itoa::Buffer::new().format(reader.int64()?).as_bytes()),
            Kind::Double => put_float(out, reader.double()?),
            Kind::Bytes => put_bytes(out, &base64(reader)?),
            Kind::List | Kind::Map => put_nested(reader, out, kind, depth)?,
        }
        Ok(())
    })?;
    if out.len() == start {
        out.extend_from_slice(b"null");
    }
    Ok(())
}

fn put_nested(reader: &mut Reader<'_>, out: &mut Vec<u8>, kind: Kind, depth: usize) -> Result<(), DecodeError> {
    if depth >= MAX_DEPTH {
        return Err(TOO_DEEP);
    }
    if kind == Kind::List { put_list(reader, out, depth + 1) } else { put_entries(reader, out, depth + 1) }
}

fn put_list(reader: &mut Reader<'_>, out: &mut Vec<u8>, depth: usize) -> Result<(), DecodeError> {
    let mut list = Elements::begin(out, b'[');
    reader.object(|reader, member| {
        if member != b"values" {
            return reader.skip();
        }
        reader.array(|reader| {
            list.next(out);
            put_any(reader, out, depth)
        })
    })?;
    out.push(b']');
    Ok(())
}

fn put_entries(reader: &mut Reader<'_>, out: &mut Vec<u8>, depth: usize) -> Result<(), DecodeError> {
    let mut entries = Vec::new();
    let mut values = Vec::new();
    reader.object(|reader, member| {
        if member != b"values" {
            return reader.skip();
        }
        reader.array(|reader| {
            let mut key = Cow::Borrowed(&b""[..]);
            let start = values.len();
            reader.object(|reader, member| match member {
                b"key" => {
                    key = reader.text()?;
                    Ok(())
                }
                b"value" => {
                    values.truncate(start);
                    put_any(reader, &mut values, depth)
                }
                _ => reader.skip(),
            })?;
            if values.len() == start {
                values.extend_from_slice(b"null");
            }
            entries.push((key, (start, values.len())));
            Ok(())
        })
    })?;
    put_map(out, &mut entries, |out, (start, end)| {
        out.extend_from_slice(values.get(start..end).unwrap_or(&[]));
        Ok(())
    })
}

/// Bytes as base64 text, of either alphabet, padded or not.
fn base64(reader: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    let text = reader.text()?;
    STANDARD.decode(&*text).or_else(|_| URL_SAFE.decode(&*text)).map_err(|_| reader.expected("base64 before this"))
}
