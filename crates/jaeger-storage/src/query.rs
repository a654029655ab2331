//! What a search asks for.

use jaeger_model::{Duration, SpanView, Tags, Timestamp};

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

impl TraceQuery {
    /// Whether this span satisfies everything that is given (the limit aside).
    #[must_use]
    pub fn matches(&self, span: SpanView<'_>) -> bool {
        self.start.contains(span.start())
            && self.duration_matches(span.duration())
            && self.service.as_deref().is_none_or(|service| service == span.service())
            && self.operation.as_deref().is_none_or(|operation| operation == span.operation())
            && self.tags.iter().all(|(key, value)| has_tag(span, key, value))
    }

    /// Whether a span of this length may match.
    #[must_use]
    pub fn duration_matches(&self, duration: Duration) -> bool {
        self.duration_min.is_none_or(|min| min <= duration) && self.duration_max.is_none_or(|max| duration <= max)
    }
}

/// Whether `key` with a value of this text stands in the span's tags, its process's tags or one of its logs.
pub(crate) fn has_tag(span: SpanView<'_>, key: &str, value: &str) -> bool {
    tags_have(span.tags(), key, value)
        || span.process().is_some_and(|process| tags_have(process.tags(), key, value))
        || span.logs().any(|log| tags_have(log.fields(), key, value))
}

/// Whether `key` with a value of this text is among `tags`.
pub(crate) fn tags_have(mut tags: Tags<'_>, key: &str, value: &str) -> bool {
    tags.any(|tag| tag.key == key && tag.value.text_is(value))
}
