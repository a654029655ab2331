//! JSON values as Go's parser takes them: a number is no text, and a text no number.

use std::borrow::Cow;

use crate::DecodeError;
use crate::json::Reader;

/// A field of one of Go's structs, for the words of an error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field(pub(super) &'static str);

impl Field {
    /// Reads a string; `null` is an empty one.
    pub(super) fn text<'a>(self, reader: &mut Reader<'a>) -> Result<Cow<'a, [u8]>, DecodeError> {
        match reader.peek() {
            Some(b'"' | b'n') => reader.text(),
            _ => Err(self.wrong(reader, "string")),
        }
    }

    /// Reads a number that has no sign; `null` is 0.
    pub(super) fn uint64(self, reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
        self.whole(reader, "uint64")
    }

    /// Reads a number; `null` is 0.
    pub(super) fn int64(self, reader: &mut Reader<'_>) -> Result<i64, DecodeError> {
        self.whole(reader, "int64")
    }

    /// Reads a number of 32 bits; `null` is 0.
    pub(super) fn int32(self, reader: &mut Reader<'_>) -> Result<i32, DecodeError> {
        self.whole(reader, "int32")
    }

    /// Reads a port; `null` is 0.
    pub(super) fn uint16(self, reader: &mut Reader<'_>) -> Result<u16, DecodeError> {
        self.whole(reader, "uint16")
    }

    /// Reads true or false; `null` is false.
    pub(super) fn bool(self, reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
        match reader.peek() {
            Some(b't' | b'f' | b'n') => reader.bool(),
            _ => Err(self.wrong(reader, "bool")),
        }
    }

    /// Sees that an array comes (or `null`).
    pub(super) fn array(self, reader: &mut Reader<'_>, of: &'static str) -> Result<(), DecodeError> {
        match reader.peek() {
            Some(b'[' | b'n') => Ok(()),
            _ => Err(self.wrong(reader, of)),
        }
    }

    /// Sees that an object comes (or `null`).
    pub(super) fn object(self, reader: &mut Reader<'_>, of: &'static str) -> Result<(), DecodeError> {
        match reader.peek() {
            Some(b'{' | b'n') => Ok(()),
            _ => Err(self.wrong(reader, of)),
        }
    }

    fn whole<T: std::str::FromStr + Default>(
        self,
        reader: &mut Reader<'_>,
        of: &'static str,
    ) -> Result<T, DecodeError> {
        match reader.peek() {
            Some(b'n') if reader.null()? => Ok(T::default()),
            Some(b'-' | b'0'..=b'9') => {
                let text = reader.number()?;
                text.parse().map_err(|_| self.cannot(&format!("number {text:.40}"), of))
            }
            _ => Err(self.wrong(reader, of)),
        }
    }

    #[cold]
    fn wrong(self, reader: &mut Reader<'_>, of: &'static str) -> DecodeError {
        let found = match reader.peek() {
            Some(b'"') => "string",
            Some(b'{') => "object",
            Some(b'[') => "array",
            Some(b't' | b'f') => "bool",
            Some(b'-' | b'0'..=b'9') => "number",
            _ => return reader.expected("a value"),
        };
        self.cannot(found, of)
    }

    #[cold]
    fn cannot(self, found: &str, of: &str) -> DecodeError {
        let into = if self.0.is_empty() { "value" } else { "struct field " };
        DecodeError::Said(format!("json: cannot unmarshal {found} into Go {into}{} of type {of}", self.0))
    }
}
