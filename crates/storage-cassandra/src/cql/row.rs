//! A row that is bound to a statement: cells that were written before, which the driver copies as they are.

use scylla::serialize::SerializationError;
use scylla::serialize::batch::{BatchValues, BatchValuesIterator};
use scylla::serialize::row::{RowSerializationContext, SerializeRow};
use scylla::serialize::writers::RowWriter;

use super::cells::{CellReader, Malformed};

/// The cells of one row, in the order of its statement's marks.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a>(pub(crate) &'a [u8]);

impl SerializeRow for Row<'_> {
    fn serialize(
        &self,
        ctx: &RowSerializationContext<'_>,
        writer: &mut RowWriter<'_>,
    ) -> Result<(), SerializationError> {
        let mut cells = CellReader(self.0);
        for _ in ctx.columns() {
            let cell = cells.next().map_err(SerializationError::new)?;
            let writer = writer.make_cell_writer();
            match cell {
                Some(cell) => writer.set_value(cell).map_err(SerializationError::new)?,
                None => writer.set_null(),
            };
        }
        if cells.0.is_empty() {
            return Ok(());
        }
        Err(SerializationError::new(Malformed("a row has more cells than its statement has marks")))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The rows of one statement: places in a buffer.
pub(crate) struct Rows<'a> {
    pub(crate) cells: &'a [u8],
    pub(crate) places: &'a [(usize, usize)],
}

impl<'a> Rows<'a> {
    pub(crate) fn row(&self, at: usize) -> Option<Row<'a>> {
        let (from, to) = self.places.get(at)?;
        self.cells.get(*from..*to).map(Row)
    }
}

impl BatchValues for Rows<'_> {
    type BatchValuesIter<'r>
        = RowsIter<'r>
    where
        Self: 'r;

    fn batch_values_iter(&self) -> RowsIter<'_> {
        RowsIter { rows: Rows { cells: self.cells, places: self.places }, at: 0 }
    }
}

pub(crate) struct RowsIter<'a> {
    rows: Rows<'a>,
    at: usize,
}

impl<'a> RowsIter<'a> {
    fn next(&mut self) -> Option<Row<'a>> {
        let row = self.rows.row(self.at)?;
        self.at += 1;
        Some(row)
    }
}

impl<'a> BatchValuesIterator<'a> for RowsIter<'a> {
    fn serialize_next(
        &mut self,
        ctx: &RowSerializationContext<'_>,
        writer: &mut RowWriter<'_>,
    ) -> Option<Result<(), SerializationError>> {
        self.next().map(|row| row.serialize(ctx, writer))
    }

    fn is_empty_next(&mut self) -> Option<bool> {
        self.next().map(|row| row.is_empty())
    }

    fn skip_next(&mut self) -> Option<()> {
        self.next().map(drop)
    }
}
