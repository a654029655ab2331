//! Real Zipkin senders send to the real binary, and `/api/traces` gives back every span whole.
//!
//! Guarantees: unmodified `py_zipkin` (v1 in Thrift, client and server with one id as Envoy reports them; over HTTP, and
//! in datagrams to an agent's port 5775) and OpenTelemetry's Zipkin exporters (v2, JSON and protobuf) are understood, each span exactly as Go Jaeger shows it but
//! for what `docs/adr/0053-zipkin-spans.md` names.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::http;
use jaeger_tests::peers::{self, Sent};
use jaeger_tests::server::Server;
use jaeger_tests::span::Span;
use jaeger_tests::wait::wait_for;
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(15);
const FRONT: &str = "front <shop>";
const BACK: &str = "back";

#[tokio::test]
async fn py_zipkin_in_thrift_with_two_sides_of_one_id() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let sent: Sent<Span> = peers::zipkin("v1_thrift.py", &settings(&server, "/api/v1/spans", "thrift")?).await?;
    let shared = sent.spans.iter().filter(|span| span.operation_name == "cart");
    for server_side in shared {
        let same_id = sent.spans.iter().filter(|span| span.span_id == server_side.span_id).count();
        ensure!(same_id == 2, "client and server share an id");
    }
    check(&server, sent).await?;
    server.stop().await.map(drop)
}

/// The agent is a process of its own: spans pass 5775, and 14250 behind it.
#[tokio::test]
async fn py_zipkin_in_datagrams_to_an_agent() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let collector = format!("--reporter.grpc.host-port={}", server.address("collector.grpc")?);
    let agent = Server::start(Binary::Agent, &[&collector]).await?;
    let port = agent.address("agent.zipkin-compact")?;
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto");
    let address = json!([port.ip().to_string(), port.port()]);
    let settings = json!({"agent": address, "proto": proto, "front": FRONT, "back": BACK});
    check(&server, peers::zipkin("v1_thrift.py", &settings).await?).await?;
    agent.stop().await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn opentelemetry_exports_v2_in_json() -> Result<()> {
    opentelemetry("json").await
}

#[tokio::test]
async fn opentelemetry_exports_v2_in_protobuf() -> Result<()> {
    opentelemetry("protobuf").await
}

async fn opentelemetry(format: &str) -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let sent = peers::zipkin("otel_v2.py", &settings(&server, "/api/v2/spans", format)?).await?;
    check(&server, sent).await?;
    server.stop().await.map(drop)
}

fn settings(server: &Server, path: &str, format: &str) -> Result<Value> {
    let url = format!("http://{}{path}", server.address("collector.zipkin")?);
    Ok(json!({"url": url, "format": format, "front": FRONT, "back": BACK}))
}

/// Every span that was sent is there as it was, and no other. Raw, since an adjusted answer gives the server of a
/// shared id another one.
async fn check(server: &Server, sent: Sent<Span>) -> Result<()> {
    ensure!(!sent.spans.is_empty(), "the sender sent nothing");
    let mut expected: Vec<_> = sent.spans.into_iter().map(Span::in_order).collect();
    let mut ids: Vec<_> = expected.iter().map(|span| span.trace_id.clone()).collect();
    ids.sort();
    ids.dedup();
    let found = wait_for("the spans that were sent", DEADLINE, async || {
        let mut found = Vec::new();
        for id in &ids {
            let path = format!("/api/traces/{id}?raw=true");
            let text = http::get_text(server.address("query.http")?, &path).await?;
            let answer: Value = serde_json::from_str(&text)?;
            let traces = answer.get("data").and_then(Value::as_array).context("no data")?;
            found.extend(traces.iter().map(Span::of_trace).collect::<Result<Vec<_>>>()?.concat());
        }
        ensure!(found.len() >= expected.len(), "{} of {} spans are there", found.len(), expected.len());
        Ok(found)
    });
    let mut found = found.await?;
    for spans in [&mut found, &mut expected] {
        spans.sort_by_key(|span| (span.trace_id.clone(), span.span_id.clone(), span.operation_name.clone()));
    }
    for (found, expected) in found.iter().zip(&expected) {
        let text = serde_json::to_string;
        ensure!(found == expected, "a span came back changed\n  sent:  {}\n  found: {}", text(expected)?, text(found)?);
    }
    ensure!(found.len() == expected.len(), "{} spans were sent, {} found", expected.len(), found.len());
    Ok(())
}
