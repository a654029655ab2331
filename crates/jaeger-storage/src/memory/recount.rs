//! What blocks and hot spans add to the counted links, and take away again: a trace is counted whole, up to a bound.

use std::sync::Arc;

use jaeger_model::{SpanView, TraceId};

use super::gather::Gatherer;
use super::links::Delta;
use super::state::{Shared, find_block};
use crate::block::Block;

/// A trace that has more blocks or spans is not counted whole any more.
const MAX_WHOLE_BLOCKS: usize = 64;
const MAX_WHOLE_SPANS: usize = 50_000;

impl Shared {
    /// What the new blocks add to the links: of a trace that has spans in older ones, the whole trace's less those
    /// that were counted before. Of a trace in very many blocks, each further one counts by itself.
    pub(super) fn links_of(&self, new: &[Arc<Block>], old: &[Arc<Block>]) -> Delta {
        let mut gatherer = Gatherer::default();
        let mut numbers = Vec::new();
        for (at, block) in new.iter().enumerate() {
            for (trace, id) in block.trace_ids().iter().enumerate() {
                let here = (Arc::clone(block), trace);
                if self.index.lock().alone_from(*id).is_some() {
                    gatherer.links(&[here], &[], 1);
                    continue;
                }
                let mut places = self.places(old, *id, &mut numbers);
                places
                    .extend(new.iter().take(at).filter_map(|older| Some((Arc::clone(older), older.find_trace(*id)?))));
                if !counts_whole(&places) {
                    self.index.lock().count_alone_from(*id, block.number);
                    gatherer.links(&[here], &[], 1);
                    continue;
                }
                if !places.is_empty() {
                    gatherer.links(&places, &[], -1);
                }
                places.push(here);
                gatherer.links(&places, &[], 1);
            }
        }
        gatherer.delta
    }

    /// Adds what spans that are not sealed add to the links of their trace, which is in `blocks`.
    pub(super) fn links_with_hot(
        &self,
        id: TraceId,
        blocks: &[(Arc<Block>, usize)],
        hot: &[SpanView<'_>],
        gatherer: &mut Gatherer,
    ) {
        let alone_from = self.index.lock().alone_from(id);
        // A mark set since the blocks were looked up is of a later block.
        let alone = blocks.last().is_some_and(|(block, _)| alone_from.is_some_and(|from| from <= block.number));
        if alone || !counts_whole(blocks) {
            gatherer.links(&[], hot, 1);
            return;
        }
        if !blocks.is_empty() {
            gatherer.links(blocks, &[], -1);
        }
        gatherer.links(blocks, hot, 1);
    }

    /// The blocks among `blocks` that have the trace, oldest first, and its place in each.
    pub(super) fn places(
        &self,
        blocks: &[Arc<Block>],
        id: TraceId,
        numbers: &mut Vec<u32>,
    ) -> Vec<(Arc<Block>, usize)> {
        self.index.lock().blocks(id, numbers);
        let found = numbers.iter().filter_map(|number| find_block(blocks, *number));
        found.filter_map(|(_, block)| Some((Arc::clone(block), block.find_trace(id)?))).collect()
    }

    /// What the links lose with the oldest block.
    pub(super) fn links_without(&self, block: &Arc<Block>, blocks: &[Arc<Block>]) -> Delta {
        #[cfg(test)]
        super::seal::tests::trip("evict");
        let mut gatherer = Gatherer::default();
        let mut numbers = Vec::new();
        for (trace, id) in block.trace_ids().iter().enumerate() {
            let alone_from = self.index.lock().alone_from(*id);
            if alone_from.is_some_and(|from| from <= block.number) {
                gatherer.links(&[(Arc::clone(block), trace)], &[], -1);
                continue;
            }
            let mut places = self.places(blocks, *id, &mut numbers);
            places.retain(|(other, _)| alone_from.is_none_or(|from| other.number < from));
            gatherer.links(&places, &[], -1);
            if places.len() > 1 {
                let rest: Vec<_> = places.into_iter().filter(|(other, _)| other.number != block.number).collect();
                gatherer.links(&rest, &[], 1);
            }
        }
        gatherer.delta
    }
}

/// Whether a trace in these blocks, if it goes on, is counted whole once more. Without a bound a trace that goes on
/// for ever would be read again and again, and the more the longer it is.
fn counts_whole(blocks: &[(Arc<Block>, usize)]) -> bool {
    blocks.len() <= MAX_WHOLE_BLOCKS
        && blocks.iter().map(|(block, trace)| block.rows(*trace).len()).sum::<usize>() <= MAX_WHOLE_SPANS
}
