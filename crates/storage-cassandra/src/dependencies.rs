//! Links between services, in the table that Go's Spark job fills and Go's query reads.

use std::collections::BTreeMap;

use jaeger_storage::{DependencyLink, StorageError, TimeRange};

use crate::cql::cells::{CellReader, Cells, Malformed};
use crate::cql::raw::Raw;
use crate::error;
use crate::read::Reader;

const DAY_MILLIS: i64 = 24 * 3600 * 1000;
const WHAT: &str = "reading the dependencies";

type Sums = BTreeMap<(String, String), u64>;

impl Reader {
    /// The links of the rows whose time lies in the range.
    pub(crate) async fn dependencies(&self, range: TimeRange) -> Result<Vec<DependencyLink>, StorageError> {
        let (from, to) = (range.start.as_nanos().div_euclid(1_000_000), range.end.as_nanos().div_euclid(1_000_000));
        let mut keys = vec![vec![from, to]];
        if self.keyspace.dependencies_v2 {
            let mut days = self.days().await?;
            days.retain(|day| *day <= to && from < day.saturating_add(DAY_MILLIS));
            keys = days.into_iter().map(|day| vec![day, from, to]).collect();
        }
        let mut sums = Sums::new();
        for times in keys {
            let mut key = Vec::new();
            times.into_iter().for_each(|time| key.bigint(time));
            self.pages(&self.dependencies, &key, WHAT, |page| {
                for row in page.rows::<(Raw<'_>,)>().map_err(|error| error::corrupt(WHAT, error))? {
                    let (links,) = row.map_err(|error| error::corrupt(WHAT, error))?;
                    add(links.0, &mut sums).map_err(|error| error::corrupt(WHAT, error))?;
                }
                Ok(())
            })
            .await?;
        }
        let link = |((parent, child), call_count)| DependencyLink { parent, child, call_count, error_count: 0 };
        Ok(sums.into_iter().map(link).collect())
    }

    /// The days that have rows, as milliseconds: one partition each.
    async fn days(&self) -> Result<Vec<i64>, StorageError> {
        let Some(statement) = &self.dependency_days else { return Ok(Vec::new()) };
        let mut days = Vec::new();
        self.pages(statement, &[], WHAT, |page| {
            for row in page.rows::<(Raw<'_>,)>().map_err(|error| error::corrupt(WHAT, error))? {
                let (day,) = row.map_err(|error| error::corrupt(WHAT, error))?;
                let day = day.0.try_into().map_err(|_| error::corrupt(WHAT, "a time of other than 8 bytes"))?;
                days.push(i64::from_be_bytes(day));
            }
            Ok(())
        })
        .await?;
        Ok(days)
    }
}

fn add(links: &[u8], sums: &mut Sums) -> Result<(), Malformed> {
    for link in CellReader::list(links)? {
        let mut link = CellReader(link?);
        let mut text = || Ok::<_, Malformed>(String::from_utf8_lossy(link.text()?).into_owned());
        let pair = (text()?, text()?);
        let count = u64::try_from(link.bigint()?).unwrap_or(0);
        let sum = sums.entry(pair).or_default();
        *sum = sum.saturating_add(count);
    }
    Ok(())
}
