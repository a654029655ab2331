//! Answers over the whole handler: what is told when a store fails, what is left out, what is sent in pieces.

use std::io::Read as _;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Full};
use jaeger_model::{Batch, BatchBuilder, Duration, SpanId, Timestamp, TraceId, Value as TagValue};
use jaeger_query::{Config, Query, Surroundings};
use jaeger_service::http::{ReadLimits, body};
use jaeger_service::ledger::{AgentLedger, CollectorLedger, CollectorRefused, Ledgers, Origin, Receipt};
use jaeger_service::metrics::Registry;
use jaeger_storage::{
    BoxFuture, Capabilities, DependencyLink, ErrorKind, FoundTraces, MemoryConfig, MemoryStore, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};
use serde_json::Value;

const ALL: &str = "/api/traces?service=shop&start=0&end=4102444800000000";

#[tokio::test]
async fn a_store_that_fails_at_once_is_a_503_that_says_why() {
    let query = service(failing(0, ErrorKind::Unavailable).await, Config::default());
    let (status, headers, answer) = get(&query, ALL).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(headers["retry-after"], "1");
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(answer["errors"][0]["msg"], "the store lost its disk");
    assert_eq!(answer["errors"][0]["code"], 503);
}

#[tokio::test]
async fn a_store_that_fails_halfway_is_told_about_behind_the_traces() {
    let query = service(failing(2, ErrorKind::Unavailable).await, Config::default());
    let (status, _, answer) = get(&query, ALL).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(answer["errors"][0]["msg"], "the store lost its disk");
}

#[tokio::test]
async fn one_broken_trace_does_not_cost_the_others() {
    let query = service(failing(1, ErrorKind::Corrupt).await, Config::default());
    let (_, _, answer) = get(&query, ALL).await;
    assert_eq!(answer["data"].as_array().map(Vec::len), Some(3));
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["errors"][0]["code"], 500);
}

#[tokio::test]
async fn a_search_that_found_more_than_its_limit_says_so() {
    let query = service(Arc::new(memory(3).await), Config::default());
    let (_, headers, answer) = get(&query, &format!("{ALL}&limit=2")).await;
    assert_eq!(headers["x-jaeger-truncated"], "true");
    assert_eq!(answer["data"].as_array().map(Vec::len), Some(2));
    let (_, headers, _) = get(&query, &format!("{ALL}&limit=3")).await;
    assert!(!headers.contains_key("x-jaeger-truncated"));
}

#[tokio::test]
async fn numbers_that_json_has_not_do_not_fail_a_search() {
    let store = memory(1).await;
    let mut b = BatchBuilder::new();
    let process = b.process(b"shop").expect("room");
    b.begin_span();
    b.span_ids(TraceId(99), SpanId(1));
    b.span_process(process);
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        b.span_tag(b"n", TagValue::F64(number).into());
    }
    b.end_span().expect("room");
    write(&store, b.finish()).await;
    let query = service(Arc::new(store), Config::default());
    let (status, _, answer) = get(&query, ALL).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["data"].as_array().map(Vec::len), Some(2));
    let tags = answer["data"][1]["spans"][0]["tags"].as_array().expect("tags").clone();
    let values: Vec<&str> = tags.iter().filter_map(|tag| tag["value"].as_str()).collect();
    assert_eq!(values, ["-Inf", "+Inf", "NaN"]);
}

#[tokio::test]
async fn a_trace_over_the_bound_is_named_and_left_out() {
    let store = memory(2).await;
    write(&store, batch(7, 2_000)).await;
    let config = Config { max_trace_bytes: 50_000, ..Config::default() };
    let query = service(Arc::new(store), config);
    let (status, _, answer) = get(&query, ALL).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(answer["errors"][0]["traceID"], "0000000000000007");
    assert_eq!(answer["errors"][0]["code"], 413);
    let (status, _, answer) = get(&query, "/api/traces/7").await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let message = answer["errors"][0]["msg"].as_str().expect("a message");
    assert!(message.contains("has 2000 spans") && message.contains("--query.max-trace-bytes=50000"), "{message}");
}

