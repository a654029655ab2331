//! Collects the values of one column in order of arrival, and packs them in order of rank.

use jaeger_model::{Batch, Cell, Slice};

use super::chunks::{ChunksBuilder, Compressor};
use super::column::{Column, Field, Kind, TextColumn, floats};
use super::packed::Packed;
use super::pattern;
use super::texts::TextsBuilder;

/// So many patterns a field may have before any of them came twice.
const FREE_PATTERNS: usize = 512;
/// Longer texts are seldom the same again, and compress well.
const LONGEST_PATTERN: usize = 1024;

/// A field under construction.
#[derive(Debug)]
pub(crate) struct FieldBuilder {
    pub(crate) key: u32,
    pub(crate) kind: Kind,
    patterns: TextsBuilder,
    /// How often a pattern was there already.
    hits: usize,
}

impl FieldBuilder {
    pub(crate) fn new(key: u32, kind: Kind) -> Self {
        Self { key, kind, patterns: TextsBuilder::default(), hits: 0 }
    }

    /// The pattern's code, from 1; 0 where patterns hardly ever come again.
    fn code(&mut self, pattern: &[u8]) -> u32 {
        let may_add = self.patterns.len() < FREE_PATTERNS + 2 * self.hits && pattern.len() <= LONGEST_PATTERN;
        match self.patterns.number_if(pattern, may_add) {
            Some((number, new)) => {
                self.hits += usize::from(!new);
                number + 1
            }
            None => 0,
        }
    }

    pub(crate) fn finish(self) -> Field {
        Field { key: self.key, kind: self.kind, patterns: self.patterns.finish() }
    }
}

/// Buffers that all columns of a block use in turn.
#[derive(Default)]
pub(crate) struct Scratch {
    pattern: Vec<u8>,
    numbers: Vec<u64>,
    packed: Vec<u64>,
    pub(crate) compressor: Compressor,
}

/// A column under construction.
#[derive(Default)]
pub(crate) struct ColumnBuilder {
    /// Numbers, bits of floats, or places in `values`.
    rows: Vec<u64>,
    values: Vec<TextValue>,
    numbers: Vec<u64>,
    rest: Vec<u8>,
    /// Where the text of the row before stood: the next one is mostly at the same place.
    last: Option<(u32, Slice)>,
    most_numbers: usize,
}

/// A text that came: its code, and where its numbers begin, or its bytes in the rest.
#[derive(Clone, Copy)]
struct TextValue {
    code: u32,
    first: u32,
    len: u32,
}

impl ColumnBuilder {
    #[inline]
    pub(crate) fn push(
        &mut self,
        (number, batch): (u32, &Batch),
        cell: &Cell,
        field: &mut FieldBuilder,
        scratch: &mut Scratch,
    ) {
        let row = match cell {
            Cell::Bool(value) => u64::from(*value),
            Cell::I64(value) => value.cast_unsigned(),
            Cell::F64(value) => value.to_bits(),
            Cell::Str(place) | Cell::Bytes(place) => {
                if self.last != Some((number, *place)) {
                    self.last = Some((number, *place));
                    self.push_value(batch, cell, field, scratch);
                }
                self.values.len() as u64 - 1
            }
        };
        self.rows.push(row);
    }

    fn push_value(&mut self, batch: &Batch, cell: &Cell, field: &mut FieldBuilder, scratch: &mut Scratch) {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        scratch.numbers.clear();
        let (bytes, code) = match cell {
            Cell::Bytes(place) => {
                let bytes = batch.binary(*place);
                (bytes, field.code(bytes))
            }
            Cell::Str(place) => {
                let text = batch.text_bytes(*place);
                pattern::split(text, &mut scratch.pattern, &mut scratch.numbers);
                (text, field.code(&scratch.pattern))
            }
            _ => return,
        };
        let value = if code == 0 {
            let first = narrow(self.rest.len());
            self.rest.extend_from_slice(bytes);
            TextValue { code, first, len: narrow(bytes.len()) }
        } else {
            let first = narrow(self.numbers.len());
            self.numbers.extend_from_slice(&scratch.numbers);
            self.most_numbers = self.most_numbers.max(scratch.numbers.len());
            TextValue { code, first, len: narrow(scratch.numbers.len()) }
        };
        self.values.push(value);
    }

    /// The column, with the values in the order of `arrivals`: for each rank its place in order of arrival.
    pub(crate) fn finish(self, kind: Kind, arrivals: &[u32], scratch: &mut Scratch) -> Column {
        let row = |arrival: &u32| self.rows[*arrival as usize];
        let packed = &mut scratch.packed;
        match kind {
            Kind::Bool => {
                packed.clear();
                packed.extend(arrivals.iter().map(row));
                Column::Numbers(Packed::unsigned(packed.iter().copied()))
            }
            Kind::I64 => {
                packed.clear();
                packed.extend(arrivals.iter().map(row));
                Column::Numbers(Packed::signed(packed.iter().map(|number| number.cast_signed())))
            }
            Kind::F64 => {
                packed.clear();
                packed.extend(arrivals.iter().map(row));
                floats(packed)
            }
            Kind::Str | Kind::Bytes => self.finish_texts(arrivals, scratch),
        }
    }

    fn finish_texts(self, arrivals: &[u32], scratch: &mut Scratch) -> Column {
        #[expect(clippy::cast_possible_truncation, reason = "the places were counted in memory")]
        let value = |arrival: &u32| self.values[self.rows[*arrival as usize] as usize];
        let codes = gather(&mut scratch.packed, arrivals, |arrival| u64::from(value(arrival).code));
        let slot = |slot: usize| {
            gather(&mut scratch.packed, arrivals, |arrival| {
                let value = value(arrival);
                let has = value.code != 0 && slot < value.len as usize;
                if has { self.numbers[value.first as usize + slot] } else { 0 }
            })
        };
        let numbers = (0..self.most_numbers).map(slot).collect();
        let (rest, rest_at) = self.finish_rest(arrivals, value, scratch);
        Column::Texts(Box::new(TextColumn { codes, numbers, rest_at, rest }))
    }

    fn finish_rest(
        &self,
        arrivals: &[u32],
        value: impl Fn(&u32) -> TextValue,
        scratch: &mut Scratch,
    ) -> (Option<super::chunks::Chunks>, Option<Packed>) {
        if self.rest.is_empty() && self.values.iter().all(|value| value.code != 0) {
            return (None, None);
        }
        let mut chunks = ChunksBuilder::default();
        let mut places = Vec::with_capacity(arrivals.len());
        // A text that came several times in a row is there once.
        let mut before = None;
        let mut count = 0u64;
        for value in arrivals.iter().map(value) {
            if value.code == 0 && before != Some((value.first, value.len)) {
                before = Some((value.first, value.len));
                let bytes = value.first as usize..value.first as usize + value.len as usize;
                chunks.push(&self.rest[bytes], &mut scratch.compressor);
                count += 1;
            }
            places.push(count.saturating_sub(1));
        }
        let own = places.iter().zip(0..).all(|(place, rank)| *place == rank);
        let rest_at = (!own).then(|| Packed::unsigned(places.iter().copied()));
        (Some(chunks.finish(&mut scratch.compressor)), rest_at)
    }
}

/// Packs a number of each arrival, in the order of rank.
fn gather(packed: &mut Vec<u64>, arrivals: &[u32], number: impl Fn(&u32) -> u64) -> Packed {
    packed.clear();
    packed.extend(arrivals.iter().map(number));
    Packed::unsigned(packed.iter().copied())
}
