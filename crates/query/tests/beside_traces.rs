//! What is answered beside traces: series of what the store counts, and its archive.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use jaeger_model::{Batch, BatchBuilder, Duration, SpanId, Timestamp, Trace, TraceId, Value as TagValue};
use jaeger_query::{Config, Query, Surroundings};
use jaeger_service::http::{ReadLimits, body};
use jaeger_service::metrics::Registry;
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MemoryConfig, MemoryStore,
    MinuteCalls, Operation, SpanReader, SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};
use serde_json::{Value, json};

/// 24 November 2026, 0:00 UTC, in milliseconds.
const BASE: i64 = 1_795_478_400_000;

#[tokio::test]
async fn calls_are_rates_over_the_minutes_before_each_point() {
    let query = service(counted().await);
    // Points at minutes 1 to 4, each over two minutes.
    let path = format!("/api/metrics/calls?service=shop&service=none&{}", times(4, 3, 2));
    let answer = json(&query, &path).await;
    let expected = json!({
        "name": "service_call_rate", "type": "GAUGE", "help": "calls/sec, grouped by service",
        "metrics": [{"labels": [{"name": "service_name", "value": "shop"}], "metricPoints": [
            point(1, &json!(3.0 / 120.0)),
            point(2, &json!(4.0 / 120.0)),
            point(3, &json!(1.0 / 120.0)),
            point(4, &json!(0)),
        ]}],
    });
    assert_eq!(answer, expected);
    let grouped = json(&query, &format!("{path}&groupByOperation=true")).await;
    assert_eq!(
        (&grouped["name"], &grouped["help"]),
        (&json!("service_operation_call_rate"), &json!("calls/sec, grouped by service & operation"))
    );
    let labels: Vec<_> = grouped["metrics"].as_array().expect("series").iter().map(|of| of["labels"].clone()).collect();
    let named =
        |operation| json!([{"name": "service_name", "value": "shop"}, {"name": "operation", "value": operation}]);
    assert_eq!(labels, [named("get"), named("put")]);
    assert_eq!(
        grouped["metrics"][1]["metricPoints"],
        json!([point(2, &json!(1.0 / 120.0)), point(3, &json!(1.0 / 120.0)), point(4, &json!(0)),]),
        "points begin with the first call"
    );
}

#[tokio::test]
async fn kinds_of_spans_are_told_apart() {
    let query = service(counted().await);
    let path = |kinds: &str| format!("/api/metrics/calls?service=shop&{}&{kinds}", times(1, 0, 1));
    for (kinds, calls) in [
        ("", 3),
        ("spanKind=client", 1),
        ("spanKind=unspecified", 2),
        ("spanKind=client&spanKind=unspecified&spanKind=server", 6),
    ] {
        let answer = json(&query, &path(kinds)).await;
        let expected = json!([point(1, &json!(f64::from(calls) / 60.0))]);
        assert_eq!(answer["metrics"][0]["metricPoints"], expected, "{kinds}");
    }
    assert_eq!(json(&query, &path("spanKind=producer")).await["metrics"], json!([]));
}

#[tokio::test]
async fn errors_are_a_part_of_the_calls() {
    let query = service(counted().await);
    let path = format!("/api/metrics/errors?service=shop&{}", times(5, 4, 1));
    let answer = json(&query, &path).await;
    assert_eq!(answer["name"], "service_error_rate");
    assert_eq!(answer["help"], "error rate, computed as a fraction of errors/sec over calls/sec, grouped by service");
    let points = json!([
        point(1, &json!(1.0 / 3.0)),
        point(2, &json!(0)),
        point(3, &json!("NaN")),
        point(4, &json!("NaN")),
        point(5, &json!("NaN")),
    ]);
    assert_eq!(answer["metrics"][0]["metricPoints"], points);
    // What never failed has 0, also where nothing was called.
    let grouped = json(&query, &format!("{path}&groupByOperation=true")).await;
    let put = json!([point(2, &json!(0)), point(3, &json!(0)), point(4, &json!(0)), point(5, &json!(0))]);
    assert_eq!(grouped["metrics"][1]["metricPoints"], put);
}

