//! The bytes at hand: every decoder takes its bytes through this, so that none reads past their end and
//! no length on the wire is believed before it is compared with what is there.

use crate::DecodeError;
use crate::error::Fault;
use crate::varint::{self, NoVarint};

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

    /// The bytes that are left, to look at before they are taken.
    #[inline(always)]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes on where `rest` begins, a tail of what is left.
    #[inline(always)]
    pub(crate) fn go_on_at(&mut self, rest: &'a [u8]) {
        debug_assert!(rest.len() <= self.rest.len());
        self.rest = rest;
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
    #[inline(always)]
    pub(crate) fn byte(&mut self, what: &'static str) -> Result<u8, Fault> {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                Ok(*byte)
            }
            None => Err(DecodeError::truncated(what, 1, 0).into()),
        }
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// `Truncated` where fewer are left.
    #[inline(always)]
    pub(crate) fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], Fault> {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(DecodeError::truncated(what, len as u64, self.rest.len()).into()),
        }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// `Truncated` where fewer are left.
    #[inline(always)]
    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Fault> {
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(DecodeError::truncated(what, N as u64, self.rest.len()).into()),
        }
    }

    /// A number of seven bits a byte, the lowest first, at most ten bytes.
    ///
    /// # Errors
    /// `Truncated` at the end, `Malformed` beyond 64 bits.
    #[inline(always)]
    pub(crate) fn varint(&mut self, what: &'static str) -> Result<u64, Fault> {
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

    #[inline]
    fn long_varint(&mut self, what: &'static str) -> Result<u64, Fault> {
        match varint::read_long(self.rest) {
            Ok((value, len)) => {
                self.rest = self.rest.get(len..).unwrap_or(&[]);
                Ok(value)
            }
            Err(why) => Err(self.no_varint(why, what)),
        }
    }

    #[cold]
    fn no_varint(&self, why: NoVarint, what: &'static str) -> Fault {
        let left = self.rest.len();
        match why {
            NoVarint::Cut => DecodeError::truncated(what, left as u64 + 1, left).into(),
            NoVarint::TooLong => DecodeError::malformed(what, "a number of more than ten bytes").into(),
        }
    }
}
