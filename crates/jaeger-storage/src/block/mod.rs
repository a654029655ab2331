//! A block: some thousand spans that arrived together, compressed, with what searches need.
//!
//! Rows are grouped by trace (in order of the traces' ids) and stand in order of arrival within a trace, so that
//! reading a trace touches one place of every column. `order` lists the rows by service, newest first.

mod bits;
mod build;
mod calls;
mod chunks;
mod column;
mod column_builder;
mod counted;
mod decode;
mod form;
mod lists;
mod lists_builder;
mod marks;
mod packed;
mod pattern;
mod ranges;
mod rare;
mod references;
mod rows;
#[cfg(test)]
mod samples;
mod search;
pub mod terms;
mod texts;
mod wanted;

use std::ops::Range;

use jaeger_model::TraceId;

pub use build::{Built, Piece, build};
pub(crate) use calls::{Call, Callee};
pub use column_builder::Scratch;
pub use form::BlockFormatError;
use lists::Lists;
pub use lists::Reading;
use packed::Packed;
use references::References;
pub use rows::{Row, Tagged};
pub use search::{BlockQuery, Cursor, Found};
use texts::Texts;

/// Spans that never change.
#[derive(Debug)]
pub struct Block {
    /// Blocks are numbered in order of arrival.
    pub number: u32,
    /// One more than the number of the last span that arrived.
    pub end: u64,
    /// Sorted.
    trace_ids: Box<[TraceId]>,
    /// The row with which each trace begins, and the number of rows.
    first_rows: Packed,
    span_ids: Box<[u64]>,
    starts: Packed,
    durations: Packed,
    flags: Packed,
    /// The place in `operations`.
    operation: Packed,
    operations: Texts,
    /// The place of the process, from 1; 0 for none.
    process: Packed,
    processes: Processes,
    tags: Lists,
    logs: Logs,
    references: References,
    /// The traces with spans that share an id.
    shared: Box<[u32]>,
    /// By row, of those that have any.
    warnings: Box<[(u32, Warnings)]>,
    /// Rows by service and start, newest first.
    order: Box<[u16]>,
    /// Where each service's rows end in `order`, by the service's place.
    service_ends: Box<[u32]>,
    size: usize,
}

type Warnings = Box<[Box<str>]>;

#[derive(Debug)]
struct Processes {
    services: Texts,
    /// The place in `services` of each process; spans without a process have the empty service.
    service: Packed,
    tags: Lists,
}

#[derive(Debug)]
struct Logs {
    /// By row.
    counts: Packed,
    /// By trace, the first of its logs.
    first: Packed,
    /// After the span's start, by log.
    times: Packed,
    fields: Lists,
}

impl Block {
    /// How many spans there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.span_ids.len()
    }

    /// Whether there is no span.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of memory that it holds.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.size
    }

    /// The traces, sorted.
    pub fn trace_ids(&self) -> &[TraceId] {
        &self.trace_ids
    }

    /// The place of a trace, from 0.
    pub fn find_trace(&self, id: TraceId) -> Option<usize> {
        self.trace_ids.binary_search(&id).ok()
    }

    /// The rows of the trace at `trace`.
    pub fn rows(&self, trace: usize) -> Range<usize> {
        self.first_rows.index_at(trace)..self.first_rows.index_at(trace + 1)
    }

    /// The place of the trace that a row belongs to.
    fn trace_of(&self, row: usize) -> usize {
        let (mut low, mut high) = (0, self.trace_ids.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.first_rows.index_at(middle) <= row {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low.saturating_sub(1)
    }

    /// The place of a row's service.
    fn service_of(&self, row: usize) -> usize {
        self.processes.service.index_at(self.process.index_at(row))
    }

    /// Whether two spans of the trace at `trace` share their id.
    pub fn shares_ids(&self, trace: usize) -> bool {
        self.shared.binary_search_by_key(&trace, |shared| *shared as usize).is_ok()
    }

    fn measure(&self) -> usize {
        self.parts().iter().map(|(_, bytes)| bytes).sum()
    }

    /// What the bytes are spent on.
    pub fn parts(&self) -> [(&'static str, usize); 10] {
        let warnings = self
            .warnings
            .iter()
            .map(|(_, texts)| texts.iter().map(|text| text.len() + 16).sum::<usize>() + size_of::<(u32, Warnings)>());
        let traces = self.trace_ids.len() * size_of::<TraceId>() + self.first_rows.heap_bytes();
        let processes = self.process.heap_bytes()
            + self.processes.services.heap_bytes()
            + self.processes.service.heap_bytes()
            + self.processes.tags.heap_bytes();
        let order = self.order.len() * size_of::<u16>() + self.service_ends.len() * size_of::<u32>();
        let logs = self.logs.counts.heap_bytes()
            + self.logs.first.heap_bytes()
            + self.logs.times.heap_bytes()
            + self.logs.fields.heap_bytes();
        let references = self.references.heap_bytes() + self.shared.len() * size_of::<u32>();
        [
            ("traces", traces),
            ("span ids", self.span_ids.len() * size_of::<u64>()),
            ("times and flags", self.starts.heap_bytes() + self.durations.heap_bytes() + self.flags.heap_bytes()),
            ("operations", self.operation.heap_bytes() + self.operations.heap_bytes()),
            ("processes", processes),
            ("tags", self.tags.heap_bytes()),
            ("logs", logs),
            ("references", references),
            ("order", order),
            ("the rest", size_of::<Self>() + warnings.sum::<usize>()),
        ]
    }
}
