//! Links between services, in the table that Go's Spark job fills and Go's query reads.

use std::collections::BTreeMap;

use jaeger_storage::{DependencyLink, StorageError, TimeRange};

use crate::cql::cells::{CellReader, Cells, Malformed};
use crate::cql::raw::Raw;
use crate::cql::row::Row;
use crate::error;
use crate::links::SOURCE;
use crate::read::Reader;

pub(crate) const MINUTE_MILLIS: i64 = 60 * 1000;
pub(crate) const DAY_MILLIS: i64 = 24 * 60 * MINUTE_MILLIS;
const WHAT: &str = "the links between services";

/// A link as a row has it.
struct Link<'a> {
    parent: &'a [u8],
    child: &'a [u8],
    call_count: i64,
    source: &'a [u8],
}

impl Reader {
    /// The links of the rows whose minute touches the range.
    pub(crate) async fn dependencies(&self, range: TimeRange) -> Result<Vec<DependencyLink>, StorageError> {
        if range.start > range.end {
            return Ok(Vec::new());
        }
        let minute = |nanos: i64| nanos.div_euclid(60_000_000_000);
        let from = minute(range.start.as_nanos()).saturating_mul(MINUTE_MILLIS);
        let to = minute(range.end.as_nanos()).saturating_mul(MINUTE_MILLIS).saturating_add(MINUTE_MILLIS - 1);
        let mut sums: BTreeMap<(String, String), u64> = BTreeMap::new();
        self.links(from, to, |link| {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            let sum = sums.entry((text(link.parent), text(link.child))).or_default();
            *sum = sum.saturating_add(u64::try_from(link.call_count).unwrap_or(0));
        })
        .await?;
        let link = |((parent, child), call_count)| DependencyLink { parent, child, call_count, error_count: 0 };
        Ok(sums.into_iter().map(link).collect())
    }

    /// Whether anybody but collectors like this one wrote links from this time on.
    pub(crate) async fn has_dependencies_of_others(&self, from: i64) -> Result<bool, StorageError> {
        let mut others = false;
        self.links(from, i64::MAX, |link| others |= !link.source.starts_with(SOURCE.as_bytes())).await?;
        Ok(others)
    }

    /// Adds a row at `ts` unless there is one; true where it is there now.
    pub(crate) async fn insert_dependencies(&self, ts: i64, row: &[u8], source: &str) -> Result<bool, StorageError> {
        let Some(statement) = &self.insert_dependencies else { return Ok(true) };
        let done = self.session.execute_unpaged(statement, Row(row)).await;
        let rows = done.map_err(|error| error::storage(WHAT, error))?.into_rows_result();
        let rows = rows.map_err(|error| error::corrupt(WHAT, error))?;
        let mut rows = rows.rows::<scylla::value::Row>().map_err(|error| error::corrupt(WHAT, error))?;
        let answer = rows.next().and_then(Result::ok);
        let applied = answer.as_ref().and_then(|answer| answer.columns.first()?.as_ref()?.as_boolean());
        if applied == Some(true) {
            return Ok(true);
        }
        // Written before, and the answer was lost.
        let mut ours = false;
        self.links(ts, ts, |link| ours |= link.source == source.as_bytes()).await?;
        Ok(ours)
    }

    async fn links(&self, from: i64, to: i64, mut take: impl FnMut(Link<'_>)) -> Result<(), StorageError> {
        let mut keys = vec![vec![from, to]];
        if self.dependency_days.is_some() {
            let mut days = self.days().await?;
            days.retain(|day| *day <= to && from < day.saturating_add(DAY_MILLIS));
            keys = days.into_iter().map(|day| vec![day, from, to]).collect();
        }
        for times in keys {
            let mut key = Vec::new();
            times.into_iter().for_each(|time| key.bigint(time));
            self.pages(&self.dependencies, &key, WHAT, |page| {
                for row in page.rows::<(Raw<'_>,)>().map_err(|error| error::corrupt(WHAT, error))? {
                    let (links,) = row.map_err(|error| error::corrupt(WHAT, error))?;
                    each(links.0, &mut take).map_err(|error| error::corrupt(WHAT, error))?;
                }
                Ok(())
            })
            .await?;
        }
        Ok(())
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

fn each(links: &[u8], take: &mut impl FnMut(Link<'_>)) -> Result<(), Malformed> {
    for link in CellReader::list(links)? {
        let mut link = CellReader(link?);
        let (parent, child, call_count, source) = (link.text()?, link.text()?, link.bigint()?, link.text()?);
        take(Link { parent, child, call_count, source });
    }
    Ok(())
}
