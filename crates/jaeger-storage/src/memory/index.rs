//! Which blocks have spans of a trace: eight bytes for each trace and block.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use jaeger_model::TraceId;

use super::part::ByTrace;

/// Tables grow one at a time, so that none takes long.
const SHARDS: usize = 16;

/// Blocks by trace. Some of those named may not have the trace: their own list says.
pub(crate) struct TraceIndex {
    shards: [HashTable<Entry>; SHARDS],
    hasher: RandomState,
    /// Of traces in too many blocks: the first of those whose links are counted each by itself.
    alone_from: ByTrace<u32>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// The high half of the trace id's hash.
    hash: u32,
    block: u32,
}

impl Default for TraceIndex {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| HashTable::new()),
            hasher: RandomState::default(),
            alone_from: ByTrace::default(),
        }
    }
}

impl TraceIndex {
    #[expect(clippy::cast_possible_truncation, reason = "some bits of a hash")]
    fn place(&self, trace: TraceId) -> (usize, u32) {
        let hash = self.hasher.hash_one(trace);
        (hash as usize % SHARDS, (hash >> 32) as u32)
    }

    pub(crate) fn insert(&mut self, trace: TraceId, block: u32) {
        let (shard, hash) = self.place(trace);
        self.shards[shard].insert_unique(spread(hash), Entry { hash, block }, |entry| spread(entry.hash));
    }

    pub(crate) fn remove(&mut self, trace: TraceId, block: u32) {
        let (shard, hash) = self.place(trace);
        let same = |entry: &Entry| entry.hash == hash && entry.block == block;
        if let Ok(entry) = self.shards[shard].find_entry(spread(hash), same) {
            entry.remove();
        }
        if !self.alone_from.is_empty() {
            let gone = self.shards[shard].iter_hash(spread(hash)).all(|entry| entry.hash != hash);
            if gone {
                self.alone_from.remove(&trace);
            }
        }
    }

    /// From this block on the trace's links are counted in each block by itself.
    pub(crate) fn count_alone_from(&mut self, trace: TraceId, block: u32) {
        self.alone_from.entry(trace).or_insert(block);
    }

    /// The first block, if any, whose part of the trace's links is counted by itself.
    pub(crate) fn alone_from(&self, trace: TraceId) -> Option<u32> {
        self.alone_from.get(&trace).copied()
    }

    /// Puts the numbers of blocks that may have the trace into `blocks`, oldest first.
    pub(crate) fn blocks(&self, trace: TraceId, blocks: &mut Vec<u32>) {
        blocks.clear();
        let (shard, hash) = self.place(trace);
        let entries = self.shards[shard].iter_hash(spread(hash));
        blocks.extend(entries.filter(|entry| entry.hash == hash).map(|entry| entry.block));
        blocks.sort_unstable();
    }

    pub(crate) fn size_bytes(&self) -> usize {
        let tables = self.shards.iter().map(HashTable::allocation_size).sum::<usize>();
        tables + self.alone_from.allocation_size() + size_of::<Self>()
    }
}

/// A table looks at the highest and the lowest bits of a hash.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_blocks_of_a_trace() {
        let mut index = TraceIndex::default();
        for block in [7, 3, 5] {
            for trace in 0..1000 {
                index.insert(TraceId(trace), block);
            }
        }
        index.remove(TraceId(1), 5);
        let mut blocks = Vec::new();
        index.blocks(TraceId(0), &mut blocks);
        assert_eq!(blocks, [3, 5, 7]);
        index.blocks(TraceId(1), &mut blocks);
        assert_eq!(blocks, [3, 7]);
        index.blocks(TraceId(1000), &mut blocks);
        assert_eq!(blocks, [] as [u32; 0]);
    }

    #[test]
    fn knows_from_where_a_trace_is_counted_alone_until_its_last_block_goes() {
        let mut index = TraceIndex::default();
        index.insert(TraceId(1), 3);
        index.insert(TraceId(1), 4);
        index.count_alone_from(TraceId(1), 4);
        index.count_alone_from(TraceId(1), 5);
        index.remove(TraceId(1), 3);
        assert_eq!(index.alone_from(TraceId(1)), Some(4));
        index.remove(TraceId(1), 4);
        assert_eq!(index.alone_from(TraceId(1)), None);
    }
}
