//! What bounds an embedded store, and how it cuts spans into files.

use std::path::PathBuf;
use std::time::Duration;

/// The settings of an [`EmbeddedStore`](crate::EmbeddedStore).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmbeddedConfig {
    /// The folder that it keeps to itself; made where it is missing.
    pub directory: PathBuf,
    /// Spans that arrived longer ago go, a partition at a time.
    pub max_age: Duration,
    /// The most bytes on disk, logs and archive included; beyond them the oldest partition goes.
    pub max_bytes: u64,
    /// The bytes of log at which a generation is closed and becomes a partition.
    pub log_bytes: u64,
    /// A trace that takes more bytes of memory is not read whole: whoever asks is told so.
    pub max_trace_bytes: usize,
    /// The bytes of memory for blocks read from partitions.
    pub cache_bytes: usize,
    /// The spans of a block in a partition, at most 16,384; a trace stays together up to 32,768.
    pub block_spans: usize,
    /// Work on closed generations and old partitions on a thread of its own; otherwise whoever writes does it.
    pub background: bool,
}

impl EmbeddedConfig {
    /// The usual settings in this folder: 72 hours, 2 GB.
    #[must_use]
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            max_age: Duration::from_secs(72 * 3600),
            max_bytes: 2_000_000_000,
            log_bytes: 64 << 20,
            max_trace_bytes: 1 << 30,
            cache_bytes: 48 << 20,
            block_spans: 8_192,
            background: true,
        }
    }

    /// A small store has small generations, so that one of many partitions goes and not all.
    pub(crate) fn generation_bytes(&self) -> u64 {
        self.log_bytes.min(self.max_bytes / 16).max(1)
    }

    /// A generation is closed at this age however small it is, so that what is too old goes in time.
    pub(crate) fn generation_age(&self) -> Duration {
        (self.max_age / 24).max(Duration::from_secs(1))
    }
}
