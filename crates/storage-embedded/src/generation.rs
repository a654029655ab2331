//! A generation: the spans of one or more logs, searchable in memory until they are a partition.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jaeger_model::Batch;
use jaeger_storage::{MemoryConfig, MemoryStore, SpanWriter};

use crate::executor::block_on;

/// A generation is closed when its batches had so many bytes of memory, however short its log is.
const MAX_HELD_BYTES: u64 = 96 << 20;
/// Spans that stay longer in a generation are sealed in memory.
const SEAL_DELAY: Duration = Duration::from_secs(60);

/// The spans of the logs from `first` to the one before the next generation's.
pub(crate) struct Generation {
    /// The number of its first log.
    pub(crate) first_log: u64,
    /// Its spans.
    pub(crate) store: MemoryStore,
    /// Bytes of its logs.
    bytes: AtomicU64,
    /// Of these, those whose batches came here on their way, not by a replay.
    came_bytes: AtomicU64,
    /// Bytes of records of its only log when that was closed; 0 where it has several, or is open.
    closed_bytes: AtomicU64,
    /// Bytes of memory that its batches had when they came.
    held_bytes: AtomicU64,
    /// When its first and its last span arrived, milliseconds since 1970; 0 while it has none.
    first_arrival_ms: AtomicI64,
    last_arrival_ms: AtomicI64,
    /// How often the disk did not give its logs when it was to become a partition.
    pub(crate) failed_reads: AtomicU32,
}

impl Generation {
    pub(crate) fn new(first_log: u64) -> Self {
        // What bounds it is when it is closed. Under load that comes before anything is sealed: sealing twice would cost
        // more CPU than all else; where spans come slowly, sealing keeps them small.
        let config = MemoryConfig {
            max_bytes: usize::MAX,
            max_traces: None,
            seal_delay: SEAL_DELAY,
            waiting_blocks: usize::MAX,
            ..MemoryConfig::default()
        };
        Self {
            first_log,
            store: MemoryStore::new(config),
            bytes: AtomicU64::new(0),
            came_bytes: AtomicU64::new(0),
            closed_bytes: AtomicU64::new(0),
            held_bytes: AtomicU64::new(0),
            first_arrival_ms: AtomicI64::new(0),
            last_arrival_ms: AtomicI64::new(0),
            failed_reads: AtomicU32::new(0),
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

    /// Takes a batch that is in the log with so many bytes.
    pub(crate) async fn take(&self, batch: Arc<Batch>, log_bytes: u64) {
        self.grew(log_bytes, now_ms());
        self.held_bytes.fetch_add(batch.size_bytes() as u64, Ordering::Relaxed);
        let _all = self.store.write(batch).await;
        self.came_bytes.fetch_add(log_bytes, Ordering::Release);
    }

    /// Takes a batch that a start found in a log.
    pub(crate) fn replay(&self, batch: Batch) {
        self.held_bytes.fetch_add(batch.size_bytes() as u64, Ordering::Relaxed);
        block_on(self.store.write(Arc::new(batch)));
    }

    /// It has this one log, whose records take so many bytes, and no more come.
    pub(crate) fn closed_at(&self, record_bytes: u64) {
        self.closed_bytes.store(record_bytes, Ordering::Release);
    }

    /// All its batches, if they are still as they came and are all that its log has.
    pub(crate) fn batches(&self) -> Option<Vec<Arc<Batch>>> {
        let closed = self.closed_bytes.load(Ordering::Acquire);
        // Those that are durable are on their way here.
        for _ in 0..100 {
            if self.came_bytes.load(Ordering::Acquire) >= closed {
                break;
            }
            #[expect(clippy::disallowed_methods, reason = "a thread that has nothing else to do")]
            std::thread::sleep(Duration::from_millis(1));
        }
        let complete = closed > 0 && self.came_bytes.load(Ordering::Acquire) == closed;
        complete.then(|| self.store.unsealed()).flatten()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether it has as much as a generation is to have.
    pub(crate) fn is_full(&self, log_bytes: u64) -> bool {
        self.bytes() >= log_bytes || self.held_bytes.load(Ordering::Relaxed) >= MAX_HELD_BYTES
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
