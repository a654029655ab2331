//! Load for as long as a test wants it: spans over each wire, sent again and again by senders that count what they were
//! told. Unlike real clients they never send a refused request again, so that each answer counts once.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use http::Method;
use jaeger_load::profile::Profile;
use jaeger_load::send::http::Connection;
use jaeger_load::wire::{Payloads, Wire};
use jaeger_model::{BatchBuilder, SpanId, Timestamp, TraceId};
use jaeger_wire::grpc::{RawCodec, paths};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tonic::Request;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Endpoint;

use crate::ledger::Collector;
use crate::server::Server;

/// Different spans of each wire; then they come again.
const SPANS: usize = 10_000;
/// The packets of a second, some 600 kB: where the agent gets no more than a default socket buffer it may still be kept from running for
/// a fifth of a second.
const PACKETS_A_SECOND: u32 = 100;
/// Before a sender tries again that found nobody or was told to wait.
const PAUSE: Duration = Duration::from_millis(10);
const CONNECT: Duration = Duration::from_secs(2);

/// What senders with an answer were told, in spans.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    pub ok: u64,
    pub not_ok: u64,
    /// Of requests that may or may not have arrived.
    pub unanswered: u64,
}

/// What was sent over UDP, less what the kernel said that nobody listens to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Datagrams {
    pub packets: u64,
    pub spans: u64,
}

/// Running senders.
pub struct Load {
    stop: Arc<AtomicBool>,
    counts: Arc<Counts>,
    tasks: Vec<JoinHandle<Result<()>>>,
}

#[derive(Default)]
struct Counts {
    ok: AtomicU64,
    not_ok: AtomicU64,
    unanswered: AtomicU64,
    packets: AtomicU64,
    datagram_spans: AtomicU64,
}

impl Load {
    /// No senders yet.
    pub fn new() -> Self {
        Self { stop: Arc::default(), counts: Arc::default(), tasks: Vec::new() }
    }

    /// Sends to an agent: Thrift compact.
    pub async fn udp(mut self, agent: &Server) -> Result<Self> {
        let (to, payloads) = (agent.address("agent.jaeger-compact")?, payloads(Wire::UdpCompact)?);
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        socket.connect(to).await?;
        let (stop, counts) = (Arc::clone(&self.stop), Arc::clone(&self.counts));
        self.tasks.push(tokio::spawn(send_datagrams(socket, payloads, stop, counts)));
        Ok(self)
    }

    /// Sends to a collector: api_v2 and OTLP over gRPC, OTLP over HTTP, one connection each.
    pub fn direct(mut self, collector: &Server) -> Result<Self> {
        for (listener, wire, path) in [
            ("collector.grpc", Wire::ApiV2, paths::POST_SPANS),
            ("collector.otlp.grpc", Wire::OtlpGrpc, paths::OTLP_EXPORT),
        ] {
            let (to, payloads) = (collector.address(listener)?, payloads(wire)?);
            let (stop, counts) = (Arc::clone(&self.stop), Arc::clone(&self.counts));
            self.tasks.push(tokio::spawn(send_grpc(to, path, payloads, stop, counts)));
        }
        let (to, payloads) = (collector.address("collector.otlp.http")?, payloads(Wire::OtlpHttp)?);
        let (stop, counts) = (Arc::clone(&self.stop), Arc::clone(&self.counts));
        self.tasks.push(tokio::spawn(send_http(to, payloads, stop, counts)));
        Ok(self)
    }

    /// What was told so far.
    pub fn told(&self) -> Told {
        self.counts.told()
    }

    /// What went over UDP so far.
    pub fn datagrams(&self) -> Datagrams {
        self.counts.datagrams()
    }

    /// Stops the senders, each after the answer that it waits for.
    pub async fn stop(self) -> Result<(Told, Datagrams)> {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await??;
        }
        Ok((self.counts.told(), self.counts.datagrams()))
    }
}

impl Default for Load {
    fn default() -> Self {
        Self::new()
    }
}

impl Counts {
    fn told(&self) -> Told {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Told { ok: of(&self.ok), not_ok: of(&self.not_ok), unanswered: of(&self.unanswered) }
    }

    fn datagrams(&self) -> Datagrams {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Datagrams { packets: of(&self.packets), spans: of(&self.datagram_spans) }
    }
}

impl Told {
    /// The part of a collector's ledger that does not come from agents is what its senders know.
    pub fn check(&self, collectors: &[&Collector]) -> Result<()> {
        let sum = |of: fn(&Collector) -> u64| collectors.iter().map(|collector| of(collector)).sum::<u64>();
        let stored = sum(|c| c.stored - c.stored_from_agents);
        ensure!(self.ok <= stored, "senders were told OK for {} spans, but {stored} are stored", self.ok);
        let received = sum(|c| c.received - c.received_from_agents);
        let answered = self.ok + self.not_ok;
        ensure!(
            received >= answered && received - answered <= self.unanswered,
            "received {received} is not what senders were told of: {self:?}"
        );
        Ok(())
    }
}

