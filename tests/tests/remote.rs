//! Stores that are not in the process that is asked: collector and query over `jaeger-remote-storage`, and two stores written
//! together.
//!
//! Guarantees: what the OpenTelemetry SDK for Python was told is accepted, another process gives back whole, by id and by search, and
//! still does after the storage process was started again; what went into `memory,embedded` is in both.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::opentelemetry::OtelSpan;
use jaeger_tests::peers::{self, Sent};
use jaeger_tests::server::Server;
use jaeger_tests::span::Span;
use jaeger_tests::wait::wait_for;
use jaeger_tests::{http, port};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(15);
const FRONT: &str = "front";
const BACK: &str = "back";

#[tokio::test]
async fn collector_and_query_in_separate_processes_share_the_embedded_store() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let directory = format!("--embedded.directory={}", folder.path().join("store").display());
    let address = port::free()?;
    let at = format!("--grpc.host-port={address}");
    let storage_flags = ["--span-storage.type=embedded", directory.as_str(), at.as_str()];
    let storage = Server::start(Binary::RemoteStorage, &storage_flags).await?;
    let server = format!("--grpc-storage.server={address}");
    let flags = ["--span-storage.type=grpc", server.as_str()];
    let collector = Server::start(Binary::Collector, &flags).await?;
    let query = Server::start(Binary::Query, &flags).await?;

    let sent = opentelemetry(&collector).await?;
    check(&query, &sent).await?;
    let services = json_of(&query, "/api/services").await?;
    ensure!(services.get("data") == Some(&json!([BACK, FRONT])), "services: {services}");

    let spans = Value::from(sent.len());
    let ledger = collector.stop().await?.ledger()?;
    ensure!(ledger.pointer("/collector/stored") == Some(&spans), "the collector's ledger: {ledger}");
    let ledger = storage.stop().await?.ledger()?;
    ensure!(ledger.pointer("/remote_storage/stored") == Some(&spans), "the storage's ledger: {ledger}");

    // The query has been there all the time; the store is another process now.
    let storage = Server::start(Binary::RemoteStorage, &storage_flags).await?;
    check(&query, &sent).await?;
    query.stop().await?;
    storage.stop().await.map(drop)
}

#[tokio::test]
async fn what_is_written_to_memory_and_embedded_is_in_both() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let directory = format!("--embedded.directory={}", folder.path().join("store").display());
    let both = Server::start(Binary::AllInOne, &["--span-storage.type=memory,embedded", directory.as_str()]).await?;
    let sent = opentelemetry(&both).await?;
    // The first store answers: memory.
    check(&both, &sent).await?;
    let ledger = both.stop().await?.ledger()?;
    for (place, store) in ["memory", "embedded"].into_iter().enumerate() {
        let of = |column: &str| ledger.pointer(&format!("/stores/{place}/{column}"));
        let fits = of("store") == Some(&Value::from(store)) && of("stored") == Some(&Value::from(sent.len()));
        ensure!(fits, "the line of {store} in the ledger: {ledger}");
    }

    // Nothing of the first process is left but the folder.
    let embedded = Server::start(Binary::AllInOne, &["--span-storage.type=embedded", directory.as_str()]).await?;
    check(&embedded, &sent).await?;
    embedded.stop().await?;

    let turned = Server::start(Binary::AllInOne, &["--span-storage.type=embedded,memory", directory.as_str()]).await?;
    check(&turned, &sent).await?;
    turned.stop().await.map(drop)
}

/// Has the SDK send its story, and gives the spans as they must come back.
async fn opentelemetry(collector: &Server) -> Result<Vec<Span>> {
    let endpoint = collector.address("collector.otlp.grpc")?.to_string();
    let settings = json!({"protocol": "grpc", "endpoint": endpoint, "front": FRONT, "back": BACK});
    let sent: Sent<OtelSpan> = peers::python("otel_send.py", &settings).await?;
    let spans = sent.spans.iter().map(OtelSpan::in_jaeger).collect::<Result<Vec<_>>>()?;
    ensure!(!spans.is_empty(), "the client sent nothing");
    let mut spans: Vec<_> = spans.into_iter().map(Span::in_order).collect();
    spans.sort_by_key(|span| span.span_id.clone());
    Ok(spans)
}

/// A search for the front service, whose traces hold all that was sent, and each of the traces by its id give back what was sent.
async fn check(query: &Server, sent: &[Span]) -> Result<()> {
    let path = format!("/api/traces?service={FRONT}&lookback=1h&limit=100");
    let found = wait_for("the spans that were sent", DEADLINE, async || {
        let found = spans_of(&json_of(query, &path).await?)?;
        ensure!(found.len() >= sent.len(), "{} of {} spans are there", found.len(), sent.len());
        Ok(found)
    });
    same(found.await?, sent)?;
    let mut traces: Vec<_> = sent.iter().map(|span| span.trace_id.as_str()).collect();
    traces.sort_unstable();
    traces.dedup();
    let mut by_id = Vec::new();
    for id in traces {
        by_id.extend(spans_of(&json_of(query, &format!("/api/traces/{id}")).await?)?);
    }
    same(by_id, sent)
}

fn same(mut found: Vec<Span>, sent: &[Span]) -> Result<()> {
    found.sort_by_key(|span| span.span_id.clone());
    ensure!(found == sent, "sent {}, found {}", serde_json::to_string(sent)?, serde_json::to_string(&found)?);
    Ok(())
}

fn spans_of(answer: &Value) -> Result<Vec<Span>> {
    let traces = answer.get("data").and_then(Value::as_array).context("no data")?;
    Ok(traces.iter().map(Span::of_trace).collect::<Result<Vec<_>>>()?.concat())
}

async fn json_of(query: &Server, path: &str) -> Result<Value> {
    let text = http::get_text(query.address("query.http")?, path).await?;
    serde_json::from_str(&text).with_context(|| format!("GET {path}: {text}"))
}
