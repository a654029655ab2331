//! A store that processes share: a real client's spans go through an agent and a collector, and come back whole from a query, each a
//! process of its own.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::binaries::Binary;
use crate::http;
use crate::peers::{self, Sent};
use crate::server::Server;
use crate::span::{Span, Tag};
use crate::wait::wait_for;

const DEADLINE: Duration = Duration::from_secs(60);

/// `flags` name the store. It may show services and links somewhat later than spans.
pub async fn spans_come_back_whole(flags: &[&str]) -> Result<()> {
    let collector = Server::start(Binary::Collector, flags).await?;
    let query = Server::start(Binary::Query, flags).await?;
    let reporter = format!("--reporter.grpc.host-port={}", collector.address("collector.grpc")?);
    let agent = Server::start(Binary::Agent, &[&reporter]).await?;
    let compact = agent.address("agent.jaeger-compact")?;
    let settings = json!({
        "host": compact.ip().to_string(), "port": compact.port(), "front": "front", "back": "back", "traceId128bit": true,
    });
    let sent: Sent<Span> = peers::python("jaeger_client_send.py", &settings).await?;
    let mut expected: Vec<Span> = sent.spans.into_iter().map(as_stored).collect();
    expected.sort_by_key(|span| span.span_id.clone());
    let mut found = wait_for("the spans that were sent", DEADLINE, async || {
        let answer = json_of(&query, "/api/traces?service=front&lookback=1h&limit=100").await?;
        let traces = answer.get("data").and_then(Value::as_array).context("no data")?;
        let found = traces.iter().map(Span::of_trace).collect::<Result<Vec<_>>>()?.concat();
        ensure!(found.len() >= expected.len(), "{} of {} spans are there", found.len(), expected.len());
        Ok(found)
    })
    .await?;
    found.sort_by_key(|span| span.span_id.clone());
    ensure!(found == expected, "sent {}, found {}", serde_json::to_string(&expected)?, serde_json::to_string(&found)?);
    wait_for("the services", DEADLINE, async || {
        let services = json_of(&query, "/api/services").await?;
        ensure!(services["data"] == json!(["back", "front"]), "{services}");
        Ok(())
    })
    .await?;
    agent.stop().await?;
    // Its stop counts the links that it holds.
    let ledger = collector.stop().await?.ledger()?;
    ensure!(ledger.pointer("/collector/stored") == Some(&Value::from(expected.len())), "{ledger}");
    wait_for("the links of the collector's last round", DEADLINE, async || {
        let links = json_of(&query, "/api/dependencies?lookback=3600000").await?;
        ensure!(links["data"].as_array().is_some_and(|links| !links.is_empty()), "{links}");
        Ok(())
    })
    .await?;
    query.stop().await.map(drop)
}

/// The collector adds one tag, which names the last wire: the agent hands on in api_v2.
fn as_stored(mut span: Span) -> Span {
    span.tags.push(Tag::new("internal.span.format", "string", "proto"));
    span.in_order()
}

async fn json_of(query: &Server, path: &str) -> Result<Value> {
    let text = http::get_text(query.address("query.http")?, path).await?;
    serde_json::from_str(&text).with_context(|| format!("GET {path}: {text}"))
}