/// Different packets for an agent, Thrift compact.
pub fn packets(count: usize) -> Result<Payloads> {
    encode(Wire::UdpCompact, count * Wire::UdpCompact.spans_per_batch())
}

/// What a packet of its own making has in it; each process, span and text is another.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// A tag of the process.
    pub process_bytes: usize,
    pub spans: u64,
    /// A tag of each span.
    pub span_bytes: usize,
}

/// A packet for an agent, Thrift compact; another for another `number`.
pub fn packet(number: u64, shape: Shape) -> Result<Bytes> {
    let text = |bytes: usize| format!("{number}-").chars().cycle().take(bytes).collect::<String>();
    let mut builder = BatchBuilder::new();
    builder.process_tag(b"text", text(shape.process_bytes).as_str().into());
    let process = builder.process(format!("service-{number}").as_bytes())?;
    let tag = text(shape.span_bytes);
    for span in 1..=shape.spans {
        builder.begin_span();
        builder.span_ids(TraceId(u128::from(number) + 1), SpanId(span));
        builder.span_operation(b"an operation");
        builder.span_process(process);
        if !tag.is_empty() {
            builder.span_tag(b"text", tag.as_str().into());
        }
        builder.end_span()?;
    }
    Ok(Wire::UdpCompact.encode(&builder.finish())?.into())
}

fn payloads(wire: Wire) -> Result<Payloads> {
    encode(wire, SPANS)
}

fn encode(wire: Wire, spans: usize) -> Result<Payloads> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let now = Timestamp::from_micros(i64::try_from(now.as_micros())?);
    Payloads::encode(Profile::Plain, wire, spans, 1, now)
}

async fn send_datagrams(
    socket: UdpSocket,
    payloads: Payloads,
    stop: Arc<AtomicBool>,
    counts: Arc<Counts>,
) -> Result<()> {
    let spans = payloads.spans_each as u64;
    // The error that a call gives is about the packet of an earlier one; its own is not sent then.
    let refused = || {
        counts.packets.fetch_sub(1, Ordering::Relaxed);
        counts.datagram_spans.fetch_sub(spans, Ordering::Relaxed);
    };
    let mut pace = tokio::time::interval(Duration::from_secs(1) / PACKETS_A_SECOND);
    for packet in payloads.bodies.iter().cycle() {
        pace.tick().await;
        if stop.load(Ordering::Relaxed) {
            break;
        }
        if socket.send(packet).await.is_ok() {
            counts.packets.fetch_add(1, Ordering::Relaxed);
            counts.datagram_spans.fetch_add(spans, Ordering::Relaxed);
        } else {
            refused();
        }
    }
    if socket.take_error()?.is_some() {
        refused();
    }
    Ok(())
}

async fn send_grpc(
    to: SocketAddr,
    path: &'static str,
    payloads: Payloads,
    stop: Arc<AtomicBool>,
    counts: Arc<Counts>,
) -> Result<()> {
    let channel = Endpoint::from_shared(format!("http://{to}"))?.connect_timeout(CONNECT).connect_lazy();
    let mut client = tonic::client::Grpc::new(channel);
    let path = PathAndQuery::from_static(path);
    let spans = payloads.spans_each as u64;
    for body in payloads.bodies.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        if client.ready().await.is_err() {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let Err(status) = client.unary(Request::new(body.clone()), path.clone(), RawCodec).await else {
            counts.ok.fetch_add(spans, Ordering::Relaxed);
            continue;
        };
        // A status that was made here, not received, has its cause with it.
        let count = if std::error::Error::source(&status).is_some() { &counts.unanswered } else { &counts.not_ok };
        count.fetch_add(spans, Ordering::Relaxed);
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn send_http(to: SocketAddr, payloads: Payloads, stop: Arc<AtomicBool>, counts: Arc<Counts>) -> Result<()> {
    let spans = payloads.spans_each as u64;
    let mut bodies = payloads.bodies.iter().cycle();
    while !stop.load(Ordering::Relaxed) {
        let Ok(mut connection) = Connection::open(&to.to_string()).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        while !stop.load(Ordering::Relaxed) {
            let body: &Bytes = bodies.next().context("no bodies")?;
            let kind = "application/x-protobuf";
            match connection.request(Method::POST, "/v1/traces", kind, body.clone()).await {
                Ok(reply) if reply.status.is_success() => counts.ok.fetch_add(spans, Ordering::Relaxed),
                Ok(reply) if reply.status.is_client_error() => bail!("{to} answered {}", reply.status),
                Ok(_) => counts.not_ok.fetch_add(spans, Ordering::Relaxed),
                Err(_) => {
                    counts.unanswered.fetch_add(spans, Ordering::Relaxed);
                    break;
                }
            };
        }
    }
    Ok(())
}
