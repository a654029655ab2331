//! gRPC: several connections, on each one request in flight.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jaeger_wire::grpc::{RawCodec, paths};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};

use super::Sent;
use crate::wire::{Payloads, Wire};

/// Before a refused request is sent again.
const COMES_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// When each request is sent, and what a refusal means.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Not before its turn at this rate; without it as fast as answers come.
    pub pace: Option<Pace>,
    /// Who is told to come again comes again, as real clients do; otherwise the spans are counted as refused.
    pub insists: bool,
}

/// A rate, counted from the first of several sendings.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// When span 0 was due.
    pub began: Instant,
    /// The rate.
    pub spans_per_second: f64,
    /// Spans that were sent before these.
    pub before: usize,
}

/// Sends all bodies to `http://address`, each connection as fast as its answers come.
///
/// # Errors
/// When a connection cannot be made, or breaks.
pub async fn send(address: &str, wire: Wire, payloads: &Payloads, connections: usize) -> anyhow::Result<Sent> {
    send_over(&connect(address, connections).await?, wire, payloads, Manner::default()).await
}

/// Connections to send over.
///
/// # Errors
/// When one cannot be made.
pub async fn connect(address: &str, connections: usize) -> anyhow::Result<Vec<Channel>> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    let mut channels = Vec::new();
    for _ in 0..connections {
        channels.push(endpoint.connect().await.with_context(|| format!("connecting to {address}"))?);
    }
    Ok(channels)
}

/// Sends all bodies, one request in flight on each connection.
///
/// # Errors
/// When a connection breaks.
pub async fn send_over(channels: &[Channel], wire: Wire, payloads: &Payloads, manner: Manner) -> anyhow::Result<Sent> {
    let path = if wire == Wire::OtlpGrpc { paths::OTLP_EXPORT } else { paths::POST_SPANS };
    let counts = Arc::new(Counts::default());
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for channel in channels {
        tasks.spawn(connection(channel.clone(), path, payloads.clone(), manner, Arc::clone(&counts)));
    }
    // Dropped before its end, the set ends all of them.
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(Sent {
        spans: payloads.spans(),
        refused: counts.refused.load(Ordering::Relaxed) * payloads.spans_each,
        again: counts.again.load(Ordering::Relaxed) * payloads.spans_each,
        wall: began.elapsed(),
    })
}

#[derive(Default)]
struct Counts {
    next: AtomicUsize,
    refused: AtomicUsize,
    again: AtomicUsize,
}

async fn connection(
    channel: Channel,
    path: &'static str,
    payloads: Payloads,
    manner: Manner,
    counts: Arc<Counts>,
) -> anyhow::Result<()> {
    let mut client = tonic::client::Grpc::new(channel);
    let path = http::uri::PathAndQuery::from_static(path);
    loop {
        let number = counts.next.fetch_add(1, Ordering::Relaxed);
        let Some(body) = payloads.bodies.get(number) else { return Ok(()) };
        if let Some(pace) = manner.pace {
            let spans = pace.before + number * payloads.spans_each;
            let due = pace.began + Duration::from_secs_f64(spans as f64 / pace.spans_per_second.max(1.0));
            tokio::time::sleep_until(due.into()).await;
        }
        loop {
            client.ready().await?;
            let Err(status) = client.unary(Request::new(body.clone()), path.clone(), RawCodec).await else { break };
            if std::error::Error::source(&status).is_some() {
                return Err(status).context("the connection broke");
            }
            if manner.insists && matches!(status.code(), Code::ResourceExhausted | Code::Unavailable) {
                counts.again.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(COMES_AGAIN_AFTER).await;
                continue;
            }
            counts.refused.fetch_add(1, Ordering::Relaxed);
            break;
        }
    }
}