#[tokio::test]
async fn a_small_trace_in_a_large_batch_is_shown() {
    let store = MemoryStore::new(MemoryConfig::default());
    let mut b = BatchBuilder::new();
    let process = b.process(b"shop").expect("room");
    for span in 0..5_000 {
        push_span(&mut b, TraceId(u128::from(span / 2 + 1)), span, process);
    }
    write(&store, b.finish()).await;
    let query = service(Arc::new(store), Config { max_trace_bytes: 50_000, ..Config::default() });
    let (status, _, answer) = get(&query, "/api/traces/1").await;
    assert_eq!((status, answer["data"][0]["spans"].as_array().map(Vec::len)), (StatusCode::OK, Some(2)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_answer_comes_in_pieces_and_whole() {
    let store = memory(0).await;
    write(&store, batch(7, 5_000)).await;
    let query = service(Arc::new(store), Config::default());
    let request = Request::get("/api/traces/7").body(Empty::<Bytes>::new()).expect("a request");
    let mut body = query.answer(request).await.into_body();
    let (mut pieces, mut text) = (0, Vec::new());
    while let Some(frame) = body.frame().await {
        pieces += 1;
        text.extend_from_slice(&frame.expect("a piece").into_data().expect("data"));
    }
    assert!(pieces > 5, "{pieces} pieces");
    let answer: Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(answer["data"][0]["spans"].as_array().map(Vec::len), Some(5_000));

    // Compressed it is the same text.
    let request = Request::get("/api/traces/7").header("accept-encoding", "gzip");
    let response = query.answer(request.body(Empty::<Bytes>::new()).expect("a request")).await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let packed = body::read(response.into_body(), LIMITS).await.expect("a whole body");
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).expect("gzip");
    assert!(packed.len() * 4 < text.len());
    assert_eq!(unpacked, text);
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_search() {
    let store = memory(0).await;
    for trace in 1..200 {
        write(&store, batch(trace, 100)).await;
    }
    let store: Arc<dyn Store> = Arc::new(store);
    let query = service(Arc::clone(&store), Config::default());
    let request = Request::get(format!("{ALL}&limit=1000")).body(Empty::<Bytes>::new()).expect("a request");
    let mut body = query.answer(request).await.into_body();
    body.frame().await.expect("a first piece").expect("a first piece");
    drop(body);
    drop(query);
    // The task that writes the answer holds the store until it ends.
    let gone = async {
        while Arc::strong_count(&store) > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), gone).await.expect("the search ends");
}

#[tokio::test]
async fn while_a_slow_reader_holds_the_memory_of_answers_others_are_told_to_come_back() {
    let store = memory(1).await;
    write(&store, batch(7, 5_000)).await;
    let query = service(Arc::new(store), Config { max_answer_bytes: 50_000, ..Config::default() });
    // Larger than all memory there is, it passes alone.
    let slow = begun(&query, "/api/traces/7").await;
    for path in ["/api/traces/7", "/api/traces/1", "/api/traces?traceID=1", ALL] {
        let (status, headers, answer) = get(&query, path).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(headers["retry-after"], "1", "{path}");
        let message = answer["errors"][0]["msg"].as_str().expect("a message");
        assert!(message.contains("--query.max-answer-bytes=50000"), "{message}");
    }
    drop(slow);
    let back = async {
        while get(&query, "/api/traces/1").await.0 != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), back).await.expect("room once the reader is gone");
}

#[tokio::test]
async fn a_search_under_way_waits_for_memory_and_loses_nothing() {
    let store = memory(0).await;
    // Each is written in one step: while the search waits for its reader, it holds no trace.
    for trace in 1..=2_000 {
        write(&store, batch(trace, 1)).await;
    }
    write(&store, batch(0xfff, 5_000)).await;
    let query = service(Arc::new(store), Config { max_answer_bytes: 50_000, ..Config::default() });
    let ids: Vec<String> = (1..=2_000).map(|id| format!("traceID={id:x}")).collect();
    let mut search = begun(&query, &format!("/api/traces?{}", ids.join("&"))).await;
    let slow = begun(&query, "/api/traces/fff").await;
    let rest = tokio::spawn(async move {
        let mut text = Vec::new();
        while let Some(frame) = search.1.frame().await {
            text.extend_from_slice(&frame.expect("a piece").into_data().expect("data"));
        }
        (search.0, text)
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!rest.is_finished());
    drop(slow);
    let (mut text, rest) = rest.await.expect("no panic");
    text.extend(rest);
    let answer: Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(answer["errors"], Value::Null);
    assert_eq!(answer["data"].as_array().map(Vec::len), Some(2_000));
}

#[tokio::test]
async fn the_ledger_says_what_was_received_and_refused() {
    let (agent, collector) = (AgentLedger::new(), CollectorLedger::default());
    agent.receive(Receipt { queued: 31, ..Receipt::default() });
    let mut request = collector.receive(53, Origin::Other);
    request.store(29);
    request.refuse(CollectorRefused::QueueFull, 24, None);
    let surroundings = Surroundings {
        ledgers: Ledgers { agent: Some(agent), collector: Some(collector), ..Ledgers::default() },
        ..Surroundings::default()
    };
    let store: Arc<dyn Store> = Arc::new(memory(0).await);
    let query = Query::new(Config::default(), store, &Registry::new(), surroundings);
    let (status, _, totals) = get(&query, "/api/ledger").await;
    assert_eq!(status, StatusCode::OK);
    let expected = r#"{"received":53,"stored":29,"inFlight":0,"refused":24,"dropped":0,"droppedPackets":0}"#;
    assert_eq!(totals, serde_json::from_str::<Value>(expected).expect("JSON"));
    // Where nothing is received there is none.
    let (status, _, answer) = get(&service(Arc::new(memory(0).await), Config::default()), "/api/ledger").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(answer["errors"][0]["code"], 404);
}

#[tokio::test]
async fn headers_from_the_settings_are_on_every_answer() {
    let header = (http::HeaderName::from_static("x-team"), http::HeaderValue::from_static("tracing"));
    let config = Config { additional_headers: vec![header], ..Config::default() };
    let query = service(Arc::new(memory(1).await), config);
    for path in ["/", "/api/services", "/api/traces", "//api/services"] {
        let request = Request::get(path).body(Empty::<Bytes>::new()).expect("a request");
        let response = query.answer(request).await;
        assert_eq!(response.headers()["x-team"], "tracing", "{path}");
        assert_eq!(response.headers()["vary"], "Accept-Encoding", "{path}");
    }
}

#[tokio::test]
async fn a_posted_file_comes_back_as_traces() {
    let span = |trace: &str, name: &str| {
        format!(
            r#"{{"traceId":"{trace}","spanId":"0000000000000001","name":"{name}","startTimeUnixNano":"1000","endTimeUnixNano":"3000"}}"#
        )
    };
    let (a, b) = ("000000000000000000000000000000aa", "000000000000000000000000000000bb");
    let file = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{},{},{}]}}]}}]}}"#,
        span(b, "first"),
        span(a, "second"),
        span(b, "third")
    );
    let query = service(Arc::new(memory(0).await), Config::default());
    let request = Request::post("/api/transform").body(Full::new(Bytes::from(file))).expect("a request");
    let response = query.answer(request).await;
    let text = body::read(response.into_body(), LIMITS).await.expect("a whole body");
    let answer: Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(answer["data"][0]["traceID"], "00000000000000bb");
    assert_eq!(answer["data"][0]["spans"][1]["operationName"], "third");
    assert_eq!(answer["data"][1]["traceID"], "00000000000000aa");
}

