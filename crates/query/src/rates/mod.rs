//! `/api/metrics/*` over HTTP: series of whichever source, written as Go Jaeger writes them.

mod family;

pub use family::Family;

use crate::answer::Answer;
use crate::error::ApiError;
use crate::metrics::Wanted;
use crate::params::RateParams;
use crate::search::Search;

impl Search {
    /// Answers with one series for each service or operation; `bearer` is the caller's token where it is passed on.
    pub async fn rates(self, wanted: Wanted, params: RateParams, bearer: Option<String>, mut answer: Answer) {
        let rates = match self.rate_series(wanted, &params, bearer.as_deref()).await {
            Ok(rates) => rates,
            Err(error) => return answer.refuse(&error),
        };
        let family = Family { wanted, by_operation: params.by_operation };
        family.open(answer.buffer());
        for (at, series) in rates.series.iter().enumerate() {
            family.series(series, at == 0, answer.buffer());
            if let Err(gone) = answer.send_full().await {
                return tracing::debug!(%gone, "Answer was not read to its end");
            }
        }
        Family::close(answer.buffer());
        if let Err(gone) = answer.finish().await {
            tracing::debug!(%gone, "Answer was not read to its end");
        }
    }

    /// The finest step there is.
    ///
    /// # Errors
    /// Where there are no series.
    pub fn min_step(&self) -> Result<Vec<u8>, ApiError> {
        self.rates.min_step().map(crate::envelope::number)
    }
}
