//! What a store counts by the minute as spans come in, for `/api/metrics/*`: nothing has to be scanned for it.

use crate::TimeRange;

/// The upper bounds of the latency buckets in microseconds, each included; one more bucket has no bound.
///
/// They are those of the OpenTelemetry span metrics connector, so that a quantile is the same whether it comes from here
/// or from Prometheus.
pub const LATENCY_BOUNDS_MICROS: [i64; 16] = [
    2_000, 4_000, 6_000, 8_000, 10_000, 50_000, 100_000, 200_000, 400_000, 800_000, 1_000_000, 1_400_000, 2_000_000,
    5_000_000, 10_000_000, 15_000_000,
];

/// Spans by duration: one count for each of [`LATENCY_BOUNDS_MICROS`], and one for what is longer. Not cumulative.
pub type Latencies = [u64; LATENCY_BOUNDS_MICROS.len() + 1];

/// Which counts are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallsQuery {
    /// The minutes that touch this range.
    pub range: TimeRange,
    /// The services; all where none is named.
    pub services: Vec<String>,
    /// The `span.kind`s (empty text for spans without one); all where none is named.
    pub kinds: Vec<String>,
}

/// The spans of one operation that began within one minute.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct MinuteCalls {
    /// Whole minutes since 1970.
    pub minute: i64,
    /// The service.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// Its `span.kind`, empty without one.
    pub kind: String,
    /// How many spans.
    pub calls: u64,
    /// How many of them failed: the text of their tag `error` is `true`.
    pub errors: u64,
    /// How many by duration.
    pub latencies: Latencies,
}
