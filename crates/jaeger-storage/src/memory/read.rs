//! Reads: a trace by its id, searches, links between services.

use std::collections::{BinaryHeap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use jaeger_model::{SpanView, Timestamp, Trace, TraceId};

use super::gather::Gatherer;
use super::links::Sums;
use super::part::{ByTrace, Place};
use super::state::{Shared, Snapshot};
use crate::block::{Block, BlockQuery, Cursor, Reading};
use crate::{DependencyLink, ErrorKind, FoundTraces, StorageError, TimeRange, TraceQuery};

impl Shared {
    pub(crate) fn get_trace(&self, id: TraceId) -> Result<Trace, StorageError> {
        let snapshot = self.snapshot();
        let mut places = Vec::new();
        for (part, spans) in snapshot.parts.iter().enumerate() {
            spans.locate_one(part, &self.live, id, &mut places);
        }
        let blocks = self.live_places(&snapshot.blocks, id);
        let trace = snapshot.assemble(&blocks, &places, &mut Reading::default())?;
        if trace.is_empty() {
            return Err(StorageError::new(ErrorKind::NotFound, format!("trace {id} is not in the memory store")));
        }
        Ok(trace)
    }

    pub(crate) fn find_ids(&self, query: &TraceQuery) -> (Vec<TraceId>, bool) {
        self.search(&self.snapshot(), query)
    }

    /// The blocks that have the trace, as far as it is still there.
    fn live_places(&self, blocks: &[Arc<Block>], id: TraceId) -> Vec<(Arc<Block>, usize)> {
        let mut places = self.places(blocks, id, &mut Vec::new());
        places.retain(|(block, _)| self.live.has(id, block.end - 1));
        places
    }

    /// Merges what matches in the hot parts and in each service of each block, newest first.
    fn search(&self, snapshot: &Snapshot, query: &TraceQuery) -> (Vec<TraceId>, bool) {
        if query.limit == 0 {
            return (Vec::new(), false);
        }
        let mut found: ByTrace<Timestamp> = ByTrace::default();
        for part in &snapshot.parts {
            part.search(query, &self.live, &mut found);
        }
        let mut heap: BinaryHeap<Candidate> = BinaryHeap::with_capacity(snapshot.blocks.len() + found.len());
        heap.extend(found.into_iter().map(|(id, start)| Candidate { start, id, cursor: None }));
        let mut cursors = Vec::new();
        let prepared = BlockQuery::new(query);
        for block in snapshot.blocks.iter() {
            block.search(&prepared, &mut cursors);
        }
        for (place, cursor) in cursors.iter_mut().enumerate() {
            heap.extend(self.candidate(cursor, place));
        }
        let mut ids = Vec::new();
        let mut known: HashSet<TraceId, RandomState> = HashSet::default();
        while let Some(candidate) = heap.pop() {
            if let Some(place) = candidate.cursor
                && let Some(cursor) = cursors.get_mut(place)
            {
                heap.extend(self.candidate(cursor, place));
            }
            if known.insert(candidate.id) {
                if ids.len() == query.limit {
                    return (ids, true);
                }
                ids.push(candidate.id);
            }
        }
        (ids, false)
    }

    fn candidate(&self, cursor: &mut Cursor, place: usize) -> Option<Candidate> {
        loop {
            let found = cursor.next()?;
            if self.live.has(found.id, cursor.block().end - 1) {
                return Some(Candidate { start: found.start, id: found.id, cursor: Some(place) });
            }
        }
    }

    pub(crate) fn find_traces(&self, query: &TraceQuery) -> Result<FoundTraces<'_>, StorageError> {
        let snapshot = self.snapshot();
        let (ids, truncated) = self.search(&snapshot, query);
        let mut hot: ByTrace<Vec<Place>> = ids.iter().map(|id| (*id, Vec::new())).collect();
        if !ids.is_empty() {
            for (part, spans) in snapshot.parts.iter().enumerate() {
                spans.locate(part, &self.live, &mut hot);
            }
        }
        let mut reading = Reading::default();
        let traces = ids.into_iter().filter_map(move |id| {
            let blocks = self.live_places(&snapshot.blocks, id);
            let hot = hot.get(&id).map_or(&[][..], Vec::as_slice);
            let trace = snapshot.assemble(&blocks, hot, &mut reading);
            trace.map(|trace| (!trace.is_empty()).then_some(trace)).transpose()
        });
        Ok(FoundTraces { traces: Box::pin(futures_util::stream::iter(traces)), truncated })
    }

    pub(crate) fn dependencies(&self, range: TimeRange) -> Vec<DependencyLink> {
        let mut sums = Sums::default();
        let snapshot = {
            let state = self.state.lock();
            state.links.sum(range, &mut sums);
            state.snapshot()
        };
        let mut traces: ByTrace<Vec<SpanView<'_>>> = ByTrace::default();
        for arrived in snapshot.parts.iter().flat_map(|part| &part.batches) {
            for (span, number) in arrived.batch.spans().zip(arrived.first..) {
                if self.live.has(span.trace_id(), number) {
                    traces.entry(span.trace_id()).or_default().push(span);
                }
            }
        }
        // Where traces are bounded nothing is counted beforehand.
        let counted = !self.live.is_bounded();
        if !counted {
            for block in snapshot.blocks.iter() {
                for id in block.trace_ids() {
                    traces.entry(*id).or_default();
                }
            }
        }
        let mut gatherer = Gatherer::default();
        for (id, hot) in &traces {
            let blocks = self.live_places(&snapshot.blocks, *id);
            if counted {
                self.links_with_hot(*id, &blocks, hot, &mut gatherer);
            } else {
                gatherer.links(&blocks, hot, 1);
            }
        }
        sums.apply(&gatherer.delta, range);
        sums.finish()
    }
}

/// A trace that matches, by its newest matching span of one source.
#[derive(PartialEq, Eq)]
struct Candidate {
    start: Timestamp,
    id: TraceId,
    cursor: Option<usize>,
}

/// The newest is the greatest; of equal starts the lowest id.
impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.start.cmp(&other.start).then_with(|| other.id.cmp(&self.id))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Snapshot {
    /// The trace out of its blocks and of the spans at `places`, copies dropped.
    fn assemble(
        &self,
        blocks: &[(Arc<Block>, usize)],
        places: &[Place],
        reading: &mut Reading,
    ) -> Result<Trace, StorageError> {
        let mut trace = Trace::new();
        for (block, place) in blocks {
            let batch = block.decode(*place, reading).map_err(|full| {
                StorageError::new(ErrorKind::Corrupt, "a trace of the memory store fits in no batch").caused_by(full)
            })?;
            let spans = batch.len();
            trace.push_spans(Arc::new(batch), 0..spans);
        }
        for run in places.chunk_by(|a, b| (a.part, a.batch) == (b.part, b.batch)) {
            let Some(at) = run.first() else { continue };
            if let Some(arrived) = self.parts.get(at.part).and_then(|part| part.batches.get(at.batch)) {
                trace.push_spans(Arc::clone(&arrived.batch), run.iter().map(|place| place.span));
            }
        }
        // One block alone has no copies.
        if blocks.len() > 1 || !places.is_empty() {
            drop_copies(&mut trace);
        }
        Ok(trace)
    }
}

/// Drops copies; the costly identity is asked of no trace whose spans have each their own id.
fn drop_copies(trace: &mut Trace) {
    let mut known: HashSet<u64, RandomState> = HashSet::with_capacity_and_hasher(trace.len(), RandomState::default());
    if !trace.spans().all(|span| known.insert(span.span_id().0)) {
        trace.drop_copies();
    }
}
