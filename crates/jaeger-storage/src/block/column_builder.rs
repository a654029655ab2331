//! Collects the values of one column in order of arrival, and packs them in order of rank.

use std::cell::OnceCell;

use jaeger_model::{Batch, Cell, Slice};

use super::chunks::{ChunksBuilder, Compressor};
use super::column::{Column, Field, Kind, TextColumn, floats};
use super::packed::Packed;
use super::pattern::{self, Part};
use super::texts::TextsBuilder;

/// So many patterns a field may have before any of them came twice.
const FREE_PATTERNS: usize = 512;
/// Longer texts are seldom the same again, and compress well.
const LONGEST_PATTERN: usize = 1024;

/// So many patterns are tried before a text is split.
const RECENT: usize = 4;

/// A field under construction.
#[derive(Debug)]
pub(crate) struct FieldBuilder {
    pub(crate) key: u32,
    pub(crate) kind: Kind,
    patterns: TextsBuilder,
    /// By pattern: how to read it again, if that is possible.
    parts: Vec<Option<Vec<Part>>>,
    /// How often a pattern was there already.
    hits: usize,
}

impl FieldBuilder {
    pub(crate) fn new(key: u32, kind: Kind) -> Self {
        Self { key, kind, patterns: TextsBuilder::default(), parts: Vec::new(), hits: 0 }
    }

    /// Whether a text has the pattern with this code; then `numbers` are its numbers.
    fn again(&mut self, text: &[u8], code: u32, numbers: &mut Vec<u64>) -> bool {
        let Some(at) = code.checked_sub(1) else { return false };
        let Some(Some(parts)) = self.parts.get(at as usize) else { return false };
        let again = pattern::again(self.patterns.get(at), parts, text, numbers);
        self.hits += usize::from(again);
        again
    }

    /// The pattern's code, from 1; 0 where patterns hardly ever come again.
    fn code(&mut self, pattern: &[u8]) -> u32 {
        let may_add = self.patterns.len() < FREE_PATTERNS + 2 * self.hits && pattern.len() <= LONGEST_PATTERN;
        match self.patterns.number_if(pattern, may_add) {
            Some((number, true)) => {
                self.parts.push(if self.kind == Kind::Str { pattern::parts(pattern) } else { None });
                number + 1
            }
            Some((number, false)) => {
                self.hits += 1;
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
pub struct Scratch {
    pattern: Vec<u8>,
    numbers: Vec<u64>,
    packed: Vec<u64>,
    pub(crate) compressor: Compressor,
}

/// A column under construction.
#[derive(Default)]
pub(crate) struct ColumnBuilder {
    /// Numbers and bits of floats.
    rows: Vec<u64>,
    /// Texts: a value each time another text comes, and the row from which on rows have it.
    values: Vec<TextValue>,
    from: Vec<u32>,
    numbers: Vec<u64>,
    rest: Vec<u8>,
    /// Where the text of the row before stood: the next one is mostly at the same place.
    last: Option<(u32, Slice)>,
    /// The codes met last: texts take turns among few patterns.
    recent: [u32; RECENT],
    next_recent: usize,
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
        row: u32,
        cell: &Cell,
        field: &mut FieldBuilder,
        scratch: &mut Scratch,
    ) {
        match cell {
            Cell::Bool(value) => self.rows.push(u64::from(*value)),
            Cell::I64(value) => self.rows.push(value.cast_unsigned()),
            Cell::F64(value) => self.rows.push(value.to_bits()),
            Cell::Str(place) | Cell::Bytes(place) => {
                if self.last != Some((number, *place)) {
                    self.last = Some((number, *place));
                    self.from.push(row);
                    self.push_value(batch, cell, field, scratch);
                }
            }
        }
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
                let again = self.recent.iter().find(|code| field.again(text, **code, &mut scratch.numbers));
                let code = again.copied().unwrap_or_else(|| {
                    pattern::split(text, &mut scratch.pattern, &mut scratch.numbers);
                    let code = field.code(&scratch.pattern);
                    self.recent[self.next_recent % RECENT] = code;
                    self.next_recent += 1;
                    code
                });
                (text, code)
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

    /// The column of `rows` values in the order of `arrivals`: for each rank its place in order of arrival.
    pub(crate) fn finish(self, kind: Kind, rows: u32, arrivals: &[u32], scratch: &mut Scratch) -> Column {
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
            Kind::Str | Kind::Bytes => self.finish_texts(rows, arrivals, scratch),
        }
    }

    fn finish_texts(self, rows: u32, arrivals: &[u32], scratch: &mut Scratch) -> Column {
        // Far fewer values than rows: where these are equal no row has to be looked at.
        let same = |of: &dyn Fn(&TextValue) -> u64| {
            let first = self.values.first().map_or(0, of);
            self.values.iter().all(|value| of(value) == first).then(|| Packed::same(first))
        };
        let code = |value: &TextValue| u64::from(value.code);
        // The value of each row, laid out only where it is asked for.
        let laid_out = OnceCell::new();
        let of_rows = || laid_out.get_or_init(|| self.value_of_rows(rows)).as_slice();
        let pack = |number: &dyn Fn(&TextValue) -> u64, packed: &mut Vec<u64>| {
            if let Some(same) = same(number) {
                return same;
            }
            // The numbers of few values are told once each.
            let of_values: Vec<u64> = self.values.iter().map(number).collect();
            let of_rows = of_rows();
            gather(packed, arrivals, |arrival| of_values[of_rows[*arrival as usize] as usize])
        };
        let codes = pack(&code, &mut scratch.packed);
        let slot = |slot: usize| {
            let number = |value: &TextValue| {
                let has = value.code != 0 && slot < value.len as usize;
                if has { self.numbers[value.first as usize + slot] } else { 0 }
            };
            pack(&number, &mut scratch.packed)
        };
        let numbers = (0..self.most_numbers).map(slot).collect();
        let (rest, rest_at) = if self.rest.is_empty() && self.values.iter().all(|value| value.code != 0) {
            (None, None)
        } else {
            let of_rows = of_rows();
            self.finish_rest(arrivals, |arrival| self.values[of_rows[*arrival as usize] as usize], scratch)
        };
        Column::Texts(Box::new(TextColumn { codes, numbers, rest_at, rest }))
    }

    /// The place of each row's value, in order of arrival.
    fn value_of_rows(&self, rows: u32) -> Vec<u32> {
        let mut of_rows = Vec::with_capacity(rows as usize);
        let ends = self.from.iter().skip(1).chain(std::iter::once(&rows));
        for (value, end) in (0..).zip(ends) {
            of_rows.resize(*end as usize, value);
        }
        of_rows
    }

    fn finish_rest(
        &self,
        arrivals: &[u32],
        value: impl Fn(&u32) -> TextValue,
        scratch: &mut Scratch,
    ) -> (Option<super::chunks::Chunks>, Option<Packed>) {
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
