//! Searches by duration: the index is sorted by duration within an hour, so that an hour is looked through whole, the newest
//! hour first. Hours without spans are skipped by what the index of starts says.

use std::collections::HashSet;

use jaeger_model::TraceId;
use jaeger_storage::StorageError;

use super::newest::Newest;
use super::search::{Wanted, micros_up};
use super::{Reader, scan};
use crate::cql::cells::Cells;
use crate::error;
use crate::tables::{hour_begins, hour_of};

const WHAT: &str = "searching by duration";

impl Reader {
    /// The newest traces with a span of such a length.
    pub(super) async fn by_duration(&self, wanted: &Wanted<'_>) -> Result<Vec<TraceId>, StorageError> {
        let mut found = Vec::new();
        let mut known = HashSet::new();
        let mut until = wanted.starts.1;
        while let Some(newest) = self.newest_start(wanted, until).await? {
            let hour = hour_of(newest);
            let mut of_hour = Newest::new(wanted.traces - found.len());
            self.pages(&self.by_duration, &key(wanted, hour), WHAT, |page| {
                let hits = scan::hits(&page, false).map_err(|error| error::corrupt(WHAT, error))?;
                for hit in hits {
                    let start = hit.start.0;
                    if wanted.starts.0 <= start && start <= wanted.starts.1 && !known.contains(&hit.trace) {
                        of_hour.add(start, hit.trace);
                    }
                }
                Ok(())
            })
            .await?;
            for trace in of_hour.traces() {
                known.insert(trace);
                found.push(trace);
            }
            if found.len() >= wanted.traces {
                break;
            }
            until = hour_begins(hour) - 1;
        }
        Ok(found)
    }

    /// The newest start that is not after `until`.
    async fn newest_start(&self, wanted: &Wanted<'_>, until: i64) -> Result<Option<i64>, StorageError> {
        if until < wanted.starts.0 {
            return Ok(None);
        }
        let narrow = Wanted { starts: (wanted.starts.0, until), traces: 0, ..*wanted };
        Ok(self.starts(&narrow).next().await?.map(|hit| hit.start.0))
    }
}

fn key(wanted: &Wanted<'_>, hour: i64) -> Vec<u8> {
    let query = wanted.query;
    let mut cells = Vec::new();
    cells.text(wanted.service);
    cells.text(query.operation.as_deref().unwrap_or_default());
    cells.bigint(hour.saturating_mul(3_600_000));
    cells.bigint(query.duration_min.map_or(i64::MIN, |min| micros_up(min.as_nanos())));
    cells.bigint(query.duration_max.map_or(i64::MAX, |max| max.as_nanos().div_euclid(1000)));
    cells
}
