//! What blocks and hot spans add to the counts by the minute, and take away again.

use std::sync::Arc;

use jaeger_model::{SpanView, TraceId};

use super::part::ByTrace;
use super::state::{Shared, Snapshot, find_block};
use crate::block::Block;
use crate::minutes::{CallSums, Counting, Delta, Gatherer, History, LinkSums, Place, counts_whole, found_since};

/// The blocks that are counted already.
struct Counted<'s> {
    shared: &'s Shared,
    blocks: &'s [Arc<Block>],
    numbers: Vec<u32>,
}

impl History for Counted<'_> {
    fn older(&mut self, id: TraceId) -> Vec<Place> {
        self.shared.places(self.blocks, id, &mut self.numbers)
    }

    fn counts_alone(&self, id: TraceId) -> bool {
        self.shared.index.lock().alone_from(id).is_some()
    }

    fn count_alone_from(&mut self, id: TraceId, block: &Block) {
        self.shared.index.lock().count_alone_from(id, block.number);
    }
}

impl Shared {
    /// What the new blocks add.
    pub(super) fn found_in(&self, new: &[Arc<Block>], old: &[Arc<Block>]) -> Delta {
        found_since(new, &mut Counted { shared: self, blocks: old, numbers: Vec::new() })
    }

    /// Adds what spans that are not sealed add to what their trace, which is in `blocks`, was counted for.
    fn with_hot(&self, id: TraceId, blocks: &[Place], hot: &[SpanView<'_>], gatherer: &mut Gatherer) {
        let alone_from = self.index.lock().alone_from(id);
        // A mark set since the blocks were looked up is of a later block.
        let alone = blocks.last().is_some_and(|(block, _)| alone_from.is_some_and(|from| from <= block.number));
        if alone || !counts_whole(blocks) {
            gatherer.trace(&[], hot, 1);
            return;
        }
        if !blocks.is_empty() {
            gatherer.trace(blocks, &[], -1);
        }
        gatherer.trace(blocks, hot, 1);
    }

    /// The blocks among `blocks` that have the trace, oldest first, and its place in each.
    pub(super) fn places(&self, blocks: &[Arc<Block>], id: TraceId, numbers: &mut Vec<u32>) -> Vec<Place> {
        self.index.lock().blocks(id, numbers);
        let found = numbers.iter().filter_map(|number| find_block(blocks, *number));
        found.filter_map(|(_, block)| Some((Arc::clone(block), block.find_trace(id)?))).collect()
    }

    /// What the counts lose with the oldest block.
    pub(super) fn found_without(&self, block: &Arc<Block>, blocks: &[Arc<Block>]) -> Delta {
        #[cfg(test)]
        super::seal::tests::trip("evict");
        let mut gatherer = Gatherer::new(Counting::ALL);
        let mut numbers = Vec::new();
        for (trace, id) in block.trace_ids().iter().enumerate() {
            let alone_from = self.index.lock().alone_from(*id);
            if alone_from.is_some_and(|from| from <= block.number) {
                gatherer.trace(&[(Arc::clone(block), trace)], &[], -1);
                continue;
            }
            let mut places = self.places(blocks, *id, &mut numbers);
            places.retain(|(other, _)| alone_from.is_none_or(|from| other.number < from));
            gatherer.trace(&places, &[], -1);
            if places.len() > 1 {
                let rest: Vec<_> = places.into_iter().filter(|(other, _)| other.number != block.number).collect();
                gatherer.trace(&rest, &[], 1);
            }
        }
        gatherer.finish()
    }

    /// Adds the links between all spans that are there.
    pub(super) fn sum_links(&self, sums: &mut LinkSums) {
        let snapshot = {
            let state = self.state.lock();
            sums.add_minutes(&state.minutes);
            state.snapshot()
        };
        sums.add(&self.found_when_asked(&snapshot, Counting::LINKS));
    }

    /// Adds the calls among all spans that are there.
    pub(super) fn sum_calls(&self, sums: &mut CallSums) {
        let snapshot = {
            let state = self.state.lock();
            sums.add_minutes(&state.minutes);
            state.snapshot()
        };
        sums.add(&self.found_when_asked(&snapshot, Counting::CALLS));
    }

    /// What is not counted beforehand: spans that are not sealed and, where traces are bounded, all.
    fn found_when_asked(&self, snapshot: &Snapshot, counting: Counting) -> Delta {
        let mut traces: ByTrace<Vec<SpanView<'_>>> = ByTrace::default();
        for arrived in snapshot.parts.iter().flat_map(|part| &part.batches) {
            for (span, number) in arrived.batch.spans().zip(arrived.first..) {
                if self.live.has(span.trace_id(), number) {
                    traces.entry(span.trace_id()).or_default().push(span);
                }
            }
        }
        let counted = !self.live.is_bounded();
        if !counted {
            for block in snapshot.blocks.iter() {
                for id in block.trace_ids() {
                    traces.entry(*id).or_default();
                }
            }
        }
        let mut gatherer = Gatherer::new(counting);
        for (id, hot) in &traces {
            let blocks = self.live_places(&snapshot.blocks, *id);
            if counted {
                self.with_hot(*id, &blocks, hot, &mut gatherer);
            } else {
                gatherer.trace(&blocks, hot, 1);
            }
        }
        gatherer.finish()
    }
}
