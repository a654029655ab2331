//! The parameters of `/api/traces`, and those that other calls share with it.

use std::collections::HashSet;

use jaeger_model::{Duration, Timestamp, TraceId};
use jaeger_storage::{TimeRange, TraceQuery};

use super::{Form, ParamError, tags};
use crate::go::{duration, number};

/// Traces of a search that says no limit.
pub const DEFAULT_LIMIT: usize = 100;
/// Traces of a search at most.
pub const MAX_LIMIT: usize = 10_000;

const DEFAULT_LOOKBACK: Duration = Duration::from_nanos(48 * 3_600_000_000_000);
const DEFAULT_DEPENDENCY_LOOKBACK: Duration = Duration::from_nanos(24 * 3_600_000_000_000);

/// A search, or traces by their ids: then nothing else counts.
#[derive(Clone, PartialEq, Debug)]
pub struct SearchParams {
    /// The traces that are asked for by id.
    pub ids: Vec<TraceId>,
    /// What to search for where there are none.
    pub query: TraceQuery,
}

impl SearchParams {
    /// Reads them; times that are not given count from `now`.
    ///
    /// # Errors
    /// The first parameter that cannot be used, in Go's order.
    pub fn parse(form: &Form<'_>, now: Timestamp) -> Result<Self, ParamError> {
        let start = micros(form, "start")?.unwrap_or_else(|| now.saturating_add(negative(DEFAULT_LOOKBACK)));
        let end = micros(form, "end")?.unwrap_or(now);
        let tags = tags::parse(form)?;
        let limit = limit(form)?;
        let duration_min = length(form, "minDuration")?;
        let duration_max = length(form, "maxDuration")?;
        let ids = form.all("traceID").map(number::trace_id).collect::<Result<Vec<_>, _>>();
        let mut ids = ids.map_err(ParamError::TraceId)?;
        // A trace is answered once, however often and in whatever spelling it is asked for.
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        let query = TraceQuery {
            service: some(form.first("service")),
            operation: some(form.first("operation")),
            tags,
            start: TimeRange { start, end },
            duration_min,
            duration_max,
            limit,
        };
        if ids.is_empty() {
            check(&query)?;
        }
        Ok(Self { ids, query })
    }
}

fn check(query: &TraceQuery) -> Result<(), ParamError> {
    if query.service.is_none() {
        return Err(ParamError::NoService);
    }
    if let (Some(min), Some(max)) = (query.duration_min, query.duration_max)
        && max < min
    {
        return Err(ParamError::DurationsCrossed);
    }
    let TimeRange { start, end } = query.start;
    if start > end {
        return Err(ParamError::StartAfterEnd { start: start.as_micros(), end: end.as_micros() });
    }
    Ok(())
}

fn limit(form: &Form<'_>) -> Result<usize, ParamError> {
    match form.first("limit") {
        "" => Ok(DEFAULT_LIMIT),
        text => match number::int32(text).map_err(ParamError::Limit)? {
            0 => Ok(DEFAULT_LIMIT),
            limit => usize::try_from(limit).map(|l| l.min(MAX_LIMIT)).map_err(|_| ParamError::NegativeLimit(limit)),
        },
    }
}

fn micros(form: &Form<'_>, name: &'static str) -> Result<Option<Timestamp>, ParamError> {
    match form.first(name) {
        "" => Ok(None),
        text => number::int64(text).map(Timestamp::from_micros).map(Some).map_err(ParamError::unreadable(name)),
    }
}

