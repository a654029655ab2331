//! The hot part: batches as they came, searched by looking at every span. A full one waits to be sealed.

use std::sync::Arc;
use std::time::Instant;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jaeger_model::{Batch, Cell, Slice, SpanView, TagRow, Timestamp, TraceId, Value};

use super::live::Live;
use crate::TraceQuery;
use crate::query::tags_have;

/// A batch with the number of its first span in order of arrival.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) batch: Arc<Batch>,
    pub(crate) first: u64,
}

/// Batches in order of arrival.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub(crate) batches: Vec<Arrived>,
    pub(crate) spans: usize,
    pub(crate) bytes: usize,
    /// Since when it waits to be sealed.
    pub(crate) full_at: Option<Instant>,
}

/// Where a span stands: which of the parts, which batch of it, which span of that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) part: usize,
    pub(crate) batch: usize,
    pub(crate) span: usize,
}

/// Traces by id, in tables whose seed strangers don't know.
pub(crate) type ByTrace<T> = HashMap<TraceId, T, RandomState>;

impl Part {
    pub(crate) fn push(&mut self, batch: Arc<Batch>, first: u64) {
        self.spans += batch.len();
        self.bytes += size_in_part(&batch);
        self.batches.push(Arrived { batch, first });
    }

    /// The newest matching start of each trace with a matching span.
    pub(crate) fn search(&self, query: &TraceQuery, live: &Live, found: &mut ByTrace<Timestamp>) {
        for Arrived { batch, first } in &self.batches {
            let Some(filter) = BatchFilter::of(batch, query) else { continue };
            for (span, number) in batch.spans().zip(*first..) {
                if filter.matches(span) && live.has(span.trace_id(), number) {
                    let newest = found.entry(span.trace_id()).or_insert(span.start());
                    *newest = (*newest).max(span.start());
                }
            }
        }
    }

    /// Adds to the traces that are wanted where their spans stand, in order of arrival.
    pub(crate) fn locate(&self, part: usize, live: &Live, wanted: &mut ByTrace<Vec<Place>>) {
        for (batch, Arrived { batch: spans, first }) in self.batches.iter().enumerate() {
            // Spans of one trace mostly come together: one look-up for a run of them.
            let mut before = None;
            let mut places = None;
            for ((span, view), number) in spans.spans().enumerate().zip(*first..) {
                if before != Some(view.trace_id()) {
                    before = Some(view.trace_id());
                    places = wanted.get_mut(&view.trace_id());
                }
                if let Some(places) = &mut places
                    && live.has(view.trace_id(), number)
                {
                    places.push(Place { part, batch, span });
                }
            }
        }
    }

    /// The spans of one trace, by place, in order of arrival.
    pub(crate) fn locate_one(&self, part: usize, live: &Live, id: TraceId, places: &mut Vec<Place>) {
        for (batch, Arrived { batch: spans, first }) in self.batches.iter().enumerate() {
            for ((span, view), number) in spans.spans().enumerate().zip(*first..) {
                if view.trace_id() == id && live.has(id, number) {
                    places.push(Place { part, batch, span });
                }
            }
        }
    }

    /// Whether there is a span of the trace.
    pub(crate) fn has(&self, live: &Live, id: TraceId) -> bool {
        self.batches.iter().any(|Arrived { batch, first }| {
            batch.spans().zip(*first..).any(|(span, number)| span.trace_id() == id && live.has(id, number))
        })
    }
}

/// Whether `key` with a value of this text is among the rows; most are told by their length, without their text.
fn rows_have(batch: &Batch, rows: &[TagRow], key: &str, value: &str) -> bool {
    let is_text =
        |place: Slice, text: &str| place.len as usize == text.len() && batch.text_bytes(place) == text.as_bytes();
    rows.iter().any(|row| {
        is_text(row.key, key)
            && match row.value {
                Cell::Str(place) => is_text(place, value),
                Cell::Bool(of) => Value::Bool(of).text_is(value),
                Cell::I64(of) => Value::I64(of).text_is(value),
                Cell::F64(of) => Value::F64(of).text_is(value),
                Cell::Bytes(place) => Value::Bytes(batch.binary(place)).text_is(value),
            }
    })
}

/// The bytes that a batch costs here, its place in the list included.
pub(crate) fn size_in_part(batch: &Batch) -> usize {
    batch.size_bytes() + size_of::<Arrived>() + 2 * size_of::<usize>()
}

/// A query against the spans of one batch: what a process decides is decided once.
struct BatchFilter<'q> {
    query: &'q TraceQuery,
    batch: &'q Batch,
    /// For each process: whether the service is right, and which tags it has (bit by tag).
    processes: Vec<(bool, u64)>,
    /// Whether a span without a process has the right service.
    without: bool,
}

impl<'q> BatchFilter<'q> {
    /// None where no span of the batch can match.
    fn of(batch: &'q Batch, query: &'q TraceQuery) -> Option<Self> {
        let right = |service: &str| query.service.as_deref().is_none_or(|wanted| wanted == service);
        let without = right("");
        let mut any = without;
        let mut processes = Vec::with_capacity(batch.processes().len());
        for process in batch.processes() {
            let right = right(process.service());
            any |= right;
            let mut has = 0;
            if right {
                for (tag, (key, value)) in query.tags.iter().take(64).enumerate() {
                    has |= u64::from(tags_have(process.tags(), key, value)) << tag;
                }
            }
            processes.push((right, has));
        }
        any.then_some(Self { query, batch, processes, without })
    }

    fn matches(&self, span: SpanView<'_>) -> bool {
        let process = span.process_index().and_then(|index| self.processes.get(index));
        let (right, has) = process.copied().unwrap_or((self.without, 0));
        right
            && self.query.start.contains(span.start())
            && self.query.duration_matches(span.duration())
            && self.query.operation.as_deref().is_none_or(|wanted| wanted == span.operation())
            && self.query.tags.iter().enumerate().all(|(tag, (key, value))| {
                if tag >= 64 {
                    return crate::query::has_tag(span, key, value);
                }
                has >> tag & 1 == 1
                    || rows_have(self.batch, span.tag_rows(), key, value)
                    || span.logs().any(|log| rows_have(self.batch, log.field_rows(), key, value))
            })
    }
}
