//! The values of one tag of the spans that have the same keys.

use jaeger_model::{Value, ValueIn};

use super::chunks::{ChunkCache, Chunks};
use super::packed::{Packed, scan};
use super::pattern;
use super::texts::Texts;
use super::wanted::Wanted;

/// The type of a tag's value. Files have the numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Kind {
    Str = 0,
    Bool = 1,
    I64 = 2,
    F64 = 3,
    Bytes = 4,
}

/// One key with one type, and the patterns of its texts.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) key: u32,
    pub(crate) kind: Kind,
    pub(crate) patterns: Texts,
}

/// Values by rank.
#[derive(Debug)]
pub(crate) enum Column {
    /// Integers and booleans.
    Numbers(Packed),
    /// Floats by their bits, all different.
    Floats(Box<[u64]>),
    /// Floats of which there are few.
    FewFloats(Packed, Box<[u64]>),
    /// Texts and bytes.
    Texts(Box<TextColumn>),
}

/// Texts as patterns and numbers, and those that are neither.
#[derive(Debug)]
pub(crate) struct TextColumn {
    /// The pattern's place in the field, from 1; 0 for what stands in `rest`.
    pub(crate) codes: Packed,
    pub(crate) numbers: Box<[Packed]>,
    /// Which text of `rest` a rank has; the rank's own number where all stand there.
    pub(crate) rest_at: Option<Packed>,
    pub(crate) rest: Option<Chunks>,
}

impl Column {
    /// Gives `with` the value at `rank`; `scratch` is overwritten.
    #[inline]
    pub(crate) fn with<R>(
        &self,
        field: &Field,
        rank: usize,
        cache: &ChunkCache,
        scratch: &mut Vec<u8>,
        with: impl FnOnce(ValueIn<'_>) -> R,
    ) -> R {
        match self {
            Self::Numbers(numbers) if field.kind == Kind::Bool => with(ValueIn::Bool(numbers.at(rank) != 0)),
            Self::Numbers(numbers) => with(ValueIn::I64(numbers.signed_at(rank))),
            Self::Floats(bits) => with(ValueIn::F64(f64::from_bits(bits.get(rank).copied().unwrap_or(0)))),
            Self::FewFloats(codes, bits) => {
                let bits = bits.get(codes.index_at(rank)).copied().unwrap_or(0);
                with(ValueIn::F64(f64::from_bits(bits)))
            }
            Self::Texts(texts) => texts.with(field, rank, cache, scratch, |text| {
                with(if field.kind == Kind::Bytes { ValueIn::Bytes(text) } else { ValueIn::Str(text) })
            }),
        }
    }

    /// Calls `hit` with every rank of the first `len` whose value has the wanted text.
    pub(crate) fn find(
        &self,
        field: &Field,
        len: usize,
        wanted: &Wanted<'_>,
        cache: &ChunkCache,
        mut hit: impl FnMut(usize),
    ) {
        match self {
            Self::Numbers(numbers) => {
                let number = if field.kind == Kind::Bool {
                    wanted.boolean.map(u64::from)
                } else {
                    wanted.integer.map(i64::cast_unsigned)
                };
                if let Some(number) = number {
                    numbers.scan(len, number, hit);
                }
            }
            Self::Floats(bits) => {
                bits.iter().enumerate().filter(|(_, bits)| wanted.is_float(**bits)).for_each(|(at, _)| hit(at));
            }
            Self::FewFloats(codes, bits) => {
                for (code, _) in bits.iter().enumerate().filter(|(_, bits)| wanted.is_float(**bits)) {
                    codes.scan(len, code as u64, &mut hit);
                }
            }
            Self::Texts(texts) if field.kind == Kind::Bytes => texts.find_bytes(field, len, wanted, cache, &mut hit),
            Self::Texts(texts) => texts.find(field, len, wanted, cache, &mut hit),
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.heap_bytes(),
            Self::Floats(bits) => bits.len() * 8,
            Self::FewFloats(codes, bits) => codes.heap_bytes() + bits.len() * 8,
            Self::Texts(texts) => {
                size_of::<TextColumn>()
                    + texts.codes.heap_bytes()
                    + texts.numbers.iter().map(|n| size_of::<Packed>() + n.heap_bytes()).sum::<usize>()
                    + texts.rest_at.as_ref().map_or(0, Packed::heap_bytes)
                    + texts.rest.as_ref().map_or(0, Chunks::heap_bytes)
            }
        }
    }
}

impl TextColumn {
    #[inline]
    pub(crate) fn with<R>(
        &self,
        field: &Field,
        rank: usize,
        cache: &ChunkCache,
        scratch: &mut Vec<u8>,
        with: impl FnOnce(&[u8]) -> R,
    ) -> R {
        let Some(code) = self.codes.index_at(rank).checked_sub(1) else {
            let at = self.rest_at.as_ref().map_or(rank, |at| at.index_at(rank));
            return match &self.rest {
                Some(rest) => rest.with(at, cache, with),
                None => with(&[]),
            };
        };
        let pattern = field.patterns.get(code);
        if self.numbers.is_empty() {
            return with(pattern);
        }
        scratch.clear();
        pattern::join(pattern, |at| self.numbers.get(at).map_or(0, |numbers| numbers.at(rank)), scratch);
        with(scratch)
    }

