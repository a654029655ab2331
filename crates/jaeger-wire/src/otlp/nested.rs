//! Lists and maps have no home in Jaeger's shape: they become JSON text, as Go writes it.
//!
//! Keys are sorted, bytes are base64, `<`, `>` and `&` stay as they are. Infinities and NaN, which JSON cannot say
//! and Go loses with all that stands beside them, are written as the texts that protobuf's JSON has for them.

use std::io::Write as _;

use base64::Engine as _;

use super::protobuf_value::{Any, any_value, key_value};
use crate::error::{DecodeError, MAX_DEPTH};
use crate::protobuf::Reader;

pub(super) const TOO_DEEP: DecodeError = DecodeError::TooDeep { what: "OTLP attribute value" };

/// Appends the JSON text of a list or map (or anything within one).
pub(super) fn put_any(out: &mut Vec<u8>, value: Any<'_>, depth: usize) -> Result<(), DecodeError> {
    match value {
        Any::None => out.extend_from_slice(b"null"),
        Any::Str(text) => put_text(out, text),
        Any::Bool(true) => out.extend_from_slice(b"true"),
        Any::Bool(false) => out.extend_from_slice(b"false"),
        Any::I64(number) => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
        Any::F64(number) => put_float(out, number),
        Any::Bytes(bytes) => put_bytes(out, bytes),
        Any::List(_) | Any::Map(_) if depth >= MAX_DEPTH => return Err(TOO_DEEP),
        Any::List(bytes) => {
            let mut list = Elements::begin(out, b'[');
            let mut reader = Reader::new(bytes);
            while let Some(field) = reader.field()? {
                if field.number == 1 {
                    list.next(out);
                    put_any(out, any_value(field.wire.bytes("OTLP list")?)?, depth + 1)?;
                }
            }
            out.push(b']');
        }
        Any::Map(bytes) => {
            let mut entries = Vec::new();
            let mut reader = Reader::new(bytes);
            while let Some(field) = reader.field()? {
                if field.number == 1 {
                    entries.push(key_value(field.wire.bytes("OTLP map")?)?);
                }
            }
            put_map(out, &mut entries, |out, value| put_any(out, any_value(value)?, depth + 1))?;
        }
    }
    Ok(())
}

/// Appends a map of raw values, sorted by key; of equal keys the last one counts.
pub(super) fn put_map<K: AsRef<[u8]> + Ord, V: Copy>(
    out: &mut Vec<u8>,
    entries: &mut [(K, V)],
    mut put: impl FnMut(&mut Vec<u8>, V) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    let mut map = Elements::begin(out, b'{');
    let mut entries = entries.iter().peekable();
    while let Some((key, value)) = entries.next() {
        if entries.peek().is_some_and(|next| next.0 == *key) {
            continue;
        }
        map.next(out);
        put_text(out, key.as_ref());
        out.push(b':');
        put(out, *value)?;
    }
    out.push(b'}');
    Ok(())
}

/// Puts commas between elements.
pub(super) struct Elements {
    first: bool,
}

impl Elements {
    pub(super) fn begin(out: &mut Vec<u8>, open: u8) -> Self {
        out.push(open);
        Self { first: true }
    }

    pub(super) fn next(&mut self, out: &mut Vec<u8>) {
        if !std::mem::take(&mut self.first) {
            out.push(b',');
        }
    }
}

/// Appends a JSON string; bytes that are no UTF-8 become U+FFFD.
pub(super) fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        put_escaped(out, chunk.valid());
        for _ in chunk.invalid() {
            out.extend_from_slice(b"\\ufffd");
        }
    }
    out.push(b'"');
}

fn put_escaped(out: &mut Vec<u8>, mut text: &str) {
    // 0xe2 begins U+2028 and U+2029, which end a line in JavaScript.
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20 | 0xe2);
    while let Some(at) = text.as_bytes().iter().position(special) {
        let (plain, rest) = text.split_at(at);
        out.extend_from_slice(plain.as_bytes());
        let mut chars = rest.chars();
        match chars.next().unwrap_or_default() {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            char @ ('\0'..='\u{1f}' | '\u{2028}' | '\u{2029}') => {
                put_formatted(out, format_args!("\\u{:04x}", u32::from(char)));
            }
            char => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        text = chars.as_str();
    }
    out.extend_from_slice(text.as_bytes());
}

/// Appends a number in the shortest form that reads back, with an exponent below 1e-6 and from 1e21 on.
pub(super) fn put_float(out: &mut Vec<u8>, number: f64) {
    let size = number.abs();
    if number.is_nan() {
        out.extend_from_slice(b"\"NaN\"");
    } else if size.is_infinite() {
        out.extend_from_slice(if number > 0.0 { b"\"Infinity\"" } else { b"\"-Infinity\"" });
    } else if size != 0.0 && size < 1e-6 {
        put_formatted(out, format_args!("{number:e}"));
    } else if size >= 1e21 {
        // Go writes the sign of every exponent.
        let text = format!("{number:e}").replace('e', "e+");
        out.extend_from_slice(text.as_bytes());
    } else {
        put_formatted(out, format_args!("{number}"));
    }
}

/// Appends bytes as base64 text.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(base64::engine::general_purpose::STANDARD.encode(bytes).as_bytes());
    out.push(b'"');
}

fn put_formatted(out: &mut Vec<u8>, arguments: std::fmt::Arguments<'_>) {
    // Writing to a vector cannot fail.
    let _infallible = out.write_fmt(arguments);
}