#[tokio::test]
async fn latencies_are_quantiles_in_milliseconds() {
    let query = service(counted().await);
    let path = |part: &str| format!("/api/metrics/latencies?service=shop&quantile={part}&{}", times(3, 2, 1));
    let answer = json(&query, &path("0.5")).await;
    assert_eq!(
        (&answer["name"], &answer["help"]),
        (&json!("service_latencies"), &json!("0.50th quantile latency, grouped by service"))
    );
    // Three spans of 20 ms lie between 10 and 50, one of 3 ms between 2 and 4.
    assert_eq!(
        answer["metrics"][0]["metricPoints"],
        json!([point(1, &json!(30)), point(2, &json!(3)), point(3, &json!("NaN"))])
    );
    let answer = json(&query, &path("1")).await;
    assert_eq!(answer["metrics"][0]["metricPoints"][0], point(1, &json!(50)));
    assert_eq!(
        json(&query, "/api/metrics/minstep").await,
        json!({"data": 60_000, "total": 0, "limit": 0, "offset": 0, "errors": null})
    );
}

#[tokio::test]
async fn a_store_that_counts_no_calls_is_a_501() {
    let query = service(Arc::new(Plain(MemoryStore::new(MemoryConfig::default()))));
    let expected = json!({"data": null, "total": 0, "limit": 0, "offset": 0,
        "errors": [{"code": 501, "msg": "metrics querying is currently disabled"}]});
    for path in ["calls?service=a", "errors?service=a", "latencies?service=a&quantile=0.5", "minstep"] {
        let (status, answer) = ask(&query, &Method::GET, &format!("/api/metrics/{path}")).await;
        assert_eq!((status, answer), (StatusCode::NOT_IMPLEMENTED, expected.clone()), "{path}");
    }
    // What is wrong is said first.
    assert_eq!(ask(&query, &Method::GET, "/api/metrics/calls").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_archived_trace_is_found_when_the_store_let_it_go() {
    let store = Arc::new(MemoryStore::new(MemoryConfig { max_traces: Some(1), ..MemoryConfig::default() }));
    write(&store, spans(&[Span::default(), Span { id: 2, ..Span::default() }])).await;
    let query = service(Arc::clone(&store) as Arc<dyn Store>);
    let done = json!({"data": [], "total": 0, "limit": 0, "offset": 0, "errors": []});
    for _ in 0..2 {
        assert_eq!(ask(&query, &Method::POST, "/api/archive/1").await, (StatusCode::OK, done.clone()));
    }
    let before = json(&query, "/api/traces/1?raw=true").await;
    assert_eq!(before["data"][0]["spans"].as_array().map(Vec::len), Some(2));
    // Another trace takes its place.
    write(&store, spans(&[Span { trace: 2, ..Span::default() }])).await;
    let search = format!("/api/traces?service=shop&start=0&end={}", (BASE + 3_600_000) * 1000);
    let found = json(&query, &search).await;
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1), "a search does not look into the archive");
    assert_eq!(found["data"][0]["traceID"], "0000000000000002");
    assert_eq!(json(&query, "/api/traces/1?raw=true").await, before);
    let both = json(&query, "/api/traces?traceID=1&traceID=2&traceID=3").await;
    assert_eq!(both["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(both["errors"], json!([{"msg": "trace not found", "traceID": "0000000000000003"}]));
    // What is in the archive alone can be archived once more.
    assert_eq!(ask(&query, &Method::POST, "/api/archive/1").await, (StatusCode::OK, done));
}

#[tokio::test]
async fn a_trace_that_cannot_be_archived_says_why() {
    let error = |code: u16, message: &str| json!({"data": null, "total": 0, "limit": 0, "offset": 0, "errors": [{"code": code, "msg": message}]});
    let query = service(counted().await);
    let (status, answer) = ask(&query, &Method::POST, "/api/archive/77").await;
    assert_eq!((status, answer), (StatusCode::NOT_FOUND, error(404, "trace not found")));
    let (status, _) = ask(&query, &Method::POST, "/api/archive/zz").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let plain = MemoryStore::new(MemoryConfig::default());
    write(&plain, spans(&[Span::default()])).await;
    let query = service(Arc::new(Plain(plain)));
    let (status, answer) = ask(&query, &Method::POST, "/api/archive/1").await;
    let expected = error(500, "archive span storage was not configured");
    assert_eq!((status, answer), (StatusCode::INTERNAL_SERVER_ERROR, expected));
    assert_eq!(ask(&query, &Method::GET, "/api/traces/77").await.0, StatusCode::NOT_FOUND);
}

/// Spans of two minutes: in the first `get` of every kind, in the second a call of each operation.
async fn counted() -> Arc<MemoryStore> {
    let store = MemoryStore::new(MemoryConfig::default());
    let get = Span::default();
    write(
        &store,
        spans(&[
            Span { id: 1, error: true, ..get },
            Span { id: 2, ..get },
            Span { id: 3, ..get },
            Span { id: 4, kind: "client", ..get },
            Span { id: 5, kind: "", ..get },
            Span { id: 6, kind: "nonsense", ..get },
            Span { id: 7, minute: 1, operation: "put", micros: 3_000, ..get },
        ]),
    )
    .await;
    Arc::new(store)
}

#[derive(Clone, Copy)]
struct Span {
    trace: u128,
    id: u64,
    minute: i64,
    operation: &'static str,
    kind: &'static str,
    error: bool,
    micros: i64,
}

impl Default for Span {
    fn default() -> Self {
        Self { trace: 1, id: 1, minute: 0, operation: "get", kind: "server", error: false, micros: 20_000 }
    }
}

fn spans(of: &[Span]) -> Batch {
    let mut b = BatchBuilder::new();
    let process = b.process(b"shop").expect("room");
    for span in of {
        b.begin_span();
        b.span_ids(TraceId(span.trace), SpanId(span.id));
        b.span_process(process);
        b.span_operation(span.operation.as_bytes());
        b.span_start(Timestamp::from_micros((BASE + span.minute * 60_000) * 1000));
        b.span_duration(Duration::from_micros(span.micros));
        if !span.kind.is_empty() {
            b.span_tag(b"span.kind", span.kind.into());
        }
        if span.error {
            b.span_tag(b"error", TagValue::Bool(true).into());
        }
        b.end_span().expect("room");
    }
    b.finish()
}

/// The parameters of a point each minute: the last one, how many minutes before it, and the minutes of a rate.
fn times(end: i64, lookback: i64, rate: i64) -> String {
    format!("endTs={}&lookback={}&step=60000&ratePer={}", BASE + end * 60_000, lookback * 60_000, rate * 60_000)
}

fn point(minute: i64, value: &Value) -> Value {
    json!({"gaugeValue": {"doubleValue": value}, "timestamp": format!("2026-11-24T00:{minute:02}:00Z")})
}

fn service(store: Arc<dyn Store>) -> Query {
    Query::new(Config::default(), store, &Registry::new(), Surroundings::default())
}

async fn ask(query: &Query, method: &Method, path: &str) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).body(Full::new(Bytes::new())).expect("a request");
    let (head, body) = query.answer(request).await.into_parts();
    let limits = ReadLimits { max_bytes: 64 << 20, timeout: None };
    let text = body::read(body, limits).await.expect("a whole body");
    (head.status, serde_json::from_slice(&text).expect("JSON"))
}

async fn json(query: &Query, path: &str) -> Value {
    let (status, answer) = ask(query, &Method::GET, path).await;
    assert_eq!(status, StatusCode::OK, "{path}: {answer}");
    answer
}

async fn write(store: &MemoryStore, batch: Batch) {
    let written = store.write(Arc::new(batch)).await;
    assert!(written.refused.is_empty(), "{written:?}");
}

/// A store that neither counts calls nor has an archive.
struct Plain(MemoryStore);

impl SpanWriter for Plain {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        self.0.write(batch)
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        self.0.flush()
    }
}

impl SpanReader for Plain {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        self.0.get_trace(id)
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        self.0.find_traces(query)
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        self.0.find_trace_ids(query)
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        self.0.services()
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        self.0.operations(service, kind)
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        self.0.dependencies(range)
    }

    fn calls<'a>(&'a self, _: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        Box::pin(async { Err(StorageError::new(ErrorKind::Invalid, "no calls are counted here")) })
    }
}

impl Store for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { minute_calls: false, ..self.0.capabilities() }
    }

    fn status(&self) -> StoreStatus {
        self.0.status()
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        None
    }
}
