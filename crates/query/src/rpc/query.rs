//! question -> **query**: times, names and numbers of protobuf, where nothing and zero are the same.

use jaeger_grpc::Status;
use jaeger_model::{Duration, Timestamp};
use jaeger_storage::TimeRange;

use crate::params::{DEFAULT_LIMIT, MAX_LIMIT};

const NANOS: i64 = 1_000_000_000;
/// The second at which Go's empty time stands.
const YEAR_ONE: i64 = -62_135_596_800;

/// A time, if it is set.
pub(super) fn time(time: Option<prost_types::Timestamp>) -> Option<Timestamp> {
    let time = time.filter(|time| (time.seconds, time.nanos) != (YEAR_ONE, 0))?;
    Some(Timestamp::from_nanos(saturate(time.seconds, time.nanos)))
}

/// A range without the bounds that are not set.
pub(super) fn range(start: Option<prost_types::Timestamp>, end: Option<prost_types::Timestamp>) -> TimeRange {
    TimeRange { start: time(start).unwrap_or(Timestamp::MIN), end: time(end).unwrap_or(Timestamp::MAX) }
}

/// A duration, if it is set and not zero.
pub(super) fn duration(duration: Option<prost_types::Duration>) -> Option<Duration> {
    let duration = duration.map(|it| Duration::from_nanos(saturate(it.seconds, it.nanos)))?;
    (duration != Duration::ZERO).then_some(duration)
}

/// A name, if there is one.
pub(super) fn name(name: String) -> Option<String> {
    (!name.is_empty()).then_some(name)
}

/// How many traces.
pub(super) fn limit(depth: i32) -> Result<usize, Status> {
    match usize::try_from(depth) {
        Ok(0) => Ok(DEFAULT_LIMIT),
        Ok(depth) => Ok(depth.min(MAX_LIMIT)),
        Err(_) => Err(Status::invalid_argument(format!(
            "search_depth is {depth}, send 1 to {MAX_LIMIT}, or nothing for {DEFAULT_LIMIT}"
        ))),
    }
}

/// Times that 64 bits of nanoseconds don't hold become the first or last that they do.
fn saturate(seconds: i64, nanos: i32) -> i64 {
    let exact = i128::from(seconds) * i128::from(NANOS) + i128::from(nanos);
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}
