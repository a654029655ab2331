//! Reads fields off a slice of bytes, one by one.

use crate::error::{DecodeError, MAX_DEPTH};
use crate::varint::{self, NoVarint};

/// The fields of one message that are still to be read.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// A field's number and value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Field<'a> {
    /// The number by which the message's definition knows it.
    pub number: u32,
    /// What it holds.
    pub wire: Wire<'a>,
}

/// A field's value in one of the forms of the wire; groups are skipped.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Wire<'a> {
    /// bool, enum, int32, int64, uint32, uint64.
    Varint(u64),
    /// fixed64, double.
    Fixed64(u64),
    /// string, bytes, message, packed.
    Len(&'a [u8]),
    /// fixed32, float.
    Fixed32(u32),
}

impl<'a> Reader<'a> {
    /// Reads the message in `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next field, `None` at the end.
    ///
    /// # Errors
    /// [`DecodeError`] where the bytes end within a field, or are no field.
    #[inline(always)]
    pub fn field(&mut self) -> Result<Option<Field<'a>>, DecodeError> {
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            let (number, kind) = self.tag()?;
            let wire = match kind {
                0 => Wire::Varint(self.varint()?),
                1 => Wire::Fixed64(u64::from_le_bytes(*self.array()?)),
                2 => Wire::Len(self.len_delimited()?),
                5 => Wire::Fixed32(u32::from_le_bytes(*self.array()?)),
                3 => {
                    self.skip_group(number)?;
                    continue;
                }
                _ => return Err(no_field(number.into(), Some(kind))),
            };
            return Ok(Some(Field { number, wire }));
        }
    }

    #[inline(always)]
    fn tag(&mut self) -> Result<(u32, u8), DecodeError> {
        let key = self.varint()?;
        let kind = (key & 7) as u8;
        match u32::try_from(key >> 3) {
            Ok(number @ 1..=0x1fff_ffff) => Ok((number, kind)),
            _ => Err(no_field(key >> 3, None)),
        }
    }

    #[inline(always)]
    fn varint(&mut self) -> Result<u64, DecodeError> {
        // One byte is by far the most frequent.
        match self.rest {
            [byte @ 0..=0x7f, rest @ ..] => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            // Two are the lengths of spans.
            [low, high @ 0..=0x7f, rest @ ..] => {
                self.rest = rest;
                Ok(u64::from(*low & 0x7f) | u64::from(*high) << 7)
            }
            _ => self.long_varint(),
        }
    }

    #[inline]
    fn long_varint(&mut self) -> Result<u64, DecodeError> {
        match varint::read_long(self.rest) {
            Ok((value, len)) => {
                self.rest = self.rest.get(len..).unwrap_or(&[]);
                Ok(value)
            }
            Err(why) => Err(self.no_varint(why)),
        }
    }

    #[cold]
    fn no_varint(&self, why: NoVarint) -> DecodeError {
        let left = self.rest.len();
        match why {
            NoVarint::Cut => DecodeError::truncated("protobuf varint", left as u64 + 1, left),
            NoVarint::TooLong => DecodeError::malformed("protobuf varint", "longer than ten bytes"),
        }
    }

    #[inline(always)]
    fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], DecodeError> {
        let Some((array, rest)) = self.rest.split_first_chunk() else {
            return Err(DecodeError::truncated("protobuf number", N as u64, self.rest.len()));
        };
        self.rest = rest;
        Ok(array)
    }

    #[inline(always)]
    fn len_delimited(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = self.varint()?;
        let split = usize::try_from(len).ok().and_then(|len| self.rest.split_at_checked(len));
        let Some((bytes, rest)) = split else {
            return Err(DecodeError::truncated("protobuf field", len, self.rest.len()));
        };
        self.rest = rest;
        Ok(bytes)
    }

    #[cold]
    fn skip_group(&mut self, number: u32) -> Result<(), DecodeError> {
        let mut open = vec![number];
        while let Some(innermost) = open.last().copied() {
            if self.rest.is_empty() {
                return Err(DecodeError::truncated("protobuf group", 1, 0));
            }
            let (number, kind) = self.tag()?;
            match kind {
                0 => drop(self.varint()?),
                1 => drop(self.array::<8>()?),
                2 => drop(self.len_delimited()?),
                5 => drop(self.array::<4>()?),
                3 if open.len() < MAX_DEPTH => open.push(number),
                3 => return Err(DecodeError::TooDeep { what: "protobuf group" }),
                4 if number == innermost => drop(open.pop()),
                _ => return Err(DecodeError::malformed("protobuf group", format!("{innermost} ends wrongly"))),
            }
        }
        Ok(())
    }
}

