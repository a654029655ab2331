//! A load that goes on until SIGTERM, every span another, whatever happens to those who receive it. At its end it says in one line of JSON
//! what it sent and what it was told.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use jaeger_model::Timestamp;
use jaeger_wire::grpc::{RawCodec, paths};
use serde_json::json;
use tokio::net::UdpSocket;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};
use tonic::Request;
use tonic::transport::Endpoint;

use crate::profile::{Generator, Profile};
use crate::wire::Wire;

/// Before what was not acknowledged is sent again.
const AGAIN_AFTER: Duration = Duration::from_millis(50);
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a host's name may be unknown at the start.
const LOOK_UPS: usize = 600;

/// What is sent, and where to.
#[derive(Debug)]
pub struct Steady {
    /// UDP or gRPC.
    pub wire: Wire,
    /// `host:port`.
    pub to: String,
    /// The rate.
    pub spans_per_second: f64,
    /// Another seed makes other spans.
    pub seed: u64,
}

impl Steady {
    /// Sends until SIGTERM or SIGINT, and gives what it did as JSON.
    ///
    /// # Errors
    /// A wire that it does not send over, an address that nobody knows.
    pub async fn run(&self, now: Timestamp) -> anyhow::Result<serde_json::Value> {
        let each = self.wire.spans_per_batch();
        let spans = Generator::new(Profile::Plain, self.seed, now, each);
        let mut pace = interval(Duration::from_secs_f64(each as f64 / self.spans_per_second.max(1.0)));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        match self.wire {
            Wire::UdpCompact | Wire::UdpBinary => self.datagrams(spans, pace).await,
            Wire::ApiV2 | Wire::OtlpGrpc => self.requests(spans, pace).await,
            _ => bail!("a steady load goes over udp-compact, udp-binary, api-v2 or otlp-grpc"),
        }
    }

    async fn datagrams(&self, mut spans: Generator, mut pace: Interval) -> anyhow::Result<serde_json::Value> {
        let to = self.address().await?;
        let any: SocketAddr = if to.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
        let socket = UdpSocket::bind(any).await?;
        let mut stop = Stop::new()?;
        let (mut packets, mut refused) = (0_u64, 0_u64);
        while !stop.before(pace.tick()).await {
            let packet = self.wire.encode(&spans.batch())?;
            // Not connected: nobody tells it of packets that found no receiver, as nobody tells a client.
            match socket.send_to(&packet, to).await {
                Ok(_) => packets += 1,
                Err(_) => refused += 1,
            }
        }
        Ok(json!({"packets": packets, "spans": packets * self.wire.spans_per_batch() as u64, "not_sent": refused}))
    }

    async fn requests(&self, mut spans: Generator, mut pace: Interval) -> anyhow::Result<serde_json::Value> {
        let path = if self.wire == Wire::OtlpGrpc { paths::OTLP_EXPORT } else { paths::POST_SPANS };
        let path = http::uri::PathAndQuery::from_static(path);
        let endpoint = Endpoint::from_shared(format!("http://{}", self.to))?.connect_timeout(Duration::from_secs(1));
        let mut client = tonic::client::Grpc::new(endpoint.connect_lazy());
        let mut stop = Stop::new()?;
        let (mut sent, mut acknowledged, mut again) = (0_u64, 0_u64, 0_u64);
        while !stop.before(pace.tick()).await {
            let body = bytes::Bytes::from(self.wire.encode(&spans.batch())?);
            sent += 1;
            loop {
                let answer = async {
                    client.ready().await?;
                    let request = client.unary(Request::new(body.clone()), path.clone(), RawCodec);
                    request.await.map(drop).map_err(anyhow::Error::from)
                };
                if matches!(tokio::time::timeout(PATIENCE, answer).await, Ok(Ok(()))) {
                    acknowledged += 1;
                    break;
                }
                again += 1;
                if stop.before(sleep(AGAIN_AFTER)).await {
                    break;
                }
            }
        }
        let each = self.wire.spans_per_batch() as u64;
        Ok(json!({"spans": sent * each, "acknowledged": acknowledged * each, "again": again * each}))
    }

    /// A name may be known only a moment after the pod has started.
    async fn address(&self) -> anyhow::Result<SocketAddr> {
        for _ in 0..LOOK_UPS {
            if let Ok(mut found) = tokio::net::lookup_host(&self.to).await
                && let Some(address) = found.next()
            {
                return Ok(address);
            }
            sleep(AGAIN_AFTER).await;
        }
        bail!("--to={} has no address", self.to)
    }
}

/// The signal that ends it, which stays seen.
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    came: bool,
}

impl Stop {
    fn new() -> anyhow::Result<Self> {
        let of = |kind| signal(kind).context("listening for signals");
        Ok(Self { terminate: of(SignalKind::terminate())?, interrupt: of(SignalKind::interrupt())?, came: false })
    }

    /// Whether the signal came before `other` did.
    async fn before<T>(&mut self, other: impl Future<Output = T>) -> bool {
        if !self.came {
            self.came = tokio::select! {
                biased;
                _ = self.terminate.recv() => true,
                _ = self.interrupt.recv() => true,
                _ = other => false,
            };
        }
        self.came
    }
}
