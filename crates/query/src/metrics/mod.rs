//! Where `/api/metrics/*` and gRPC's `MetricsQueryService` take their series from: one trait, two sources.
//!
//! ```text
//! search.rate_series -> RateSource: stored      what the store counts by the minute (default)
//!                                   prometheus  PromQL, with METRICS_STORAGE_TYPE=prometheus
//! ```

pub mod prometheus;
mod stored;

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jaeger_storage::{BoxFuture, Store};

use crate::budget::{Budget, Room};
use crate::error::ApiError;
use crate::params::RateParams;
use crate::search::Search;
use prometheus::{Prometheus, PrometheusConfig};
use stored::Stored;

/// What is asked of the counts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Wanted {
    /// Calls a second.
    Calls,
    /// The part of the calls that failed.
    Errors,
    /// The time that this part of the calls did not exceed, in milliseconds.
    Latencies(f64),
}

/// A question for series.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Of what.
    pub wanted: Wanted,
    /// Of which services, when, and how far apart.
    pub params: &'a RateParams,
    /// The caller's own bearer token, where it is to be passed on.
    pub bearer: Option<&'a str>,
}

/// A value at a time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// Milliseconds since 1970.
    pub millis: i64,
    /// May be no number: a ratio of no calls.
    pub value: f64,
}

/// The points of one service, or of one of its operations.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RateSeries {
    /// The service.
    pub service: String,
    /// The operation where those are told apart, else empty.
    pub operation: String,
    /// In order of time, never empty.
    pub points: Vec<Point>,
}

/// An answer: series in order of their names, and the room that they take.
#[derive(Debug)]
pub struct Rates {
    /// The series.
    pub series: Vec<RateSeries>,
    /// Given back with the answer.
    room: Room,
}

/// Has series of calls, errors and latencies.
pub trait RateSource: Send + Sync {
    /// The series that are asked for.
    fn rates<'a>(&'a self, asked: Asked<'a>) -> BoxFuture<'a, Result<Rates, ApiError>>;

    /// The finest step that makes a difference, in milliseconds.
    ///
    /// # Errors
    /// Where there are no series.
    fn min_step(&self) -> Result<i64, ApiError>;
}

impl fmt::Debug for dyn RateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RateSource")
    }
}

/// The source that is configured.
#[must_use]
pub fn source(prometheus: Option<&PrometheusConfig>, store: &Arc<dyn Store>, budget: &Budget) -> Arc<dyn RateSource> {
    match prometheus {
        Some(config) => Arc::new(Prometheus::new(config.clone(), budget.clone())),
        None => Arc::new(Stored::new(Arc::clone(store), budget.clone())),
    }
}

/// The caller's bearer token.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

impl Search {
    /// Series of calls, errors or latencies, whoever asks and wherever they come from.
    ///
    /// # Errors
    /// Where there are no series, their source does not answer, or there is no room.
    pub async fn rate_series(
        &self,
        wanted: Wanted,
        params: &RateParams,
        bearer: Option<&str>,
    ) -> Result<Rates, ApiError> {
        self.rates.rates(Asked { wanted, params, bearer }).await
    }
}
