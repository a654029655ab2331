//! What services hold: a counter, a gauge, a histogram. Clones count into the same series; counting is an atomic add and never looks up a name.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the histogram buckets, in seconds: those of Go Jaeger's timers. `+Inf` follows.
pub const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Only goes up.
#[derive(Clone, Debug, Default)]
pub struct Counter(pub(super) Arc<AtomicU64>);

impl Counter {
    /// Adds `count`.
    pub fn increment(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The count so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Goes up and down; the bits of an `f64`.
#[derive(Clone, Debug, Default)]
pub struct Gauge(pub(super) Arc<AtomicU64>);

impl Gauge {
    /// Sets the value.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    /// Sets a whole number.
    pub fn set_count(&self, value: u64) {
        // A gauge over 2^53 is off by less than a part in 10^15.
        self.set(value as f64);
    }

    /// The value.
    #[must_use]
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

/// A distribution over [`BUCKETS`], in seconds.
#[derive(Clone, Debug, Default)]
pub struct Histogram(pub(super) Arc<Cells>);

#[derive(Debug, Default)]
pub(super) struct Cells {
    /// One a bucket, not cumulative; the last is +Inf.
    counts: [AtomicU64; BUCKETS.len() + 1],
    sum: AtomicU64,
}

impl Histogram {
    /// Counts one observation.
    pub fn observe(&self, value: f64) {
        self.observe_n(value, 1);
    }

    /// Counts one observation of a time.
    pub fn observe_duration(&self, value: Duration) {
        self.observe_n(value.as_secs_f64(), 1);
    }

    /// Counts the same observation `count` times, at the price of one: a batch's wait counts once a span.
    pub fn observe_n(&self, value: f64, count: u64) {
        self.0.observe_n(value, count);
    }

    /// Observations so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.counts().iter().sum()
    }
}

impl Cells {
    pub(super) fn observe_n(&self, value: f64, count: u64) {
        let bucket = BUCKETS.iter().position(|bound| value <= *bound).unwrap_or(BUCKETS.len());
        if let Some(cell) = self.counts.get(bucket) {
            cell.fetch_add(count, Ordering::Relaxed);
        }
        let more = value * count as f64;
        let mut seen = self.sum.load(Ordering::Relaxed);
        loop {
            let sum = (f64::from_bits(seen) + more).to_bits();
            match self.sum.compare_exchange_weak(seen, sum, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    pub(super) fn counts(&self) -> [u64; BUCKETS.len() + 1] {
        std::array::from_fn(|bucket| self.counts.get(bucket).map_or(0, |cell| cell.load(Ordering::Relaxed)))
    }

    pub(super) fn sum(&self) -> f64 {
        f64::from_bits(self.sum.load(Ordering::Relaxed))
    }
}
