//! What a request asks for: reads a URL's parameters into a query, with the errors of Go Jaeger.

mod form;
mod metrics;
mod search;
mod tags;

pub use form::{Form, unescape};
pub use metrics::{RateParams, latency_params};
pub use search::{DEFAULT_LIMIT, MAX_LIMIT, SearchParams, dependency_range, required_service};
pub use tags::string_map;

/// A parameter that cannot be used. All are answered with 400.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParamError {
    /// A value of the wrong form; the reason is in Go's words.
    #[error("unable to parse param '{name}': {reason}")]
    Unreadable {
        /// The parameter.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A limit that is no 32-bit number; Go does not name the parameter.
    #[error("{0}")]
    Limit(String),
    /// A limit below 0.
    #[error("parameter 'limit' is {0}, send 1 to {MAX_LIMIT}, or nothing for {DEFAULT_LIMIT}")]
    NegativeLimit(i64),
    /// A parameter that must be there is not.
    #[error("parameter 'service' is required")]
    NoService,
    /// Tags that are no JSON object of texts.
    #[error("malformed 'tags' parameter, cannot unmarshal JSON: {0}")]
    TagsNotJson(String),
    /// A tag without a colon.
    #[error("malformed 'tag' parameter, expecting key:value, received: {0}")]
    TagWithoutColon(String),
    /// The shortest duration is above the longest.
    #[error("'maxDuration' should be greater than 'minDuration'")]
    DurationsCrossed,
    /// The earliest time is after the latest.
    #[error("parameter 'start' ({start}) is after 'end' ({end}), send the earlier one as 'start'")]
    StartAfterEnd {
        /// Microseconds.
        start: i64,
        /// Microseconds.
        end: i64,
    },
    /// No trace id; the reason is in Go's words.
    #[error("cannot parse traceID param: {0}")]
    TraceId(String),
}

impl ParamError {
    fn unreadable(name: &'static str) -> impl FnOnce(String) -> Self {
        move |reason| Self::Unreadable { name, reason }
    }
}
