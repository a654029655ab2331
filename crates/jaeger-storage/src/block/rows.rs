//! Rows one by one, for who keeps an order over the rows of many blocks: what each is, and whether it matches a query.

use jaeger_model::{Duration, Timestamp, ValueIn};

use super::bits::Bits;
use super::chunks::ChunkCache;
use super::rare::checked;
use super::search::{BlockQuery, Found};
use super::wanted::Wanted;
use super::{Block, Reading};

/// What an order of rows goes by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its place among [`Block::service_names`].
    pub service: usize,
    /// Its place among [`Block::operation_names`].
    pub operation: usize,
    /// Nanoseconds since 1970.
    pub start: i64,
    /// Nanoseconds.
    pub duration: i64,
}

/// The rows of one block that have the tags of a query.
#[derive(Clone, Debug)]
pub struct Tagged(pub(super) Option<Bits>);

impl Block {
    /// The names of its services, by place.
    pub fn service_names(&self) -> impl Iterator<Item = &[u8]> {
        self.processes.services.iter()
    }

    /// The names of its operations, by place.
    pub fn operation_names(&self) -> impl Iterator<Item = &[u8]> {
        self.operations.iter()
    }

    /// All rows in their order.
    pub fn each_row(&self) -> impl Iterator<Item = Row> {
        (0..self.len()).map(|row| Row {
            service: self.service_of(row),
            operation: self.operation.index_at(row),
            start: self.starts.signed_at(row),
            duration: self.durations.signed_at(row),
        })
    }

    /// Gives `each` key and text of every tag of a row, of its process and of its logs, as a search may ask for them.
    pub fn tags_of_row(&self, row: usize, reading: &mut Reading, each: &mut dyn FnMut(&[u8], &str)) {
        let mut each = |key: &[u8], value: ValueIn<'_>| {
            if let Some(value) = checked(value) {
                each(key, &value.text());
            }
        };
        self.tags.read(row, reading, &mut each);
        if let Some(process) = self.process.index_at(row).checked_sub(1) {
            self.processes.tags.read(process, reading, &mut each);
        }
        let trace = self.trace_of(row);
        let before = self.rows(trace).take_while(|other| *other < row).map(|other| self.logs.counts.index_at(other));
        let first = self.logs.first.index_at(trace) + before.sum::<usize>();
        for log in first..first + self.logs.counts.index_at(row) {
            self.logs.fields.read(log, reading, &mut each);
        }
    }

    /// Gives `each` the rows that have a tag with this text, in their order.
    pub fn rows_with_tag(&self, key: &str, text: &str, each: &mut dyn FnMut(usize)) {
        self.with_tag(&Wanted::new(key, text), &ChunkCache::default()).iter().for_each(each);
    }

    /// The rows that have the query's tags.
    pub fn tagged_rows(&self, query: &BlockQuery<'_>) -> Tagged {
        Tagged(self.tagged(query))
    }

    /// The row's start and trace, if it matches the query but for its time; `tagged` are this block's.
    pub fn matching_row(&self, row: usize, query: &BlockQuery<'_>, tagged: &Tagged) -> Option<Found> {
        let wanted = query.query();
        if row >= self.len() || tagged.0.as_ref().is_some_and(|tagged| !tagged.has(row)) {
            return None;
        }
        let is = |name: &Option<String>, has: &[u8]| name.as_ref().is_none_or(|name| name.as_bytes() == has);
        let duration = Duration::from_nanos(self.durations.signed_at(row));
        let matches = is(&wanted.service, self.processes.services.get(self.service_of(row)))
            && is(&wanted.operation, self.operations.get(self.operation.index_at(row)))
            && wanted.duration_min.is_none_or(|min| min <= duration)
            && wanted.duration_max.is_none_or(|max| duration <= max);
        let trace = self.trace_of(row);
        let id = self.trace_ids.get(trace).copied().unwrap_or_default();
        matches.then(|| Found { start: Timestamp::from_nanos(self.starts.signed_at(row)), trace, id })
    }
}
