//! Builds lists of tags in two goes: the first gives each list its shape, the second fills the columns of the shapes
//! that are worth it.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use jaeger_model::{Batch, Cell, Slice, TagRow};

use super::column::Kind;
use super::column_builder::{ColumnBuilder, FieldBuilder, Scratch};
use super::lists::{Lists, Shape, ShapeColumn};
use super::marks::Marks;
use super::packed::Packed;
use super::rare::RareBuilder;
use super::texts::TextsBuilder;

/// Up to so many shapes all have columns.
const FREE_SHAPES: usize = 64;
/// Beyond, those of at least so many lists.
const WORTH: usize = 8;

/// A list of tags in its batch; the batch by its number and itself.
#[derive(Clone, Copy)]
pub(crate) struct Listed<'b> {
    pub(crate) batch: (u32, &'b Batch),
    pub(crate) rows: &'b [TagRow],
}

/// Takes lists in order of arrival.
#[derive(Default)]
pub(crate) struct ListsBuilder<'b> {
    lists: Vec<Listed<'b>>,
    shape_of: Vec<u32>,
    keys: TextsBuilder,
    shapes: Vec<ShapeBuilder>,
    table: HashTable<u32>,
    hasher: RandomState,
    memo: Memo<'b>,
    /// Key and type of each tag of the list at hand.
    tags: Vec<u32>,
}

struct ShapeBuilder {
    tags: Box<[u32]>,
    count: usize,
}

/// The shapes met last in one batch, and the keys by their places there.
struct Memo<'b> {
    batch: u32,
    shapes: [(&'b [TagRow], u32); 4],
    next: usize,
    keys: [(Slice, u32); 64],
}

impl Default for Memo<'_> {
    fn default() -> Self {
        let nowhere = Slice { offset: u32::MAX, len: 0 };
        Self { batch: u32::MAX, shapes: [(&[], NO_SHAPE); 4], next: 0, keys: [(nowhere, 0); 64] }
    }
}

const NO_SHAPE: u32 = u32::MAX;

impl<'b> ListsBuilder<'b> {
    pub(crate) fn reserve(&mut self, lists: usize) {
        self.lists.reserve(lists);
        self.shape_of.reserve(lists);
    }

    /// The first go.
    #[inline]
    pub(crate) fn push(&mut self, listed: Listed<'b>) {
        if self.memo.batch != listed.batch.0 {
            self.memo = Memo { batch: listed.batch.0, ..Memo::default() };
        }
        let known = self.memo.shapes.iter().find(|(rows, shape)| *shape != NO_SHAPE && alike(rows, listed.rows));
        let shape = match known {
            Some((_, shape)) => *shape,
            None => {
                let shape = self.shape(listed);
                self.memo.shapes[self.memo.next % 4] = (listed.rows, shape);
                self.memo.next += 1;
                shape
            }
        };
        self.shapes[shape as usize].count += 1;
        self.shape_of.push(shape);
        self.lists.push(listed);
    }

    fn shape(&mut self, listed: Listed<'_>) -> u32 {
        self.tags.clear();
        for row in listed.rows {
            let remembered = &mut self.memo.keys[row.key.offset as usize % 64];
            if remembered.0 != row.key {
                *remembered = (row.key, self.keys.number(listed.batch.1.text_bytes(row.key)));
            }
            self.tags.push(remembered.1 << 3 | kind(&row.value) as u32);
        }
        let Self { tags, shapes, table, hasher, .. } = self;
        let same = |shape: &u32| *shapes[*shape as usize].tags == **tags;
        if let Some(shape) = table.find(hasher.hash_one(&**tags), same) {
            return *shape;
        }
        let shape = u32::try_from(shapes.len()).unwrap_or(NO_SHAPE);
        shapes.push(ShapeBuilder { tags: tags.as_slice().into(), count: 0 });
        let hash = hasher.hash_one(&**tags);
        table.insert_unique(hash, shape, |shape| hasher.hash_one(&*shapes[*shape as usize].tags));
        shape
    }

