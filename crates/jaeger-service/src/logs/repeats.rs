//! A reason that may repeat with every span is logged once in 10 s, with its count.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often one reason is logged.
const EVERY: Duration = Duration::from_secs(10);

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// One reason, as a `static` beside the place that logs it:
///
/// ```
/// use jaeger_service::logs::Repeats;
///
/// static MALFORMED: Repeats = Repeats::new();
/// if let Some(times) = MALFORMED.hit(1) {
///     tracing::warn!(times, "packet does not decode");
/// }
/// ```
#[derive(Debug)]
pub struct Repeats {
    /// Milliseconds since the process's first use when it may be logged again; 0 is at once.
    next_ms: AtomicU64,
    waiting: AtomicU64,
}

impl Default for Repeats {
    fn default() -> Self {
        Repeats::new()
    }
}

impl Repeats {
    /// A reason that was not met yet.
    #[must_use]
    pub const fn new() -> Self {
        Repeats { next_ms: AtomicU64::new(0), waiting: AtomicU64::new(0) }
    }

    /// Counts `count` times, and gives the number to log now: all since the last line, or `None` if the last line is less than 10 s old.
    pub fn hit(&self, count: u64) -> Option<u64> {
        let now = u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.hit_at(count, now)
    }

    fn hit_at(&self, count: u64, now_ms: u64) -> Option<u64> {
        self.waiting.fetch_add(count, Ordering::Relaxed);
        let next = self.next_ms.load(Ordering::Relaxed);
        if now_ms < next {
            return None;
        }
        let later = now_ms + u64::try_from(EVERY.as_millis()).unwrap_or(10_000);
        // Of several threads at once, one logs.
        self.next_ms.compare_exchange(next, later, Ordering::Relaxed, Ordering::Relaxed).ok()?;
        Some(self.waiting.swap(0, Ordering::Relaxed))
    }

    /// What was counted and not logged yet; for a last line when the process ends.
    pub fn take_rest(&self) -> Option<u64> {
        Some(self.waiting.swap(0, Ordering::Relaxed)).filter(|rest| *rest > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_repeats_is_logged_once_in_ten_seconds_with_its_count() {
        let reason = Repeats::new();
        assert_eq!(reason.hit_at(1, 0), Some(1));
        for now in 1..100 {
            assert_eq!(reason.hit_at(2, now), None);
        }
        assert_eq!(reason.hit_at(1, 10_000), Some(199));
        assert_eq!(reason.hit_at(1, 19_999), None);
        assert_eq!(reason.take_rest(), Some(1));
        assert_eq!(reason.take_rest(), None);
    }
}
