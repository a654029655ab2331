//! When something came last over UDP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Shared by the receiving threads, which touch it once a `recvmmsg` call; clones are the same.
#[derive(Clone, Debug)]
pub struct Activity {
    start: Instant,
    /// Milliseconds after `start`, plus one; 0 is never.
    last_ms: Arc<AtomicU64>,
}

impl Default for Activity {
    fn default() -> Self {
        Activity::new()
    }
}

impl Activity {
    /// Nothing came yet.
    #[must_use]
    pub fn new() -> Self {
        Activity { start: Instant::now(), last_ms: Arc::default() }
    }

    /// Something came.
    pub fn touch(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(now.saturating_add(1), Ordering::Relaxed);
    }

    /// When something came last.
    #[must_use]
    pub fn last(&self) -> Option<Instant> {
        match self.last_ms.load(Ordering::Relaxed) {
            0 => None,
            last => Some(self.start + Duration::from_millis(last)),
        }
    }
}