impl<'a> Wire<'a> {
    /// The bytes of a string, bytes or message field.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] where the field has another form.
    #[inline]
    pub fn bytes(self, what: &'static str) -> Result<&'a [u8], DecodeError> {
        match self {
            Self::Len(bytes) => Ok(bytes),
            _ => Err(wrong(what)),
        }
    }

    /// The fields of a message field.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] where the field has another form.
    #[inline]
    pub fn message(self, what: &'static str) -> Result<Reader<'a>, DecodeError> {
        self.bytes(what).map(Reader::new)
    }

    /// A varint as it stands (uint64, bool as 0 or not).
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] where the field has another form.
    #[inline]
    pub fn varint(self, what: &'static str) -> Result<u64, DecodeError> {
        match self {
            Self::Varint(value) => Ok(value),
            _ => Err(wrong(what)),
        }
    }

    /// An int64 or int32, which the wire has as a varint of 64 bits.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] where the field has another form.
    #[inline]
    pub fn int64(self, what: &'static str) -> Result<i64, DecodeError> {
        self.varint(what).map(u64::cast_signed)
    }

    /// The low 32 bits of a varint: int32, uint32 and enums, as every implementation reads them.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] where the field has another form.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "protobuf says that a 32-bit field keeps the low bits")]
    pub fn uint32(self, what: &'static str) -> Result<u32, DecodeError> {
        self.varint(what).map(|value| value as u32)
    }

    /// A fixed64.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] where the field has another form.
    #[inline]
    pub fn fixed64(self, what: &'static str) -> Result<u64, DecodeError> {
        match self {
            Self::Fixed64(value) => Ok(value),
            _ => Err(wrong(what)),
        }
    }

    /// A double.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] where the field has another form.
    #[inline]
    pub fn double(self, what: &'static str) -> Result<f64, DecodeError> {
        self.fixed64(what).map(f64::from_bits)
    }
}

#[cold]
fn no_field(number: u64, kind: Option<u8>) -> DecodeError {
    let why = match kind {
        Some(kind) => format!("field {number} has wire type {kind}"),
        None => format!("{number} is no field number"),
    };
    DecodeError::malformed("protobuf field", why)
}

#[cold]
fn wrong(what: &'static str) -> DecodeError {
    DecodeError::malformed(what, "the field has the wrong wire type")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(bytes: &[u8]) -> Result<Vec<(u32, Wire<'_>)>, DecodeError> {
        let mut reader = Reader::new(bytes);
        let mut all = Vec::new();
        while let Some(field) = reader.field()? {
            all.push((field.number, field.wire));
        }
        Ok(all)
    }

    #[test]
    fn reads_each_form() {
        let bytes = [0x08, 0x96, 0x01, 0x11, 1, 0, 0, 0, 0, 0, 0, 0, 0x1a, 2, b'h', b'i', 0x25, 2, 0, 0, 0];
        let expected = [(1, Wire::Varint(150)), (2, Wire::Fixed64(1)), (3, Wire::Len(b"hi")), (4, Wire::Fixed32(2))];
        assert_eq!(fields(&bytes), Ok(expected.to_vec()));
    }

    #[test]
    fn skips_groups_and_refuses_those_that_end_wrongly() {
        assert_eq!(fields(&[0x0b, 0x10, 1, 0x0c, 0x18, 7]), Ok(vec![(3, Wire::Varint(7))]));
        assert!(matches!(fields(&[0x0b, 0x14]), Err(DecodeError::Malformed { .. })));
        assert!(matches!(fields(b"{}"), Err(DecodeError::Truncated { .. })));
        assert!(matches!(fields(&[0x0b; 100]), Err(DecodeError::TooDeep { .. })));
        assert!(matches!(fields(&[0x0c]), Err(DecodeError::Malformed { .. })));
    }

    #[test]
    fn refuses_lengths_past_the_bytes_at_hand() {
        assert!(matches!(fields(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(DecodeError::Truncated { .. })));
        assert!(matches!(fields(&[0x0a, 0xff]), Err(DecodeError::Truncated { .. })));
        assert!(matches!(fields(&[0x08]), Err(DecodeError::Truncated { .. })));
        assert!(fields(&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(matches!(fields(&[0x00]), Err(DecodeError::Malformed { .. })));
    }
}
