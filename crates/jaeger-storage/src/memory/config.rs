//! What bounds a memory store.

use std::time::Duration;

/// The bounds of a [`MemoryStore`](super::MemoryStore), and how it cuts spans into blocks.
#[derive(Clone, Debug)]
pub struct MemoryConfig {
    /// The most bytes that it holds; beyond them the oldest block goes.
    pub max_bytes: usize,
    /// Keeps exactly this many traces, those that arrived last; 0 is no bound. A trace arrives with its first span.
    pub max_traces: Option<usize>,
    /// A block is sealed when it has this many spans, at most 32,768.
    pub block_spans: usize,
    /// A block is sealed when its batches hold this many bytes.
    pub block_bytes: usize,
    /// A full block waits so long before it is sealed, or until nothing was written for 5 s: for who lets go of all blocks
    /// sooner while spans come fast.
    pub seal_delay: Duration,
    /// So many full blocks may wait to be sealed before writers wait too.
    pub waiting_blocks: usize,
    /// Seal on a thread of its own; otherwise the writer that fills a block seals it.
    pub background: bool,
}

impl Default for MemoryConfig {
    /// One GiB, any number of traces, blocks of 16,384 spans.
    fn default() -> Self {
        Self {
            max_bytes: 1 << 30,
            max_traces: None,
            block_spans: 16_384,
            block_bytes: 16 << 20,
            seal_delay: Duration::ZERO,
            waiting_blocks: 4,
            background: true,
        }
    }
}

impl MemoryConfig {
    /// The bytes at which a block is sealed: a small store has small blocks, so that one of many goes and not all.
    pub(crate) fn seal_bytes(&self) -> usize {
        self.block_bytes.min(self.max_bytes / 8).max(1)
    }

    /// None where traces are not bounded: as in Go Jaeger 0 is no bound.
    pub(crate) fn max_traces(&self) -> Option<usize> {
        self.max_traces.filter(|traces| *traces > 0)
    }

    pub(crate) fn seal_spans(&self) -> usize {
        self.block_spans.clamp(1, MAX_BLOCK_SPANS)
    }
}

/// Nothing was written for so long: there is time to seal.
pub(crate) const QUIET: Duration = Duration::from_secs(5);

/// Rows of a block are numbered in 16 bits.
pub(crate) const MAX_BLOCK_SPANS: usize = 32_768;