    /// The second go: the lists in the order of `arrivals`, which gives each its place in order of arrival; those that
    /// it leaves out are dropped.
    pub(crate) fn finish(self, arrivals: &[u32], scratch: &mut Scratch) -> Lists {
        let all = self.shapes.len() <= FREE_SHAPES;
        let mut common = Common::default();
        let places: Vec<Option<usize>> = self
            .shapes
            .iter()
            .map(|shape| (all || shape.count >= WORTH).then(|| common.add(&shape.tags, &self.keys)))
            .collect();
        // Where each list's values stand among those of its shape.
        let mut filled = vec![0u32; self.lists.len()];
        for (filled, (listed, shape)) in filled.iter_mut().zip(self.lists.iter().zip(&self.shape_of)) {
            if let Some(place) = places[*shape as usize] {
                *filled = common.fill(place, *listed, scratch);
            }
        }
        let mut rare = RareBuilder::default();
        let mut rare_len = 0u64;
        let mut shape_of = Vec::with_capacity(arrivals.len());
        let mut rank = Vec::with_capacity(arrivals.len());
        let mut orders: Vec<Vec<u32>> =
            common.shapes.iter().map(|shape| Vec::with_capacity(shape.len as usize)).collect();
        for arrival in arrivals {
            let arrival = *arrival as usize;
            match places[self.shape_of[arrival] as usize] {
                Some(place) => {
                    shape_of.push(place as u64 + 1);
                    rank.push(orders[place].len() as u64);
                    orders[place].push(filled[arrival]);
                }
                None => {
                    shape_of.push(0);
                    rank.push(rare_len);
                    rare_len += 1;
                    let listed = self.lists[arrival];
                    rare.push(listed.batch.1, listed.rows, &mut scratch.compressor);
                }
            }
        }
        let one_shape = shape_of.iter().all(|shape| *shape == shape_of[0]);
        let shapes = common.shapes.into_iter().zip(&orders);
        let shapes = shapes.map(|(shape, order)| shape.finish(order, &common.keys, &common.fields, scratch)).collect();
        Lists {
            len: arrivals.len(),
            shape_of: Packed::unsigned(shape_of.iter().copied()),
            rank: (!one_shape).then(|| Packed::unsigned(rank.iter().copied())),
            keys: common.keys.finish(),
            fields: common.fields.into_iter().map(FieldBuilder::finish).collect(),
            shapes,
            rare: rare.finish(&mut scratch.compressor),
        }
    }
}

/// The shapes that have columns.
#[derive(Default)]
struct Common {
    keys: TextsBuilder,
    fields: Vec<FieldBuilder>,
    by_key: hashbrown::HashMap<(u32, Kind), u32, RandomState>,
    shapes: Vec<CommonShape>,
}

struct CommonShape {
    len: u32,
    columns: Vec<(u32, ColumnBuilder)>,
}

impl Common {
    fn add(&mut self, tags: &[u32], keys: &TextsBuilder) -> usize {
        let Self { keys: own, fields, by_key, shapes } = self;
        let columns = tags.iter().map(|tag| {
            let key = own.number(keys.get(tag >> 3));
            let kind = KINDS[(tag & 7) as usize % KINDS.len()];
            let field = *by_key.entry((key, kind)).or_insert_with(|| {
                fields.push(FieldBuilder::new(key, kind));
                u32::try_from(fields.len() - 1).unwrap_or(u32::MAX)
            });
            (field, ColumnBuilder::default())
        });
        shapes.push(CommonShape { len: 0, columns: columns.collect() });
        shapes.len() - 1
    }

    #[inline]
    fn fill(&mut self, place: usize, listed: Listed<'_>, scratch: &mut Scratch) -> u32 {
        let shape = &mut self.shapes[place];
        for ((field, column), row) in shape.columns.iter_mut().zip(listed.rows) {
            column.push(listed.batch, shape.len, &row.value, &mut self.fields[*field as usize], scratch);
        }
        shape.len += 1;
        shape.len - 1
    }
}

impl CommonShape {
    fn finish(self, order: &[u32], keys: &TextsBuilder, fields: &[FieldBuilder], scratch: &mut Scratch) -> Shape {
        let columns = self.columns.into_iter().map(|(field, column)| {
            let kind = fields[field as usize].kind;
            ShapeColumn { field, column: column.finish(kind, self.len, order, scratch) }
        });
        let columns: Box<[ShapeColumn]> = columns.collect();
        let marks = Marks::of(&columns, |field| {
            let field = &fields[field as usize];
            (keys.get(field.key), field.kind)
        });
        Shape { len: order.len(), columns, marks }
    }
}

const KINDS: [Kind; 5] = [Kind::Str, Kind::Bool, Kind::I64, Kind::F64, Kind::Bytes];

fn kind(cell: &Cell) -> Kind {
    match cell {
        Cell::Str(_) => Kind::Str,
        Cell::Bool(_) => Kind::Bool,
        Cell::I64(_) => Kind::I64,
        Cell::F64(_) => Kind::F64,
        Cell::Bytes(_) => Kind::Bytes,
    }
}

/// Whether two lists of one batch have keys at the same places, and the same types.
fn alike(a: &[TagRow], b: &[TagRow]) -> bool {
    // All are compared before anything is decided: lists are short, and mostly alike.
    a.len() == b.len()
        && a.iter().zip(b).fold(true, |alike, (a, b)| {
            alike
                & (a.key.offset == b.key.offset)
                & (a.key.len == b.key.len)
                & (std::mem::discriminant(&a.value) == std::mem::discriminant(&b.value))
        })
}
