//! A collector on port 0 over a store that answers when it is told to, and clients for each wire.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod spans;
pub mod store;
pub mod tchannel;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use jaeger_collector::{Collector, Config, SamplingStrategies, Sockets};
use jaeger_service::health::Health;
use jaeger_service::ledger::{CollectorLedger, CollectorSnapshot, Ledgers};
use jaeger_service::lifecycle::{Lifecycle, ShutdownConfig};
use jaeger_service::listen::Listeners;
use jaeger_service::metrics::{CollectorMetrics, Registry};
use jaeger_service::settings::{Component, Settings};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use store::TestStore;

pub const POST_SPANS: &str = "/jaeger.api_v2.CollectorService/PostSpans";
pub const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// A collector that serves.
pub struct Running {
    pub collector: Collector,
    pub store: Arc<TestStore>,
    pub ledger: CollectorLedger,
    pub registry: Registry,
    pub health: Health,
    pub lifecycle: Lifecycle,
    pub grpc: SocketAddr,
    pub http: SocketAddr,
    pub tchannel: SocketAddr,
    pub zipkin: SocketAddr,
    pub otlp_grpc: SocketAddr,
    pub otlp_http: SocketAddr,
    serving: JoinHandle<()>,
}

/// Starts a collector with these flags and waits until it is ready.
pub async fn start(flags: &[(&str, &str)]) -> Running {
    let running = start_over(Arc::new(TestStore::default()), flags).await;
    until(|| running.health.state().is_ready()).await;
    running
}

/// Starts a collector over a store of the test's own.
pub async fn start_over(store: Arc<TestStore>, flags: &[(&str, &str)]) -> Running {
    start_with_deadline(store, flags, Duration::from_secs(30)).await
}

/// The same with a shutdown deadline of the test's own.
pub async fn start_with_deadline(store: Arc<TestStore>, flags: &[(&str, &str)], deadline: Duration) -> Running {
    let ports = [
        ("collector.grpc-server.host-port", "127.0.0.1:0"),
        ("collector.http-server.host-port", "127.0.0.1:0"),
        ("collector.tchan-server.host-port", "127.0.0.1:0"),
        ("collector.zipkin.host-port", "127.0.0.1:0"),
        ("collector.otlp.grpc.host-port", "127.0.0.1:0"),
        ("collector.otlp.http.host-port", "127.0.0.1:0"),
    ];
    let flags: Vec<_> = ports.iter().chain(flags).copied().collect();
    let config = Config::from_settings(&Settings::for_test(Component::Collector, &flags)).expect("good flags");
    let mut listeners = Listeners::new();
    config.listen(&mut listeners);
    let mut bound = listeners.bind().expect("free ports");
    let address = |name: &str| bound.address(name).expect("bound");
    let (grpc, http, tchannel) = (address("collector.grpc"), address("collector.http"), address("collector.tchannel"));
    let zipkin = address("collector.zipkin");
    let (otlp_grpc, otlp_http) = (address("collector.otlp.grpc"), address("collector.otlp.http"));
    let registry = Registry::new();
    let metrics = CollectorMetrics::new(&registry, "test-host");
    let ledger = CollectorLedger::new(metrics.spans_dropped.clone());
    let health = Health::new();
    let shutdown = ShutdownConfig { lame_duck: Duration::ZERO, quiet: Duration::ZERO, deadline };
    let lifecycle = Lifecycle::new(shutdown, health.clone());
    lifecycle.set_ledgers(Ledgers { agent: None, collector: Some(ledger.clone()), ..Ledgers::default() });
    let strategies = SamplingStrategies::start(config.sampling.clone(), CancellationToken::new()).await;
    let sockets = Sockets::take(&mut bound, config.otlp).expect("bound");
    let collector =
        Collector::new(config, Arc::clone(&store) as _, ledger.clone(), metrics, strategies.expect("strategies"));
    let no_senders = CancellationToken::new();
    no_senders.cancel();
    let serving = tokio::spawn({
        let (collector, page, lifecycle) = (collector.clone(), Some(registry.clone()), lifecycle.clone());
        let part = health.part("collector");
        async move { collector.serve(sockets, page, lifecycle, part, no_senders).await.expect("served") }
    });
    Running {
        collector,
        store,
        ledger,
        registry,
        health,
        lifecycle,
        grpc,
        http,
        tchannel,
        zipkin,
        otlp_grpc,
        otlp_http,
        serving,
    }
}

