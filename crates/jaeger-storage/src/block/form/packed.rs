//! Packed numbers as bytes: steps and bits in one byte, the base, and of every number as many bits as the widest needs.

use super::super::packed::{Packed, Stored};
use super::BlockFormatError;
use super::reader::Reader;
use super::writer::Writer;

/// Set where a number counts thousands.
const THOUSANDS: u8 = 0x80;
/// Numbers of more bits are written whole: a reader finds others within eight bytes.
const MOST_BITS: u32 = 56;

impl Packed {
    /// `len` numbers, all there are.
    pub(super) fn write(&self, out: &mut Writer<'_>, len: usize) {
        let union = self.union();
        let bits = u64::BITS - union.leading_zeros();
        let bits = if bits > MOST_BITS { u64::BITS } else { bits };
        let thousands = if self.step == 1 { 0 } else { THOUSANDS };
        // At most 64.
        out.byte((bits & 0x7f) as u8 | thousands);
        out.number(self.base);
        if bits == 0 {
            return;
        }
        match &self.stored {
            Stored::Same => {}
            Stored::One(stored) if bits == 8 => out.bytes(&stored[..len.min(stored.len())]),
            Stored::One(stored) => out.bits(bits, stored.len(), stored.iter().map(|number| u64::from(*number))),
            Stored::Two(stored) if bits == 16 => out.halves(stored),
            Stored::Two(stored) => out.bits(bits, stored.len(), stored.iter().map(|number| u64::from(*number))),
            Stored::Four(stored) if bits == 32 => out.singles(stored),
            Stored::Four(stored) => out.bits(bits, stored.len(), stored.iter().map(|number| u64::from(*number))),
            Stored::Eight(stored) if bits == 64 => out.words(stored),
            Stored::Eight(stored) => out.bits(bits, stored.len(), stored.iter().copied()),
        }
    }

    /// All bits that any stored number has.
    fn union(&self) -> u64 {
        match &self.stored {
            Stored::Same => 0,
            Stored::One(stored) => u64::from(stored.iter().fold(0, |all, number| all | number)),
            Stored::Two(stored) => u64::from(stored.iter().fold(0, |all, number| all | number)),
            Stored::Four(stored) => u64::from(stored.iter().fold(0, |all, number| all | number)),
            Stored::Eight(stored) => stored.iter().fold(0, |all, number| all | number),
        }
    }

    /// `len` numbers.
    #[expect(clippy::cast_possible_truncation, reason = "so many bits were read")]
    pub(super) fn read(reader: &mut Reader<'_>, len: usize) -> Result<Self, BlockFormatError> {
        let head = reader.byte()?;
        let bits = u32::from(head & !THOUSANDS);
        let step = if head & THOUSANDS == 0 { 1 } else { 1000 };
        let base = reader.number()?;
        let stored = match bits {
            0 => Stored::Same,
            8 => Stored::One(reader.bytes(len)?.into()),
            1..8 => Stored::One(reader.bits(bits, len, |number| number as u8)?),
            16 => Stored::Two(reader.halves(len)?),
            9..16 => Stored::Two(reader.bits(bits, len, |number| number as u16)?),
            32 => Stored::Four(reader.singles(len)?),
            17..32 => Stored::Four(reader.bits(bits, len, |number| number as u32)?),
            33..=MOST_BITS | 64 => Stored::Eight(reader.bits(bits, len, |number| number)?),
            _ => return Err(reader.wrong()),
        };
        Ok(Self { base, step, stored })
    }

    /// `len` numbers, all smaller than `end`.
    pub(super) fn read_below(reader: &mut Reader<'_>, len: usize, end: usize) -> Result<Self, BlockFormatError> {
        let packed = Self::read(reader, len)?;
        let below = |most: u64| most < end as u64;
        if len > 0 && !packed.most().is_some_and(below) { Err(reader.wrong()) } else { Ok(packed) }
    }

    /// The greatest number; none where numbers wrap.
    pub(super) fn most(&self) -> Option<u64> {
        let most = match &self.stored {
            Stored::Same => 0,
            Stored::One(stored) => u64::from(stored.iter().copied().max().unwrap_or(0)),
            Stored::Two(stored) => u64::from(stored.iter().copied().max().unwrap_or(0)),
            Stored::Four(stored) => u64::from(stored.iter().copied().max().unwrap_or(0)),
            Stored::Eight(stored) => stored.iter().copied().max().unwrap_or(0),
        };
        most.checked_mul(self.step)?.checked_add(self.base)
    }

    /// Numbers in their own width, counted from 0.
    pub(super) fn small(numbers: Vec<u32>) -> Self {
        let most = numbers.iter().copied().max().unwrap_or(0);
        let stored = if most == 0 {
            Stored::Same
        } else if u8::try_from(most).is_ok() {
            Stored::One(numbers.iter().map(|number| (number & 0xff) as u8).collect())
        } else if u16::try_from(most).is_ok() {
            Stored::Two(numbers.iter().map(|number| (number & 0xffff) as u16).collect())
        } else {
            Stored::Four(numbers.into_boxed_slice())
        };
        Self { base: 0, step: 1, stored }
    }

    /// The sums of the first 0, 1, up to `len` numbers; none where they pass `most` or four GiB.
    pub(super) fn sums(&self, len: usize, most: u64) -> Option<Vec<u32>> {
        let most = most.min(u64::from(u32::MAX));
        let mut sums = Vec::with_capacity(len + 1);
        let mut sum = 0u64;
        sums.push(0);
        self.each(len, |number| {
            sum = sum.saturating_add(number);
            sums.push(u32::try_from(sum).unwrap_or(u32::MAX));
        });
        (sum <= most).then_some(sums)
    }

    /// The sums of the numbers before each of `ends` but the last, and that of all; none where it passes `most`.
    pub(super) fn sums_at(&self, ends: &[u32], most: u64) -> Option<(Vec<u32>, usize)> {
        let len = ends.last().map_or(0, |end| *end as usize);
        let sums = self.sums(len, most)?;
        let total = sums.last().map_or(0, |sum| *sum as usize);
        let (_, starts) = ends.split_last()?;
        Some((starts.iter().filter_map(|start| sums.get(*start as usize).copied()).collect(), total))
    }

    /// Numbers below 65,536.
    #[expect(clippy::cast_possible_truncation, reason = "the caller asked for numbers below")]
    pub(super) fn into_u16s(self, len: usize) -> Box<[u16]> {
        match self.stored {
            Stored::Two(stored) if self.base == 0 && self.step == 1 => stored,
            _ => (0..len).map(|at| self.at(at) as u16).collect(),
        }
    }
}
