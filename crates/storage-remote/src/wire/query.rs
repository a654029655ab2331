//! Searches.
//!
//! `jaeger.storage.v1` has no "not set": an empty name, a zero time and a zero duration do not bound a search, and a key has one value. What
//! it cannot say is an error here and not another search.

use jaeger_model::{Duration, Timestamp};
use jaeger_storage::{ErrorKind, StorageError, TimeRange, TraceQuery};
use jaeger_wire::generated::{embedded_v1, storage_v1};

/// How many traces a search in v1 finds that names no number.
pub const DEFAULT_LIMIT: usize = 100;

const NANOS: i64 = 1_000_000_000;
/// The second at which Go's empty time stands.
const YEAR_ONE: i64 = -62_135_596_800;

/// A search in v1.
///
/// # Errors
/// `Invalid` for what v1 cannot say.
pub fn v1_query_to(query: &TraceQuery, limit: usize) -> Result<storage_v1::TraceQueryParameters, StorageError> {
    let cannot = |what: &str| {
        let message = format!(
            "the server speaks jaeger.storage.v1 alone, which cannot search for {what}; leave it out, or run this project's jaeger-remote-storage"
        );
        StorageError::new(ErrorKind::Invalid, message)
    };
    let named = |name: &Option<String>, what: &str| match name.as_deref() {
        Some("") => Err(cannot(what)),
        Some(name) => Ok(name.to_owned()),
        None => Ok(String::new()),
    };
    let mut tags = std::collections::BTreeMap::new();
    for (key, value) in &query.tags {
        if let Some(other) = tags.insert(key.clone(), value.clone())
            && other != *value
        {
            return Err(cannot(&format!("two values of the tag {key:?}")));
        }
    }
    let bound = |duration: Option<Duration>| duration.filter(|duration| *duration != Duration::ZERO).map(duration_to);
    if query.duration_max == Some(Duration::ZERO) {
        return Err(cannot("spans of no duration"));
    }
    Ok(storage_v1::TraceQueryParameters {
        service_name: named(&query.service, "an empty service")?,
        operation_name: named(&query.operation, "an empty operation")?,
        tags,
        start_time_min: Some(v1_time_to(query.start.start)),
        start_time_max: Some(v1_time_to(query.start.end)),
        duration_min: bound(query.duration_min),
        duration_max: bound(query.duration_max),
        num_traces: i32::try_from(limit).unwrap_or(i32::MAX),
    })
}

/// What a search in v1 asks for.
#[must_use]
pub fn v1_query_of(query: storage_v1::TraceQueryParameters) -> TraceQuery {
    let named = |name: String| (!name.is_empty()).then_some(name);
    let bound = |duration: Option<prost_types::Duration>| duration.map(duration_of).filter(|it| *it != Duration::ZERO);
    TraceQuery {
        service: named(query.service_name),
        operation: named(query.operation_name),
        tags: query.tags.into_iter().collect(),
        start: v1_range_of(query.start_time_min, query.start_time_max),
        duration_min: bound(query.duration_min),
        duration_max: bound(query.duration_max),
        limit: usize::try_from(query.num_traces).ok().filter(|limit| *limit > 0).unwrap_or(DEFAULT_LIMIT),
    }
}

/// A search in our own service.
#[must_use]
pub fn embedded_query_to(query: &TraceQuery, archive: bool) -> embedded_v1::TraceQuery {
    let tag = |(key, value): &(String, String)| embedded_v1::Tag { key: key.clone(), value: value.clone() };
    embedded_v1::TraceQuery {
        service: query.service.clone(),
        operation: query.operation.clone(),
        tags: query.tags.iter().map(tag).collect(),
        start_min: query.start.start.as_nanos(),
        start_max: query.start.end.as_nanos(),
        duration_min: query.duration_min.map(Duration::as_nanos),
        duration_max: query.duration_max.map(Duration::as_nanos),
        limit: query.limit as u64,
        archive,
    }
}

/// What a search in our own service asks for.
#[must_use]
pub fn embedded_query_of(query: embedded_v1::TraceQuery) -> TraceQuery {
    TraceQuery {
        service: query.service,
        operation: query.operation,
        tags: query.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        start: range(query.start_min, query.start_max),
        duration_min: query.duration_min.map(Duration::from_nanos),
        duration_max: query.duration_max.map(Duration::from_nanos),
        limit: usize::try_from(query.limit).unwrap_or(usize::MAX),
    }
}

pub(super) fn range(start: i64, end: i64) -> TimeRange {
    TimeRange { start: Timestamp::from_nanos(start), end: Timestamp::from_nanos(end) }
}

/// A range in v1: a time that is not there, or is Go's empty one, bounds nothing.
#[must_use]
pub fn v1_range_of(start: Option<prost_types::Timestamp>, end: Option<prost_types::Timestamp>) -> TimeRange {
    let set = |time: Option<prost_types::Timestamp>| {
        time.filter(|time| (time.seconds, time.nanos) != (YEAR_ONE, 0))
            .map(|time| Timestamp::from_nanos(saturate(time.seconds, time.nanos)))
    };
    TimeRange { start: set(start).unwrap_or(Timestamp::MIN), end: set(end).unwrap_or(Timestamp::MAX) }
}

/// A point in time in v1.
#[must_use]
pub fn v1_time_to(time: Timestamp) -> prost_types::Timestamp {
    let nanos = time.as_nanos();
    let part = i32::try_from(nanos.rem_euclid(NANOS)).unwrap_or_default();
    prost_types::Timestamp { seconds: nanos.div_euclid(NANOS), nanos: part }
}

fn duration_to(duration: Duration) -> prost_types::Duration {
    let nanos = duration.as_nanos();
    prost_types::Duration { seconds: nanos / NANOS, nanos: i32::try_from(nanos % NANOS).unwrap_or_default() }
}

fn duration_of(duration: prost_types::Duration) -> Duration {
    Duration::from_nanos(saturate(duration.seconds, duration.nanos))
}

/// Times that 64 bits of nanoseconds don't hold become the first or last that they do.
fn saturate(seconds: i64, nanos: i32) -> i64 {
    let exact = i128::from(seconds) * i128::from(NANOS) + i128::from(nanos);
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}
