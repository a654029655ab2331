//! Lists of tags whose keys come in hardly any other list: one after the other, compressed, so that strangers who
//! send other keys with every span cost no more than their bytes.

use jaeger_model::{Batch, Cell, TagRow, Value, ValueIn};

use super::chunks::{ChunkCache, Chunks, ChunksBuilder, Compressor};
use super::column::scan_hashes;
use super::packed::Packed;
use super::wanted::{Wanted, tag_hash};

const STR: u8 = 0;
const BOOL: u8 = 1;
const I64: u8 = 2;
const F64: u8 = 3;
const BYTES: u8 = 4;

/// Lists by rank.
#[derive(Debug)]
pub(crate) struct Rare {
    pub(super) lists: Chunks,
    /// One hash for each tag, list after list.
    pub(super) hashes: Box<[u32]>,
    /// Where each list's hashes end.
    pub(super) ends: Packed,
}

impl Rare {
    pub(crate) fn len(&self) -> usize {
        self.lists.len()
    }

    pub(crate) fn read(&self, rank: usize, cache: &ChunkCache, each: impl FnMut(&[u8], ValueIn<'_>)) {
        self.lists.with(rank, cache, |list| decode(list, each));
    }

    /// Calls `each` with every tag of every list.
    pub(crate) fn each(&self, mut each: impl FnMut(&[u8], ValueIn<'_>)) {
        self.lists.each(|list| decode(list, &mut each));
    }

    pub(crate) fn find(&self, wanted: &Wanted<'_>, cache: &ChunkCache, mut hit: impl FnMut(usize)) {
        let mut before = None;
        scan_hashes(&self.hashes, wanted.hash, &mut |tag| {
            let rank = self.list_of(tag);
            if before == Some(rank) {
                return;
            }
            before = Some(rank);
            let mut has = false;
            self.read(rank, cache, |key, value| {
                has |= key == wanted.key.as_bytes() && checked(value).is_some_and(|value| value.text_is(wanted.text));
            });
            if has {
                hit(rank);
            }
        });
    }

    /// The list whose hashes hold place `tag`.
    fn list_of(&self, tag: usize) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.ends.index_at(middle) <= tag {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.lists.heap_bytes() + self.hashes.len() * size_of::<u32>() + self.ends.heap_bytes()
    }
}

/// The value as the model has it; none for text that is no UTF-8.
pub(crate) fn checked(value: ValueIn<'_>) -> Option<Value<'_>> {
    Some(match value {
        ValueIn::Str(text) => Value::Str(str::from_utf8(text).ok()?),
        ValueIn::Bool(value) => Value::Bool(value),
        ValueIn::I64(value) => Value::I64(value),
        ValueIn::F64(value) => Value::F64(value),
        ValueIn::Bytes(bytes) => Value::Bytes(bytes),
    })
}

/// Takes lists in order of rank.
#[derive(Default)]
pub(crate) struct RareBuilder {
    lists: ChunksBuilder,
    hashes: Vec<u32>,
    ends: Vec<u64>,
    list: Vec<u8>,
}

impl RareBuilder {
    pub(crate) fn push(&mut self, batch: &Batch, rows: &[TagRow], compressor: &mut Compressor) {
        self.list.clear();
        for row in rows {
            let key = batch.text_bytes(row.key);
            let value = encode(batch, key, &row.value, &mut self.list);
            let key = str::from_utf8(key).unwrap_or("");
            self.hashes.push(checked(value).map_or(0, |value| tag_hash(key, &value.text())));
        }
        self.ends.push(self.hashes.len() as u64);
        self.lists.push(&self.list, compressor);
    }

    pub(crate) fn finish(self, compressor: &mut Compressor) -> Rare {
        Rare {
            lists: self.lists.finish(compressor),
            hashes: self.hashes.into_boxed_slice(),
            ends: Packed::unsigned(self.ends.iter().copied()),
        }
    }
}

/// Type, key, value; texts and bytes behind their length in four bytes.
fn encode<'b>(batch: &'b Batch, key: &[u8], cell: &Cell, list: &mut Vec<u8>) -> ValueIn<'b> {
    let value = match *cell {
        Cell::Str(place) => ValueIn::Str(batch.text_bytes(place)),
        Cell::Bool(value) => ValueIn::Bool(value),
        Cell::I64(value) => ValueIn::I64(value),
        Cell::F64(value) => ValueIn::F64(value),
        Cell::Bytes(place) => ValueIn::Bytes(batch.binary(place)),
    };
    list.push(match value {
        ValueIn::Str(_) => STR,
        ValueIn::Bool(_) => BOOL,
        ValueIn::I64(_) => I64,
        ValueIn::F64(_) => F64,
        ValueIn::Bytes(_) => BYTES,
    });
    push_bytes(key, list);
    match value {
        ValueIn::Str(bytes) | ValueIn::Bytes(bytes) => push_bytes(bytes, list),
        ValueIn::Bool(value) => list.push(u8::from(value)),
        ValueIn::I64(value) => list.extend(value.to_le_bytes()),
        ValueIn::F64(value) => list.extend(value.to_bits().to_le_bytes()),
    }
    value
}

fn push_bytes(bytes: &[u8], list: &mut Vec<u8>) {
    list.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    list.extend_from_slice(bytes);
}

fn decode(mut list: &[u8], mut each: impl FnMut(&[u8], ValueIn<'_>)) {
    while let Some((key, value)) = decode_one(&mut list) {
        each(key, value);
    }
}

fn decode_one<'l>(list: &mut &'l [u8]) -> Option<(&'l [u8], ValueIn<'l>)> {
    let (kind, rest) = list.split_first()?;
    *list = rest;
    let key = take_bytes(list)?;
    let value = match *kind {
        STR => ValueIn::Str(take_bytes(list)?),
        BOOL => ValueIn::Bool(take::<1>(list)? != [0]),
        I64 => ValueIn::I64(i64::from_le_bytes(take(list)?)),
        F64 => ValueIn::F64(f64::from_bits(u64::from_le_bytes(take(list)?))),
        _ => ValueIn::Bytes(take_bytes(list)?),
    };
    Some((key, value))
}

fn take<const N: usize>(list: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = list.split_first_chunk::<N>()?;
    *list = rest;
    Some(*taken)
}

fn take_bytes<'l>(list: &mut &'l [u8]) -> Option<&'l [u8]> {
    let len = u32::from_le_bytes(take(list)?) as usize;
    let (taken, rest) = list.split_at_checked(len)?;
    *list = rest;
    Some(taken)
}
