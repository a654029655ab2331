//! Trace and span ids: numbers here, hex only at the edges.

use std::fmt;

/// A trace id of 128 bits; clients with 64-bit ids leave the high half 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct TraceId(pub u128);

/// A span id of 64 bits, unique within its trace only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct SpanId(pub u64);

/// Why a text is no id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IdError {
    /// No digit at all.
    #[error("an id of no digits; send 1 to {max} hex digits")]
    Empty {
        /// The digits that this kind of id may have.
        max: usize,
    },
    /// More digits than the id has.
    #[error("an id of {digits} digits is too long; send 1 to {max} hex digits")]
    TooLong {
        /// The digits that were given.
        digits: usize,
        /// The digits that this kind of id may have.
        max: usize,
    },
    /// A character that is no hex digit.
    #[error("byte {at} of the id is no hex digit; send 1 to {max} hex digits")]
    NotHex {
        /// Where, from 0.
        at: usize,
        /// The digits that this kind of id may have.
        max: usize,
    },
}

impl TraceId {
    /// From the two halves that Thrift carries.
    #[must_use]
    pub const fn new(high: u64, low: u64) -> Self {
        Self(((high as u128) << 64) | low as u128)
    }

    /// The high 64 bits.
    #[must_use]
    pub const fn high(self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// The low 64 bits.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked for")]
    pub const fn low(self) -> u64 {
        self.0 as u64
    }

    /// Reads 1 to 32 hex digits of either case; short forms are padded with zeros.
    ///
    /// # Errors
    /// [`IdError`] when the text is empty, longer than 32 digits or no hex.
    pub fn from_hex(text: &str) -> Result<Self, IdError> {
        hex(text, 32).map(Self)
    }
}

impl SpanId {
    /// Reads 1 to 16 hex digits of either case; short forms are padded with zeros.
    ///
    /// # Errors
    /// [`IdError`] when the text is empty, longer than 16 digits or no hex.
    #[expect(clippy::cast_possible_truncation, reason = "16 hex digits fit in 64 bits")]
    pub fn from_hex(text: &str) -> Result<Self, IdError> {
        hex(text, 16).map(|id| Self(id as u64))
    }
}

fn hex(text: &str, max: usize) -> Result<u128, IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { max });
    }
    if text.len() > max {
        return Err(IdError::TooLong { digits: text.len(), max });
    }
    let mut id = 0u128;
    for (at, byte) in text.bytes().enumerate() {
        let digit = char::from(byte).to_digit(16).ok_or(IdError::NotHex { at, max })?;
        id = id << 4 | u128::from(digit);
    }
    Ok(id)
}

/// 16 hex digits where the high half is 0, else 32.
impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.high() == 0 { write!(f, "{:016x}", self.low()) } else { write!(f, "{:032x}", self.0) }
    }
}

/// 16 hex digits.
impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_short_and_upper_case_forms() {
        assert_eq!(TraceId::from_hex("aBc"), Ok(TraceId(0xabc)));
        assert_eq!(TraceId::from_hex("10000000000000000"), Ok(TraceId::new(1, 0)));
        assert_eq!(SpanId::from_hex("7"), Ok(SpanId(7)));
    }

    #[test]
    fn refuses_what_is_no_id() {
        assert_eq!(TraceId::from_hex(""), Err(IdError::Empty { max: 32 }));
        assert_eq!(TraceId::from_hex(&"1".repeat(33)), Err(IdError::TooLong { digits: 33, max: 32 }));
        assert_eq!(SpanId::from_hex("0x1"), Err(IdError::NotHex { at: 1, max: 16 }));
    }

    #[test]
    fn writes_16_digits_for_64_bit_ids() {
        assert_eq!(TraceId(0xabc).to_string(), "0000000000000abc");
        assert_eq!(TraceId::new(1, 2).to_string(), "00000000000000010000000000000002");
    }
}
