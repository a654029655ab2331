//! Searches in a block: the rows of a service, newest first, of those that have the wanted tags.

use std::ops::Range;
use std::sync::Arc;

use jaeger_model::{Duration, Timestamp, TraceId};

use super::bits::Bits;
use super::chunks::ChunkCache;
use super::wanted::Wanted;
use super::{Block, Lists};
use crate::TraceQuery;

/// A query prepared for all blocks.
pub struct BlockQuery<'q> {
    query: &'q TraceQuery,
    tags: Vec<Wanted<'q>>,
}

impl<'q> BlockQuery<'q> {
    pub fn new(query: &'q TraceQuery) -> Self {
        Self { query, tags: query.tags.iter().map(|(key, value)| Wanted::new(key, value)).collect() }
    }

    pub(super) fn query(&self) -> &'q TraceQuery {
        self.query
    }
}

/// The matching rows of one service of a block, newest first.
pub struct Cursor {
    block: Arc<Block>,
    rows: Rows,
    next: usize,
    operation: Option<u64>,
    earliest: i64,
    duration: (i64, i64),
}

enum Rows {
    /// A range of the block's order, of which only some rows match.
    Order(Range<usize>, Option<Arc<Bits>>),
    /// All that have the tags, sorted.
    List(Vec<u16>),
}

/// A row that matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    pub start: Timestamp,
    pub trace: usize,
    pub id: TraceId,
}

impl Block {
    /// One cursor for each service that may have matching rows.
    pub fn search(self: &Arc<Self>, query: &BlockQuery<'_>, cursors: &mut Vec<Cursor>) {
        let wanted = query.query;
        let services = match &wanted.service {
            Some(service) => match self.processes.services.find(service.as_bytes()) {
                Some(service) => service..service + 1,
                None => return,
            },
            None => 0..self.processes.services.len(),
        };
        let operation = match &wanted.operation {
            Some(operation) => match self.operations.find(operation.as_bytes()) {
                Some(operation) => Some(operation as u64),
                None => return,
            },
            None => None,
        };
        if wanted.start.start > wanted.start.end {
            return;
        }
        let tagged = match self.tagged(query) {
            Some(tagged) if tagged.is_empty() => return,
            tagged => tagged.map(Arc::new),
        };
        for service in services {
            let range = self.service_rows(service);
            let from = range.start
                + partition(range.len(), |at| self.start_at(range.start + at) > wanted.start.end.as_nanos());
            let range = from..range.end;
            if range.is_empty() {
                continue;
            }
            cursors.push(Cursor {
                block: Arc::clone(self),
                rows: self.matching(range, service, tagged.as_ref()),
                next: 0,
                operation,
                earliest: wanted.start.start.as_nanos(),
                duration: (
                    wanted.duration_min.map_or(i64::MIN, Duration::as_nanos),
                    wanted.duration_max.map_or(i64::MAX, Duration::as_nanos),
                ),
            });
        }
    }

    /// The rows of a service, as a range of the order.
    fn service_rows(&self, service: usize) -> Range<usize> {
        let end = |at: usize| self.service_ends.get(at).map_or(0, |end| *end as usize);
        let start = service.checked_sub(1).map_or(0, end);
        start..end(service).max(start)
    }

    fn row_at(&self, place: usize) -> usize {
        self.order.get(place).map_or(0, |row| usize::from(*row))
    }

    fn start_at(&self, place: usize) -> i64 {
        self.starts.signed_at(self.row_at(place))
    }

    /// Where few rows have the tags, those; else the range, to look at one by one.
    fn matching(&self, range: Range<usize>, service: usize, tagged: Option<&Arc<Bits>>) -> Rows {
        let Some(tagged) = tagged else { return Rows::Order(range, None) };
        if tagged.count() * 8 > range.len() {
            return Rows::Order(range, Some(Arc::clone(tagged)));
        }
        let newest = self.start_at(range.start);
        let mut rows: Vec<u16> = tagged
            .iter()
            .filter(|row| self.service_of(*row) == service && self.starts.signed_at(*row) <= newest)
            .filter_map(|row| u16::try_from(row).ok())
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(self.starts.signed_at(usize::from(*row))));
        Rows::List(rows)
    }

    /// The rows that have all the wanted tags; none where no tag is wanted.
    pub(super) fn tagged(&self, query: &BlockQuery<'_>) -> Option<Bits> {
        let cache = ChunkCache::default();
        let mut all: Option<Bits> = None;
        for wanted in &query.tags {
            let found = self.with_tag(wanted, &cache);
            match &mut all {
                Some(all) => all.and(&found),
                None => all = Some(found),
            }
            if all.as_ref().is_some_and(Bits::is_empty) {
                break;
            }
        }
        all
    }

    pub(super) fn with_tag(&self, wanted: &Wanted<'_>, cache: &ChunkCache) -> Bits {
        let mut rows = Bits::none(self.len());
        self.tags.find(wanted, cache, &mut rows);
        let found = |lists: &Lists| {
            let mut found = Bits::none(lists.len);
            lists.find(wanted, cache, &mut found);
            found
        };
        for process in found(&self.processes.tags).iter() {
            self.process.scan(self.len(), process as u64 + 1, |row| rows.set(row));
        }
        let logs = found(&self.logs.fields);
        if !logs.is_empty() {
            self.rows_of_logs(&logs, &mut rows);
        }
        rows
    }

    fn rows_of_logs(&self, logs: &Bits, rows: &mut Bits) {
        let mut log = 0;
        for row in 0..self.len() {
            let end = log + self.logs.counts.index_at(row);
            if (log..end).any(|log| logs.has(log)) {
                rows.set(row);
            }
            log = end;
        }
    }
}

impl Cursor {
    /// Whose rows they are.
    pub fn block(&self) -> &Arc<Block> {
        &self.block
    }

    /// The next matching row.
    #[expect(clippy::should_implement_trait, reason = "an iterator would borrow")]
    pub fn next(&mut self) -> Option<Found> {
        loop {
            let row = match &self.rows {
                Rows::Order(range, tagged) => {
                    let place = range.start + self.next;
                    if place >= range.end {
                        return None;
                    }
                    let row = self.block.row_at(place);
                    if tagged.as_ref().is_some_and(|tagged| !tagged.has(row)) {
                        self.next += 1;
                        continue;
                    }
                    row
                }
                Rows::List(rows) => usize::from(*rows.get(self.next)?),
            };
            self.next += 1;
            let start = self.block.starts.signed_at(row);
            if start < self.earliest {
                return None;
            }
            let duration = || self.block.durations.signed_at(row);
            if self.operation.is_none_or(|operation| self.block.operation.at(row) == operation)
                && (self.duration == (i64::MIN, i64::MAX)
                    || (self.duration.0 <= duration() && duration() <= self.duration.1))
            {
                let trace = self.block.trace_of(row);
                let id = self.block.trace_ids.get(trace).copied().unwrap_or_default();
                return Some(Found { start: Timestamp::from_nanos(start), trace, id });
            }
        }
    }
}

/// How many of `len` places hold `before`, which is true for those at the front alone.
fn partition(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = usize::midpoint(low, high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
