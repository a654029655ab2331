//! `query -> SEARCH -> ids`: what a search asks for, in Elasticsearch's words, and the newest traces of it, exactly.

use std::collections::HashMap;

use jaeger_model::{Duration, Timestamp, TraceId};
use jaeger_storage::{StorageError, TraceQuery};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::TagMatch;
use crate::document::text::Text;
use crate::names::Kind;
use crate::read::Asked;
use crate::store::Inner;

/// The most traces of one search: below the number of buckets that every version makes.
const MOST_TRACES: usize = 9_999;

/// The traces of a search: the newest first.
pub(crate) struct Found {
    pub(crate) ids: Vec<TraceId>,
    pub(crate) truncated: bool,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    aggregations: Option<Aggregations<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Aggregations<'a> {
    #[serde(borrow, rename = "traceIDs")]
    traces: Buckets<'a>,
}

#[derive(Deserialize)]
struct Buckets<'a> {
    #[serde(borrow, default)]
    buckets: Vec<Bucket<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bucket<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    #[serde(default)]
    start_time: Newest,
}

#[derive(Deserialize, Default)]
struct Newest {
    value: Option<f64>,
}

impl Inner {
    /// The newest traces that match, in the order of the contract.
    pub(crate) async fn search(&self, query: &TraceQuery) -> Result<Found, StorageError> {
        let nothing = Found { ids: Vec::new(), truncated: false };
        if query.limit == 0 || query.start.start > query.start.end {
            return Ok(nothing);
        }
        let limit = query.limit.min(MOST_TRACES);
        let indices = self.names.read(Kind::Spans, query.start.start, query.start.end);
        let conditions = conditions(query, self.tag_match, &self.tags_as_fields.dot);
        // One more than is wanted says whether there are more.
        let mut found = self.newest(&indices, &conditions, limit + 1).await?;
        // Of traces that are equally new, all must be known to take those with the smallest ids.
        if let (Some(last), Some(next)) = (found.get(limit - 1), found.get(limit))
            && last.1 == next.1
        {
            let start = last.1;
            found.retain(|(_, newest)| *newest > start);
            let mut at_start = conditions;
            at_start.push(json!({"term": {"startTime": start}}));
            let ties = self.newest(&indices, &at_start, MOST_TRACES + 1).await?;
            let known: HashMap<TraceId, i64> = found.iter().copied().collect();
            found.extend(ties.into_iter().filter(|(id, _)| !known.contains_key(id)));
        }
        let truncated = found.len() > limit;
        found.truncate(limit);
        Ok(Found { ids: found.into_iter().map(|(id, _)| id).collect(), truncated })
    }

    /// Traces with their newest matching span's start, newest first and by their ids.
    async fn newest(
        &self,
        indices: &[String],
        conditions: &[Value],
        size: usize,
    ) -> Result<Vec<(TraceId, i64)>, StorageError> {
        let body = json!({
            "size": 0,
            "query": {"bool": {"must": conditions}},
            "aggs": {"traceIDs": {
                "terms": {"field": "traceID", "size": size, "order": [{"startTime": "desc"}]},
                "aggs": {"startTime": {"max": {"field": "startTime"}}},
            }},
        });
        let answers = self.ask(&[Asked { indices, body }], "a search for traces").await?;
        let Some(answer) = answers.first() else { return Ok(Vec::new()) };
        let answer: Answer<'_> = self.understood(answer.get())?;
        let mut newest: HashMap<TraceId, i64> = HashMap::new();
        for bucket in answer.aggregations.iter().flat_map(|all| &all.traces.buckets) {
            // Go Jaeger before 1.16 wrote ids without the zeros in front: one trace may have two buckets.
            let Ok(id) = TraceId::from_hex(&bucket.key.0) else { continue };
            #[expect(clippy::cast_possible_truncation, reason = "microseconds of this age are whole in an f64")]
            let start = bucket.start_time.value.unwrap_or_default() as i64;
            newest.entry(id).and_modify(|known| *known = start.max(*known)).or_insert(start);
        }
        let mut newest: Vec<_> = newest.into_iter().collect();
        newest.sort_unstable_by_key(|(id, start)| (std::cmp::Reverse(*start), *id));
        Ok(newest)
    }
}

/// Everything that one span must satisfy.
fn conditions(query: &TraceQuery, tag_match: TagMatch, dot: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let (min, max) = (query.duration_min, query.duration_max);
    if min.is_some() || max.is_some() {
        let bounds = [("gte", min.map(at_least)), ("lte", max.map(Duration::as_micros))];
        all.push(json!({"range": {"duration": range(bounds)}}));
    }
    let TraceQueryTimes { from, to } = TraceQueryTimes::of(query);
    all.push(json!({"range": {"startTime": range([("gte", Some(from)), ("lte", Some(to))])}}));
    if let Some(service) = &query.service {
        all.push(json!({"term": {"process.serviceName": service}}));
    }
    if let Some(operation) = &query.operation {
        all.push(json!({"term": {"operationName": operation}}));
    }
    all.extend(query.tags.iter().map(|(key, value)| tag(key, value, tag_match, dot)));
    all
}

/// The bounds of a search in whole microseconds, both included.
struct TraceQueryTimes {
    from: i64,
    to: i64,
}

impl TraceQueryTimes {
    fn of(query: &TraceQuery) -> Self {
        Self { from: at_least_time(query.start.start), to: query.start.end.as_nanos().div_euclid(1000) }
    }
}

/// What is kept of a span's start is cut; a bound between two microseconds lets through what began after it alone.
fn at_least_time(time: Timestamp) -> i64 {
    let nanos = time.as_nanos();
    nanos.div_euclid(1000) + i64::from(nanos.rem_euclid(1000) > 0)
}

fn at_least(duration: Duration) -> i64 {
    let nanos = duration.as_nanos();
    nanos.div_euclid(1000) + i64::from(nanos.rem_euclid(1000) > 0)
}

fn range(bounds: [(&str, Option<i64>); 2]) -> Value {
    bounds
        .into_iter()
        .filter_map(|(name, bound)| Some((name.to_owned(), json!(bound?))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A tag of the span, its process or one of its logs; in a list of tags or as a field of its own.
fn tag(key: &str, value: &str, tag_match: TagMatch, dot: &str) -> Value {
    let is = |field: String| match tag_match {
        TagMatch::Regexp => json!({"regexp": {field: {"value": value}}}),
        TagMatch::Exact => json!({"term": {field: value}}),
    };
    let nested = |path: &str| {
        json!({"nested": {
            "path": path,
            "query": {"bool": {"must": [{"term": {format!("{path}.key"): key}}, is(format!("{path}.value"))]}},
            "ignore_unmapped": true,
        }})
    };
    let field = key.replace('.', dot);
    json!({"bool": {"should": [
        is(format!("tag.{field}")),
        is(format!("process.tag.{field}")),
        nested("tags"),
        nested("process.tags"),
        nested("logs.fields"),
    ]}})
}

#[cfg(test)]
mod tests;
