//! Bytes being read: every step is checked, and an error says where.

use super::BatchFormatError;
use crate::rows::{Rows, Slice};

pub(super) struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What is being read, for errors.
    pub(super) table: &'static str,
}

/// A table's rows given to their owners: none twice, none that is not there.
pub(super) struct Given {
    rows: usize,
    free: usize,
    end: u32,
}

impl<'a> Input<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, table: "header" }
    }

    #[cold]
    fn short(&self) -> BatchFormatError {
        BatchFormatError::Short { table: self.table, at: self.bytes.len() }
    }

    #[cold]
    pub(super) fn wrong(&self, what: &'static str) -> BatchFormatError {
        BatchFormatError::Wrong { table: self.table, what, at: self.at }
    }

    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], BatchFormatError> {
        let taken = self.bytes.get(self.at..).and_then(|rest| rest.get(..len)).ok_or_else(|| self.short())?;
        self.at += len;
        Ok(taken)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], BatchFormatError> {
        match self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()) {
            Some(bytes) => {
                self.at += N;
                Ok(*bytes)
            }
            None => Err(self.short()),
        }
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, BatchFormatError> {
        match self.bytes.get(self.at) {
            Some(byte) => {
                self.at += 1;
                Ok(*byte)
            }
            None => Err(self.short()),
        }
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, BatchFormatError> {
        let first = self.byte()?;
        if first < 0x80 { Ok(u64::from(first)) } else { self.long_varint(first) }
    }

    fn long_varint(&mut self, first: u8) -> Result<u64, BatchFormatError> {
        let mut number = u64::from(first & 0x7f);
        for shift in (7..=63).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.wrong("a number of more than 64 bits"))
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<u32, BatchFormatError> {
        let number = self.varint()?;
        u32::try_from(number).map_err(|_| self.wrong("a number of more than 32 bits"))
    }

    /// A difference of either sign.
    #[inline]
    pub(super) fn step(&mut self) -> Result<i64, BatchFormatError> {
        let number = self.varint()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// `from` moved by a difference.
    #[inline]
    fn moved(&mut self, from: u32) -> Result<u32, BatchFormatError> {
        let step = self.step()?;
        u32::try_from(i64::from(from).wrapping_add(step)).map_err(|_| self.wrong("a place out of bounds"))
    }

    /// A run of `text`, which is told where it is not at `end`.
    #[inline]
    pub(super) fn text(&mut self, text: &str, end: &mut u32, next: bool) -> Result<Slice, BatchFormatError> {
        let len = self.number()?;
        let offset = if next { *end } else { self.moved(*end)? };
        let (from, to) = (offset as usize, offset as usize + len as usize);
        if !text.is_char_boundary(from) || !text.is_char_boundary(to) {
            return Err(self.wrong("a text that is not there"));
        }
        // Within the text, which is shorter than 2^32.
        *end = offset + len;
        Ok(Slice { offset, len })
    }

    /// An instant as eight bytes, or as six from the one before.
    #[inline]
    pub(super) fn instant(&mut self, wide: bool, before: &mut i64) -> Result<i64, BatchFormatError> {
        *before = if wide {
            i64::from_le_bytes(self.array()?)
        } else {
            let [a, b, c, d, e, f] = self.array()?;
            before.wrapping_add(i64::from_le_bytes([0, 0, a, b, c, d, e, f]) >> 16)
        };
        Ok(*before)
    }

    #[inline]
    pub(super) fn rows(&mut self, given: &mut Given) -> Result<Rows, BatchFormatError> {
        let len = self.number()?;
        if len == 0 {
            return Ok(Rows::default());
        }
        let start = self.moved(given.end)?;
        if start as usize + len as usize > given.rows {
            return Err(self.wrong("rows that are not there"));
        }
        given.free = given.free.checked_sub(len as usize).ok_or_else(|| self.wrong("rows of two owners"))?;
        given.end = start + len;
        Ok(Rows { start, len })
    }

    /// Room for as many rows as were announced, if the bytes at hand can hold them.
    pub(super) fn table<T>(
        &mut self,
        name: &'static str,
        rows: usize,
        row_bytes: usize,
    ) -> Result<Vec<T>, BatchFormatError> {
        self.table = name;
        if rows > self.left() / row_bytes {
            return Err(self.short());
        }
        Ok(Vec::with_capacity(rows))
    }
}

impl Given {
    pub(super) fn of(rows: usize) -> Self {
        Self { rows, free: rows, end: 0 }
    }

    /// The next owners' rows are told from the table's begin again.
    pub(super) fn rewind(&mut self) {
        self.end = 0;
    }
}
