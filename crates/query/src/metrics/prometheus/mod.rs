//! `METRICS_STORAGE_TYPE=prometheus`: series out of span metrics that Prometheus scraped.
//!
//! ```text
//! rate_series -> promql -> client ==HTTP==> Prometheus
//!            <-  answer <- client <========
//! ```

mod answer;
mod client;
mod config;
mod error;
mod promql;

use std::collections::BTreeMap;
use std::sync::Arc;

use jaeger_storage::BoxFuture;

pub use config::{DurationUnit, PrometheusConfig};
pub use error::PrometheusError;

use super::{Asked, Point, RateSeries, RateSource, Rates, Wanted};
use crate::budget::{Budget, Room};
use crate::error::ApiError;
use answer::Matrix;
use client::Client;
use promql::Queries;

/// The finest step that Go Jaeger names, in milliseconds.
const MIN_STEP_MILLIS: i64 = 1;

/// A Prometheus.
pub(super) struct Prometheus {
    config: Arc<PrometheusConfig>,
    client: Client,
    budget: Budget,
}

impl Prometheus {
    pub(super) fn new(config: PrometheusConfig, budget: Budget) -> Self {
        let config = Arc::new(config);
        Self { client: Client::new(Arc::clone(&config)), config, budget }
    }

    async fn found(&self, Asked { wanted, params, bearer }: Asked<'_>) -> Result<Rates, ApiError> {
        let queries = Queries { config: &self.config, params };
        match wanted {
            Wanted::Calls => self.series(&queries, &queries.calls(), bearer).await,
            Wanted::Latencies(part) => self.series(&queries, &queries.latencies(part), bearer).await,
            Wanted::Errors => {
                let errors = self.series(&queries, &queries.errors(), bearer).await?;
                let calls = self.series(&queries, &queries.calls(), bearer).await?;
                Ok(Rates { series: with_zeros(errors.series, calls.series), room: calls.room })
            }
        }
    }

    async fn series(&self, queries: &Queries<'_>, promql: &str, bearer: Option<&str>) -> Result<Rates, ApiError> {
        let body = self.client.query_range(promql, queries.params, bearer).await?;
        // The text of a point is longer than the point.
        let room: Room = self.budget.take(body.len().saturating_mul(2))?;
        let matrix = Matrix::read(&body).map_err(|error| self.client.said(error))?;
        Ok(Rates { series: matrix.series(queries.params.by_operation), room })
    }
}

impl RateSource for Prometheus {
    fn rates<'a>(&'a self, asked: Asked<'a>) -> BoxFuture<'a, Result<Rates, ApiError>> {
        Box::pin(self.found(asked))
    }

    fn min_step(&self) -> Result<i64, ApiError> {
        Ok(MIN_STEP_MILLIS)
    }
}

/// A series of errors begins with the first error: before it, and where there never was one, nothing failed.
fn with_zeros(errors: Vec<RateSeries>, calls: Vec<RateSeries>) -> Vec<RateSeries> {
    let mut errors: BTreeMap<(String, String), Vec<Point>> =
        errors.into_iter().map(|series| ((series.service, series.operation), series.points)).collect();
    let filled = calls.into_iter().map(|RateSeries { service, operation, mut points }| {
        let name = (service, operation);
        let failed = errors.remove(&name);
        let mut known = failed.as_deref().unwrap_or_default().iter().peekable();
        for point in &mut points {
            while known.next_if(|error| error.millis < point.millis).is_some() {}
            point.value = match known.next_if(|error| error.millis == point.millis) {
                Some(error) => error.value,
                // As everywhere, a ratio of no calls is no number, unless nothing ever failed.
                None if failed.is_some() && point.value == 0.0 => f64::NAN,
                None => 0.0,
            };
        }
        RateSeries { service: name.0, operation: name.1, points }
    });
    filled.collect()
}

#[cfg(test)]
mod tests;
