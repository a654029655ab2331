//! What a search asks for.

use jaeger_model::{Duration, Timestamp};

/// Points in time, both bounds included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeRange {
    /// The earliest point.
    pub start: Timestamp,
    /// The latest point.
    pub end: Timestamp,
}

impl TimeRange {
    /// All of time.
    pub const ALL: Self = Self { start: Timestamp::MIN, end: Timestamp::MAX };

    /// Whether `time` lies within.
    #[must_use]
    pub fn contains(&self, time: Timestamp) -> bool {
        self.start <= time && time <= self.end
    }
}

/// A search for traces: a trace matches if ONE of its spans satisfies everything that is given.
#[derive(Clone, PartialEq, Debug)]
pub struct TraceQuery {
    /// The span's service; any if not given.
    pub service: Option<String>,
    /// The span's operation; any if not given.
    pub operation: Option<String>,
    /// Key and text of the value, each found in the span's tags, its process's tags or the fields of one of its
    /// logs; values compare by [`Value::text`](jaeger_model::Value::text).
    pub tags: Vec<(String, String)>,
    /// When the span began.
    pub start: TimeRange,
    /// The shortest duration, included.
    pub duration_min: Option<Duration>,
    /// The longest duration, included.
    pub duration_max: Option<Duration>,
    /// How many traces at most: the newest.
    pub limit: usize,
}

impl Default for TraceQuery {
    /// Every trace, the newest 100.
    fn default() -> Self {
        Self {
            service: None,
            operation: None,
            tags: Vec::new(),
            start: TimeRange::ALL,
            duration_min: None,
            duration_max: None,
            limit: 100,
        }
    }
}