    fn find(&self, field: &Field, len: usize, wanted: &Wanted<'_>, cache: &ChunkCache, hit: &mut impl FnMut(usize)) {
        if wanted.numbers.len() <= self.numbers.len()
            && let Some(code) = field.patterns.find(&wanted.pattern)
        {
            self.find_code(code as u64 + 1, &wanted.numbers, len, hit);
        }
        self.find_rest(len, hit, |rest, found| rest.find(wanted.text.as_bytes(), cache, found));
    }

    /// Looks for the number that tells most, and at the others where it is found.
    fn find_code(&self, code: u64, numbers: &[u64], len: usize, hit: &mut impl FnMut(usize)) {
        let telling = self.numbers.iter().zip(numbers).max_by_key(|(packed, _)| packed.width());
        let all = |at: usize| {
            self.codes.at(at) == code
                && self.numbers.iter().zip(numbers).all(|(packed, number)| packed.at(at) == *number)
        };
        match telling {
            Some((packed, number)) if packed.width() >= self.codes.width() => packed.scan(len, *number, |at| {
                if all(at) {
                    hit(at);
                }
            }),
            _ => self.codes.scan(len, code, |at| {
                if all(at) {
                    hit(at);
                }
            }),
        }
    }

    fn find_bytes(
        &self,
        field: &Field,
        len: usize,
        wanted: &Wanted<'_>,
        cache: &ChunkCache,
        hit: &mut impl FnMut(usize),
    ) {
        if !wanted.binary {
            return;
        }
        for (code, bytes) in (1..).zip(field.patterns.iter()) {
            if Value::Bytes(bytes).text_is(wanted.text) {
                self.codes.scan(len, code, &mut *hit);
            }
        }
        self.find_rest(len, hit, |rest, found| {
            for at in 0..rest.len() {
                if rest.with(at, cache, |bytes| Value::Bytes(bytes).text_is(wanted.text)) {
                    found(at);
                }
            }
        });
    }

    /// Looks through the rest and turns places there into ranks.
    fn find_rest(&self, len: usize, hit: &mut impl FnMut(usize), find: impl FnOnce(&Chunks, &mut dyn FnMut(usize))) {
        let Some(rest) = &self.rest else { return };
        let Some(rest_at) = &self.rest_at else { return find(rest, hit) };
        let mut found = Vec::new();
        find(rest, &mut |at| found.push(at));
        if found.is_empty() {
            return;
        }
        for rank in 0..len {
            if self.codes.at(rank) == 0 && found.binary_search(&rest_at.index_at(rank)).is_ok() {
                hit(rank);
            }
        }
    }
}

/// Floats by their bits, in order of rank.
pub(crate) fn floats(bits: &[u64]) -> Column {
    let mut few: hashbrown::HashMap<u64, u32, foldhash::fast::RandomState> = hashbrown::HashMap::default();
    let mut codes = Vec::with_capacity(bits.len());
    for value in bits {
        let next = u32::try_from(few.len()).unwrap_or(u32::MAX);
        codes.push(u64::from(*few.entry(*value).or_insert(next)));
        if few.len() > 8 + bits.len() / 4 {
            return Column::Floats(bits.into());
        }
    }
    let mut values = vec![0; few.len()];
    for (value, code) in few {
        values[code as usize] = value;
    }
    Column::FewFloats(Packed::unsigned(codes.iter().copied()), values.into_boxed_slice())
}

/// All places of one value among the fingerprints of rare tags.
pub(crate) fn scan_hashes(hashes: &[u32], wanted: u32, hit: &mut impl FnMut(usize)) {
    scan(hashes, Some(wanted), hit);
}
