//! `query <- READ`: searches, names and links; several questions go in one `_msearch`, whose length no URL bounds.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use elasticsearch::http::Method;
use futures_util::{StreamExt as _, stream};
use jaeger_model::{Timestamp, Trace, TraceId};
use jaeger_storage::{ErrorKind, FoundTraces, Operation, StorageError, TimeRange, TraceQuery};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::document::text::Text;
use crate::failure::{self, Cause};
use crate::names::Kind;
use crate::store::Inner;

/// How far a trace's other spans may lie from those that matched.
const AROUND: jaeger_model::Duration = jaeger_model::Duration::from_micros(24 * 3_600_000_000);
/// How many traces are asked for at once; each is then given one at a time.
const TOGETHER: usize = 10;

/// One search of several.
pub(crate) struct Asked<'a> {
    pub(crate) indices: &'a [String],
    pub(crate) body: Value,
}

#[derive(Deserialize)]
struct Answers<'a> {
    #[serde(borrow)]
    responses: Vec<&'a RawValue>,
}

/// What every answer says besides what was asked.
#[derive(Deserialize)]
struct Around<'a> {
    #[serde(default)]
    status: Option<u16>,
    #[serde(borrow, default)]
    error: Option<Cause<'a>>,
    #[serde(default)]
    timed_out: bool,
    #[serde(borrow, default, rename = "_shards")]
    shards: Option<Shards<'a>>,
}

#[derive(Deserialize)]
struct Shards<'a> {
    #[serde(default)]
    failed: u64,
    #[serde(borrow, default)]
    failures: Vec<Failed<'a>>,
}

#[derive(Deserialize)]
struct Failed<'a> {
    #[serde(borrow)]
    reason: Cause<'a>,
}

