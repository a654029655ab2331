//! TChannel with its real library: an agent and a collector of up to 1.17, as far as the wire goes, on the other side of ours.
//!
//! Guarantees: `github.com/uber/tchannel-go` submits spans of every type, a call of a megabyte in fragments, questions about
//! sampling and the Meta methods to our collector; our agent, told so by the flags of 1.6 or of 1.9 and later, delivers
//! to its server what an unmodified client sent, after it was busy too; and both of ours speak it with each other.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::peers::{self, Sent};
use jaeger_tests::server::Server;
use jaeger_tests::span::{Span, Tag};
use jaeger_tests::wait::wait_for;
use jaeger_tests::{http, port};
use serde::Deserialize;
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(30);
const FRONT: &str = "front";
const BACK: &str = "back";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Submitted {
    spans: Vec<Span>,
    bulk_spans: usize,
    bulk_bytes: usize,
    sampling_rate: f64,
}

/// What a server of the real library got.
#[derive(Debug, Deserialize)]
struct Received {
    spans: Vec<Span>,
    calls: usize,
}

#[tokio::test]
async fn the_real_library_submits_to_our_collector() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let address = server.address("collector.tchannel")?.to_string();
    let settings = json!({"role": "client", "address": address, "front": FRONT, "back": BACK});
    let sent: Submitted = peers::go("tchannel", &settings).await?;
    ensure!(sent.bulk_bytes > 1 << 20, "{} bytes in one call", sent.bulk_bytes);
    ensure!((sent.sampling_rate - 0.001).abs() < 1e-12, "the default strategy, not {}", sent.sampling_rate);
    let mut expected: Vec<Span> = sent.spans.into_iter().map(as_stored).collect();
    let mut found = [spans_of(&server, FRONT).await?, spans_of(&server, BACK).await?].concat();
    let bulk = spans_of(&server, "bulk").await?;
    ensure!(bulk.len() == sent.bulk_spans, "{} of {} spans of the large call", bulk.len(), sent.bulk_spans);
    // A trace is found by both of its services.
    found.retain(|span| span.process.service_name != "bulk");
    same(&mut found, &mut expected)?;
    let metrics = http::get_text(server.address("admin")?, "/metrics").await?;
    let received =
        r#"jaeger_collector_spans_received_total{debug="false",format="jaeger",svc="bulk",transport="tchannel"}"#;
    let line =
        metrics.lines().find_map(|line| line.strip_prefix(received)).context("no spans counted as TChannel's")?;
    ensure!(line.trim() == sent.bulk_spans.to_string(), "{line} spans counted");
    let ledger = server.stop().await?.ledger()?;
    let stored = (sent.bulk_spans + expected.len()) as u64;
    ensure!(ledger.pointer("/collector/stored") == Some(&Value::from(stored)), "the collector's ledger: {ledger}");
    Ok(())
}

/// The flag is that of 1.6, and the collector appears after the spans: the agent has held them.
#[tokio::test]
async fn our_agent_delivers_to_the_real_library() -> Result<()> {
    peers::go_program("tchannel")?;
    let address = port::free()?;
    let agent = Server::start(Binary::Agent, &[&format!("--collector.host-port={address}")]).await?;
    let sent = python(&agent).await?;
    let settings = json!({"role": "server", "address": address, "expect": sent.spans.len(), "questions": 1, "busy": 2});
    let asking = wait_for("the collector's strategy", DEADLINE, async || {
        let answer = http::get_text(agent.address("agent.http")?, "/sampling?service=front").await?;
        ensure!(answer.contains("\"samplingRate\":0.25"), "{answer}");
        Ok(())
    });
    let (received, asked) = tokio::join!(peers::go::<Received>("tchannel", &settings), asking);
    asked?;
    let received = received?;
    ensure!(received.calls >= 3, "two calls were answered busy, and {} made", received.calls);
    let mut found: Vec<Span> = received.spans.into_iter().map(Span::in_order).collect();
    same(&mut found, &mut sent.spans.into_iter().map(Span::in_order).collect())?;
    let metrics = http::get_text(agent.address("admin")?, "/metrics").await?;
    let submitted = r#"jaeger_agent_reporter_spans_submitted_total{format="jaeger",protocol="tchannel"}"#;
    ensure!(metrics.contains(&format!("{submitted} {}", found.len())), "{metrics}");
    let ledger = agent.stop().await?.ledger()?;
    ensure!(ledger.pointer("/agent/spans/acknowledged") == Some(&found.len().into()), "the agent's ledger: {ledger}");
    Ok(())
}

#[tokio::test]
async fn our_agent_and_our_collector_speak_it_with_each_other() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let collector = format!("--reporter.tchannel.host-port={}", server.address("collector.tchannel")?);
    let agent = Server::start(Binary::Agent, &["--reporter.type=tchannel", &collector]).await?;
    let sent = python(&agent).await?;
    let spans = sent.spans.len() as u64;
    let stored = async || {
        let mut found = spans_of(&server, "front <shop>").await?;
        let mut expected: Vec<Span> = sent.spans.iter().cloned().map(as_stored).collect();
        same(&mut found, &mut expected)
    };
    wait_for("the spans that were sent", DEADLINE, stored).await?;
    let ledger = agent.stop().await?.ledger()?;
    ensure!(ledger.pointer("/agent/spans/acknowledged") == Some(&spans.into()), "the agent's ledger: {ledger}");
    let ledger = server.stop().await?.ledger()?;
    ensure!(ledger.pointer("/collector/stored") == Some(&spans.into()), "the collector's ledger: {ledger}");
    let from_agents = ledger.pointer("/collector/stored_from_agents");
    ensure!(from_agents == Some(&spans.into()), "an agent of ours is known as one: {ledger}");
    Ok(())
}

/// An unmodified client sends its story to an agent.
async fn python(agent: &Server) -> Result<Sent<Span>> {
    let compact = agent.address("agent.jaeger-compact")?;
    let settings = json!({
        "host": compact.ip().to_string(), "port": compact.port(),
        "front": "front <shop>", "back": "back", "traceId128bit": true,
    });
    peers::python("jaeger_client_send.py", &settings).await
}

/// All spans of the traces in which a service is.
async fn spans_of(server: &Server, service: &str) -> Result<Vec<Span>> {
    let service = service.replace(' ', "%20").replace('<', "%3C").replace('>', "%3E");
    let path = format!("/api/traces?service={service}&lookback=1h&limit=5000");
    let text = http::get_text(server.address("query.http")?, &path).await?;
    let answer: Value = serde_json::from_str(&text).with_context(|| format!("GET {path}: {text}"))?;
    let traces = answer.get("data").and_then(Value::as_array).context("no data")?;
    Ok(traces.iter().map(Span::of_trace).collect::<Result<Vec<_>>>()?.concat())
}

/// The same spans, each once, in whatever order.
fn same(found: &mut Vec<Span>, expected: &mut Vec<Span>) -> Result<()> {
    for spans in [&mut *found, &mut *expected] {
        spans.sort_by_key(|span| (span.trace_id.clone(), span.span_id.clone()));
    }
    found.dedup();
    ensure!(found.len() == expected.len(), "{} spans were sent, {} found", expected.len(), found.len());
    for (found, expected) in found.iter().zip(expected.iter()) {
        ensure!(found == expected, "a span came back changed\n  sent:  {expected:?}\n  found: {found:?}");
    }
    Ok(())
}

/// The collector adds one tag, which names the wire.
fn as_stored(mut span: Span) -> Span {
    span.tags.push(Tag::new("internal.span.format", "string", "jaeger"));
    span.in_order()
}