impl Running {
    /// Stops in good order and gives the last ledger, which must balance.
    pub async fn stop(self) -> CollectorSnapshot {
        self.lifecycle.stop("test");
        tokio::time::timeout(Duration::from_secs(30), self.serving).await.expect("stopped in time").expect("no panic");
        self.lifecycle.finish();
        let last = self.ledger.snapshot();
        assert!(last.balanced && last.in_flight == 0, "{last:?}");
        last
    }

    /// The value of a series on the admin page, 0 where it is not there.
    pub fn metric(&self, series: &str) -> f64 {
        let page = self.registry.render();
        let line = page.lines().find_map(|line| line.strip_prefix(series));
        line.map_or(0.0, |value| value.trim().parse().expect("a number"))
    }
}

/// Waits for a condition, at most 20 s.
pub async fn until(mut condition: impl FnMut() -> bool) {
    let seen = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), seen).await.expect("the condition comes true");
}

/// A gRPC answer.
#[derive(Debug)]
pub struct GrpcAnswer {
    pub code: i32,
    pub message: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A gRPC connection.
#[derive(Clone)]
pub struct GrpcClient {
    sender: http2::SendRequest<Full<Bytes>>,
    address: SocketAddr,
}

impl GrpcClient {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connected");
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
        tokio::spawn(connection);
        Self { sender, address }
    }

    /// A unary call with extra headers; `flag` says whether the message is compressed.
    pub async fn call(&self, path: &str, headers: &[(&str, &str)], flag: u8, message: &[u8]) -> GrpcAnswer {
        let mut framed = vec![flag];
        framed.extend_from_slice(&u32::try_from(message.len()).expect("a length").to_be_bytes());
        framed.extend_from_slice(message);
        let mut request = Request::post(format!("http://{}{path}", self.address))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(framed.into())).expect("a request");
        let response = self.sender.clone().send_request(request).await.expect("an answer");
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"application/grpc".parse().expect("a value"))
        );
        let mut headers = response.headers().clone();
        let mut body = response.into_body();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.expect("a frame");
            if let Some(data) = frame.data_ref() {
                bytes.extend_from_slice(data);
            }
            if let Ok(trailers) = frame.into_trailers() {
                headers.extend(trailers);
            }
        }
        let text = |name: &str| headers.get(name).map_or("", |value| value.to_str().expect("ASCII")).to_owned();
        GrpcAnswer {
            code: text("grpc-status").parse().expect("a status"),
            message: text("grpc-message"),
            body: bytes.get(5..).map(Bytes::copy_from_slice).unwrap_or_default(),
            headers,
        }
    }

    /// Resolves when the server has closed the connection.
    pub async fn closed(&self) {
        until(|| self.sender.is_closed()).await;
    }

    pub async fn post_spans(&self, message: &[u8]) -> GrpcAnswer {
        self.call(POST_SPANS, &[], 0, message).await
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub struct HttpAnswer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    pub bytes: Bytes,
}

/// One request on a connection of its own.
pub async fn http(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> HttpAnswer {
    let stream = TcpStream::connect(address).await.expect("connected");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1");
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path).header("host", address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(body))).expect("a request");
    let response = sender.send_request(request).await.expect("an answer");
    let (head, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        bytes.extend_from_slice(frame.expect("a frame").data_ref().expect("data"));
    }
    let body = String::from_utf8_lossy(&bytes).into_owned();
    HttpAnswer { status: head.status.as_u16(), headers: head.headers, body, bytes: bytes.into() }
}
