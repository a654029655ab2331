//! A collector over a Cassandra that somebody started, whose keyspace `jaeger_v1_test` is made: `CASSANDRA_SERVER`, and `CASSANDRA_PID`
//! where its own CPU is wanted.

use anyhow::Context as _;

use super::report::{Report, Unit};
use super::{ingest, waiting};
use crate::observe;
use crate::profile::Profile;
use crate::server::Server;
use crate::wire::Wire;

const SPANS: usize = 50_000;
const GOAL: f64 = 60.0;
const WORK: &str = "collector, api_v2 gRPC, Cassandra: CPU";

pub(super) async fn measure(report: &mut Report) -> anyhow::Result<()> {
    let Some(server) = std::env::var("CASSANDRA_SERVER").ok().filter(|server| !server.is_empty()) else {
        report.not_yet(WORK);
        report.note("Cassandra: name a node in CASSANDRA_SERVER, and its process in CASSANDRA_PID".to_owned());
        return Ok(());
    };
    let pid: Option<u32> = std::env::var("CASSANDRA_PID").ok().and_then(|pid| pid.parse().ok());
    let flag = format!("--cassandra.servers={server}");
    let started = Server::start_over("cassandra", "jaeger-collector", &[&flag]).await;
    let collector = started.context("is CASSANDRA_SERVER right, and its keyspace made by jaeger-cassandra-schema?")?;
    let before = pid.map(observe::cpu).transpose()?;
    let figures = ingest::measure(&collector, Profile::Plain, Wire::ApiV2, SPANS).await?;
    report.figure(WORK, Unit::CpuSeconds, figures.cpu, Some(GOAL));
    let spans = figures.sent.spans as f64;
    if let (Some(pid), Some(before)) = (pid, before) {
        let own = (observe::cpu(pid)? - before).as_secs_f64() * 1e6 / spans;
        report.figure("Cassandra's own CPU", Unit::CpuSeconds, own, None);
    }
    let statements = sum(&collector, "jaeger_cassandra_statements_total").await? / spans;
    let rows = sum(&collector, "jaeger_cassandra_inserts_total").await? / spans;
    report.note(format!(
        "Cassandra: {:.0} spans/s over 4 connections; {statements:.1} statements and {rows:.1} rows a span",
        figures.sent.rate()
    ));
    waiting::measure(report, "Cassandra", &collector, SPANS / 4, figures.sent.rate()).await
}

/// A counter over all tables.
async fn sum(collector: &Server, name: &str) -> anyhow::Result<f64> {
    let lines = collector.metrics(&format!("{name}{{")).await?;
    let values = lines.iter().filter_map(|line| line.rsplit(' ').next());
    values.map(|value| value.parse::<f64>().with_context(|| format!("{name} {value}"))).sum()
}
