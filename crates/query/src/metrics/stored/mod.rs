//! Series out of what the store counts by the minute, as Prometheus would answer.
//!
//! ```text
//! store.calls -> series by service or operation -> a sum for each point's window -> rate, ratio or quantile
//! ```

mod quantile;
mod series;

use std::sync::Arc;

use jaeger_storage::{BoxFuture, CallsQuery, MinuteCalls, Store};

use quantile::quantile;
use series::{Counts, Series, Windows};

use super::{Asked, Point, RateSeries, RateSource, Rates, Wanted};
use crate::budget::Budget;
use crate::error::ApiError;

/// What is counted at once, in milliseconds: no rate is finer.
const MINUTE_MILLIS: i64 = 60_000;

/// The store's counts.
pub(super) struct Stored {
    store: Arc<dyn Store>,
    budget: Budget,
}

impl Stored {
    pub(super) fn new(store: Arc<dyn Store>, budget: Budget) -> Self {
        Self { store, budget }
    }

    fn can_count(&self) -> Result<(), ApiError> {
        if self.store.capabilities().minute_calls { Ok(()) } else { Err(ApiError::NoMetrics) }
    }

    async fn found(&self, Asked { wanted, params, .. }: Asked<'_>) -> Result<Rates, ApiError> {
        self.can_count()?;
        let windows = Windows::new(params);
        let query =
            CallsQuery { range: windows.range(), services: params.services.clone(), kinds: params.kinds_by_name() };
        let rows = self.store.calls(&query).await?;
        let counted = rows.len().saturating_mul(size_of::<MinuteCalls>());
        let by_name = series::by_name(rows, params);
        let points = by_name.len().saturating_mul(windows.points()).saturating_mul(size_of::<Point>());
        let room = self.budget.take(counted.saturating_add(points))?;
        let series = by_name.into_iter().map(|((service, operation), counts)| RateSeries {
            service,
            operation,
            points: points_of(wanted, &counts, &windows),
        });
        // Without any point there is no series.
        Ok(Rates { series: series.filter(|series| !series.points.is_empty()).collect(), room })
    }
}

impl RateSource for Stored {
    fn rates<'a>(&'a self, asked: Asked<'a>) -> BoxFuture<'a, Result<Rates, ApiError>> {
        Box::pin(self.found(asked))
    }

    fn min_step(&self) -> Result<i64, ApiError> {
        self.can_count().map(|()| MINUTE_MILLIS)
    }
}

fn points_of(wanted: Wanted, series: &Series, windows: &Windows) -> Vec<Point> {
    // Where nothing ever failed the ratio is 0 also where there is nothing to divide by, as in Go.
    let any_error = series.iter().any(|(_, counts)| counts.errors > 0);
    let mut points = Vec::new();
    windows.sums(series, |millis, sum| points.push(Point { millis, value: value(wanted, sum, windows, any_error) }));
    points
}

#[expect(clippy::cast_precision_loss, reason = "counts of calls")]
fn value(wanted: Wanted, sum: &Counts, windows: &Windows, any_error: bool) -> f64 {
    match wanted {
        Wanted::Calls => sum.calls as f64 / windows.seconds(),
        Wanted::Errors if !any_error => 0.0,
        Wanted::Errors => sum.errors as f64 / sum.calls as f64,
        Wanted::Latencies(part) => quantile(part, &sum.latencies),
    }
}
