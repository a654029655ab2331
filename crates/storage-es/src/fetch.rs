//! `ids -> FETCH -> decode`: whole traces, page after page, however many spans they have.
//!
//! A page ends anywhere among spans that began in the same microsecond; so pages are cut by start, span id and more, and what is equal in
//! all of that to a page's last document is asked for again with the next one.

use std::sync::Arc;

use jaeger_model::{Timestamp, Trace, TraceId};
use jaeger_storage::{ErrorKind, StorageError, TimeRange};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::document::Spans;
use crate::names::Kind;
use crate::read::Asked;
use crate::store::Inner;

/// Documents of a trace's first page: nearly every trace is shorter.
const FIRST_PAGE: usize = 500;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    hits: Hits<'a>,
}

#[derive(Deserialize)]
struct Hits<'a> {
    #[serde(borrow)]
    hits: Vec<Hit<'a>>,
}

#[derive(Deserialize)]
struct Hit<'a> {
    #[serde(borrow, rename = "_source")]
    source: &'a RawValue,
    #[serde(borrow, default)]
    sort: Option<&'a RawValue>,
}

/// A trace that comes in.
struct Fetched {
    id: TraceId,
    trace: Trace,
    /// Documents that are no spans, and why the first of them is none.
    unread: Option<(usize, String)>,
    /// After which document the next page begins; none after the last page.
    after: Option<Value>,
    page: usize,
}

impl Inner {
    /// The traces with these ids, in their order; one that is not there is empty.
    pub(crate) async fn fetch(&self, ids: &[TraceId], range: TimeRange) -> Result<Vec<Trace>, StorageError> {
        let indices = self.names.read(Kind::Spans, range.start, range.end);
        let first = FIRST_PAGE.min(self.max_documents);
        let new = |id: &TraceId| Fetched { id: *id, trace: Trace::new(), unread: None, after: None, page: first };
        let mut traces: Vec<Fetched> = ids.iter().map(new).collect();
        let asked: Vec<_> = traces.iter().map(|trace| self.page(trace, &indices, range)).collect();
        let pages = self.ask(&asked, "a trace").await?;
        for (trace, page) in traces.iter_mut().zip(&pages) {
            self.take(trace, page)?;
        }
        drop(pages);
        let mut whole = Vec::with_capacity(traces.len());
        for mut trace in traces {
            trace.page = self.max_documents;
            while trace.after.is_some() {
                let pages = self.ask(&[self.page(&trace, &indices, range)], "a trace").await?;
                match pages.first() {
                    Some(page) => self.take(&mut trace, page)?,
                    None => break,
                }
            }
            whole.push(self.whole_trace(trace)?);
        }
        Ok(whole)
    }

    fn page<'a>(&self, trace: &Fetched, indices: &'a [String], range: TimeRange) -> Asked<'a> {
        let mut must = vec![json!({"terms": {"traceID": spellings(trace.id)}})];
        let bounded = range.start > Timestamp::MIN || range.end < Timestamp::MAX;
        if self.names.timeless() && !self.archive && bounded {
            // An alias has indices of every age; this says which ones need not be looked into.
            let millis = |time: Timestamp| time.as_nanos().div_euclid(1_000_000);
            must.push(json!({"range": {"startTimeMillis": {"gte": millis(range.start), "lte": millis(range.end)}}}));
        }
        let by = |field: &str, kind: &str| json!({field: {"order": "asc", "unmapped_type": kind}});
        let mut body = json!({
            "query": {"bool": {"must": must}},
            "size": trace.page,
            "sort": [
                by("startTime", "long"),
                by("spanID", "keyword"),
                by("process.serviceName", "keyword"),
                by("operationName", "keyword"),
                by("duration", "long"),
            ],
            "track_total_hits": false,
        });
        if let (Some(after), Some(body)) = (&trace.after, body.as_object_mut()) {
            body.insert("search_after".to_owned(), after.clone());
        }
        Asked { indices, body }
    }

    fn take(&self, into: &mut Fetched, page: &RawValue) -> Result<(), StorageError> {
        let answer: Answer<'_> = self.understood(page.get())?;
        let mut hits = answer.hits.hits;
        let full = hits.len() >= into.page;
        into.after = None;
        if full {
            let last = hits.last().and_then(|hit| hit.sort).map(RawValue::get).unwrap_or_default();
            let ending = hits.iter().rev().take_while(|hit| hit.sort.is_some_and(|sort| sort.get() == last)).count();
            // Where all of a page is equal, what is equal besides is a copy.
            if ending < hits.len() {
                hits.truncate(hits.len() - ending);
            }
            let after = hits.last().and_then(|hit| hit.sort).map_or("null", RawValue::get);
            into.after = Some(self.understood(after)?);
        }
        let mut spans = Spans::new(&self.tags_as_fields.dot);
        for hit in hits {
            if let Err(error) = spans.add(hit.source.get()) {
                let (count, _) = into.unread.get_or_insert_with(|| (0, error.to_string()));
                *count += 1;
            }
        }
        let count = spans.len();
        into.trace.push_spans(Arc::new(spans.finish()), 0..count);
        Ok(())
    }

    fn whole_trace(&self, fetched: Fetched) -> Result<Trace, StorageError> {
        let Fetched { id, mut trace, unread, .. } = fetched;
        if let Some((count, why)) = unread {
            tracing::warn!(trace = %id, count, why, "Documents of a trace are no spans");
            if trace.is_empty() {
                let what =
                    format!("{count} documents of trace {id} are no spans ({why}); look at them by traceID:{id}");
                return Err(self.client.error(ErrorKind::Corrupt, &what));
            }
        }
        // What was written twice under ids that Elasticsearch made up.
        trace.drop_copies();
        Ok(trace)
    }
}

/// How an id may be written: 16 or 32 digits, 32 also for short ones (Go Jaeger 2), and without zeros in front (before 1.16).
pub(crate) fn spellings(id: TraceId) -> Vec<String> {
    let mut all = vec![id.to_string()];
    for other in [format!("{:032x}", id.0), format!("{:x}", id.0)] {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    all
}
