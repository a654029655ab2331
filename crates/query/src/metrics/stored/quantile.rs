//! `histogram_quantile` over the buckets of a store.

use jaeger_storage::{LATENCY_BOUNDS_MICROS, Latencies};

/// The milliseconds that `part` of the calls did not exceed: as Prometheus reckons, evenly spread within a bucket,
/// and the last bound for what is beyond it. NaN where there are no calls.
#[expect(clippy::cast_precision_loss, reason = "counts of calls, and bounds of seconds")]
pub(super) fn quantile(part: f64, latencies: &Latencies) -> f64 {
    let calls: u64 = latencies.iter().sum();
    if calls == 0 || part.is_nan() {
        return f64::NAN;
    }
    if part < 0.0 {
        return f64::NEG_INFINITY;
    }
    if part > 1.0 {
        return f64::INFINITY;
    }
    let rank = part * calls as f64;
    let (mut before, mut lower) = (0, 0.0);
    for (count, bound) in latencies.iter().zip(LATENCY_BOUNDS_MICROS) {
        let upper = bound as f64 / 1000.0;
        if (before + count) as f64 >= rank {
            let within = if *count == 0 { 0.0 } else { (rank - before as f64) / *count as f64 };
            return lower + (upper - lower) * within;
        }
        before += count;
        lower = upper;
    }
    lower
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies(of: &[(usize, u64)]) -> Latencies {
        let mut latencies = Latencies::default();
        for (bucket, count) in of {
            latencies[*bucket] = *count;
        }
        latencies
    }

    #[test]
    fn a_quantile_lies_between_the_bounds_of_its_bucket() {
        for (part, of, expected) in [
            // All up to 2 ms.
            (0.5, &[(0, 10)][..], 1.0),
            (1.0, &[(0, 10)], 2.0),
            (0.0, &[(0, 10)], 0.0),
            // From 10 to 50 ms.
            (0.5, &[(5, 4)], 30.0),
            (0.95, &[(0, 90), (5, 10)], 30.0),
            (0.9, &[(0, 90), (5, 10)], 2.0),
            // Beyond the last bound nothing is known.
            (0.99, &[(0, 1), (16, 99)], 15_000.0),
            (0.0, &[(5, 4)], 0.0),
            (2.0, &[(5, 4)], f64::INFINITY),
            (-1.0, &[(5, 4)], f64::NEG_INFINITY),
        ] {
            let found = quantile(part, &latencies(of));
            assert!((found - expected).abs() < 1e-9 || found == expected, "{part} of {of:?}: {found}");
        }
        assert!(quantile(0.5, &latencies(&[])).is_nan());
    }
}
