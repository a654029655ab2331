//! One row of what is counted: its key and its counts.

use crate::{LATENCY_BOUNDS_MICROS, TimeRange};

const MINUTE: i64 = 60_000_000_000;
const BUCKETS: usize = LATENCY_BOUNDS_MICROS.len() + 1;

/// Four bytes a bound, so that all of them are compared at once.
const BOUNDS: [i32; BUCKETS - 1] = {
    let mut bounds = [0; BUCKETS - 1];
    let mut at = 0;
    while at < bounds.len() {
        assert!(LATENCY_BOUNDS_MICROS[at] < i32::MAX as i64, "a bound fits");
        #[expect(clippy::cast_possible_truncation, reason = "checked above")]
        {
            bounds[at] = LATENCY_BOUNDS_MICROS[at] as i32;
        }
        at += 1;
    }
    bounds
};

/// A link in a minute; names by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct LinkKey {
    pub(super) minute: i32,
    pub(super) parent: u32,
    pub(super) child: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct LinkCount {
    pub(super) calls: i32,
    pub(super) errors: i32,
}

/// An operation in a minute; names by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct CallKey {
    pub(super) minute: i32,
    pub(super) service: u32,
    pub(super) operation: u32,
    pub(super) kind: u32,
}

/// There are as many calls as there are in all buckets together.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct CallCount {
    pub(super) errors: i32,
    pub(super) latencies: [i32; BUCKETS],
}

impl LinkCount {
    pub(super) fn add(&mut self, other: &Self, sign: i32) {
        self.calls = self.calls.saturating_add(other.calls.saturating_mul(sign));
        self.errors = self.errors.saturating_add(other.errors.saturating_mul(sign));
    }

    pub(super) fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// What was taken away twice is not there, and not less than that.
    pub(super) fn not_negative(&mut self) {
        self.calls = self.calls.max(0);
        self.errors = self.errors.clamp(0, self.calls);
    }
}

impl CallCount {
    pub(super) fn add(&mut self, other: &Self, sign: i32) {
        self.errors = self.errors.saturating_add(other.errors.saturating_mul(sign));
        for (count, more) in self.latencies.iter_mut().zip(&other.latencies) {
            *count = count.saturating_add(more.saturating_mul(sign));
        }
    }

    #[inline]
    pub(super) fn push(&mut self, duration: i64, failed: bool, sign: i32) {
        let count = &mut self.latencies[latency_bucket(duration)];
        *count = count.saturating_add(sign);
        if failed {
            self.errors = self.errors.saturating_add(sign);
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn not_negative(&mut self) {
        self.latencies.iter_mut().for_each(|count| *count = (*count).max(0));
        self.errors = i32::try_from(i64::from(self.errors).clamp(0, self.calls())).unwrap_or(i32::MAX);
    }

    pub(super) fn calls(&self) -> i64 {
        self.latencies.iter().map(|count| i64::from(*count)).sum()
    }
}

/// The bucket of a duration in nanoseconds: how many of [`LATENCY_BOUNDS_MICROS`] it exceeds.
#[must_use]
#[inline]
pub fn latency_bucket(duration: i64) -> usize {
    // Rounded up: 2 ms and a nanosecond are more than 2 ms.
    let micros = duration.max(0) / 1000 + i64::from(duration > 0 && duration % 1000 != 0);
    let micros = i32::try_from(micros).unwrap_or(i32::MAX);
    BOUNDS.iter().map(|bound| usize::from(micros > *bound)).sum()
}

/// The minute of a point in time; those of 600 years fit.
#[inline]
pub(super) fn minute_of(nanos: i64) -> i32 {
    i32::try_from(nanos.div_euclid(MINUTE)).unwrap_or(0)
}

/// The minutes that a range touches.
pub(super) fn minutes(range: TimeRange) -> std::ops::RangeInclusive<i32> {
    if range.start > range.end {
        return std::ops::RangeInclusive::new(1, 0);
    }
    minute_of(range.start.as_nanos())..=minute_of(range.end.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        for (at, bound) in LATENCY_BOUNDS_MICROS.iter().enumerate() {
            assert_eq!(latency_bucket(bound * 1000), at);
            assert_eq!(latency_bucket(bound * 1000 + 1), at + 1);
        }
        assert_eq!(
            (latency_bucket(0), latency_bucket(-1), latency_bucket(i64::MIN), latency_bucket(i64::MAX)),
            (0, 0, 0, BUCKETS - 1)
        );
    }

    #[test]
    fn every_time_has_a_minute() {
        assert_eq!((minute_of(-1), minute_of(0), minute_of(MINUTE)), (-1, 0, 1));
        assert_eq!(i64::from(minute_of(i64::MIN)), i64::MIN.div_euclid(MINUTE));
        assert_eq!(i64::from(minute_of(i64::MAX)), i64::MAX.div_euclid(MINUTE));
    }
}