/// A duration of 0 is as good as none.
fn length(form: &Form<'_>, name: &'static str) -> Result<Option<Duration>, ParamError> {
    match form.first(name) {
        "" => Ok(None),
        text => {
            let length = duration::parse(text).map_err(ParamError::unreadable(name))?;
            Ok(Some(length).filter(|length| *length != Duration::ZERO))
        }
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn negative(by: Duration) -> Duration {
    Duration::from_nanos(by.as_nanos().saturating_neg())
}

/// The service that a call is about.
///
/// # Errors
/// Where none is given.
pub fn required_service<'f>(form: &'f Form<'_>) -> Result<&'f str, ParamError> {
    Some(form.first("service")).filter(|service| !service.is_empty()).ok_or(ParamError::NoService)
}

/// `endTs` and `lookback` in milliseconds; nothing lies in the range of a negative lookback.
///
/// # Errors
/// Where one is no number.
pub fn dependency_range(form: &Form<'_>, now: Timestamp) -> Result<TimeRange, ParamError> {
    let millis = |name| match form.first(name) {
        "" => Ok(None),
        text => number::int64(text).map(Some).map_err(ParamError::unreadable(name)),
    };
    let end = millis("endTs")?.map_or(now, |millis| Timestamp::from_micros(millis.saturating_mul(1000)));
    let lookback = millis("lookback")?
        .map_or(DEFAULT_DEPENDENCY_LOOKBACK, |millis| Duration::from_micros(millis.saturating_mul(1000)));
    Ok(TimeRange { start: end.saturating_add(negative(lookback)), end })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_478_400_000_000);

    fn error(query: &str) -> String {
        match SearchParams::parse(&Form::parse(query), NOW) {
            Ok(params) => panic!("{query}: {params:?}"),
            Err(error) => error.to_string(),
        }
    }

    fn query(query: &str) -> TraceQuery {
        SearchParams::parse(&Form::parse(query), NOW).unwrap_or_else(|error| panic!("{query}: {error}")).query
    }

    #[test]
    fn a_service_alone_searches_the_last_two_days() {
        let query = query("service=shop");
        assert_eq!(query.service.as_deref(), Some("shop"));
        assert_eq!(query.limit, DEFAULT_LIMIT);
        assert_eq!(query.start.end, NOW);
        assert_eq!(NOW.since(query.start.start), DEFAULT_LOOKBACK);
        assert_eq!((query.operation, query.duration_min, query.duration_max), (None, None, None));
    }

    #[test]
    fn a_trace_is_asked_for_once() {
        let params = SearchParams::parse(&Form::parse("traceID=b&traceID=a&traceID=000b&traceID=a&traceID=c"), NOW);
        let ids = params.unwrap_or_else(|error| panic!("{error}")).ids;
        assert_eq!(ids, [TraceId(11), TraceId(10), TraceId(12)]);
    }

    #[test]
    fn limits_that_are_absent_zero_or_large_are_bounded() {
        for (limit, expected) in [("", 100), ("0", 100), ("1", 1), ("+5", 5), ("10000", 10_000), ("10001", 10_000)] {
            assert_eq!(query(&format!("service=a&limit={}", limit.replace('+', "%2B"))).limit, expected, "{limit}");
        }
        assert_eq!(error("service=a&limit=-1"), "parameter 'limit' is -1, send 1 to 10000, or nothing for 100");
        assert_eq!(error("traceID=1&limit=z"), "strconv.ParseInt: parsing \"z\": invalid syntax");
        assert_eq!(
            error("service=a&limit=99999999999"),
            "strconv.ParseInt: parsing \"99999999999\": value out of range"
        );
    }

    #[test]
    fn wrong_parameters_are_refused_in_gos_words() {
        for (query, expected) in [
            ("", "parameter 'service' is required"),
            ("service=&operation=x", "parameter 'service' is required"),
            ("service=a&start=x", "unable to parse param 'start': strconv.ParseInt: parsing \"x\": invalid syntax"),
            ("service=a&end=1.5", "unable to parse param 'end': strconv.ParseInt: parsing \"1.5\": invalid syntax"),
            ("service=a&minDuration=5", "unable to parse param 'minDuration': time: missing unit in duration \"5\""),
            ("service=a&minDuration=2s&maxDuration=1s", "'maxDuration' should be greater than 'minDuration'"),
            ("service=a&start=5&end=4", "parameter 'start' (5) is after 'end' (4), send the earlier one as 'start'"),
            ("traceID=", "cannot parse traceID param: strconv.ParseUint: parsing \"\": invalid syntax"),
            (
                "traceID=1&traceID=111111111111111111111111111111111",
                "cannot parse traceID param: TraceID cannot be longer than 32 hex characters: \
                 111111111111111111111111111111111",
            ),
        ] {
            assert_eq!(error(query), expected, "{query}");
        }
    }

    #[test]
    fn ids_need_nothing_else() {
        let params = SearchParams::parse(&Form::parse("traceID=3001&traceID=aB"), NOW).expect("two ids");
        assert_eq!(params.ids, [TraceId(0x3001), TraceId(0xab)]);
    }

    #[test]
    fn dependencies_look_back_from_their_end() {
        let range = |query| dependency_range(&Form::parse(query), NOW).expect("a range");
        assert_eq!(range("endTs=1000&lookback=400").start, Timestamp::from_micros(600_000));
        assert_eq!(NOW.since(range("").start), DEFAULT_DEPENDENCY_LOOKBACK);
        let backwards = range("endTs=1000&lookback=-5");
        assert!(backwards.start > backwards.end);
    }
}
