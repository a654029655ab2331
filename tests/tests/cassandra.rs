//! Cassandra 5, the real one, with processes of their own in front: `jaeger-cassandra-schema` makes the tables, a real client's spans go
//! through agent and collector, and come back whole from query. What the store does by itself is tested where it is
//! (`crates/storage-cassandra/tests`).

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jaeger_test_servers::cassandra::{Cassandra, Setup};
use jaeger_tests::binaries::Binary;
use jaeger_tests::http;
use jaeger_tests::peers::{self, Sent};
use jaeger_tests::server::Server;
use jaeger_tests::span::{Span, Tag};
use jaeger_tests::wait::wait_for;
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_real_clients_spans_go_through_processes_of_their_own_and_come_back_whole() -> Result<()> {
    let node = Cassandra::start(Setup::V5)?;
    schema(&node, "e2e")?;
    schema(&node, "e2e_archive")?;
    let servers = format!("--cassandra.servers={}", node.address());
    let flags = [
        "--span-storage.type=cassandra",
        servers.as_str(),
        "--cassandra.keyspace=e2e",
        "--cassandra-archive.enabled",
        "--cassandra-archive.keyspace=e2e_archive",
    ];
    let collector = Server::start(Binary::Collector, &flags).await?;
    let query = Server::start(Binary::Query, &flags).await?;
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
    let services = json_of(&query, "/api/services").await?;
    ensure!(services["data"] == json!(["back", "front"]), "{services}");
    agent.stop().await?;
    // Its stop counts the links that it holds.
    let ledger = collector.stop().await?.ledger()?;
    ensure!(ledger.pointer("/collector/stored") == Some(&Value::from(expected.len())), "{ledger}");
    let links = json_of(&query, "/api/dependencies?lookback=3600000").await?;
    ensure!(links["data"].as_array().is_some_and(|links| !links.is_empty()), "{links}");
    query.stop().await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_names_a_keyspace_that_is_not_there_ends_with_the_flag() -> Result<()> {
    let node = Cassandra::shared()?;
    let servers = format!("--cassandra.servers={}", node.address());
    let flags = ["--span-storage.type=cassandra", servers.as_str(), "--cassandra.keyspace=nowhere"];
    let refusal = Server::refuse(Binary::Collector, &flags, &[]).await?;
    ensure!(refusal.status.code() == Some(1), "{}", refusal.log);
    ensure!(refusal.log.contains("--cassandra.keyspace: the keyspace nowhere is not there"), "{}", refusal.log);
    Ok(())
}

fn schema(node: &Cassandra, keyspace: &str) -> Result<()> {
    let output = Command::new(Binary::CassandraSchema.path()?)
        .env("CQLSH_HOST", node.address().ip().to_string())
        .env("CQLSH_PORT", node.address().port().to_string())
        .env("KEYSPACE", keyspace)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}");
    ensure!(said.contains(&format!("The keyspace {keyspace} on ")), "{said}");
    Ok(())
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
