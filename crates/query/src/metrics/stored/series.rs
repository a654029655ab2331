//! Counts by minute of each service or operation, and the windows over which they are summed.

use std::collections::BTreeMap;

use jaeger_model::Timestamp;
use jaeger_storage::{Latencies, MinuteCalls, TimeRange};

use super::MINUTE_MILLIS;
use crate::params::RateParams;

/// A service, and an operation where those are told apart (else empty).
pub(super) type Name = (String, String);

/// The counts of one service or operation, in order of minute.
pub(super) type Series = Vec<(i64, Counts)>;

/// All of them.
pub(super) type ByName = BTreeMap<Name, Series>;

/// What is counted in a minute, or in several.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Counts {
    pub(super) calls: u64,
    pub(super) errors: u64,
    pub(super) latencies: Latencies,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.latencies.iter_mut().zip(other.latencies).for_each(|(sum, count)| *sum += count);
    }

    /// Takes away what was added before.
    fn take_away(&mut self, other: &Self) {
        self.calls -= other.calls;
        self.errors -= other.errors;
        self.latencies.iter_mut().zip(other.latencies).for_each(|(sum, count)| *sum -= count);
    }
}

/// Sums of all kinds that count, by name; sorted as Prometheus sorts its series.
pub(super) fn by_name(rows: Vec<MinuteCalls>, params: &RateParams) -> ByName {
    let mut by_name = ByName::new();
    // They come in order of minute.
    for row in rows.into_iter().filter(|row| params.counts(&row.kind)) {
        let operation = if params.by_operation { row.operation } else { String::new() };
        let series = by_name.entry((row.service, operation)).or_default();
        let counts = Counts { calls: row.calls, errors: row.errors, latencies: row.latencies };
        match series.last_mut() {
            Some((minute, sum)) if *minute == row.minute => sum.add(&counts),
            _ => series.push((row.minute, counts)),
        }
    }
    by_name
}

/// The points of an answer, and for each the whole minutes that ended within its window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    /// In milliseconds.
    first: i64,
    step: i64,
    points: usize,
    /// How many minutes a window has.
    minutes: i64,
}

impl Windows {
    pub(super) fn new(params: &RateParams) -> Self {
        let points = if params.lookback < 0 { 0 } else { params.lookback / params.step + 1 };
        Self {
            first: params.end.saturating_sub(params.lookback),
            step: params.step,
            points: usize::try_from(points).unwrap_or(0),
            minutes: params.rate_per.saturating_add(MINUTE_MILLIS - 1) / MINUTE_MILLIS,
        }
    }

    /// How many points there are.
    pub(super) fn points(&self) -> usize {
        self.points
    }

    /// The seconds of a window.
    #[expect(clippy::cast_precision_loss, reason = "a length of time")]
    pub(super) fn seconds(&self) -> f64 {
        (self.minutes * (MINUTE_MILLIS / 1000)) as f64
    }

    fn millis(&self, point: usize) -> i64 {
        self.first.saturating_add(self.step.saturating_mul(i64::try_from(point).unwrap_or(i64::MAX)))
    }

    /// The first minute that is not over at a point.
    fn end(&self, millis: i64) -> i64 {
        millis.div_euclid(MINUTE_MILLIS)
    }

    /// All minutes of all windows; a range that ends before it begins where there are no points.
    pub(super) fn range(&self) -> TimeRange {
        let start = self.end(self.first).saturating_sub(self.minutes);
        let end = self.end(self.millis(self.points.saturating_sub(1)));
        let micros = |minute: i64| Timestamp::from_micros(minute.saturating_mul(MINUTE_MILLIS * 1000));
        TimeRange { start: micros(start), end: Timestamp::from_nanos(micros(end).as_nanos().saturating_sub(1)) }
    }

    /// Calls `each` with every point's milliseconds and sum, from the first one on that has any call before it.
    pub(super) fn sums(&self, series: &[(i64, Counts)], mut each: impl FnMut(i64, &Counts)) {
        let (mut from, mut to) = (0, 0);
        let mut sum = Counts::default();
        for point in 0..self.points {
            let millis = self.millis(point);
            let end = self.end(millis);
            while let Some((_, counts)) = series.get(to).filter(|(minute, _)| *minute < end) {
                sum.add(counts);
                to += 1;
            }
            while let Some((_, counts)) =
                series.get(from).filter(|(minute, _)| *minute < end.saturating_sub(self.minutes))
            {
                sum.take_away(counts);
                from += 1;
            }
            if to > 0 {
                each(millis, &sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Form;

    fn windows(query: &str) -> Windows {
        Windows::new(&RateParams::parse(&Form::parse(query), Timestamp::from_nanos(0)).expect("they are right"))
    }

    fn sums(windows: &Windows, minutes: &[(i64, u64)]) -> Vec<(i64, u64)> {
        let series: Vec<_> =
            minutes.iter().map(|(minute, calls)| (*minute, Counts { calls: *calls, ..Counts::default() })).collect();
        let mut sums = Vec::new();
        windows.sums(&series, |millis, sum| sums.push((millis, sum.calls)));
        sums
    }

    #[test]
    fn a_window_is_made_of_the_minutes_that_ended_within_it() {
        let windows = windows("service=a&endTs=360000&lookback=240000&step=60000&ratePer=120000");
        // Points at minutes 2 to 6, each over the two minutes before it.
        assert_eq!(
            sums(&windows, &[(0, 1), (2, 10), (3, 100), (6, 1000)]),
            [(120_000, 1), (180_000, 10), (240_000, 110), (300_000, 100), (360_000, 0)]
        );
        let range = windows.range();
        assert_eq!((range.start.as_nanos(), range.end.as_nanos()), (0, 360_000_000_000 - 1));
    }

    #[test]
    fn points_begin_with_the_first_call() {
        let windows = windows("service=a&endTs=300000&lookback=240000&step=60000&ratePer=1");
        assert_eq!(sums(&windows, &[(2, 7)]), [(180_000, 7), (240_000, 0), (300_000, 0)]);
        assert_eq!(sums(&windows, &[]), []);
        assert!((windows.seconds() - 60.0).abs() < 1e-9);
    }

    #[test]
    fn times_of_strangers_are_no_trouble() {
        for query in [
            "service=a&endTs=9223372036854775807&lookback=9223372036854775807&step=9223372036854775807&ratePer=9223372036854775807",
            "service=a&endTs=-9223372036854775808&ratePer=9223372036854775807",
            "service=a&lookback=-9223372036854775808",
            "service=a&endTs=-1&lookback=-1",
        ] {
            let windows = windows(query);
            let _range = windows.range();
            let _seconds = windows.seconds();
            let found = sums(&windows, &[(i64::MIN, 1), (0, 1), (i64::MAX, 1)]);
            assert!(found.len() <= windows.points);
        }
    }
}
