//! `/api/metrics/*`: latencies, calls and errors out of what the store counts by the minute, as Prometheus would answer.
//!
//! ```text
//! store.calls -> series by service or operation -> a sum for each point's window -> rate, ratio or quantile -> JSON
//! ```

mod family;
mod quantile;
mod series;

use jaeger_storage::{CallsQuery, MinuteCalls};

use family::Family;
use quantile::quantile;
use series::{ByName, Windows};

use crate::answer::Answer;
use crate::budget::Room;
use crate::error::ApiError;
use crate::params::RateParams;
use crate::search::Search;

/// What is counted at once, in milliseconds: no rate is finer.
pub const MINUTE_MILLIS: i64 = 60_000;

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

impl Search {
    /// Answers with one series for each service or operation.
    pub async fn rates(self, wanted: Wanted, params: RateParams, mut answer: Answer) {
        let windows = Windows::new(&params);
        let (series, _room) = match self.series(&params, &windows).await {
            Ok(found) => found,
            Err(error) => return answer.refuse(&error),
        };
        let family = Family { wanted, by_operation: params.by_operation };
        family.open(answer.buffer());
        let mut first = true;
        for (name, series) in &series {
            first &= !family.series(name, series, &windows, first, answer.buffer());
            if let Err(gone) = answer.send_full().await {
                return tracing::debug!(%gone, "Answer was not read to its end");
            }
        }
        Family::close(answer.buffer());
        if let Err(gone) = answer.finish().await {
            tracing::debug!(%gone, "Answer was not read to its end");
        }
    }

    /// What the store has counted, and the room that it takes.
    async fn series(&self, params: &RateParams, windows: &Windows) -> Result<(ByName, Room), ApiError> {
        self.can_count()?;
        let query =
            CallsQuery { range: windows.range(), services: params.services.clone(), kinds: params.kinds_by_name() };
        let rows = self.store.calls(&query).await?;
        let room = self.budget.take(rows.len().saturating_mul(size_of::<MinuteCalls>()))?;
        Ok((series::by_name(rows, params), room))
    }

    /// The finest step there is.
    ///
    /// # Errors
    /// Where the store counts no calls.
    pub fn min_step(&self) -> Result<Vec<u8>, ApiError> {
        self.can_count()?;
        Ok(crate::envelope::number(MINUTE_MILLIS))
    }

    fn can_count(&self) -> Result<(), ApiError> {
        if self.store.capabilities().minute_calls { Ok(()) } else { Err(ApiError::NoMetrics) }
    }
}
