//! Reads: a trace by its id, searches, links between services.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use jaeger_model::{SpanView, Timestamp, Trace, TraceId, dependency};

use super::part::{ByTrace, Place};
use super::state::{Shared, Snapshot};
use crate::{DependencyLink, ErrorKind, FoundTraces, StorageError, TimeRange, TraceQuery};

impl Shared {
    pub(crate) fn get_trace(&self, id: TraceId) -> Result<Trace, StorageError> {
        let snapshot = self.snapshot();
        let mut places = Vec::new();
        for (part, spans) in snapshot.parts.iter().enumerate() {
            spans.locate_one(part, &self.live, id, &mut places);
        }
        let trace = snapshot.assemble(&places);
        if trace.is_empty() {
            return Err(StorageError::new(ErrorKind::NotFound, format!("trace {id} is not in the memory store")));
        }
        Ok(trace)
    }

    pub(crate) fn find_ids(&self, query: &TraceQuery) -> (Vec<TraceId>, bool) {
        self.search(&self.snapshot(), query)
    }

    fn search(&self, snapshot: &Snapshot, query: &TraceQuery) -> (Vec<TraceId>, bool) {
        let mut found: ByTrace<Timestamp> = ByTrace::default();
        for part in &snapshot.parts {
            part.search(query, &self.live, &mut found);
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_unstable_by_key(|(id, newest)| (std::cmp::Reverse(*newest), *id));
        let truncated = query.limit > 0 && found.len() > query.limit;
        (found.into_iter().take(query.limit).map(|(id, _)| id).collect(), truncated)
    }

    pub(crate) fn find_traces(&self, query: &TraceQuery) -> Result<FoundTraces<'_>, StorageError> {
        let snapshot = self.snapshot();
        let (ids, truncated) = self.search(&snapshot, query);
        let mut hot: ByTrace<Vec<Place>> = ids.iter().map(|id| (*id, Vec::new())).collect();
        for (part, spans) in snapshot.parts.iter().enumerate() {
            spans.locate(part, &self.live, &mut hot);
        }
        let traces = ids.into_iter().filter_map(move |id| {
            let trace = snapshot.assemble(hot.get(&id).map_or(&[][..], Vec::as_slice));
            (!trace.is_empty()).then_some(Ok(trace))
        });
        Ok(FoundTraces { traces: Box::pin(futures_util::stream::iter(traces)), truncated })
    }

    pub(crate) fn dependencies(&self, range: TimeRange) -> Vec<DependencyLink> {
        let snapshot = self.snapshot();
        let mut traces: ByTrace<Vec<SpanView<'_>>> = ByTrace::default();
        for part in &snapshot.parts {
            for arrived in &part.batches {
                for (span, number) in arrived.batch.spans().zip(arrived.first..) {
                    if self.live.has(span.trace_id(), number) {
                        traces.entry(span.trace_id()).or_default().push(span);
                    }
                }
            }
        }
        let mut links: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
        for spans in traces.values() {
            dependency::links_of_trace(spans.iter().copied(), |link| {
                if range.contains(link.start) {
                    let count = links.entry((link.parent, link.child)).or_default();
                    count.0 += 1;
                    count.1 += u64::from(link.error);
                }
            });
        }
        let link = |((parent, child), (call_count, error_count)): ((&str, &str), (u64, u64))| DependencyLink {
            parent: parent.into(),
            child: child.into(),
            call_count,
            error_count,
        };
        links.into_iter().map(link).collect()
    }
}

impl Snapshot {
    /// The trace of the spans at `places`, copies dropped.
    fn assemble(&self, places: &[Place]) -> Trace {
        let mut trace = Trace::new();
        for run in places.chunk_by(|a, b| (a.part, a.batch) == (b.part, b.batch)) {
            let Some(at) = run.first() else { continue };
            if let Some(arrived) = self.parts.get(at.part).and_then(|part| part.batches.get(at.batch)) {
                trace.push_spans(Arc::clone(&arrived.batch), run.iter().map(|place| place.span));
            }
        }
        drop_copies(&mut trace);
        trace
    }
}

/// Drops copies; the costly identity is asked of spans that share their id alone.
fn drop_copies(trace: &mut Trace) {
    let mut known: HashSet<u64, RandomState> = HashSet::with_capacity_and_hasher(trace.len(), RandomState::default());
    if trace.spans().all(|span| known.insert(span.span_id().0)) {
        return;
    }
    trace.drop_copies();
}
