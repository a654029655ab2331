//! The parameters of v3. Releases up to 1.62 spell them `query.service_name`, those since 2.0 `query.serviceName`; both
//! are taken, and an error names what was sent.

use jaeger_model::{Duration, Timestamp, TraceId};
use jaeger_storage::{TimeRange, TraceQuery};

use super::malformed;
use crate::error::ApiError;
use crate::go::{duration, number, quote::quote, time};
use crate::params::{DEFAULT_LIMIT, Form, MAX_LIMIT, string_map};

/// Where no time is given; `/api/traces` looks back as far.
const DEFAULT_WINDOW: Duration = Duration::from_nanos(48 * 3_600_000_000_000);

/// How a request spells its parameters, which tells the releases apart that it was written for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spelling {
    /// `query.service_name`, as up to 1.62.
    Snake,
    /// `query.serviceName`, as since 2.0.
    Camel,
}

/// A name in both spellings: the older first.
type Name = (&'static str, &'static str);

const SERVICE: Name = ("query.service_name", "query.serviceName");
const OPERATION: Name = ("query.operation_name", "query.operationName");
const START_MIN: Name = ("query.start_time_min", "query.startTimeMin");
const START_MAX: Name = ("query.start_time_max", "query.startTimeMax");
const DURATION_MIN: Name = ("query.duration_min", "query.durationMin");
const DURATION_MAX: Name = ("query.duration_max", "query.durationMax");
const DEPTH: Name = ("query.search_depth", "query.searchDepth");
/// What 1.62 calls the depth.
const NUM_TRACES: &str = "query.num_traces";
const RAW: Name = ("query.raw_traces", "query.rawTraces");
const ATTRIBUTES: &str = "query.attributes";
const KIND: Name = ("span_kind", "spanKind");
const TRACE_START: Name = ("start_time", "startTime");
const TRACE_END: Name = ("end_time", "endTime");
const TRACE_RAW: Name = ("raw_traces", "rawTraces");

/// Those that only newer requests have.
const CAMEL: [&str; 12] = [
    SERVICE.1,
    OPERATION.1,
    START_MIN.1,
    START_MAX.1,
    DURATION_MIN.1,
    DURATION_MAX.1,
    DEPTH.1,
    RAW.1,
    KIND.1,
    TRACE_START.1,
    TRACE_END.1,
    TRACE_RAW.1,
];

impl Spelling {
    pub(super) fn of(form: &Form<'_>) -> Self {
        if CAMEL.iter().any(|name| form.all(name).next().is_some()) { Self::Camel } else { Self::Snake }
    }

    fn name(self, (snake, camel): Name) -> &'static str {
        match self {
            Self::Snake => snake,
            Self::Camel => camel,
        }
    }
}

/// A search.
#[derive(Debug)]
pub(super) struct Params {
    pub(super) query: TraceQuery,
}

impl Params {
    /// Reads them; where a time is missing the search looks back from the other, or from `now`.
    pub(super) fn parse(form: &Form<'_>, spelling: Spelling, now: Timestamp) -> Result<Self, ApiError> {
        let text = |name| value(form, name).1;
        let min = read(form, START_MIN, time::parse)?;
        let max = read(form, START_MAX, time::parse)?;
        let end = max.unwrap_or(now);
        let back = Duration::from_nanos(-DEFAULT_WINDOW.as_nanos());
        let start = min.unwrap_or_else(|| end.saturating_add(back));
        if start > end {
            let (min, max) = (spelling.name(START_MIN), spelling.name(START_MAX));
            return Err(ApiError::V3Param(format!("{min} must be before {max}")));
        }
        let limit = depth(form)?;
        let length =
            |name| read(form, name, duration::parse).map(|length| length.filter(|length| *length != Duration::ZERO));
        let (duration_min, duration_max) = (length(DURATION_MIN)?, length(DURATION_MAX)?);
        // Traces are answered as they are stored, wanted raw or not.
        read(form, RAW, boolean)?;
        let tags = match form.first(ATTRIBUTES) {
            "" => Vec::new(),
            json => string_map(json).map_err(|reason| malformed(ATTRIBUTES, &reason))?,
        };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let query = TraceQuery {
            service: some(text(SERVICE)),
            operation: some(text(OPERATION)),
            tags,
            start: TimeRange { start, end },
            duration_min,
            duration_max,
            limit,
        };
        Ok(Self { query })
    }
}

/// Reads what is asked of one trace. Its times are hints that no store of ours needs; only newer releases look at them.
pub(super) fn trace(id: &str, form: &Form<'_>) -> Result<TraceId, ApiError> {
    let id = number::trace_id(id).map_err(|reason| malformed("trace_id", &reason))?;
    for name in [TRACE_START.1, TRACE_END.1] {
        read(form, (name, name), time::parse)?;
    }
    read(form, (TRACE_RAW.1, TRACE_RAW.1), boolean)?;
    Ok(id)
}

