//! The bytes at hand: every decoder takes its bytes through this, so that none reads past their end and
//! no length on the wire is believed before it is compared with what is there.

use crate::DecodeError;

/// What is left of a message, and where in it that stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    rest: &'a [u8],
    /// The offset of the byte behind `rest`, counted from the start of the whole message.
    end: usize,
}

impl<'a> Input<'a> {
    /// All of `bytes`.
    #[inline]
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, end: bytes.len() }
    }

    /// How many bytes of the whole message stand before this.
    #[inline]
    pub(crate) fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    /// How many bytes are left.
    #[inline]
    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next byte.
    ///
    /// # Errors
    /// `Truncated` at the end.
    #[inline]
    pub(crate) fn byte(&mut self, what: &'static str) -> Result<u8, DecodeError> {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                Ok(*byte)
            }
            None => Err(DecodeError::truncated(what, 1, 0)),
        }
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// `Truncated` where fewer are left.
    #[inline]
    pub(crate) fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(DecodeError::truncated(what, len as u64, self.rest.len())),
        }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// `Truncated` where fewer are left.
    #[inline]
    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(DecodeError::truncated(what, N as u64, self.rest.len())),
        }
    }

    /// A number of seven bits a byte, the lowest first, at most ten bytes.
    ///
    /// # Errors
    /// `Truncated` at the end, `Malformed` beyond 64 bits.
    #[inline]
    pub(crate) fn varint(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        match self.rest {
            [a, rest @ ..] if *a < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*a))
            }
            [a, b, rest @ ..] if *b < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*a & 0x7f) | u64::from(*b) << 7)
            }
            _ => self.long_varint(what),
        }
    }

    fn long_varint(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        // Random ids fill nine or ten bytes: eight of them are gathered at once.
        if let Some((word, [ninth, tenth, ..])) = self.rest.split_first_chunk::<8>() {
            let word = u64::from_le_bytes(*word);
            let ends = !word & 0x8080_8080_8080_8080;
            let (value, len) = if ends != 0 {
                let len = ends.trailing_zeros() / 8 + 1;
                (gather(word & (u64::MAX >> (64 - 8 * len))), len as usize)
            } else if *ninth < 0x80 {
                (gather(word) | u64::from(*ninth) << 56, 9)
            } else if *tenth < 2 {
                (gather(word) | u64::from(*ninth & 0x7f) << 56 | u64::from(*tenth) << 63, 10)
            } else {
                return Err(DecodeError::malformed(what, "a number of more than 64 bits"));
            };
            self.rest = self.rest.get(len..).unwrap_or(&[]);
            return Ok(value);
        }
        let mut value = 0;
        // Fewer than ten bytes are left, so that no shift passes 56.
        for (index, byte) in self.rest.iter().enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                self.rest = self.rest.get(index + 1..).unwrap_or(&[]);
                return Ok(value);
            }
        }
        Err(DecodeError::truncated(what, self.rest.len() as u64 + 1, self.rest.len()))
    }
}

/// The low seven bits of each of eight bytes, side by side.
#[inline]
fn gather(word: u64) -> u64 {
    let word = word & 0x7f7f_7f7f_7f7f_7f7f;
    let word = (word & 0x007f_007f_007f_007f) | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let word = (word & 0x0000_3fff_0000_3fff) | (word & 0x3fff_0000_3fff_0000) >> 2;
    (word & 0x0fff_ffff) | (word & 0x0fff_ffff_0000_0000) >> 4
}

/// Appends `value` as a varint.
#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(low_byte(value) | 0x80);
        value >>= 7;
    }
    out.push(low_byte(value));
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low byte is meant")]
fn low_byte(value: u64) -> u8 {
    value as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DecodeErrorKind;

    #[test]
    fn varints_of_every_length_are_read_whatever_follows() {
        for bits in 0..64 {
            for value in [1_u64 << bits, (1_u64 << bits) - 1, u64::MAX >> (63 - bits)] {
                for tail in [0, 1, 2, 9, 12] {
                    let mut bytes = Vec::new();
                    put_varint(&mut bytes, value);
                    bytes.resize(bytes.len() + tail, 0xff);
                    let mut input = Input::new(&bytes);
                    assert_eq!(input.varint("n"), Ok(value));
                    assert_eq!(input.remaining(), tail);
                }
            }
        }
    }

    #[test]
    fn a_varint_past_64_bits_is_malformed_and_a_cut_one_truncated() {
        let kind = |bytes: &[u8]| Input::new(bytes).varint("n").map_err(|error| error.kind());
        assert_eq!(kind(&[0xff; 11]), Err(DecodeErrorKind::Malformed));
        assert_eq!(kind(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]), Err(DecodeErrorKind::Malformed));
        for len in 0..10 {
            assert_eq!(kind(&[0x80; 9][..len]), Err(DecodeErrorKind::Truncated));
        }
    }
}
