//! Real tracing clients send to the real binaries, and `/api/traces` gives back every span whole.
//!
//! Guarantees: unmodified `jaeger-client` for Node (Thrift binary, 6832) and Python (Thrift compact, 6831) and the
//! OpenTelemetry SDKs for Python (OTLP over gRPC and HTTP) and Node (OTLP as JSON) are understood in every value type
//! that each has; ids of 64 and 128 bits, flags, references, logs and processes arrive as they were sent.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::http;
use jaeger_tests::opentelemetry::OtelSpan;
use jaeger_tests::peers::{self, Sent};
use jaeger_tests::server::Server;
use jaeger_tests::span::{Span, Tag};
use jaeger_tests::wait::wait_for;
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(15);
const FRONT: &str = "front <shop>";
const BACK: &str = "back";

#[tokio::test]
async fn jaeger_client_for_node_with_64_bit_ids() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let sent = node_jaeger_client(&server, false).await?;
    ensure!(sent.spans.iter().all(|span| span.trace_id.len() == 16), "64-bit ids are 16 digits");
    check(&server, sent).await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn jaeger_client_for_node_with_128_bit_ids() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let sent = node_jaeger_client(&server, true).await?;
    ensure!(sent.spans.iter().any(|span| span.trace_id.len() == 32), "128-bit ids are 32 digits");
    check(&server, sent).await?;
    server.stop().await.map(drop)
}

/// The agent of this test is a process of its own; its collector is all-in-one's port 14250.
#[tokio::test]
async fn jaeger_client_for_python_through_the_separate_agent() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let collector = format!("--reporter.grpc.host-port={}", server.address("collector.grpc")?);
    let agent = Server::start(Binary::Agent, &[&collector]).await?;
    let sent = python_jaeger_client(&agent, true).await?;
    let spans = sent.spans.len() as u64;
    check(&server, sent).await?;
    let ledger = agent.stop().await?.ledger()?;
    ensure!(ledger.pointer("/agent/spans/acknowledged") == Some(&Value::from(spans)), "the agent's ledger: {ledger}");
    let ledger = server.stop().await?.ledger()?;
    ensure!(ledger.pointer("/collector/stored") == Some(&Value::from(spans)), "the collector's ledger: {ledger}");
    Ok(())
}

#[tokio::test]
async fn jaeger_client_for_python_with_64_bit_ids() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let sent = python_jaeger_client(&server, false).await?;
    check(&server, sent).await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn opentelemetry_for_python_over_grpc() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let endpoint = server.address("collector.otlp.grpc")?.to_string();
    let settings = json!({"protocol": "grpc", "endpoint": endpoint, "front": FRONT, "back": BACK});
    check(&server, opentelemetry(peers::python("otel_send.py", &settings).await?)?).await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn opentelemetry_for_python_over_http() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let settings = json!({"protocol": "http", "endpoint": traces_url(&server)?, "front": FRONT, "back": BACK});
    check(&server, opentelemetry(peers::python("otel_send.py", &settings).await?)?).await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn opentelemetry_for_node_over_http_as_json() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let settings = json!({"url": traces_url(&server)?, "front": FRONT, "back": BACK});
    check(&server, opentelemetry(peers::node("otlp_http_json.js", &settings).await?)?).await?;
    server.stop().await.map(drop)
}

/// The client asks 5778 for its strategy, and says in the span's tags which one it followed.
#[tokio::test]
async fn jaeger_client_for_node_follows_the_strategy_of_the_agent() -> Result<()> {
    let strategies = r#"{"service_strategies": [{"service": "front <shop>", "type": "ratelimiting", "param": 7}]}"#;
    let flags = ["--sampling.strategies-file=strategies.json"];
    let server = Server::start_with_files(Binary::AllInOne, &flags, &[("strategies.json", strategies)]).await?;
    let agent = server.address("agent.jaeger-binary")?;
    let sampling = json!({"hostPort": server.address("agent.http")?.to_string(), "expect": 7});
    let settings = json!({
        "host": agent.ip().to_string(), "port": agent.port(), "front": FRONT, "back": BACK,
        "traceId128bit": false, "sampling": sampling,
    });
    let sent: Sent<Span> = peers::node("jaeger_client.js", &settings).await?;
    let tags = &sent.spans.first().context("no span was sampled")?.tags;
    ensure!(tags.contains(&Tag::new("sampler.type", "string", "ratelimiting")), "{tags:?}");
    check_spans(&server, FRONT, &sent).await?;
    server.stop().await.map(drop)
}