/// The service and the kind of operations.
pub(super) fn operations<'f>(form: &'f Form<'_>) -> (&'f str, &'f str) {
    (form.first("service"), value(form, KIND).1)
}

/// 0 is the default, as everywhere.
fn depth(form: &Form<'_>) -> Result<usize, ApiError> {
    let (name, text) = match form.first(NUM_TRACES) {
        "" => value(form, DEPTH),
        text => (NUM_TRACES, text),
    };
    if text.is_empty() {
        return Ok(DEFAULT_LIMIT);
    }
    let go = |reason: String| malformed(name, &reason.replacen("strconv.ParseInt", "strconv.Atoi", 1));
    match number::int32(text).map_err(go)? {
        0 => Ok(DEFAULT_LIMIT),
        limit => usize::try_from(limit).map(|limit| limit.min(MAX_LIMIT)).map_err(|_| {
            malformed(name, &format!("{limit} is below 0, send 1 to {MAX_LIMIT}, or nothing for {DEFAULT_LIMIT}"))
        }),
    }
}

/// The name that was sent, and its value: empty where it was not.
fn value<'f>(form: &'f Form<'_>, (snake, camel): Name) -> (&'static str, &'f str) {
    match form.first(camel) {
        "" => (snake, form.first(snake)),
        text => (camel, text),
    }
}

fn read<T>(form: &Form<'_>, name: Name, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, ApiError> {
    match value(form, name) {
        (_, "") => Ok(None),
        (name, text) => parse(text).map(Some).map_err(|reason| malformed(name, &reason)),
    }
}

fn boolean(text: &str) -> Result<bool, String> {
    number::boolean(text).ok_or_else(|| format!("strconv.ParseBool: parsing {}: invalid syntax", quote(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_478_400_000_000);
    const HOUR: i64 = 3_600_000_000_000;

    fn parse(query: &str) -> Result<TraceQuery, String> {
        let form = Form::parse(query);
        Params::parse(&form, Spelling::of(&form), NOW).map(|params| params.query).map_err(|error| error.to_string())
    }

    #[test]
    fn both_spellings_ask_the_same() {
        let snake = parse(
            "query.service_name=a&query.operation_name=o&query.start_time_min=2026-11-23T23:00:00+00:00&\
             query.start_time_max=2026-11-24T00:00:00Z&query.num_traces=5&query.duration_min=1ms&\
             query.duration_max=1s&query.attributes=%7B%22k%22:%22v%22%7D",
        )
        .expect("a search");
        let camel = parse(
            "query.serviceName=a&query.operationName=o&query.startTimeMin=2026-11-23T23%3A00%3A00Z&\
             query.startTimeMax=2026-11-24T00%3A00%3A00Z&query.searchDepth=5&query.durationMin=1ms&\
             query.durationMax=1s&query.attributes=%7B%22k%22:%22v%22%7D&query.rawTraces=true",
        )
        .expect("a search");
        assert_eq!(snake, camel);
        assert_eq!(snake.start, TimeRange { start: Timestamp::from_nanos(NOW.as_nanos() - HOUR), end: NOW });
        assert_eq!((snake.limit, snake.tags), (5, vec![("k".to_owned(), "v".to_owned())]));
    }

    #[test]
    fn without_times_it_looks_back_two_days() {
        let back =
            |end: i64| TimeRange { start: Timestamp::from_nanos(end - 48 * HOUR), end: Timestamp::from_nanos(end) };
        assert_eq!(parse("query.serviceName=a").expect("a search").start, back(NOW.as_nanos()));
        let until = parse("query.start_time_max=2026-11-23T00:00:00Z").expect("a search");
        assert_eq!(until.start, back(NOW.as_nanos() - 24 * HOUR));
        assert_eq!((until.service, until.limit), (None, DEFAULT_LIMIT));
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_the_name_that_was_sent() {
        for (query, error) in [
            ("query.num_traces=x", "malformed parameter query.num_traces: strconv.Atoi: parsing \"x\": invalid syntax"),
            (
                "query.searchDepth=-1",
                "malformed parameter query.searchDepth: -1 is below 0, send 1 to 10000, or nothing for 100",
            ),
            ("query.durationMin=5", "malformed parameter query.durationMin: time: missing unit in duration \"5\""),
            (
                "query.rawTraces=maybe",
                "malformed parameter query.rawTraces: strconv.ParseBool: parsing \"maybe\": invalid syntax",
            ),
            (
                "query.start_time_min=2026-11-24T01:00:00Z&query.start_time_max=2026-11-24T00:00:00Z",
                "query.start_time_min must be before query.start_time_max",
            ),
        ] {
            assert_eq!(parse(query), Err(error.to_owned()), "{query}");
        }
        let of = |id, query| trace(id, &Form::parse(query)).map_err(|error| error.to_string());
        assert_eq!(of("3001", "start_time=x"), Ok(TraceId(0x3001)));
        assert!(of("3001", "startTime=x").is_err_and(|error| error.starts_with("malformed parameter startTime: ")));
    }
}