const LIMITS: ReadLimits = ReadLimits { max_bytes: 64 << 20, timeout: None };

async fn get(query: &Query, path: &str) -> (StatusCode, HeaderMap, Value) {
    let request = Request::get(path).body(Empty::<Bytes>::new()).expect("a request");
    let (head, body) = query.answer(request).await.into_parts();
    let text = body::read(body, LIMITS).await.expect("a whole body");
    (head.status, head.headers, serde_json::from_slice(&text).expect("JSON"))
}

/// The first piece of an answer, and the rest that nobody reads yet.
async fn begun(query: &Query, path: &str) -> (Vec<u8>, body::Body) {
    let request = Request::get(path).body(Empty::<Bytes>::new()).expect("a request");
    let (head, mut body) = query.answer(request).await.into_parts();
    assert_eq!(head.status, StatusCode::OK);
    let piece = body.frame().await.expect("a first piece").expect("a first piece");
    (piece.into_data().expect("data").to_vec(), body)
}

fn service(store: Arc<dyn Store>, config: Config) -> Query {
    Query::new(config, store, &Registry::new(), Surroundings::default())
}

/// A store with traces 1 to `traces` of two spans.
async fn memory(traces: u64) -> MemoryStore {
    let store = MemoryStore::new(MemoryConfig::default());
    for trace in 1..=traces {
        write(&store, batch(trace, 2)).await;
    }
    store
}

