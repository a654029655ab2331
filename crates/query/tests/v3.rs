//! `/api/v3`: what the recordings of Go Jaeger do not show, and what is different on purpose.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use http_body_util::Empty;
use jaeger_model::{
    Batch, BatchBuilder, Duration, ProcessIndex, Reference, ReferenceKind, SpanId, Timestamp, TraceId,
    Value as TagValue,
};
use jaeger_query::{Config, Query, Surroundings};
use jaeger_service::http::{ReadLimits, body};
use jaeger_service::metrics::Registry;
use jaeger_storage::{MemoryConfig, MemoryStore, SpanWriter as _};
use serde_json::{Value, json};

/// 24 November 2026, 0:00 UTC, in microseconds.
const BASE: i64 = 1_795_478_400_000_000;
const DAY: &str = "2026-11-24T00:00:00Z";
const NEXT_DAY: &str = "2026-11-25T00:00:00Z";

#[tokio::test]
async fn a_summary_counts_spans_errors_and_orphans() {
    let query = query(Config::default(), &[trace(0x7, BASE)]).await;
    let (status, kind, answer) = ask(&query, &between("trace-summaries?")).await;
    assert_eq!((status, kind.as_str()), (StatusCode::OK, "application/json"));
    let expected = json!({"summaries": [{
        "traceId": "00000000000000000000000000000007",
        "rootServiceName": "shop", "rootOperationName": "buy",
        "minStartTimeUnixNano": "1795478400000000000", "maxEndTimeUnixNano": "1795478400100000000",
        "spanCount": 4, "errorSpanCount": 1, "orphanSpanCount": 1,
        "services": [{"name": "pay", "spanCount": 2, "errorSpanCount": 1}, {"name": "shop", "spanCount": 2}],
    }]});
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_search_without_times_looks_back_two_days() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_micros();
    let now = i64::try_from(now).expect("64 bits");
    let (hour, day) = (3_600_000_000, 24 * 3_600_000_000);
    let query = query(Config::default(), &[trace(1, now - hour), trace(2, now - 3 * day)]).await;
    for path in
        ["traces?query.service_name=shop", "traces?query.serviceName=shop", "traces", "traces?query.num_traces=5"]
    {
        let (status, _, answer) = ask(&query, path).await;
        assert_eq!((status, ids(&answer)), (StatusCode::OK, vec![1]), "{path}");
    }
    let (_, _, answer) = ask(&query, "trace-summaries?query.serviceName=shop").await;
    assert_eq!(answer["summaries"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn all_services_are_searched_where_none_is_named() {
    let query = query(Config::default(), &[trace(1, BASE), trace(2, BASE + 1)]).await;
    let (_, _, answer) = ask(&query, &between("traces?")).await;
    assert_eq!(ids(&answer), [1, 2]);
    let (_, _, answer) = ask(&query, &between("traces?query.search_depth=1&")).await;
    assert_eq!(ids(&answer), [2], "the newest");
    let (_, _, answer) = ask(&query, &between("traces?query.attributes=%7B%22error%22:%22true%22%7D&")).await;
    assert_eq!(ids(&answer), [1, 2]);
}

#[tokio::test]
async fn each_spelling_is_answered_as_the_release_that_brought_it() {
    let query = query(Config::default(), &[trace(1, BASE)]).await;
    let snake = format!("traces?query.service_name=none&query.start_time_min={DAY}&query.start_time_max={NEXT_DAY}");
    let (status, kind, answer) = ask(&query, &snake).await;
    assert_eq!((status, kind.as_str()), (StatusCode::OK, "text/plain; charset=utf-8"));
    assert_eq!(answer, json!({"result": {"resourceSpans": []}}));
    let camel = format!("traces?query.serviceName=none&query.startTimeMin={DAY}&query.startTimeMax={NEXT_DAY}");
    let (status, _, answer) = ask(&query, &camel).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(answer, json!({"error": {"httpCode": 404, "message": "No traces found"}}));
    // A trace that is not there is 404 in both.
    let (status, _, answer) = ask(&query, "traces/77?raw_traces=true").await;
    assert_eq!((status, &answer["error"]["message"]), (StatusCode::NOT_FOUND, &json!("trace not found")));
    assert_eq!(ask(&query, "traces/77?rawTraces=true").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn long_traces_are_written_in_parts_and_lose_nothing() {
    let mut b = BatchBuilder::new();
    let process = b.process(b"long").expect("room");
    for id in 1..=2_500 {
        span(&mut b, process, (9, id, None), BASE, "step");
    }
    let query = query(Config::default(), &[b.finish()]).await;
    let (status, _, answer) = ask(&query, "traces/9").await;
    assert_eq!((status, ids(&answer).len()), (StatusCode::OK, 2_500));
}

#[tokio::test]
async fn a_trace_that_is_too_large_is_told_behind_the_others() {
    let mut b = BatchBuilder::new();
    let process = b.process(b"shop").expect("room");
    for id in 1..=500 {
        span(&mut b, process, (5, id, None), BASE, "a rather long name of an operation");
    }
    let config = Config { max_trace_bytes: 20_000, ..Config::default() };
    let query = query(config, &[b.finish(), trace(6, BASE)]).await;
    let (status, _, answer) = ask(&query, &between("traces?")).await;
    assert_eq!((status, ids(&answer)), (StatusCode::OK, vec![6]));
    assert_eq!(answer["error"]["httpCode"], 413);
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("trace 0000000000000005 has 500 spans"), "{message}");
    let (status, _, answer) = ask(&query, "traces/5").await;
    assert_eq!((status, &answer["error"]["httpCode"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!(413)));
}

#[tokio::test]
async fn names_are_listed() {
    let query = query(Config::default(), &[trace(1, BASE)]).await;
    assert_eq!(ask(&query, "services").await.2, json!({"services": ["pay", "shop"]}));
    let (_, _, answer) = ask(&query, "operations?service=shop").await;
    let expected = json!({"operations": [
        {"name": "buy", "spanKind": "server"}, {"name": "lost", "spanKind": "unspecified"},
    ]});
    assert_eq!(answer, expected);
    for kind in ["span_kind=server", "spanKind=server"] {
        let (_, _, answer) = ask(&query, &format!("operations?service=shop&{kind}")).await;
        assert_eq!(answer, json!({"operations": [{"name": "buy", "spanKind": "server"}]}));
    }
    let empty = self::query(Config::default(), &[]).await;
    assert_eq!(ask(&empty, "services").await.2, json!({}));
}

fn between(path: &str) -> String {
    format!("{path}query.start_time_min={DAY}&query.start_time_max={NEXT_DAY}")
}

/// The trace of each span in an answer, each once where they follow each other but for `long`.
fn ids(answer: &Value) -> Vec<u64> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for resource in list(&answer["result"]["resourceSpans"]) {
        for scope in list(&resource["scopeSpans"]) {
            for span in list(&scope["spans"]) {
                let id = u64::from_str_radix(&span["traceId"].as_str().unwrap_or_default()[16..], 16).expect("an id");
                let long = span["name"] == "step";
                if long || !found.contains(&id) {
                    found.push(id);
                }
            }
        }
    }
    found.sort_unstable();
    found
}

/// `buy` of `shop`, two children of `pay` of which one fails, and a span whose parent is lost.
fn trace(id: u128, start: i64) -> Batch {
    let mut b = BatchBuilder::new();
    let shop = b.process(b"shop").expect("room");
    let pay = b.process(b"pay").expect("room");
    b.begin_span();
    b.span_ids(TraceId(id), SpanId(1));
    b.span_process(shop);
    b.span_operation(b"buy");
    b.span_start(Timestamp::from_micros(start));
    b.span_duration(Duration::from_micros(100_000));
    b.span_tag(b"span.kind", "server".into());
    b.end_span().expect("room");
    span(&mut b, pay, (id, 2, Some(1)), start + 10, "charge");
    b.begin_span();
    b.span_ids(TraceId(id), SpanId(3));
    b.span_process(pay);
    b.span_operation(b"refuse");
    b.span_start(Timestamp::from_micros(start + 20));
    b.span_duration(Duration::from_micros(10));
    b.span_tag(b"error", TagValue::Bool(true).into());
    b.span_reference(Reference { kind: ReferenceKind::ChildOf, trace_id: TraceId(id), span_id: SpanId(1) });
    b.end_span().expect("room");
    span(&mut b, shop, (id, 4, Some(99)), start + 30, "lost");
    b.finish()
}

fn span(b: &mut BatchBuilder, process: ProcessIndex, ids: (u128, u64, Option<u64>), start: i64, operation: &str) {
    let (trace, id, parent) = ids;
    b.begin_span();
    b.span_ids(TraceId(trace), SpanId(id));
    b.span_process(process);
    b.span_operation(operation.as_bytes());
    b.span_start(Timestamp::from_micros(start));
    b.span_duration(Duration::from_micros(10));
    if let Some(parent) = parent {
        b.span_reference(Reference { kind: ReferenceKind::ChildOf, trace_id: TraceId(trace), span_id: SpanId(parent) });
    }
    b.end_span().expect("room");
}

async fn query(config: Config, batches: &[Batch]) -> Query {
    let store = Arc::new(MemoryStore::new(MemoryConfig { background: false, ..MemoryConfig::default() }));
    for batch in batches {
        let written = store.write(Arc::new(batch.clone())).await;
        assert!(written.refused.is_empty(), "{written:?}");
    }
    Query::new(config, store, &Registry::new(), Surroundings::default())
}

async fn ask(query: &Query, path: &str) -> (StatusCode, String, Value) {
    let request = Request::get(format!("/api/v3/{path}")).body(Empty::<Bytes>::new()).expect("a request");
    let (head, body) = query.answer(request).await.into_parts();
    let limits = ReadLimits { max_bytes: 64 << 20, timeout: None };
    let text = body::read(body, limits).await.expect("a whole body");
    let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    (head.status, kind, serde_json::from_slice(&text).expect("JSON"))
}
