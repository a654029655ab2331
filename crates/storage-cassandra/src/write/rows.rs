//! The rows of a batch: each span itself and what finds it again. Equal rows stand here once, with every span they are of.

use std::collections::HashMap;
use std::hash::BuildHasher;

use hashbrown::HashTable;
use jaeger_model::{Batch, SpanView, Tags, keys};

use super::names::Names;
use crate::config::IndexFilter;
use crate::cql::cells::Cells;
use crate::cql::span;
use crate::tables::{BUCKETS, INDEXED_BYTES, Operations, Table, hour_of};

/// The longest part of a key that Cassandra takes, less some; what has a longer name is found by its trace id alone.
const KEY_BYTES: usize = 60_000;

/// One row: where its cells are, and of which span it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowPlace {
    pub(super) table: Table,
    pub(super) cells: (usize, usize),
    pub(super) span: u32,
}

/// What rows depend on besides the batch.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) index: &'a IndexFilter,
    pub(super) operations: Operations,
    pub(super) names: &'a Names,
}

/// The rows of a batch.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) cells: Vec<u8>,
    pub(super) places: Vec<RowPlace>,
    /// Rows with a further span that they are of.
    pub(super) shared: Vec<(usize, u32)>,
    /// Spans with another that is their copy.
    pub(super) copies: Vec<(u32, u32)>,
    /// Tags that are too long to be searchable.
    pub(super) skipped_tags: u64,
    /// Names that are told here, to be remembered once they are stored.
    pub(super) names: Vec<u64>,
    known: HashTable<usize>,
    hasher: foldhash::fast::RandomState,
}

impl Rows {
    /// Every row of every span.
    pub(super) fn of(batch: &Batch, rules: Rules<'_>) -> Self {
        let mut rows = Self::default();
        rows.cells.reserve(batch.size_bytes() * 3);
        let mut first = HashMap::with_capacity(batch.len());
        let mut buckets = Buckets::of(batch);
        for (number, span) in (0u32..).zip(batch.spans()) {
            // Two versions of one row in one statement would have one timestamp, and Cassandra would mix their lists.
            let original = *first.entry(span.identity()).or_insert(number);
            if original != number {
                rows.copies.push((original, number));
                continue;
            }
            rows.span(number, span, &mut buckets, rules);
        }
        rows
    }

    fn span(&mut self, number: u32, span: SpanView<'_>, buckets: &mut Buckets, rules: Rules<'_>) {
        self.row(Table::Traces, number, |cells| span::write(span, cells));
        let (service, operation) = (span.service(), span.operation());
        if service.len() > KEY_BYTES || operation.len() > KEY_BYTES {
            return;
        }
        let (start, trace) = (span.start().as_micros(), span.trace_id().0.to_be_bytes());
        self.names(number, span, rules);
        let bucket = buckets.bucket(span);
        self.row(Table::ServiceNameIndex, number, |cells| {
            cells.text(service);
            cells.int(bucket);
            cells.bigint(start);
            cells.bytes(&trace);
        });
        self.row(Table::ServiceOperationIndex, number, |cells| {
            cells.text(service);
            cells.text(operation);
            cells.bigint(start);
            cells.bytes(&trace);
        });
        if span.flags() & keys::FLAG_FIREHOSE != 0 {
            return;
        }
        for operation in ["", operation] {
            self.row(Table::DurationIndex, number, |cells| {
                cells.text(service);
                cells.text(operation);
                cells.bigint(hour_of(start).saturating_mul(3_600_000));
                cells.bigint(span.duration().as_micros());
                cells.bigint(start);
                cells.bytes(&trace);
            });
        }
        let filter = rules.index;
        if filter.tags {
            self.tags(number, span, span.tags(), filter);
        }
        if let Some(process) = span.process().filter(|_| filter.process_tags) {
            self.tags(number, span, process.tags(), filter);
        }
        if filter.logs {
            span.logs().for_each(|log| self.tags(number, span, log.fields(), filter));
        }
    }

    fn names(&mut self, number: u32, span: SpanView<'_>, rules: Rules<'_>) {
        let (service, operation) = (span.service(), span.operation());
        // An empty one is no key in Cassandra.
        if service.is_empty() {
            return;
        }
        if let Some(name) = rules.names.new_service(service) {
            self.names.push(name);
            self.row(Table::ServiceNames, number, |cells| cells.text(service));
        }
        let known = |kind: &&str| matches!(*kind, "client" | "server" | "producer" | "consumer" | "internal");
        let kind = span.kind().filter(known).unwrap_or("unspecified");
        if let Some(name) = rules.names.new_operation(service, kind, operation) {
            self.names.push(name);
            self.row(Table::OperationNames, number, |cells| {
                cells.text(service);
                if rules.operations == Operations::V2 {
                    cells.text(kind);
                }
                cells.text(operation);
            });
        }
    }

    fn tags(&mut self, number: u32, span: SpanView<'_>, tags: Tags<'_>, filter: &IndexFilter) {
        for tag in tags.filter(|tag| filter.takes(tag.key)) {
            let value = tag.value.text();
            if tag.key.len() >= INDEXED_BYTES || value.len() >= INDEXED_BYTES {
                self.skipped_tags += 1;
                continue;
            }
            self.row(Table::TagIndex, number, |cells| {
                cells.text(span.service());
                cells.text(tag.key);
                cells.text(&value);
                cells.bigint(span.start().as_micros());
                cells.bytes(&span.trace_id().0.to_be_bytes());
                cells.bigint(span.span_id().0.cast_signed());
            });
        }
    }

    /// Adds a row, unless it is there already.
    fn row(&mut self, table: Table, span: u32, fill: impl FnOnce(&mut Vec<u8>)) {
        let from = self.cells.len();
        fill(&mut self.cells);
        let Self { cells, places, shared, known, hasher, .. } = self;
        let new = RowPlace { table, cells: (from, cells.len()), span };
        let bytes = |place: &RowPlace| cells.get(place.cells.0..place.cells.1).unwrap_or_default();
        let hash = |place: &RowPlace| hasher.hash_one((place.table, bytes(place)));
        let at = |number: &usize| places.get(*number).copied().unwrap_or(new);
        let same = |number: &usize| at(number).table == table && bytes(&at(number)) == bytes(&new);
        if let Some(known) = known.find(hash(&new), same) {
            if at(known).span != span {
                shared.push((*known, span));
            }
            self.cells.truncate(from);
            return;
        }
        known.insert_unique(hash(&new), places.len(), |number| hash(&at(number)));
        places.push(new);
    }
}

/// Buckets of `service_name_index`. They are the writer's choice, since readers look into all: one for a whole batch makes one
/// statement a service, and traces that begin together go to different ones, since a bucket has one row a start.
struct Buckets {
    first: u64,
    together: HashMap<(u64, i64), Vec<u128>>,
}

impl Buckets {
    fn of(batch: &Batch) -> Self {
        let first = batch.span(0).map_or(0, |span| span.identity().0);
        Self { first: first % u64::from(BUCKETS), together: HashMap::new() }
    }

    fn bucket(&mut self, span: SpanView<'_>) -> i32 {
        let service = jaeger_model::hash_bytes(0, span.service().as_bytes());
        let traces = self.together.entry((service, span.start().as_micros())).or_default();
        let trace = span.trace_id().0;
        let place = traces.iter().position(|known| *known == trace).unwrap_or_else(|| {
            traces.push(trace);
            traces.len() - 1
        });
        i32::from(u8::try_from((self.first + place as u64) % u64::from(BUCKETS)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests;
