//! Searches: which index answers a query, and the ids of the newest traces that it finds.
//!
//! ```text
//! tags                 tag_index, one scan a tag, rows that all have; with operation or duration each span is read and looked at
//! duration             duration_index, hour by hour from the newest
//! operation            service_operation_index
//! service alone        service_name_index, ten buckets merged
//! ```

use std::collections::HashSet;

use jaeger_model::TraceId;
use jaeger_storage::{ErrorKind, StorageError, TraceQuery};
use scylla::statement::prepared::PreparedStatement;

use super::Reader;
use super::merge::{Intersection, Union};
use super::scan::{Hit, Scan};
use crate::cql::cells::Cells;
use crate::tables::{BUCKETS, INDEXED_BYTES};

/// A query in the index's terms.
pub(super) struct Wanted<'a> {
    pub(super) query: &'a TraceQuery,
    pub(super) service: &'a str,
    /// The first and the last start.
    pub(super) starts: (i64, i64),
    /// One more than the limit, so that a search knows whether it stopped there.
    pub(super) traces: usize,
}

/// What gives rows in the order of searches.
pub(super) enum Source<'a> {
    Union(Union<'a>),
    Intersection(Intersection<'a>),
}

impl Source<'_> {
    pub(super) async fn next(&mut self) -> Result<Option<Hit>, StorageError> {
        match self {
            Self::Union(rows) => rows.next().await,
            Self::Intersection(rows) => rows.next().await,
        }
    }
}

impl Reader {
    /// The ids of the newest traces, and whether there were more.
    pub(crate) async fn find_trace_ids(&self, query: &TraceQuery) -> Result<(Vec<TraceId>, bool), StorageError> {
        let Some(service) = query.service.as_deref() else {
            let message = "cassandra searches within one service; name a service";
            return Err(StorageError::new(ErrorKind::Invalid, message));
        };
        let starts = (micros_up(query.start.start.as_nanos()), query.start.end.as_nanos().div_euclid(1000));
        if query.limit == 0 || starts.0 > starts.1 {
            return Ok((Vec::new(), false));
        }
        let wanted = Wanted { query, service, starts, traces: query.limit.saturating_add(1) };
        let duration = query.duration_min.is_some() || query.duration_max.is_some();
        let mut found = match (query.tags.as_slice(), &query.operation) {
            ([], _) if duration => self.by_duration(&wanted).await?,
            ([], _) => self.first_traces(self.starts(&wanted), &wanted).await?,
            (_, operation) => {
                let source = self.by_tags(&wanted)?;
                match duration || operation.is_some() {
                    true => self.looked_at(source, &wanted).await?,
                    false => self.first_traces(source, &wanted).await?,
                }
            }
        };
        let truncated = found.len() > query.limit;
        found.truncate(query.limit);
        Ok((found, truncated))
    }

    fn scan(
        &self,
        statement: &PreparedStatement,
        wanted: &Wanted<'_>,
        of: usize,
        key: impl FnOnce(&mut Vec<u8>),
    ) -> Scan<'_> {
        let mut cells = Vec::new();
        cells.text(wanted.service);
        key(&mut cells);
        cells.bigint(wanted.starts.0);
        cells.bigint(wanted.starts.1);
        // A trace has several rows, and other scans have their part of them.
        let first = wanted.traces.saturating_mul(3) / of + of;
        Scan::new(&self.session, statement, cells, first)
    }

    /// The spans of the service, or of one of its operations.
    pub(super) fn starts(&self, wanted: &Wanted<'_>) -> Source<'_> {
        Source::Union(Union::new(match &wanted.query.operation {
            Some(operation) => vec![self.scan(&self.by_operation, wanted, 1, |key| key.text(operation))],
            None => (0..BUCKETS)
                .map(|bucket| self.scan(&self.by_service, wanted, BUCKETS.into(), |key| key.int(i32::from(bucket))))
                .collect(),
        }))
    }

    fn by_tags(&self, wanted: &Wanted<'_>) -> Result<Source<'_>, StorageError> {
        let mut scans = Vec::new();
        for (key, value) in &wanted.query.tags {
            if key.len() >= INDEXED_BYTES || value.len() >= INDEXED_BYTES {
                let message = format!(
                    "cassandra searches by keys and values of less than {INDEXED_BYTES} bytes; the tag {:.40} is longer, search by \
                     another",
                    key
                );
                return Err(StorageError::new(ErrorKind::Invalid, message));
            }
            let scan = self.scan(&self.by_tag, wanted, 1, |cells| {
                cells.text(key);
                cells.text(value);
            });
            scans.push(scan.of_spans());
        }
        Ok(Source::Intersection(Intersection::new(scans)))
    }

    /// The traces of the first rows.
    async fn first_traces(&self, mut source: Source<'_>, wanted: &Wanted<'_>) -> Result<Vec<TraceId>, StorageError> {
        let (mut found, mut known) = (Vec::new(), HashSet::new());
        while found.len() < wanted.traces
            && let Some(hit) = source.next().await?
        {
            if known.insert(hit.trace) {
                found.push(hit.trace);
            }
        }
        Ok(found)
    }

    /// The traces of the first rows whose span satisfies the whole query, which takes a read of each.
    async fn looked_at(&self, mut source: Source<'_>, wanted: &Wanted<'_>) -> Result<Vec<TraceId>, StorageError> {
        /// Spans read at once.
        const AT_ONCE: usize = 32;
        let (mut found, mut known) = (Vec::new(), HashSet::new());
        loop {
            let mut hits = Vec::new();
            while hits.len() < AT_ONCE
                && let Some(hit) = source.next().await?
            {
                if !known.contains(&hit.trace) {
                    hits.push(hit);
                }
            }
            if hits.is_empty() {
                return Ok(found);
            }
            let matching = hits.iter().map(|hit| async move {
                let spans = self.spans_with_id(hit.trace, hit.span).await?;
                Ok::<_, StorageError>(spans.spans().any(|span| wanted.query.matches(span)))
            });
            let matching = futures_util::future::try_join_all(matching).await?;
            for (hit, matches) in hits.iter().zip(matching) {
                if matches && known.insert(hit.trace) {
                    found.push(hit.trace);
                    if found.len() == wanted.traces {
                        return Ok(found);
                    }
                }
            }
        }
    }
}

/// Microseconds that are not before these nanoseconds.
pub(super) fn micros_up(nanos: i64) -> i64 {
    nanos.div_euclid(1000) + i64::from(nanos.rem_euclid(1000) > 0)
}
