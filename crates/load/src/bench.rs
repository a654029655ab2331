//! `make bench`: the figures of `docs/performance.md`, measured from outside over the real binaries, each beside its goal.

mod agent;
mod big;
mod cassandra;
mod disk;
mod elasticsearch;
mod embedded;
mod ingest;
mod queries;
mod remote;
mod report;
mod settle;
mod waiting;

use std::path::PathBuf;

use anyhow::Context as _;

use crate::profile::Profile;
use crate::server::Server;
use crate::wire::Wire;
use report::{Report, Unit};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Spans into a store, each run.
    pub spans: usize,
    /// Runs of each rate into the agent.
    pub runs: usize,
    /// Spans into the store that is searched while it is large; a fifth of them in profile real.
    pub big_spans: usize,
}

impl Extent {
    /// What the goals are about.
    pub const FULL: Self = Self { spans: 1_000_000, runs: 5, big_spans: 10_000_000 };
    /// A look in two minutes.
    pub const QUICK: Self = Self { spans: 200_000, runs: 1, big_spans: 1_000_000 };
}

/// What is measured.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// How much.
    pub extent: Extent,
    /// One part of it: one of [`PARTS`].
    pub only: Option<String>,
    /// The part that takes minutes too.
    pub big: bool,
    /// Where stores lie that are on a disk; otherwise beside this program.
    pub disk: Option<PathBuf>,
}

/// The parts, the one that takes minutes last.
pub const PARTS: [&str; 7] = ["memory", "agent", "embedded", "remote", "elasticsearch", "cassandra", "big"];

/// Measures everything and prints the table; never fails because of a figure.
///
/// # Errors
/// When a server does not start or a request fails.
pub async fn run(wanted: Wanted) -> anyhow::Result<()> {
    let Wanted { extent, only, big, disk } = wanted;
    let disk = disk.as_deref();
    let mut report = Report::new();
    let asked = |part: &str| only.as_deref().is_none_or(|only| only == part);
    if asked("memory") {
        idle(&mut report).await?;
        for profile in [Profile::Plain, Profile::Real] {
            memory(&mut report, profile, extent).await.with_context(|| format!("measuring profile {profile:?}"))?;
        }
    }
    if asked("embedded") {
        embedded::measure(&mut report, extent, disk).await.context("measuring the embedded store")?;
    }
    if asked("remote") {
        remote::measure(&mut report, extent, disk).await.context("measuring jaeger-remote-storage")?;
    }
    if big || only.as_deref() == Some("big") {
        big::measure(&mut report, extent, disk).await.context("measuring a large embedded store")?;
    }
    if asked("agent") {
        agent::measure(&mut report, extent).await.context("measuring the agent")?;
    }
    if asked("elasticsearch") {
        elasticsearch::measure(&mut report).await.context("measuring Elasticsearch")?;
    }
    if asked("cassandra") {
        cassandra::measure(&mut report).await.context("measuring Cassandra")?;
    }
    if let Some(peer) = std::env::var("PEER_ALL_IN_ONE").ok().filter(|line| !line.trim().is_empty()) {
        compare(&mut report, &peer, extent).await.context("measuring PEER_ALL_IN_ONE")?;
    }
    report.print();
    Ok(())
}

/// An empty all-in-one: time to ready, and memory five seconds later.
async fn idle(report: &mut Report) -> anyhow::Result<()> {
    let server = Server::start("jaeger-all-in-one", &[]).await?;
    report.figure("idle all-in-one: start to ready", Unit::Milliseconds, millis(server.ready_after), Some(100.0));
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    let resident = crate::observe::resident_bytes(server.pid())?;
    report.figure("idle all-in-one: resident memory", Unit::Megabytes, megabytes(resident), Some(10.0));
    Ok(())
}

/// The rows of the memory store: one run of one binary for ingest, memory and queries; another for each other wire.
async fn memory(report: &mut Report, profile: Profile, extent: Extent) -> anyhow::Result<()> {
    let goals = match profile {
        Profile::Plain => (0.9, 120.0),
        Profile::Real => (2.0, 220.0),
    };
    let name = profile_name(profile);
    let server = Server::start("jaeger-all-in-one", &[]).await?;
    let figures = ingest::measure(&server, profile, Wire::ApiV2, extent.spans).await?;
    report.figure(
        &format!("collector, api_v2 gRPC, memory: CPU ({name})"),
        Unit::CpuSeconds,
        figures.cpu,
        Some(goals.0),
    );
    report.figure(&format!("memory store: held per span ({name})"), Unit::Bytes, figures.bytes_per_span, Some(goals.1));
    report.note(format!("api_v2, {name}: {:.0} spans/s over 4 connections", figures.sent.rate()));
    for query in queries::measure(&server, profile).await? {
        let goal = query.goal_ms.filter(|_| profile == Profile::Plain);
        report.figure(&format!("{} p50 ({name})", query.name), Unit::Milliseconds, query.p50_ms, goal);
        report.note(format!("{}, {name}: p99 {:.2} ms, {:.1} kB an answer", query.name, query.p99_ms, query.kilobytes));
    }
    drop(server);

    let wires = [
        ("OTLP gRPC", Wire::OtlpGrpc, Some(goals.0)),
        ("OTLP HTTP", Wire::OtlpHttp, None),
        ("Thrift HTTP", Wire::ThriftHttp, Some(goals.0)),
        ("TChannel", Wire::Tchannel, None),
        ("Zipkin v2 JSON", Wire::ZipkinJson, None),
    ];
    for (wire_name, wire, goal) in wires {
        let server = Server::start("jaeger-all-in-one", &["--collector.zipkin.host-port=127.0.0.1:0"]).await?;
        let figures = ingest::measure(&server, profile, wire, extent.spans).await?;
        report.figure(&format!("collector, {wire_name}, memory: CPU ({name})"), Unit::CpuSeconds, figures.cpu, goal);
        report.note(format!("{wire_name}, {name}: {:.0} spans/s over 4 connections", figures.sent.rate()));
    }
    Ok(())
}

/// The same measurements on another server, and the ratio to ours of the same run.
async fn compare(report: &mut Report, command_line: &str, extent: Extent) -> anyhow::Result<()> {
    let ports = serde_json::json!({
        "collector.grpc": "127.0.0.1:14250", "collector.otlp.grpc": "127.0.0.1:4317", "query.http": "127.0.0.1:16686",
    });
    let ports = ports.as_object().cloned().unwrap_or_default();
    for wire in [Wire::ApiV2, Wire::OtlpGrpc] {
        let ours = Server::start("jaeger-all-in-one", &[]).await?;
        let own = ingest::measure(&ours, Profile::Plain, wire, extent.spans).await?;
        let own_queries = queries::measure(&ours, Profile::Plain).await?;
        drop(ours);
        let peer = Server::start_peer(command_line, ports.clone()).await?;
        let theirs = ingest::measure(&peer, Profile::Plain, wire, extent.spans).await?;
        report.ratio(&format!("{wire:?}, memory, plain: CPU seconds"), theirs.cpu, own.cpu);
        report.ratio(&format!("{wire:?}, memory, plain: bytes a span"), theirs.bytes_per_span, own.bytes_per_span);
        for (own, their) in own_queries.iter().zip(queries::measure(&peer, Profile::Plain).await?) {
            report.ratio(&format!("{wire:?}: {} p50 ms", own.name), their.p50_ms, own.p50_ms);
        }
    }
    Ok(())
}

fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Plain => "plain",
        Profile::Real => "real",
    }
}

fn millis(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}
