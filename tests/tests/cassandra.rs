//! Cassandra 5, the real one, with processes of their own in front: `jaeger-cassandra-schema` makes the tables, a real client's spans go
//! through agent and collector, and come back whole from query. What the store does by itself is tested where it is
//! (`crates/storage-cassandra/tests`).

use std::process::Command;

use anyhow::{Result, ensure};
use jaeger_test_servers::cassandra::{Cassandra, Setup};
use jaeger_tests::binaries::Binary;
use jaeger_tests::separate::spans_come_back_whole;
use jaeger_tests::server::Server;

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
    spans_come_back_whole(&flags).await
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
