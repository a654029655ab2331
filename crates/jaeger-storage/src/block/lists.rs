//! Lists of tags (of spans, of processes, of logs) in columns: lists with the same keys and types in the same order
//! have one shape, and a shape has one column for each of its tags.

use jaeger_model::ValueIn;

use super::bits::Bits;
use super::chunks::ChunkCache;
use super::column::{Column, Field};
use super::marks::Marks;
use super::packed::Packed;
use super::rare::Rare;
use super::texts::Texts;
use super::wanted::Wanted;

/// Lists that never change, by number.
#[derive(Debug)]
pub(crate) struct Lists {
    pub(super) len: usize,
    /// The shape of each list, from 1; 0 for what is too rare for a shape of its own.
    pub(super) shape_of: Packed,
    /// The list's number among those of its shape; none where all have one shape.
    pub(super) rank: Option<Packed>,
    pub(super) keys: Texts,
    pub(super) fields: Box<[Field]>,
    pub(super) shapes: Box<[Shape]>,
    pub(super) rare: Rare,
}

/// Lists of the same keys and types.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(super) len: usize,
    pub(super) columns: Box<[ShapeColumn]>,
    pub(super) marks: Marks,
}

/// A tag of a shape.
#[derive(Debug)]
pub(crate) struct ShapeColumn {
    pub(super) field: u32,
    pub(super) column: Column,
}

/// What reading needs beside the block: the chunk decompressed last, and room for a text.
#[derive(Debug, Default)]
pub struct Reading {
    pub(crate) cache: ChunkCache,
    scratch: Vec<u8>,
}

impl Reading {
    pub(super) fn with(&mut self, field: &Field, column: &Column, rank: usize, with: &mut dyn FnMut(ValueIn<'_>)) {
        column.with(field, rank, &self.cache, &mut self.scratch, with);
    }
}

impl Lists {
    /// Calls `each` with the tags of list `at`, in their order.
    pub(crate) fn read(&self, at: usize, reading: &mut Reading, mut each: impl FnMut(&[u8], ValueIn<'_>)) {
        let Reading { cache, scratch } = reading;
        let rank = self.rank_of(at);
        let Some(shape) = self.shape_of.index_at(at).checked_sub(1).and_then(|shape| self.shapes.get(shape)) else {
            return self.rare.read(rank, cache, each);
        };
        for ShapeColumn { field, column } in &shape.columns {
            let Some(field) = self.fields.get(*field as usize) else { continue };
            let key = self.keys.get(field.key as usize);
            column.with(field, rank, cache, scratch, |value| each(key, value));
        }
    }

    /// The list's number among those of its shape.
    #[inline]
    pub(super) fn rank_of(&self, at: usize) -> usize {
        self.rank.as_ref().map_or(at, |rank| rank.index_at(at))
    }

    /// Sets the bit of every list that has the wanted tag.
    pub(crate) fn find(&self, wanted: &Wanted<'_>, cache: &ChunkCache, found: &mut Bits) {
        self.find_common(wanted, cache, found);
        if self.rare.len() > 0 {
            let mut ranks = Bits::none(self.rare.len());
            self.rare.find(wanted, cache, |rank| ranks.set(rank));
            if !ranks.is_empty() {
                self.lists_of(0, &ranks, found);
            }
        }
    }

    fn find_common(&self, wanted: &Wanted<'_>, cache: &ChunkCache, found: &mut Bits) {
        let Some(key) = self.keys.find(wanted.key.as_bytes()) else { return };
        for (number, shape) in (1..).zip(&self.shapes) {
            let mut ranks: Option<Bits> = None;
            for ShapeColumn { field, column } in &shape.columns {
                let Some(field) = self.fields.get(*field as usize) else { continue };
                if field.key as usize != key {
                    continue;
                }
                column.find(field, shape.len, wanted, cache, |rank| {
                    ranks.get_or_insert_with(|| Bits::none(shape.len)).set(rank);
                });
            }
            if let Some(ranks) = ranks {
                self.lists_of(number, &ranks, found);
            }
        }
    }

    /// Turns ranks of a shape into lists.
    fn lists_of(&self, shape: u64, ranks: &Bits, found: &mut Bits) {
        let Some(rank) = &self.rank else {
            ranks.iter().for_each(|at| found.set(at));
            return;
        };
        self.shape_of.scan(self.len, shape, |at| {
            if ranks.has(rank.index_at(at)) {
                found.set(at);
            }
        });
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let fields = self.fields.iter().map(|field| size_of::<Field>() + field.patterns.heap_bytes());
        let columns = self.shapes.iter().flat_map(|shape| &shape.columns);
        let columns = columns.map(|column| size_of::<ShapeColumn>() + column.column.heap_bytes());
        self.shape_of.heap_bytes()
            + self.rank.as_ref().map_or(0, Packed::heap_bytes)
            + self.keys.heap_bytes()
            + fields.sum::<usize>()
            + self.shapes.len() * size_of::<Shape>()
            + columns.sum::<usize>()
            + self.rare.heap_bytes()
    }
}
