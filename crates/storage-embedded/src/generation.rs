//! A generation: the spans of one or more logs, searchable in memory until they are a partition.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jaeger_storage::{MemoryConfig, MemoryStore};

/// The spans of the logs from `first` to the one before the next generation's.
pub(crate) struct Generation {
    /// The number of its first log.
    pub(crate) first_log: u64,
    /// Its spans.
    pub(crate) store: MemoryStore,
    /// Bytes of its logs.
    bytes: AtomicU64,
    /// When its first and its last span arrived, milliseconds since 1970; 0 while it has none.
    first_arrival_ms: AtomicI64,
    last_arrival_ms: AtomicI64,
}

impl Generation {
    pub(crate) fn new(first_log: u64) -> Self {
        // What bounds it is the log's length.
        let config = MemoryConfig { max_bytes: usize::MAX, max_traces: None, ..MemoryConfig::default() };
        Self {
            first_log,
            store: MemoryStore::new(config),
            bytes: AtomicU64::new(0),
            first_arrival_ms: AtomicI64::new(0),
            last_arrival_ms: AtomicI64::new(0),
        }
    }

    /// So many bytes were added to its logs, at this time.
    pub(crate) fn grew(&self, bytes: u64, at_ms: i64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if self.is_empty() {
            self.first_arrival_ms.store(at_ms, Ordering::Relaxed);
        }
        self.last_arrival_ms.fetch_max(at_ms, Ordering::Relaxed);
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first_arrival_ms.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn first_arrival_ms(&self) -> i64 {
        self.first_arrival_ms.load(Ordering::Relaxed)
    }

    pub(crate) fn last_arrival_ms(&self) -> i64 {
        self.last_arrival_ms.load(Ordering::Relaxed)
    }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    ms_of(SystemTime::now())
}

pub(crate) fn ms_of(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