async fn write(store: &MemoryStore, batch: Batch) {
    let written = store.write(Arc::new(batch)).await;
    assert!(written.refused.is_empty(), "{written:?}");
}

fn batch(trace: u64, spans: u64) -> Batch {
    let mut b = BatchBuilder::new();
    let process = b.process(b"shop").expect("room");
    for span in 1..=spans {
        push_span(&mut b, TraceId(u128::from(trace)), span, process);
    }
    b.finish()
}

fn push_span(b: &mut BatchBuilder, trace: TraceId, span: u64, process: jaeger_model::ProcessIndex) {
    b.begin_span();
    b.span_ids(trace, SpanId(span));
    b.span_process(process);
    b.span_operation(b"GET /cart");
    b.span_start(Timestamp::from_micros(1_795_478_400_000_000 + i64::try_from(trace.low()).expect("small")));
    b.span_duration(Duration::from_micros(10));
    b.span_tag(b"http.url", "http://shop/cart/of/somebody".into());
    b.end_span().expect("room");
}

/// A memory store of three traces, whose search fails once after `after` of them.
async fn failing(after: usize, kind: ErrorKind) -> Arc<dyn Store> {
    Arc::new(Failing { store: memory(3).await, after, kind })
}

struct Failing {
    store: MemoryStore,
    after: usize,
    kind: ErrorKind,
}

impl SpanWriter for Failing {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        self.store.write(batch)
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        self.store.flush()
    }
}

impl SpanReader for Failing {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<jaeger_model::Trace, StorageError>> {
        self.store.get_trace(id)
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(async move {
            let found = self.store.find_traces(query).await?;
            let mut traces: Vec<_> = found.traces.collect().await;
            traces.insert(self.after, Err(StorageError::new(self.kind, "the store lost its disk")));
            Ok(FoundTraces { traces: Box::pin(futures_util::stream::iter(traces)), truncated: found.truncated })
        })
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        self.store.find_trace_ids(query)
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        self.store.services()
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        self.store.operations(service, kind)
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        self.store.dependencies(range)
    }

    fn calls<'a>(
        &'a self,
        query: &'a jaeger_storage::CallsQuery,
    ) -> BoxFuture<'a, Result<Vec<jaeger_storage::MinuteCalls>, StorageError>> {
        self.store.calls(query)
    }
}

impl Store for Failing {
    fn name(&self) -> &'static str {
        "failing"
    }

    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn status(&self) -> StoreStatus {
        self.store.status()
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        self.store.archive()
    }
}
