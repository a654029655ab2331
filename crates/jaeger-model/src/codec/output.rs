//! Bytes being written: gathered in a small array first, since a vector's length would be read and written for each.

/// The most that one row takes.
const ROW_BYTES: usize = 160;
const BYTES: usize = 1024;

pub(super) struct Output<'o> {
    out: &'o mut Vec<u8>,
    bytes: [u8; BYTES],
    len: usize,
}

impl<'o> Output<'o> {
    pub(super) fn to(out: &'o mut Vec<u8>) -> Self {
        Self { out, bytes: [0; BYTES], len: 0 }
    }

    /// Makes room for a row; only then may one be written.
    #[inline(always)]
    pub(super) fn row(&mut self) {
        if self.len > BYTES - ROW_BYTES {
            self.flush();
        }
    }

    #[inline(always)]
    pub(super) fn flush(&mut self) {
        self.out.extend_from_slice(self.bytes.get(..self.len).unwrap_or(&[]));
        self.len = 0;
    }

    #[inline(always)]
    pub(super) fn byte(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
        }
        self.len += 1;
    }

    /// A byte that is known later: its place for [`set`](Self::set).
    #[inline(always)]
    pub(super) fn later(&mut self) -> usize {
        self.len += 1;
        self.len - 1
    }

    #[inline(always)]
    pub(super) fn set(&mut self, place: usize, byte: u8) {
        if let Some(place) = self.bytes.get_mut(place) {
            *place = byte;
        }
    }

    #[inline(always)]
    pub(super) fn array<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some(place) = self.bytes.get_mut(self.len..).and_then(|rest| rest.first_chunk_mut::<N>()) {
            *place = bytes;
        }
        self.len += N;
    }

    #[inline(always)]
    pub(super) fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            let [low, ..] = number.to_le_bytes();
            self.byte(low | 0x80);
            number >>= 7;
        }
        let [low, ..] = number.to_le_bytes();
        self.byte(low);
    }

    /// A difference of either sign.
    #[inline(always)]
    pub(super) fn step(&mut self, number: i64) {
        self.varint((number << 1 ^ number >> 63).cast_unsigned());
    }
}
