//! JSON read off a slice piece by piece, for span bodies: what is read goes straight into a builder.
//!
//! Texts are bytes here, UTF-8 as the sender claims; builders repair what is wrong. Nothing is allocated but
//! texts with escapes.

use std::borrow::Cow;

use crate::error::DecodeError;

mod number;

/// How deep values may stand in each other; a nested attribute value takes three of these levels.
const MAX_JSON_DEPTH: usize = 256;

/// What is still to be read of a JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// The first byte of the next token.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = self.bytes.get(self.at).copied()?;
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Nothing may stand behind the value that was read.
    pub(crate) fn end(&mut self) -> Result<(), DecodeError> {
        if self.peek().is_some() { Err(self.expected("nothing more")) } else { Ok(()) }
    }

    /// Reads an object (`null` is an empty one): `member` reads the value behind each key.
    pub(crate) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &[u8]) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if self.null()? {
            return Ok(());
        }
        self.open(b'{', "an object")?;
        if !self.take(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return Err(self.expected("a key"));
                }
                let key = self.text()?;
                if !self.take(b':') {
                    return Err(self.expected("a colon"));
                }
                member(self, &key)?;
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.expected("a comma or the object's end"));
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads an array (`null` is an empty one): `element` reads each value.
    pub(crate) fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if self.null()? {
            return Ok(());
        }
        self.open(b'[', "an array")?;
        if !self.take(b']') {
            loop {
                element(self)?;
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.expected("a comma or the array's end"));
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Passes a value over and gives a reader that stands before it.
    pub(crate) fn later(&mut self) -> Result<Self, DecodeError> {
        let before = self.clone();
        self.skip()?;
        Ok(before)
    }

    /// Passes a value over and gives its text.
    pub(crate) fn raw(&mut self) -> Result<&'a [u8], DecodeError> {
        self.peek();
        let start = self.at;
        self.skip()?;
        Ok(self.bytes.get(start..self.at).unwrap_or(&[]))
    }

    /// Passes a value over.
    pub(crate) fn skip(&mut self) -> Result<(), DecodeError> {
        match self.peek() {
            Some(b'{') => self.object(|reader, _| reader.skip()),
            Some(b'[') => self.array(Self::skip),
            Some(b'"') => self.text().map(drop),
            Some(b't' | b'f') => self.bool().map(drop),
            Some(b'n') if self.null()? => Ok(()),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ => Err(self.expected("a value")),
        }
    }

    /// Reads a string; `null` is an empty one.
    #[inline]
    pub(crate) fn text(&mut self) -> Result<Cow<'a, [u8]>, DecodeError> {
        if !self.take(b'"') {
            return if self.null()? { Ok(Cow::Borrowed(b"")) } else { Err(self.expected("a string")) };
        }
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or(&[]);
        let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len());
        let (plain, stop) = (rest.get(..plain).unwrap_or(rest), rest.get(plain));
        self.at += plain.len();
        match stop {
            Some(b'"') => {
                self.at += 1;
                Ok(Cow::Borrowed(plain))
            }
            _ => self.escaped(plain.to_vec()).map(Cow::Owned),
        }
    }

    fn escaped(&mut self, mut text: Vec<u8>) -> Result<Vec<u8>, DecodeError> {
        loop {
            let Some(byte) = self.bytes.get(self.at).copied() else {
                return Err(DecodeError::truncated("JSON string", 1, 0));
            };
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(text);
                }
                b'\\' => {
                    self.at += 1;
                    let char = self.escape()?;
                    text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                }
                0..0x20 => return Err(self.expected("no control character in a string")),
                _ => {
                    self.at += 1;
                    text.push(byte);
                }
            }
        }
    }

    /// The character that stands behind a backslash; half a surrogate pair is U+FFFD.
    fn escape(&mut self) -> Result<char, DecodeError> {
        let char = match self.bytes.get(self.at) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.hex4()?;
                if (0xd800..0xdc00).contains(&first) && self.bytes.get(self.at..self.at + 2) == Some(b"\\u") {
                    let before = self.at;
                    self.at += 2;
                    let second = self.hex4()?;
                    if (0xdc00..0xe000).contains(&second) {
                        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = before;
                }
                return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => return Err(self.expected("an escape")),
        };
        self.at += 1;
        Ok(char)
    }

    fn hex4(&mut self) -> Result<u32, DecodeError> {
        let digits = self.bytes.get(self.at..self.at + 4).unwrap_or(&[]);
        let mut code = 0;
        for digit in digits {
            let Some(digit) = char::from(*digit).to_digit(16) else { return Err(self.expected("four hex digits")) };
            code = code << 4 | digit;
        }
        if digits.is_empty() {
            return Err(self.expected("four hex digits"));
        }
        self.at += 4;
        Ok(code)
    }

    /// Reads `true` or `false`; `null` is false.
    pub(crate) fn bool(&mut self) -> Result<bool, DecodeError> {
        match self.peek() {
            Some(b't') if self.word(b"true") => Ok(true),
            Some(b'f') if self.word(b"false") => Ok(false),
            Some(b'n') if self.null()? => Ok(false),
            _ => Err(self.expected("true or false")),
        }
    }

    /// Takes `null` if it is next.
    #[inline]
    pub(crate) fn null(&mut self) -> Result<bool, DecodeError> {
        match self.peek() {
            Some(b'n') if self.word(b"null") => Ok(true),
            Some(b'n') => Err(self.expected("null")),
            _ => Ok(false),
        }
    }

    fn word(&mut self, word: &[u8]) -> bool {
        let found = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if found {
            self.at += word.len();
        }
        found
    }

    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn open(&mut self, byte: u8, what: &str) -> Result<(), DecodeError> {
        if !self.take(byte) {
            return Err(self.expected(what));
        }
        self.depth += 1;
        if self.depth > MAX_JSON_DEPTH {
            return Err(DecodeError::TooDeep { what: "JSON" });
        }
        Ok(())
    }

    #[cold]
    pub(crate) fn expected(&self, what: &str) -> DecodeError {
        let found = match self.bytes.get(self.at) {
            None => "the end".to_owned(),
            Some(byte) => format!("'{}'", byte.escape_ascii()),
        };
        DecodeError::malformed("JSON", format!("expected {what} but found {found} at byte {}", self.at))
    }
}

#[cfg(test)]
mod tests;
