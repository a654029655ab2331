//! gRPC: several connections, on each one request in flight.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use jaeger_wire::grpc::{RawCodec, paths};
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

use super::Sent;
use crate::wire::{Payloads, Wire};

/// Sends all bodies to `http://address`, each connection as fast as its answers come.
///
/// # Errors
/// When a connection cannot be made, or breaks.
pub async fn send(address: &str, wire: Wire, payloads: &Payloads, connections: usize) -> anyhow::Result<Sent> {
    let path = if wire == Wire::OtlpGrpc { paths::OTLP_EXPORT } else { paths::POST_SPANS };
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    let mut channels = Vec::new();
    for _ in 0..connections {
        channels.push(endpoint.connect().await.with_context(|| format!("connecting to {address}"))?);
    }
    let (next, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let mut tasks = Vec::new();
    for channel in channels {
        let (next, refused, payloads) = (Arc::clone(&next), Arc::clone(&refused), payloads.clone());
        tasks.push(tokio::spawn(connection(channel, path, payloads, next, refused)));
    }
    for task in tasks {
        task.await??;
    }
    Ok(Sent {
        spans: payloads.spans(),
        refused: refused.load(Ordering::Relaxed) * payloads.spans_each,
        wall: began.elapsed(),
    })
}

async fn connection(
    channel: Channel,
    path: &'static str,
    payloads: Payloads,
    next: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
) -> anyhow::Result<()> {
    let mut client = tonic::client::Grpc::new(channel);
    let path = http::uri::PathAndQuery::from_static(path);
    while let Some(body) = payloads.bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
        client.ready().await?;
        if let Err(status) = client.unary(Request::new(body.clone()), path.clone(), RawCodec).await {
            if std::error::Error::source(&status).is_some() {
                return Err(status).context("the connection broke");
            }
            refused.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}
