//! Reads: a trace by its id, searches, what is counted by the minute.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;
use jaeger_model::{Trace, TraceId};

use super::state::{Shared, Snapshot};
use crate::block::Block;
use crate::minutes::{CallSums, LinkSums};
use crate::{CallsQuery, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, StorageError, TimeRange, TraceQuery};

impl Shared {
    pub(crate) fn get_trace(&self, id: TraceId) -> Result<Trace, StorageError> {
        let trace = self.spans_of(id)?;
        if trace.is_empty() {
            return Err(StorageError::new(ErrorKind::NotFound, format!("trace {id} is not in the memory store")));
        }
        Ok(trace)
    }

    pub(crate) fn find_ids(&self, query: &TraceQuery) -> (Vec<TraceId>, bool) {
        self.search(&self.snapshot(), query)
    }

    /// The blocks that have the trace, as far as it is still there.
    pub(super) fn live_places(&self, blocks: &[Arc<Block>], id: TraceId) -> Vec<(Arc<Block>, usize)> {
        let mut places = self.places(blocks, id, &mut Vec::new());
        places.retain(|(block, _)| self.live.has(id, block.end - 1));
        places
    }

    fn search(&self, snapshot: &Snapshot, query: &TraceQuery) -> (Vec<TraceId>, bool) {
        if query.limit == 0 {
            return (Vec::new(), false);
        }
        let mut ids = Vec::new();
        let mut known: HashSet<TraceId, RandomState> = HashSet::default();
        for (_, id) in self.newest(snapshot, query) {
            if known.insert(id) {
                if ids.len() == query.limit {
                    return (ids, true);
                }
                ids.push(id);
            }
        }
        (ids, false)
    }

    pub(crate) fn find_traces(self: &Arc<Self>, query: &TraceQuery) -> Result<FoundTraces<'static>, StorageError> {
        let snapshot = self.snapshot();
        let (ids, truncated) = self.search(&snapshot, query);
        let mut several = self.several(snapshot, &ids);
        let traces = ids.into_iter().filter_map(move |id| {
            let trace = several.spans_of(id);
            trace.map(|trace| (!trace.is_empty()).then_some(trace)).transpose()
        });
        Ok(FoundTraces { traces: Box::pin(futures_util::stream::iter(traces)), truncated })
    }

    pub(crate) fn dependencies(&self, range: TimeRange) -> Vec<DependencyLink> {
        let mut sums = LinkSums::new(range);
        self.sum_links(&mut sums);
        sums.finish()
    }

    pub(crate) fn calls(&self, query: &CallsQuery) -> Vec<MinuteCalls> {
        let mut sums = CallSums::new(query.clone());
        self.sum_calls(&mut sums);
        sums.finish()
    }
}
