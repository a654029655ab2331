//! A collector over a Cassandra that somebody started, whose keyspace `jaeger_v1_test` is made: `CASSANDRA_SERVER`, and `CASSANDRA_PID`
//! where its own CPU is wanted.

use anyhow::Context as _;

use super::report::{Report, Unit};
use super::{ingest, millis};
use crate::observe;
use crate::profile::Profile;
use crate::send::grpc;
use crate::server::Server;
use crate::wire::{Payloads, Wire};

const SPANS: usize = 50_000;
const GOAL: f64 = 60.0;
const WORK: &str = "collector, api_v2 gRPC, Cassandra: CPU";
/// As Go's agent sends: so many workers, each with one packet's spans under way.
const SENDERS: usize = 10;
const SPANS_EACH: usize = 20;

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
    waiting_senders(report, &collector, figures.sent.rate()).await
}

/// A counter over all tables.
async fn sum(collector: &Server, name: &str) -> anyhow::Result<f64> {
    let lines = collector.metrics(&format!("{name}{{")).await?;
    let values = lines.iter().filter_map(|line| line.rsplit(' ').next());
    values.map(|value| value.parse::<f64>().with_context(|| format!("{name} {value}"))).sum()
}

/// Senders that wait for each answer, beside what the same store takes flat out.
async fn waiting_senders(report: &mut Report, collector: &Server, flat_out: f64) -> anyhow::Result<()> {
    let payloads = Payloads::encode_in(SPANS_EACH, Profile::Plain, Wire::ApiV2, SPANS / 4, 2, ingest::now()?)?;
    let sent = grpc::send(&collector.port("collector.grpc")?, Wire::ApiV2, &payloads, SENDERS).await?;
    let requests = sent.spans as f64 / SPANS_EACH as f64;
    let mean = millis(sent.wall) * SENDERS as f64 / requests.max(1.0);
    report.note(format!(
        "Cassandra, {SENDERS} senders of {SPANS_EACH} spans each that wait: {:.0} spans/s, {:.0} % of flat out; {mean:.1} ms an answer in the mean",
        sent.rate(),
        sent.rate() * 100.0 / flat_out.max(1.0),
    ));
    Ok(())
}
