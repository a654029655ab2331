//! Blocks of partitions that were read lately, bounded by bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jaeger_storage::block::Block;
use parking_lot::Mutex;

use crate::partition::{Partition, PartitionError};

/// The partition's number and the block's within it.
type Key = (u64, usize);

/// The blocks, and when each was last asked for.
#[derive(Debug)]
pub(crate) struct BlockCache {
    max_bytes: usize,
    held: Mutex<Held>,
    clock: AtomicU64,
}

#[derive(Debug, Default)]
struct Held {
    blocks: HashMap<Key, (Arc<Block>, u64), RandomState>,
    bytes: usize,
}

impl BlockCache {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { max_bytes, held: Mutex::default(), clock: AtomicU64::new(0) }
    }

    /// The block, read from its file where it is not here.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn block(&self, partition: &Partition, number: usize) -> Result<Arc<Block>, PartitionError> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let key = (partition.number, number);
        if let Some((block, used)) = self.held.lock().blocks.get_mut(&key) {
            *used = now;
            return Ok(Arc::clone(block));
        }
        // Read without the lock: two may read the same block, which is rare.
        let block = Arc::new(partition.read_block(number)?);
        let mut held = self.held.lock();
        let held = &mut *held;
        held.bytes += block.size_bytes();
        if let Some((before, _)) = held.blocks.insert(key, (Arc::clone(&block), now)) {
            held.bytes -= before.size_bytes();
        }
        while held.bytes > self.max_bytes && held.blocks.len() > 1 {
            let oldest = held.blocks.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            let Some(oldest) = oldest else { break };
            if let Some((block, _)) = held.blocks.remove(&oldest) {
                held.bytes -= block.size_bytes();
            }
        }
        Ok(block)
    }

    /// The partition is gone.
    pub(crate) fn forget(&self, partition: u64) {
        let mut held = self.held.lock();
        let held = &mut *held;
        held.blocks.retain(|key, (block, _)| {
            let keep = key.0 != partition;
            if !keep {
                held.bytes -= block.size_bytes();
            }
            keep
        });
    }
}
