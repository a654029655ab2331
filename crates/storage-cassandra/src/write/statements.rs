//! Rows gathered into statements: those of one partition together, up to 5 kB, so that Cassandra applies them in one mutation.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::rows::{RowPlace, Rows};
use crate::cql::cells::first_cells;
use crate::tables::Table;

/// Above this Cassandra warns of a batch (`batch_size_warn_threshold`).
const MOST_BYTES: usize = 5_000;
/// So that the driver's list of statements for a batch can be made once for each length.
pub(super) const MOST_ROWS: usize = 64;

/// The rows of one partition of one table.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) table: Table,
    /// Which rows.
    pub(super) rows: Vec<usize>,
    /// Where their cells are.
    pub(super) places: Vec<(usize, usize)>,
    bytes: usize,
}

/// Every row in one statement.
pub(super) fn statements(rows: &Rows) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::with_capacity(rows.places.len());
    let mut open: HashTable<(usize, usize)> = HashTable::with_capacity(rows.places.len());
    let hasher = foldhash::fast::RandomState::default();
    let cells = |place: &RowPlace| rows.cells.get(place.cells.0..place.cells.1).unwrap_or_default();
    let key = |place: &RowPlace| {
        let cells = cells(place);
        (place.table, cells.get(first_cells(cells, place.table.partition_columns())).unwrap_or_default())
    };
    let hash = |place: &RowPlace| hasher.hash_one(key(place));
    let at = |row: usize| rows.places.get(row);
    for (number, place) in rows.places.iter().enumerate() {
        let bytes = cells(place).len();
        let next = statements.len();
        let same = |(row, _): &(usize, usize)| at(*row).is_some_and(|other| key(other) == key(place));
        let of_key = match open.find_mut(hash(place), same) {
            Some(found) => found,
            None => {
                let rehash = |(row, _): &(usize, usize)| at(*row).map_or(0, &hash);
                open.insert_unique(hash(place), (number, next), rehash).into_mut()
            }
        };
        let room = statements
            .get(of_key.1)
            .is_some_and(|statement| statement.bytes + bytes <= MOST_BYTES && statement.rows.len() < MOST_ROWS);
        if !room {
            of_key.1 = next;
            statements.push(Statement { table: place.table, rows: Vec::new(), places: Vec::new(), bytes: 0 });
        }
        if let Some(statement) = statements.get_mut(of_key.1) {
            statement.rows.push(number);
            statement.places.push(place.cells);
            statement.bytes += bytes;
        }
    }
    statements
}
