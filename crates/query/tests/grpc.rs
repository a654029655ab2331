//! gRPC, on its own port and on the port of HTTP: streams, statuses, bounds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration as StdDuration;

use bytes::Bytes;
use jaeger_grpc::{Channel, ChannelConfig, Code, Status, framed};
use jaeger_model::{Batch, BatchBuilder, Duration, SpanId, Timestamp, TraceId};
use jaeger_query::{Config, Query, Sockets, Surroundings};
use jaeger_service::health::Health;
use jaeger_service::lifecycle::{Lifecycle, ShutdownConfig};
use jaeger_service::metrics::Registry;
use jaeger_storage::{MemoryConfig, MemoryStore, SpanWriter as _};
use jaeger_wire::generated::{api_v2_metrics, api_v2_query, api_v3};
use prost::Message;
use tokio::net::TcpListener;

/// 24 November 2026, 0:00 UTC.
const BASE: i64 = 1_795_478_400_000_000;
const PATIENCE: StdDuration = StdDuration::from_secs(20);

const GET_TRACE: &str = "/jaeger.api_v2.QueryService/GetTrace";
const FIND_TRACES: &str = "/jaeger.api_v2.QueryService/FindTraces";

#[tokio::test]
async fn traces_come_ten_spans_at_a_time_on_both_ports() {
    let server = start(Config::default(), &[spans(0x77, 25, 1)]).await;
    for address in [server.grpc, server.http] {
        let request =
            api_v2_query::GetTraceRequest { trace_id: 0x77_u128.to_be_bytes().to_vec(), ..Default::default() };
        let messages = call(address, GET_TRACE, &request).await.expect("a trace");
        let counts: Vec<usize> = messages.iter().map(|message| decoded(message).len()).collect();
        assert_eq!(counts, [10, 10, 5]);
        assert!(messages.iter().all(|message| decoded(message).spans().all(|span| span.service() == "shop")));
    }
    server.stop().await;
}

#[tokio::test]
async fn large_spans_come_in_messages_that_clients_take() {
    let server = start(Config::default(), &[spans(1, 10, 1_000_000)]).await;
    let request = api_v2_query::FindTracesRequest { query: Some(api_v2_query::TraceQueryParameters::default()) };
    let messages = call(server.grpc, FIND_TRACES, &request).await.expect("a trace");
    assert!(messages.iter().all(|message| message.len() < 4 << 20), "clients take 4 MiB");
    assert_eq!(messages.iter().map(|message| decoded(message).len()).sum::<usize>(), 10);
    server.stop().await;
}

#[tokio::test]
async fn what_is_left_out_of_a_search_is_the_status_behind_the_others() {
    let config = Config { max_trace_bytes: 20_000, ..Config::default() };
    let server = start(config, &[spans(1, 1, 50_000), spans(2, 3, 1)]).await;
    let request = api_v2_query::FindTracesRequest { query: Some(api_v2_query::TraceQueryParameters::default()) };
    let channel = channel(server.grpc);
    let mut reply = channel.call(FIND_TRACES, framed(&request.encode_to_vec()), PATIENCE).await.expect("an answer");
    let first = reply.message().await.expect("a message").expect("the small trace");
    assert_eq!(decoded(&first).len(), 3);
    let status = reply.message().await.expect_err("the other is too large");
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("--query.max-trace-bytes=20000"), "{status}");
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_answered_says_why() {
    let server = start(Config::default(), &[]).await;
    let at = server.grpc;
    let get = |id: &[u8]| api_v2_query::GetTraceRequest { trace_id: id.to_vec(), ..Default::default() };
    let no_query = api_v2_query::FindTracesRequest::default();
    let negative = api_v2_query::TraceQueryParameters { search_depth: -1, ..Default::default() };
    let negative = api_v2_query::FindTracesRequest { query: Some(negative) };
    let metrics = "/jaeger.api_v2.metrics.MetricsQueryService/GetLatencies";
    for (status, code, message) in [
        (failed(at, GET_TRACE, &get(&[9; 16])).await, Code::NotFound, "trace not found: trace not found"),
        (failed(at, GET_TRACE, &get(&[0; 16])).await, Code::InvalidArgument, "uninitialized TraceID is not allowed"),
        (failed(at, GET_TRACE, &get(&[])).await, Code::InvalidArgument, "uninitialized TraceID is not allowed"),
        (
            failed(at, GET_TRACE, &get(&[1; 3])).await,
            Code::Internal,
            "grpc: error unmarshalling request: a trace id of 3 bytes; send 16, or 8",
        ),
        (failed(at, FIND_TRACES, &no_query).await, Code::InvalidArgument, "missing query"),
        (
            failed(at, FIND_TRACES, &negative).await,
            Code::InvalidArgument,
            "search_depth is -1, send 1 to 10000, or nothing for 100",
        ),
        (
            failed(at, "/jaeger.api_v2.QueryService/GetDependencies", &api_v2_query::GetDependenciesRequest::default())
                .await,
            Code::InvalidArgument,
            "StartTime and EndTime must be initialized.",
        ),
        (
            failed(at, "/jaeger.api_v3.QueryService/GetTrace", &api_v3::GetTraceRequest::default()).await,
            Code::InvalidArgument,
            "malformed trace_id: strconv.ParseUint: parsing \"\": invalid syntax",
        ),
        (
            failed(at, metrics, &api_v2_metrics::GetLatenciesRequest { quantile: 0.5, ..Default::default() }).await,
            Code::InvalidArgument,
            "please provide at least one service name",
        ),
        (
            failed(at, metrics, &api_v2_metrics::GetLatenciesRequest::default()).await,
            Code::InvalidArgument,
            "please provide a quantile value between (0, 1]",
        ),
        (
            failed(at, "/jaeger.api_v2.QueryService/Nope", &no_query).await,
            Code::Unimplemented,
            "unknown method Nope for service jaeger.api_v2.QueryService",
        ),
    ] {
        assert_eq!((status.code(), status.message()), (code, message));
    }
    server.stop().await;
}