async fn node_jaeger_client(server: &Server, wide_ids: bool) -> Result<Sent<Span>> {
    let agent = server.address("agent.jaeger-binary")?;
    peers::node("jaeger_client.js", &jaeger_settings(agent, wide_ids)).await
}

async fn python_jaeger_client(server: &Server, wide_ids: bool) -> Result<Sent<Span>> {
    let agent = server.address("agent.jaeger-compact")?;
    peers::python("jaeger_client_send.py", &jaeger_settings(agent, wide_ids)).await
}

fn jaeger_settings(agent: std::net::SocketAddr, wide_ids: bool) -> Value {
    json!({
        "host": agent.ip().to_string(), "port": agent.port(),
        "front": FRONT, "back": BACK, "traceId128bit": wide_ids,
    })
}

fn opentelemetry(sent: Sent<OtelSpan>) -> Result<Sent<Span>> {
    let spans = sent.spans.iter().map(OtelSpan::in_jaeger).collect::<Result<_>>()?;
    Ok(Sent { spans, not_sampled: sent.not_sampled })
}

fn traces_url(server: &Server) -> Result<String> {
    Ok(format!("http://{}/v1/traces", server.address("collector.otlp.http")?))
}

/// Both services are found, the operations are listed, and every span is given back as it was sent.
async fn check(server: &Server, sent: Sent<Span>) -> Result<()> {
    check_spans(server, FRONT, &sent).await?;
    let services = json_of(server, "/api/services").await?;
    ensure!(list(&services) == [BACK, FRONT], "services: {services}");
    for service in [FRONT, BACK] {
        let path = format!("/api/services/{}/operations", encoded(service));
        let operations = json_of(server, &path).await?;
        let of_service = sent.spans.iter().filter(|span| span.process.service_name == service);
        let mut expected: Vec<_> = of_service.map(|span| span.operation_name.as_str()).collect();
        expected.sort_unstable();
        expected.dedup();
        ensure!(list(&operations) == expected, "operations of {service}: {operations}");
    }
    Ok(())
}

/// The spans found by a search for `service` (whose traces hold all that was sent) are exactly those that were sent.
async fn check_spans(server: &Server, service: &str, sent: &Sent<Span>) -> Result<()> {
    ensure!(!sent.spans.is_empty(), "the client sent nothing");
    let mut expected: Vec<_> = sent.spans.iter().map(|span| as_stored(span.clone())).collect();
    expected.sort_by_key(|span| span.span_id.clone());
    let path = format!("/api/traces?service={}&lookback=1h&limit=100", encoded(service));
    let found = wait_for("the spans that were sent", DEADLINE, async || {
        let answer = json_of(server, &path).await?;
        let traces = answer.get("data").and_then(Value::as_array).context("no data")?;
        let found = traces.iter().map(Span::of_trace).collect::<Result<Vec<_>>>()?.concat();
        ensure!(found.len() >= expected.len(), "{} of {} spans are there", found.len(), expected.len());
        Ok(found)
    });
    let mut found = found.await?;
    found.sort_by_key(|span| span.span_id.clone());
    for (found, expected) in found.iter().zip(&expected) {
        ensure!(found == expected, "a span came back changed\n  sent:  {}\n  found: {}", text(expected)?, text(found)?);
    }
    ensure!(found.len() == expected.len(), "{} spans were sent, {} found", expected.len(), found.len());
    for id in &sent.not_sampled {
        ensure!(!found.iter().any(|span| span.span_id == *id), "span {id} was not sampled and yet is there");
    }
    Ok(())
}

/// The collector adds one tag, which names the last wire: the agent hands on in api_v2.
fn as_stored(mut span: Span) -> Span {
    if !span.tags.iter().any(|tag| tag.key == "internal.span.format") {
        span.tags.push(Tag::new("internal.span.format", "string", "proto"));
    }
    span.in_order()
}

async fn json_of(server: &Server, path: &str) -> Result<Value> {
    let text = http::get_text(server.address("query.http")?, path).await?;
    serde_json::from_str(&text).with_context(|| format!("GET {path}: {text}"))
}

fn list(answer: &Value) -> Vec<&str> {
    let data = answer.get("data").and_then(Value::as_array);
    let mut names: Vec<_> = data.into_iter().flatten().filter_map(Value::as_str).collect();
    names.sort_unstable();
    names
}

fn encoded(text: &str) -> String {
    text.replace(' ', "%20").replace('<', "%3C").replace('>', "%3E")
}

fn text(span: &Span) -> Result<String> {
    Ok(serde_json::to_string(span)?)
}
