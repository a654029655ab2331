//! What new blocks add: a trace is counted whole, up to a bound, so that what its spans say of each other is right and
//! copies count once.

use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};
use jaeger_model::TraceId;

use super::{Counting, Delta, Gatherer};
use crate::block::Block;

/// A trace that has more blocks or spans is not counted whole any more.
const MAX_WHOLE_BLOCKS: usize = 64;
const MAX_WHOLE_SPANS: usize = 50_000;

/// A block, and a trace's place in it.
pub type Place = (Arc<Block>, usize);

/// What was counted before.
pub trait History {
    /// The blocks that have spans of this trace and are counted, oldest first.
    fn older(&mut self, id: TraceId) -> Vec<Place>;

    /// Whether each further block of this trace counts by itself.
    fn counts_alone(&self, id: TraceId) -> bool;

    /// From this block on each one of this trace counts by itself.
    fn count_alone_from(&mut self, id: TraceId, block: &Block);
}

/// What new blocks add: of a trace that has spans in older ones, the whole trace's less those that were counted
/// before. Of a trace in very many blocks, each further one counts by itself.
#[must_use]
pub fn found_since(new: &[Arc<Block>], history: &mut impl History) -> Delta {
    let mut gatherer = Gatherer::new(Counting::ALL);
    // By trace, the places of the new blocks that were counted.
    let mut counted: HashMap<TraceId, Vec<(u32, u32)>, RandomState> = HashMap::default();
    for (at, block) in new.iter().enumerate() {
        for (trace, id) in block.trace_ids().iter().enumerate() {
            let here = (Arc::clone(block), trace);
            if history.counts_alone(*id) {
                gatherer.trace(&[here], &[], 1);
                continue;
            }
            let mut places = history.older(*id);
            if let Some(before) = counted.get(id) {
                places.extend(
                    before.iter().filter_map(|(at, trace)| Some((Arc::clone(new.get(*at as usize)?), *trace as usize))),
                );
            }
            if !counts_whole(&places) {
                history.count_alone_from(*id, block);
                gatherer.trace(&[here], &[], 1);
                continue;
            }
            if !places.is_empty() {
                gatherer.trace(&places, &[], -1);
            }
            places.push(here);
            gatherer.trace(&places, &[], 1);
            if at + 1 < new.len()
                && let (Ok(at), Ok(trace)) = (u32::try_from(at), u32::try_from(trace))
            {
                counted.entry(*id).or_default().push((at, trace));
            }
        }
    }
    gatherer.finish()
}

/// What new blocks add, where `older` gives the blocks (oldest first, with the trace's place) that were counted
/// before; it is asked once for each trace of each block, so that it should tell quickly of one that is not there.
#[must_use]
pub fn found_in(new: &[Arc<Block>], older: impl FnMut(TraceId) -> Vec<Place>) -> Delta {
    struct Asked<F>(F, HashSet<TraceId, RandomState>);
    impl<F: FnMut(TraceId) -> Vec<Place>> History for Asked<F> {
        fn older(&mut self, id: TraceId) -> Vec<Place> {
            (self.0)(id)
        }

        fn counts_alone(&self, id: TraceId) -> bool {
            self.1.contains(&id)
        }

        fn count_alone_from(&mut self, id: TraceId, _: &Block) {
            self.1.insert(id);
        }
    }
    found_since(new, &mut Asked(older, HashSet::default()))
}

/// Whether a trace in these blocks, if it goes on, is counted whole once more. Without a bound a trace that goes on
/// for ever would be read again and again, and the more the longer it is.
pub(crate) fn counts_whole(blocks: &[Place]) -> bool {
    blocks.len() <= MAX_WHOLE_BLOCKS
        && blocks.iter().map(|(block, trace)| block.rows(*trace).len()).sum::<usize>() <= MAX_WHOLE_SPANS
}