struct Running {
    http: SocketAddr,
    grpc: SocketAddr,
    lifecycle: Lifecycle,
    serving: tokio::task::JoinHandle<()>,
}

async fn start(config: Config, batches: &[Batch]) -> Running {
    let store = Arc::new(MemoryStore::new(MemoryConfig { background: false, ..MemoryConfig::default() }));
    for batch in batches {
        let written = store.write(Arc::new(batch.clone())).await;
        assert!(written.refused.is_empty(), "{written:?}");
    }
    let query = Query::new(config, store, &Registry::new(), Surroundings::default());
    let listen = || TcpListener::bind("127.0.0.1:0");
    let (http, grpc) = (listen().await.expect("a port"), listen().await.expect("a port"));
    let addresses = (http.local_addr().expect("an address"), grpc.local_addr().expect("an address"));
    let shutdown =
        ShutdownConfig { lame_duck: StdDuration::ZERO, quiet: StdDuration::ZERO, deadline: StdDuration::from_secs(10) };
    let lifecycle = Lifecycle::new(shutdown, Health::new());
    let serving = tokio::spawn({
        let lifecycle = lifecycle.clone();
        async move { query.serve(Sockets { http: http.into(), grpc: Some(grpc.into()) }, lifecycle).await.expect("served") }
    });
    Running { http: addresses.0, grpc: addresses.1, lifecycle, serving }
}

impl Running {
    /// Stops in good order.
    async fn stop(self) {
        self.lifecycle.stop("test");
        tokio::time::timeout(PATIENCE, self.serving).await.expect("stopped in time").expect("no panic");
        self.lifecycle.finish();
    }
}

fn channel(address: SocketAddr) -> Channel {
    let config = ChannelConfig {
        address: address.to_string(),
        called: None,
        connect_timeout: PATIENCE,
        max_message_bytes: 16 << 20,
        tls: None,
    };
    Channel::new(config).expect("an address")
}

async fn call(address: SocketAddr, path: &'static str, request: &impl Message) -> Result<Vec<Bytes>, Status> {
    let mut reply = channel(address).call(path, framed(&request.encode_to_vec()), PATIENCE).await?;
    let mut messages = Vec::new();
    while let Some(message) = reply.message().await? {
        messages.push(message);
    }
    Ok(messages)
}

async fn failed(address: SocketAddr, path: &'static str, request: &impl Message) -> Status {
    call(address, path, request).await.expect_err("no answer")
}

fn decoded(chunk: &[u8]) -> Batch {
    let mut builder = BatchBuilder::new();
    jaeger_wire::api_v2::decode_spans(chunk, &mut builder).expect("spans");
    builder.finish()
}

/// Spans with a text of so many bytes each.
fn spans(trace: u128, count: u64, bytes: usize) -> Batch {
    let mut b = BatchBuilder::new();
    let process = b.process(b"shop").expect("room");
    for id in 1..=count {
        b.begin_span();
        b.span_ids(TraceId(trace), SpanId(id));
        b.span_process(process);
        b.span_operation(b"get");
        b.span_start(Timestamp::from_micros(BASE));
        b.span_duration(Duration::from_micros(10));
        b.span_tag(b"text", "x".repeat(bytes).as_str().into());
        b.end_span().expect("room");
    }
    b.finish()
}
