//! The OpenTelemetry Collector on the other side of ours, by its own modules, and the remote sampler of its SDK.
//!
//! Guarantees: its jaeger exporter (of 0.85, the last release line that had it) delivers api_v2 to our collector; its
//! jaeger receiver takes what our agent reports; and `jaegerremote` follows the strategies of 5778, an operation's too.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::http;
use jaeger_tests::peers::{self, Sent};
use jaeger_tests::port;
use jaeger_tests::server::Server;
use jaeger_tests::span::Span;
use jaeger_tests::wait::wait_for;
use serde::Deserialize;
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(15);

#[tokio::test]
async fn its_jaeger_exporter_delivers_to_our_collector() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let address = server.address("collector.grpc")?.to_string();
    let settings = json!({"role": "exporter", "address": address, "service": "otelcol"});
    let sent: Sent<Span> = peers::go("otelcol", &settings).await?;
    let expected: Vec<_> = sent.spans.into_iter().map(Span::in_order).collect();
    let found = wait_for("the exporter's spans", DEADLINE, async || {
        let text = http::get_text(server.address("query.http")?, "/api/traces?service=otelcol").await?;
        let answer: Value = serde_json::from_str(&text)?;
        let trace = answer.pointer("/data/0").context("no trace")?;
        Span::of_trace(trace)
    });
    let found = found.await?;
    ensure!(found == expected, "sent {expected:#?}\nfound {found:#?}");
    server.stop().await.map(drop)
}

/// What the receiver made of a span.
#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
struct Received {
    trace_id: String,
    span_id: String,
    name: String,
    service: String,
}

#[tokio::test]
async fn its_jaeger_receiver_takes_what_our_agent_reports() -> Result<()> {
    peers::go_program("otelcol")?;
    let address = port::free()?;
    let agent = Server::start(Binary::Agent, &[&format!("--reporter.grpc.host-port={address}")]).await?;
    let compact = agent.address("agent.jaeger-compact")?;
    let settings = json!({
        "host": compact.ip().to_string(), "port": compact.port(), "front": "front", "back": "back", "traceId128bit": true,
    });
    // Its receiver is not there yet: the agent holds.
    let sent: Sent<Span> = peers::python("jaeger_client_send.py", &settings).await?;
    let settings = json!({"role": "receiver", "address": address, "expect": sent.spans.len()});
    let received: Vec<Received> = peers::go("otelcol", &settings).await?;
    let expected: BTreeSet<_> = sent
        .spans
        .into_iter()
        .map(|span| Received {
            trace_id: span.trace_id,
            span_id: span.span_id,
            name: span.operation_name,
            service: span.process.service_name,
        })
        .collect();
    ensure!(received.into_iter().collect::<BTreeSet<_>>() == expected, "{expected:#?} were sent");
    let ledger = agent.stop().await?.ledger()?;
    let acknowledged = ledger.pointer("/agent/spans/acknowledged");
    ensure!(acknowledged == Some(&expected.len().into()), "the agent's ledger: {ledger}");
    Ok(())
}

#[tokio::test]
async fn its_remote_sampler_follows_the_strategies_of_our_agent() -> Result<()> {
    let strategies = r#"{"service_strategies": [{"service": "shop", "type": "probabilistic", "param": 0,
        "operation_strategies": [{"operation": "always", "type": "probabilistic", "param": 1},
                                 {"operation": "never", "type": "probabilistic", "param": 0}]},
        {"service": "all", "type": "probabilistic", "param": 1}]}"#;
    let flags = ["--sampling.strategies-file=strategies.json"];
    let server = Server::start_with_files(Binary::AllInOne, &flags, &[("strategies.json", strategies)]).await?;
    let collector = format!("--reporter.grpc.host-port={}", server.address("collector.grpc")?);
    let agent = Server::start(Binary::Agent, &[&collector]).await?;
    for (service, expected) in [("shop", [true, false]), ("all", [true, true])] {
        let url = format!("http://{}/sampling", agent.address("agent.http")?);
        let settings = json!({"url": url, "service": service, "sampled": "always", "operations": ["always", "never"]});
        let decisions: BTreeMap<String, bool> = peers::go("jaegerremote", &settings).await?;
        let decided = ["always", "never"].map(|operation| decisions.get(operation).copied());
        ensure!(decided == expected.map(Some), "{service}: {decisions:?}");
    }
    agent.stop().await?;
    server.stop().await.map(drop)
}
