//! Links between services: documents as the Spark job writes them, one for each minute and collector, and a field more that says whose it is.

use std::collections::BTreeMap;

use bytes::Bytes;
use elasticsearch::http::Method;
use jaeger_model::{Batch, Timestamp};
use jaeger_storage::linker::{Increment, Known, LinkStore, Wanted};
use jaeger_storage::{BoxFuture, DependencyLink, ErrorKind, StorageError, TimeRange};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::bulk::{Said, said};
use crate::day::rfc3339;
use crate::document::Spans;
use crate::document::text::Text;
use crate::fetch::spellings;
use crate::names::Kind;
use crate::read::Asked;
use crate::store::Inner;

const MINUTE: i64 = 60_000_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Spans of one answer.
const MOST: usize = 10_000;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    hits: Hits<'a>,
}

#[derive(Deserialize)]
struct Hits<'a> {
    #[serde(borrow, default)]
    hits: Vec<Hit<'a>>,
}

#[derive(Deserialize)]
struct Hit<'a> {
    #[serde(borrow, rename = "_source")]
    source: &'a RawValue,
    #[serde(borrow, default)]
    sort: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow, default)]
    dependencies: Option<Vec<Link<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link<'a> {
    #[serde(borrow, default)]
    parent: Text<'a>,
    #[serde(borrow, default)]
    child: Text<'a>,
    #[serde(default)]
    call_count: u64,
}

impl Inner {
    /// The links of all documents whose minute the range touches, added up.
    pub(crate) async fn dependencies(&self, range: TimeRange) -> Result<Vec<DependencyLink>, StorageError> {
        if range.start > range.end {
            return Ok(Vec::new());
        }
        let from = range.start.as_nanos().div_euclid(MINUTE) * (MINUTE / 1_000_000);
        let to = range.end.as_nanos().div_euclid(1_000_000);
        let indices = self.names.read(Kind::Dependencies, range.start, range.end);
        let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
        let mut after: Option<Value> = None;
        loop {
            let mut body = json!({
                "query": {"range": {"timestamp": {"gte": from, "lte": to, "format": "epoch_millis"}}},
                "size": self.max_documents,
                "sort": [{"timestamp": {"order": "asc", "unmapped_type": "date"}}],
                "track_total_hits": false,
            });
            if let (Some(after), Some(body)) = (after.take(), body.as_object_mut()) {
                body.insert("search_after".to_owned(), after);
            }
            let answers = self.ask(&[Asked { indices: &indices, body }], "the links between services").await?;
            let Some(answer) = answers.first() else { break };
            let answer: Answer<'_> = self.understood(answer.get())?;
            let mut hits = answer.hits.hits;
            if hits.len() >= self.max_documents {
                // What began in the minute of the last one comes again, whole.
                let last = hits.last().and_then(|hit| hit.sort).map(RawValue::get).unwrap_or_default();
                let ending =
                    hits.iter().rev().take_while(|hit| hit.sort.is_some_and(|sort| sort.get() == last)).count();
                if ending < hits.len() {
                    hits.truncate(hits.len() - ending);
                }
                after = hits.last().and_then(|hit| hit.sort).map(|sort| self.understood(sort.get())).transpose()?;
            }
            for hit in hits {
                let document: Document<'_> = self.understood(hit.source.get())?;
                for Link { parent, child, call_count } in document.dependencies.into_iter().flatten() {
                    let count = counts.entry((parent.0.into_owned(), child.0.into_owned())).or_default();
                    *count = count.saturating_add(call_count);
                }
            }
            if after.is_none() {
                break;
            }
        }
        let link = |((parent, child), call_count)| DependencyLink { parent, child, call_count, error_count: 0 };
        Ok(counts.into_iter().map(link).collect())
    }

    async fn around(&self, wanted: &[Wanted]) -> Result<Vec<Known>, StorageError> {
        let mut known = Vec::new();
        let mut left = vec![wanted];
        while let Some(some) = left.pop() {
            let hits = self.ask_around(some).await?;
            if hits.len() >= MOST && some.len() > 1 {
                let (first, second) = some.split_at(some.len() / 2);
                left.extend([second, first]);
                continue;
            }
            known.extend(hits.spans().map(Known::of));
        }
        Ok(known)
    }

