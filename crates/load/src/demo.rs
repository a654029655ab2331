//! `make demo`: eight services' stories through the real ports, and a link to each trace once it can be found.

mod stories;
mod story;

use std::net::ToSocketAddrs as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{Method, StatusCode};
use jaeger_model::{Batch, Timestamp, TraceId};

use crate::send::http::Connection;
use crate::send::udp;
use crate::wire::{Payloads, Wire};

/// How long a story may take to be found.
const PATIENCE: Duration = Duration::from_secs(20);
/// A UDP packet holds this many of the demo's spans, far under 65,000 bytes.
const SPANS_PER_PACKET: usize = 60;
/// An OTLP request holds this many.
const SPANS_PER_REQUEST: usize = 500;

/// Where the demo sends to and looks.
pub struct Ports {
    /// The agent's UDP port for Thrift compact.
    pub udp: String,
    /// The collector's OTLP port for HTTP.
    pub otlp: String,
    /// The query port.
    pub query: String,
}

/// One story, told.
pub struct Told {
    /// What happens in it.
    pub title: &'static str,
    /// Its trace.
    pub trace_id: TraceId,
    /// Its spans.
    pub spans: usize,
}

/// Tells every story and waits until each is found whole.
///
/// # Errors
/// When nothing listens at a port, or a story is not found in time.
pub async fn run(ports: &Ports) -> anyhow::Result<Vec<Told>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let now = Timestamp::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX));
    let hint = "is jaeger-all-in-one running? start it with: make run";
    let mut otlp = Connection::open(&ports.otlp).await.context(hint)?;
    let mut query = Connection::open(&ports.query).await.context(hint)?;
    let udp = ports.udp.to_socket_addrs().ok().and_then(|mut all| all.next());
    let udp = udp.with_context(|| format!("{:?} is no address", ports.udp))?;
    let mut told = Vec::new();
    for story in stories::all(now) {
        let (title, trace_id, spans) = (story.title, story.trace_id(), story.len());
        for (service, batch) in story.batches(SPANS_PER_PACKET) {
            if stories::speaks_otlp(service) {
                continue;
            }
            let payloads = Payloads { bodies: vec![encoded(Wire::UdpCompact, &batch)?], spans_each: batch.len() };
            udp::send(udp, &payloads, None)?;
        }
        for (service, batch) in story.batches(SPANS_PER_REQUEST) {
            if !stories::speaks_otlp(service) {
                continue;
            }
            let body = encoded(Wire::OtlpHttp, &batch)?;
            let reply = otlp.request(Method::POST, "/v1/traces", "application/x-protobuf", body).await?;
            if reply.status != StatusCode::OK {
                bail!("{} answered {}: {}", ports.otlp, reply.status, String::from_utf8_lossy(&reply.body));
            }
        }
        found(&mut query, trace_id, spans).await.with_context(|| format!("looking for the story {title:?}"))?;
        told.push(Told { title, trace_id, spans });
    }
    Ok(told)
}

fn encoded(wire: Wire, batch: &Batch) -> anyhow::Result<Bytes> {
    Ok(wire.encode(batch)?.into())
}

/// Waits until the trace is found with all its spans.
async fn found(query: &mut Connection, trace_id: TraceId, spans: usize) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    let mut seen;
    loop {
        let reply = query.get(&format!("/api/traces/{trace_id}?raw=true")).await?;
        seen = count_spans(&reply.body);
        if reply.status == StatusCode::OK && seen >= spans {
            return Ok(());
        }
        if Instant::now() > end {
            bail!(
                "found {seen} of its {spans} spans after {PATIENCE:?}; the ledger says where the others are: curl 127.0.0.1:14269/ledger"
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn count_spans(body: &[u8]) -> usize {
    let Ok(answer) = serde_json::from_slice::<serde_json::Value>(body) else { return 0 };
    answer.pointer("/data/0/spans").and_then(|spans| spans.as_array()).map_or(0, Vec::len)
}
