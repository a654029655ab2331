//! So many traces a second: credit that grows with time up to one second's worth (at least one), a trace costs one.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use super::Decision;

#[derive(Debug)]
pub(crate) struct RateLimiting {
    per_second: f64,
    /// Nanoseconds in which one credit grows.
    cost: i64,
    /// Nanoseconds' worth of credit that are held at most.
    most: i64,
    origin: Instant,
    /// When, in nanoseconds after `origin`, there was or will be no credit: all that is known is in this number.
    empty_at: AtomicI64,
}

impl RateLimiting {
    /// Starts with a random part of its credit, so that a fleet that starts at once does not sample at once.
    pub(crate) fn new(per_second: f64) -> Self {
        let per_second = if per_second.is_finite() { per_second.max(0.0) } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let nanos = |credits: f64| (credits / per_second * 1e9) as i64;
        let (cost, most) = if per_second > 0.0 { (nanos(1.0), nanos(per_second.max(1.0))) } else { (i64::MAX, 0) };
        // At 5 a year there is room for both sums.
        let (cost, most) = (cost.min(i64::MAX / 4), most.min(i64::MAX / 4));
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let credit = (most as f64 * crate::id::random_share()) as i64;
        Self { per_second, cost, most, origin: Instant::now(), empty_at: AtomicI64::new(-credit) }
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.per_second
    }

    /// Spends one credit, where there is one.
    pub(crate) fn take(&self) -> bool {
        let now = i64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(i64::MAX / 2);
        self.take_at(now)
    }

    fn take_at(&self, now: i64) -> bool {
        let spend = |empty_at: i64| {
            let spent = empty_at.max(now - self.most) + self.cost;
            (spent <= now).then_some(spent)
        };
        self.empty_at.try_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_ok()
    }

    pub(super) fn decide(&self) -> Decision {
        Decision::new(self.take(), "ratelimiting", self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn full(per_second: f64) -> RateLimiting {
        let limiter = RateLimiting::new(per_second);
        limiter.empty_at.store(-limiter.most, Ordering::Relaxed);
        limiter
    }

    fn taken(limiter: &RateLimiting, now: i64) -> usize {
        (0..1000).filter(|_| limiter.take_at(now)).count()
    }

    #[test]
    fn a_second_of_credit_is_held_and_no_more() {
        let limiter = full(5.0);
        assert_eq!(taken(&limiter, 0), 5);
        assert_eq!(taken(&limiter, SECOND / 5), 1);
        assert_eq!(taken(&limiter, 100 * SECOND), 5);
    }

    #[test]
    fn less_than_one_a_second_is_one_now_and_then() {
        let limiter = full(0.1);
        assert_eq!(taken(&limiter, 0), 1);
        assert_eq!(taken(&limiter, 9 * SECOND), 0);
        assert_eq!(taken(&limiter, 10 * SECOND), 1);
    }

    #[test]
    fn none_a_second_is_none_for_ever() {
        for nothing in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(taken(&full(nothing), i64::MAX / 8), 0);
        }
    }
}
