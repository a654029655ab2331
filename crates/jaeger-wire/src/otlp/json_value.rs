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

fn any_value<'a>(reader: &mut Reader<'a>, nested: &mut Vec<u8>) -> Result<Any<'a>, DecodeError> {
    let mut value = Any::None;
    reader.object(|reader, member| {
        value = match member {
            b"stringValue" | b"string_value" => Any::Str(reader.text()?),
            b"boolValue" | b"bool_value" => Any::Bool(reader.bool()?),
            b"intValue" | b"int_value" => Any::I64(reader.int64()?),
            b"doubleValue" | b"double_value" => Any::F64(reader.double()?),
            b"bytesValue" | b"bytes_value" => Any::Bytes(base64(reader)?),
            b"arrayValue" | b"array_value" => {
                nested.clear();
                put_list(reader, nested, 1)?;
                Any::Nested
            }
            b"kvlistValue" | b"kvlist_value" => {
                nested.clear();
                put_entries(reader, nested, 1)?;
                Any::Nested
            }
            _ => return reader.skip(),
        };
        Ok(())
    })?;
    Ok(value)
}

/// Appends the JSON text of a value within a list or map.
fn put_any(reader: &mut Reader<'_>, out: &mut Vec<u8>, depth: usize) -> Result<(), DecodeError> {
    let start = out.len();
    reader.object(|reader, member| {
        if matches!(member, b"arrayValue" | b"array_value" | b"kvlistValue" | b"kvlist_value") && depth >= MAX_DEPTH {
            return Err(TOO_DEEP);
        }
        // The last member counts.
        let mut put = |put: &mut dyn FnMut(&mut Vec<u8>) -> Result<(), DecodeError>| {
            out.truncate(start);
            put(out)
        };
        match member {
            b"stringValue" | b"string_value" => put(&mut |out| Ok(put_text(out, &reader.text()?))),
            b"boolValue" | b"bool_value" => {
                put(&mut |out| Ok(out.extend_from_slice(if reader.bool()? { b"true" } else { b"false" })))
            }
            b"intValue" | b"int_value" => {
                put(&mut |out| Ok(out.extend_from_slice(itoa::Buffer::new().format(reader.int64()?).as_bytes())))
            }
            b"doubleValue" | b"double_value" => put(&mut |out| Ok(put_float(out, reader.double()?))),
            b"bytesValue" | b"bytes_value" => put(&mut |out| Ok(put_bytes(out, &base64(reader)?))),
            b"arrayValue" | b"array_value" => put(&mut |out| put_list(reader, out, depth + 1)),
            b"kvlistValue" | b"kvlist_value" => put(&mut |out| put_entries(reader, out, depth + 1)),
            _ => reader.skip(),
        }
    })?;
    if out.len() == start {
        out.extend_from_slice(b"null");
    }
    Ok(())
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