impl Inner {
    /// Asks several searches; an answer that is not whole is an error.
    pub(crate) async fn ask(&self, asked: &[Asked<'_>], what: &str) -> Result<Vec<Box<RawValue>>, StorageError> {
        self.client.version().await?;
        let mut body = Vec::with_capacity(asked.len() * 512);
        for Asked { indices, body: search } in asked {
            let header = json!({"index": indices, "ignore_unavailable": true});
            body.extend_from_slice(header.to_string().as_bytes());
            body.push(b'\n');
            body.extend_from_slice(search.to_string().as_bytes());
            body.push(b'\n');
        }
        let body = Some((Bytes::from(body), "application/x-ndjson"));
        let answer =
            self.client.send(Method::Post, "_msearch", "rest_total_hits_as_int=true", body, self.timeout).await?;
        if !(200..=299).contains(&answer.status) {
            return Err(failure::of_answer(what, self.client.address(), answer.status, &answer.body));
        }
        let answers: Answers<'_> = serde_json::from_slice(&answer.body).map_err(|error| self.strange(&error))?;
        answers.responses.iter().map(|answer| self.whole(answer, what)).collect()
    }

    fn whole(&self, answer: &RawValue, what: &str) -> Result<Box<RawValue>, StorageError> {
        let around: Around<'_> = self.understood(answer.get())?;
        let failed = around.shards.filter(|shards| shards.failed > 0);
        let shard = failed.as_ref().and_then(|shards| shards.failures.first()).map(|failed| &failed.reason);
        if let Some(cause) = around.error.as_ref().or(shard) {
            let status = around.status.filter(|status| *status >= 400).unwrap_or(503);
            let kind = failure::kind(status, Some(cause));
            let next = failure::next_step(status);
            return Err(self.client.error(kind, &format!("{what} failed with {status}: {}{next}", cause.words())));
        }
        match (failed, around.timed_out) {
            (Some(shards), _) => {
                let what = format!("{what} was answered without {} shards; see the cluster's health", shards.failed);
                Err(self.client.error(ErrorKind::Unavailable, &what))
            }
            (None, true) => Err(self.client.error(ErrorKind::Unavailable, &format!("{what} took too long"))),
            (None, false) => Ok(answer.to_owned()),
        }
    }

    pub(crate) fn understood<'a, T: Deserialize<'a>>(&self, answer: &'a str) -> Result<T, StorageError> {
        serde_json::from_str(answer).map_err(|error| self.strange(&error))
    }

    fn strange(&self, error: &serde_json::Error) -> StorageError {
        self.client.error(ErrorKind::Unavailable, &format!("an answer is not understood: {error}"))
    }

    pub(crate) async fn get_trace(&self, id: TraceId) -> Result<Trace, StorageError> {
        let range = TimeRange { start: self.oldest(), end: now().saturating_add(AROUND) };
        let mut traces = self.fetch(&[id], range).await?;
        match traces.pop() {
            Some(trace) if !trace.is_empty() => Ok(trace),
            _ => {
                let hours = self.max_span_age.as_secs() / 3600;
                let message = format!(
                    "trace {id} is not in elasticsearch, at least of the last {hours} hours (--es.max-span-age)"
                );
                Err(StorageError::new(ErrorKind::NotFound, message))
            }
        }
    }

    pub(crate) async fn find_ids(&self, query: &TraceQuery) -> Result<(Vec<TraceId>, bool), StorageError> {
        let found = self.search(query).await?;
        Ok((found.ids, found.truncated))
    }

    pub(crate) async fn find_traces<'a>(&'a self, query: &TraceQuery) -> Result<FoundTraces<'a>, StorageError> {
        let found = self.search(query).await?;
        let (from, to) = (query.start.start.as_nanos(), query.start.end.as_nanos());
        let range = TimeRange {
            start: Timestamp::from_nanos(from.saturating_sub(AROUND.as_nanos())),
            end: Timestamp::from_nanos(to.saturating_add(AROUND.as_nanos())),
        };
        let groups: Vec<Vec<TraceId>> = found.ids.chunks(TOGETHER).map(<[_]>::to_vec).collect();
        let traces = stream::iter(groups).then(move |ids| async move {
            match self.fetch(&ids, range).await {
                // One that expired meanwhile is left out.
                Ok(traces) => traces.into_iter().filter(|trace| !trace.is_empty()).map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }
        });
        Ok(FoundTraces { traces: Box::pin(traces.flat_map(stream::iter)), truncated: found.truncated })
    }

    pub(crate) async fn services(&self) -> Result<Vec<String>, StorageError> {
        self.distinct("serviceName", json!({"match_all": {}}), "the services").await
    }

    /// Kinds are not kept, so every operation may be of the one that is asked for.
    pub(crate) async fn operations(&self, service: &str) -> Result<Vec<Operation>, StorageError> {
        let of_service = json!({"term": {"serviceName": service}});
        let names = self.distinct("operationName", of_service, "the operations of a service").await?;
        Ok(names.into_iter().map(|name| Operation { name, kind: String::new() }).collect())
    }

    /// The values of a field of service documents, sorted.
    async fn distinct(&self, field: &str, query: Value, what: &str) -> Result<Vec<String>, StorageError> {
        #[derive(Deserialize)]
        struct Answer<'a> {
            #[serde(borrow, default)]
            aggregations: Option<Aggregations<'a>>,
        }
        #[derive(Deserialize)]
        struct Aggregations<'a> {
            #[serde(borrow)]
            distinct: Buckets<'a>,
        }
        #[derive(Deserialize)]
        struct Buckets<'a> {
            #[serde(borrow, default)]
            buckets: Vec<Bucket<'a>>,
            #[serde(default)]
            sum_other_doc_count: u64,
        }
        #[derive(Deserialize)]
        struct Bucket<'a> {
            #[serde(borrow)]
            key: Text<'a>,
        }
        let indices = self.names.read(Kind::Services, self.oldest(), now().saturating_add(AROUND));
        let body = json!({
            "size": 0,
            "query": query,
            "aggs": {"distinct": {"terms": {"field": field, "size": self.max_documents}}},
        });
        let answers = self.ask(&[Asked { indices: &indices, body }], what).await?;
        let Some(answer) = answers.first() else { return Ok(Vec::new()) };
        let answer: Answer<'_> = self.understood(answer.get())?;
        let Some(Aggregations { distinct }) = answer.aggregations else { return Ok(Vec::new()) };
        if distinct.sum_other_doc_count > 0 {
            tracing::warn!(most = self.max_documents, "More {what} than --es.max-doc-count lets through; raise it");
        }
        let mut names: Vec<_> = distinct.buckets.into_iter().map(|bucket| bucket.key.0.into_owned()).collect();
        names.retain(|name| !name.is_empty() || field != "serviceName");
        names.sort_unstable();
        Ok(names)
    }

    /// What is older is not looked for where no times are given.
    pub(crate) fn oldest(&self) -> Timestamp {
        let age = i64::try_from(self.max_span_age.as_nanos()).unwrap_or(i64::MAX);
        Timestamp::from_nanos(now().as_nanos().saturating_sub(age))
    }
}

/// Now, by this machine's clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
