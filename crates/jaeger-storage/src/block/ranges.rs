//! Between what bounds a block's spans lie.

use jaeger_model::{Duration, Timestamp};

use super::Block;
use super::packed::Packed;
use crate::TimeRange;

impl Block {
    /// The first and the last start; a range that holds nothing where there is no span.
    #[must_use]
    pub fn start_range(&self) -> TimeRange {
        let (first, last) = ends(&self.starts, self.len());
        TimeRange { start: Timestamp::from_nanos(first), end: Timestamp::from_nanos(last) }
    }

    /// The shortest and the longest duration; the other way round where there is no span.
    #[must_use]
    pub fn duration_range(&self) -> (Duration, Duration) {
        let (shortest, longest) = ends(&self.durations, self.len());
        (Duration::from_nanos(shortest), Duration::from_nanos(longest))
    }
}

fn ends(numbers: &Packed, len: usize) -> (i64, i64) {
    let mut ends = (i64::MAX, i64::MIN);
    numbers.each(len, |number| {
        let number = number.cast_signed();
        ends = (ends.0.min(number), ends.1.max(number));
    });
    ends
}