    async fn ask_around(&self, wanted: &[Wanted]) -> Result<Batch, StorageError> {
        let mut traces: Vec<String> = wanted.iter().flat_map(|one| spellings(one.trace_id)).collect();
        traces.sort_unstable();
        traces.dedup();
        let ids = |children: bool| {
            let ids = wanted.iter().filter(move |one| one.children || !children);
            ids.flat_map(|one| [one.span_id.to_string(), format!("{:x}", one.span_id.0)]).collect::<Vec<_>>()
        };
        let mut any = vec![json!({"terms": {"spanID": ids(false)}})];
        if wanted.iter().any(|one| one.children) {
            let refers = json!({"terms": {"references.spanID": ids(true)}});
            any.push(json!({"nested": {"path": "references", "query": refers, "ignore_unmapped": true}}));
        }
        let body = json!({
            "query": {"bool": {"must": [{"terms": {"traceID": traces}}], "should": any, "minimum_should_match": 1}},
            "size": MOST,
            "_source": ["traceID", "spanID", "parentSpanID", "references", "process.serviceName", "tags", "tag"],
            "track_total_hits": false,
        });
        let near =
            |pick: fn(i64, i64) -> i64| wanted.iter().map(|one| one.near.as_nanos()).reduce(pick).unwrap_or_default();
        let from = Timestamp::from_nanos(near(i64::min).saturating_sub(DAY));
        let to = Timestamp::from_nanos(near(i64::max).saturating_add(DAY));
        let indices = self.names.read(Kind::Spans, from, to);
        let answers = self.ask(&[Asked { indices: &indices, body }], "the spans around a link").await?;
        let mut spans = Spans::new(&self.tags_as_fields.dot);
        if let Some(answer) = answers.first() {
            let answer: Answer<'_> = self.understood(answer.get())?;
            for hit in answer.hits.hits {
                // One that is no span links nothing.
                drop(spans.add(hit.source.get()));
            }
        }
        Ok(spans.finish())
    }

    async fn write_links(&self, increments: &[Increment]) -> Result<(), StorageError> {
        let mut body = Vec::new();
        for increment in increments {
            let time = Timestamp::from_nanos(increment.minute.saturating_mul(MINUTE));
            let (index, collector) = (self.names.written(Kind::Dependencies, time), self.linker.process());
            let id = format!("{collector}-{}-{}", increment.round, increment.minute);
            let link = |link: &DependencyLink| json!({"parent": link.parent, "child": link.child, "callCount": link.call_count});
            let links: Vec<Value> = increment.links.iter().map(link).collect();
            for line in [
                json!({"create": {"_index": index, "_id": id}}),
                json!({"timestamp": rfc3339(time), "dependencies": links, "collector": collector}),
            ] {
                body.extend_from_slice(line.to_string().as_bytes());
                body.push(b'\n');
            }
        }
        let body = Some((Bytes::from(body), "application/x-ndjson"));
        let answer = self.client.ok(Method::Post, "_bulk", said::QUERY, body, "links between services").await?;
        let said = said::read(&answer).map_err(|error| {
            self.client.error(ErrorKind::Unavailable, &format!("the answer about links is not understood: {error}"))
        })?;
        match said
            .into_iter()
            .find_map(|said| if let Said::Refused(kind, _, words) = said { Some((kind, words)) } else { None })
        {
            Some((kind, words)) => Err(StorageError::new(kind, words)),
            None => Ok(()),
        }
    }

    /// Whether there are documents that are not of collectors like this one.
    async fn others_write(&self, from: Timestamp) -> Result<bool, StorageError> {
        let now = crate::read::now();
        let indices = self.names.read(Kind::Dependencies, from, now);
        let body = json!({
            "query": {"bool": {
                "must": [{"range": {"timestamp": {"gte": from.as_nanos() / 1_000_000, "format": "epoch_millis"}}}],
                "must_not": [{"exists": {"field": "collector"}}],
            }},
            "size": 1,
            "track_total_hits": false,
        });
        let answers = self.ask(&[Asked { indices: &indices, body }], "other writers of links").await?;
        let answer = answers.first().map(|answer| self.understood::<Answer<'_>>(answer.get())).transpose()?;
        Ok(answer.is_some_and(|answer| !answer.hits.hits.is_empty()))
    }
}

impl LinkStore for Inner {
    fn around<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Vec<Known>, StorageError>> {
        Box::pin(self.around(wanted))
    }

    fn write<'a>(&'a self, increments: &'a [Increment]) -> BoxFuture<'a, Result<(), StorageError>> {
        Box::pin(self.write_links(increments))
    }
    fn others_write(&self, since: Timestamp) -> BoxFuture<'_, Result<bool, StorageError>> {
        Box::pin(self.others_write(since))
    }
}
