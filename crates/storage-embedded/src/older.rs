//! What older partitions have of the traces that are to become a partition: their copies are dropped, and links are counted
//! over the whole trace.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jaeger_model::{Batch, TraceId};
use jaeger_storage::block::Reading;
use jaeger_storage::minutes::Place;

use crate::engine::Engine;
use crate::partition::{Partition, PartitionError, trace_hash};

/// Partitions that ended longer before are not looked into: a sender that tries again, and a trace that goes on, comes sooner.
const LOOK_BACK_MS: i64 = 10 * 60 * 1000;
/// Blocks of older partitions that are held at once take at most so many bytes; what they have of further traces stays twice
/// and is one span when it is read.
const MAX_HELD_BYTES: usize = 64 << 20;
/// However many partitions there are in that time.
const MAX_PARTITIONS: usize = 64;

/// The traces with spans in older partitions, and where.
#[derive(Default)]
pub(crate) struct Older {
    held_bytes: usize,
    /// The blocks that were counted in the bytes, by partition and number.
    seen: HashSet<(u64, usize), RandomState>,
    /// Each with its partition's number and its own within that.
    places: HashMap<TraceId, Vec<Found>, RandomState>,
}

type Found = ((u64, usize), Place);

impl Older {
    /// Looks for the traces of `batches`, the first of which arrived at `since_ms`.
    pub(crate) fn find(engine: &Engine, batches: &[Arc<Batch>], partitions: &[Arc<Partition>], since_ms: i64) -> Self {
        let mut older = Self::default();
        let recent = partitions.iter().rev().take(MAX_PARTITIONS);
        let recent: Vec<_> =
            recent.take_while(|partition| partition.footer.last_arrival_ms >= since_ms - LOOK_BACK_MS).collect();
        if recent.is_empty() {
            return older;
        }
        let mut traces: Vec<(u64, TraceId)> = Vec::new();
        let mut before = None;
        for span in batches.iter().flat_map(|batch| batch.spans()) {
            if before != Some(span.trace_id()) {
                before = Some(span.trace_id());
                traces.push((trace_hash(span.trace_id()), span.trace_id()));
            }
        }
        traces.sort_unstable();
        traces.dedup();
        // Newest first: a sender that tries again, and a trace that goes on, is there.
        for partition in recent {
            if older.held_bytes > MAX_HELD_BYTES {
                break;
            }
            if let Err(error) = older.find_in(engine, partition, &traces) {
                engine.damaged(&error);
            }
        }
        older
    }

    /// Walks through two sorted lists.
    fn find_in(
        &mut self,
        engine: &Engine,
        partition: &Partition,
        traces: &[(u64, TraceId)],
    ) -> Result<(), PartitionError> {
        let mut wanted = traces.iter().peekable();
        for entry in partition.trace_entries()? {
            let hash = entry & !0xffff;
            while wanted.next_if(|(other, _)| *other < hash).is_some() {}
            for (_, trace) in wanted.clone().take_while(|(other, _)| *other == hash) {
                let number = usize::try_from(entry & 0xffff).unwrap_or(usize::MAX);
                let block = engine.cache.block(partition, number)?;
                if self.seen.insert((partition.number, number)) {
                    self.held_bytes += block.size_bytes();
                }
                if self.held_bytes > MAX_HELD_BYTES {
                    return Ok(());
                }
                if let Some(place) = block.find_trace(*trace) {
                    self.places
                        .entry(*trace)
                        .or_default()
                        .push(((partition.number, number), (Arc::clone(&block), place)));
                }
            }
        }
        Ok(())
    }

    /// Where the trace is, oldest first.
    pub(crate) fn places(&self, trace: TraceId) -> Vec<Place> {
        let mut places = self.places.get(&trace).cloned().unwrap_or_default();
        places.sort_unstable_by_key(|(number, _)| *number);
        places.into_iter().map(|(_, place)| place).collect()
    }

    /// The spans, by number of arrival in `batches`, that older partitions have.
    pub(crate) fn copies(&self, batches: &[Arc<Batch>]) -> HashSet<u64, RandomState> {
        let mut copies = HashSet::default();
        if self.places.is_empty() {
            return copies;
        }
        let mut known: HashMap<TraceId, HashSet<u64, RandomState>, RandomState> = HashMap::default();
        for (number, span) in (0..).zip(batches.iter().flat_map(|batch| batch.spans())) {
            let id = span.trace_id();
            let Some(places) = self.places.get(&id) else { continue };
            let known = known.entry(id).or_insert_with(|| identities(places));
            if known.contains(&span.identity().0) {
                copies.insert(number);
            }
        }
        copies
    }
}

fn identities(places: &[Found]) -> HashSet<u64, RandomState> {
    let batches = places.iter().filter_map(|(_, (block, place))| block.decode(*place, &mut Reading::default()).ok());
    batches.flat_map(|batch| batch.spans().map(|span| span.identity().0).collect::<Vec<_>>()).collect()
}
