//! What was acknowledged is there after the process was killed, and a full disk loses nothing.
//!
//! Guarantees: of a real `jaeger-all-in-one` that dies by SIGKILL, at any time and at every step on the way to the disk, each
//! request over OTLP that got its OK is found by id and by search after the next start, no span is invented and none comes
//! twice; on a full file system requests are refused and counted, reads go on, also after a start, and with room again
//! writes go on without one.
//!
//! `KILL_ROUNDS` says how often each phase is gone through: once unless it is set, 50 times in `make chaos`.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use jaeger_tests::acknowledged::{Sent, request};
use jaeger_tests::binaries::Binary;
use jaeger_tests::ledger::{Ledger, total};
use jaeger_tests::server::Server;
use jaeger_tests::volume::Volume;
use jaeger_tests::wait::wait_for;
use jaeger_tests::{http, program};

const DEADLINE: std::time::Duration = std::time::Duration::from_secs(30);

fn rounds() -> Result<u64> {
    match std::env::var("KILL_ROUNDS") {
        Ok(text) => text.parse().with_context(|| format!("KILL_ROUNDS={text} is no number")),
        Err(_) => Ok(1),
    }
}

/// A store of one folder, and the flags of whoever opens it.
struct Store {
    folder: tempfile::TempDir,
    flags: [String; 3],
    rounds: u64,
}

impl Store {
    fn new(max_bytes: u64) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let flags = flags(folder.path(), max_bytes);
        Ok(Self { folder, flags, rounds: rounds()? })
    }

    fn flags(&self) -> Vec<&str> {
        self.flags.iter().map(String::as_str).collect()
    }

    /// Starts a process that dies at its fail point.
    async fn start(&self, point: &str) -> Result<Server> {
        Server::start_with_variables(Binary::AllInOne, &self.flags(), &[("JAEGER_FAIL_POINT", point)]).await
    }

    /// Nothing on the disk is damaged.
    async fn verify(&self) -> Result<()> {
        let directory = format!("--embedded.directory={}", self.folder.path().display());
        let verify = program::run(Binary::AllInOne, &["storage", "verify", &directory], &[]).await?;
        ensure!(verify.code == Some(0), "{verify:?}");
        Ok(())
    }
}

fn flags(folder: &Path, max_bytes: u64) -> [String; 3] {
    [
        "--span-storage.type=embedded".to_owned(),
        format!("--embedded.directory={}", folder.display()),
        format!("--embedded.max-bytes={max_bytes}"),
    ]
}

/// Its end by SIGKILL, of the test's or of its own.
async fn killed(server: Server, what: &str) -> Result<()> {
    use std::os::unix::process::ExitStatusExt;
    let ended = server.ended().await.with_context(|| format!("{what} was not reached"))?;
    ensure!(ended.status.signal() == Some(9), "{what}: it ended with {}: {}", ended.status, ended.stopped.log);
    Ok(())
}

/// Each start first looks for what was acknowledged before, then takes more until it dies.
async fn kill_at(store: &Store, sent: &mut Sent, points: &[&str]) -> Result<()> {
    for round in 0..store.rounds {
        for (at, point) in points.iter().enumerate() {
            let point = format!("{point}:{}", (round * 7 + at as u64 * 3) % 5 + 1);
            let server = store.start(&point).await?;
            sent.check(&server).await.with_context(|| format!("before {point}"))?;
            sent.until_killed(&server, None).await?;
            killed(server, &point).await?;
        }
    }
    let server = store.start("").await?;
    sent.check(&server).await?;
    server.stop().await?;
    ensure!(!sent.acknowledged.is_empty(), "nothing was acknowledged");
    store.verify().await
}

/// As `kill_at`, at a place in the work that goes on beside: a start that finds such work may come by before it is ready.
async fn kill_beside(store: &Store, sent: &mut Sent, point: &str) -> Result<()> {
    match store.start(point).await {
        Ok(server) => {
            sent.until_killed(&server, None).await?;
            killed(server, point).await?;
        }
        Err(error) => ensure!(format!("{error:#}").contains("SIGKILL"), "{point}: {error:#}"),
    }
    let server = store.start("").await?;
    sent.check_newest(&server).await.with_context(|| format!("after {point}"))?;
    server.signal(nix::sys::signal::Signal::SIGKILL)?;
    killed(server, "SIGKILL").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_groups_are_committed_it_keeps_what_it_acknowledged() -> Result<()> {
    let (store, mut sent) = (Store::new(1 << 30)?, Sent::new(4, 4));
    let points = ["log.before_write", "log.mid_write", "log.after_write", "log.before_sync", "log.after_sync"];
    kill_at(&store, &mut sent, &points).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_logs_become_partitions_it_keeps_what_it_acknowledged() -> Result<()> {
    let (store, mut sent) = (Store::new(1_500_000)?, Sent::new(300, 2));
    let points =
        ["compact.blocks_written", "compact.before_rename", "compact.before_publish", "compact.before_logs_go"];
    for round in 0..store.rounds {
        for (at, point) in points.iter().enumerate() {
            let point = format!("{point}:{}", (round + at as u64) % 3 + 1);
            kill_beside(&store, &mut sent, &point).await?;
        }
    }
    let server = store.start("").await?;
    sent.check_newest(&server).await?;
    server.stop().await?;
    store.verify().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_the_oldest_spans_go_it_keeps_the_newest() -> Result<()> {
    let (store, mut sent) = (Store::new(120_000)?, Sent::new(100, 1));
    for round in 0..store.rounds {
        for (at, point) in ["retain.before", "retain.before_remove", "retain.after_remove"].iter().enumerate() {
            let point = format!("{point}:{}", (round + at as u64) % 3 + 1);
            kill_beside(&store, &mut sent, &point).await?;
        }
    }
    let server = store.start("").await?;
    sent.check_newest(&server).await?;
    server.stop().await?;
    store.verify().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_starts_it_starts_the_next_time() -> Result<()> {
    let (store, mut sent) = (Store::new(1 << 30)?, Sent::new(20, 4));
    for round in 0..store.rounds {
        let server = store.start("").await?;
        sent.check(&server).await?;
        sent.until_killed(&server, Some(20)).await?;
        killed(server, "SIGKILL").await?;
        // Again and again, without a start that succeeds in between.
        for (point, n) in [
            ("start.before_cleaning", 1),
            ("start.before_replay", 1),
            ("recover.batch_replayed", 1),
            ("recover.batch_replayed", 7 + round % 9),
            ("recover.log_replayed", 1),
            ("start.after_replay", 1),
        ] {
            let point = format!("{point}:{n}");
            let server = Server::start_blindly(Binary::AllInOne, &store.flags(), &[("JAEGER_FAIL_POINT", &point)])?;
            killed(server, &point).await?;
        }
    }
    let server = store.start("").await?;
    sent.check(&server).await?;
    server.stop().await?;
    store.verify().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_time_it_keeps_what_it_acknowledged() -> Result<()> {
    let (store, mut sent) = (Store::new(1 << 30)?, Sent::new(10, 8));
    for round in 0..store.rounds * 5 {
        let server = store.start("").await?;
        sent.check(&server).await.with_context(|| format!("round {round}"))?;
        let after = (round * 37 + 11) % 150 + 1;
        sent.until_killed(&server, Some(usize::try_from(after)?)).await?;
        killed(server, "SIGKILL").await?;
    }
    let server = store.start("").await?;
    sent.check(&server).await?;
    server.stop().await?;
    store.verify().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_trace_is_archived_it_keeps_that_and_all_others() -> Result<()> {
    let (store, mut sent) = (Store::new(1 << 30)?, Sent::new(20, 1));
    for point in ["archive.before_write:1", "archive.written:1", "log.mid_write:12", "log.after_sync:12"] {
        let server = store.start(point).await?;
        sent.check(&server).await.with_context(|| format!("before {point}"))?;
        for _ in 0..10 {
            sent.one(&server).await?;
        }
        // Each of these, one after another, until it dies.
        for trace in 0..10u128 {
            let target = format!("/api/archive/{:032x}", 0x11 << 120 | trace);
            let query = server.address("query.http")?;
            if http::send(query, "POST", &target, &[], bytes::Bytes::new()).await.is_err() {
                break;
            }
        }
        killed(server, point).await?;
    }
    // The second to be opened.
    let point = "start.before_cleaning:2";
    let server = Server::start_blindly(Binary::AllInOne, &store.flags(), &[("JAEGER_FAIL_POINT", point)])?;
    killed(server, point).await?;
    let server = store.start("").await?;
    sent.check(&server).await?;
    server.stop().await?;
    store.verify().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_file_system_refuses_spans_and_goes_on_without_a_start_when_there_is_room() -> Result<()> {
    const SPANS: u64 = 1_000;
    let volume = Volume::mount(32)?;
    let flags = flags(&volume.path().join("store"), 1 << 30);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let start = || Server::start_with_variables(Binary::AllInOne, &flags, &[]);
    let mut sent = Sent::new(SPANS, 1);
    let server = start().await?;
    ensure!(sent.one(&server).await?.status == "OK", "there is room at first");
    let ballast = volume.fill_but(1_500_000)?;
    let full = loop {
        let answer = sent.one(&server).await?;
        if answer.status != "OK" {
            break answer;
        }
        ensure!(sent.acknowledged.len() < 500, "the disk is never full");
    };
    ensure!(full.status == "RESOURCE_EXHAUSTED" && full.message.contains("is full"), "refused as {full:?}");
    let otlp = server.address("collector.otlp.http")?;
    let protobuf = [("content-type".to_owned(), "application/x-protobuf".to_owned())];
    let refused = http::send(otlp, "POST", "/v1/traces", &protobuf, request(1_000_000, SPANS)).await?;
    ensure!(refused.status == 503, "over HTTP it is refused as {}: {}", refused.status, refused.text());
    sent.check(&server).await.context("while the disk is full")?;
    let ledger = Ledger::of(&server).await?;
    let collector = ledger.collector()?;
    ensure!(total(&collector.refused) == 2 * SPANS, "two requests were refused: {collector:?}");
    ensure!(collector.stored == sent.acknowledged.len() as u64 * SPANS, "{collector:?}");
    let metrics = http::get_text(server.address("admin")?, "/metrics").await?;
    let counted = metrics.lines().find(|line| line.starts_with("jaeger_embedded_spans_refused_total{part=\"spans\"}"));
    ensure!(counted.is_some_and(|line| line.ends_with(&format!(" {}", 2 * SPANS))), "the metric says {counted:?}");

    std::fs::remove_file(&ballast)?;
    wait_for("writes to go on", DEADLINE, async || {
        let answer = sent.one(&server).await?;
        ensure!(answer.status == "OK", "{answer:?}");
        Ok(())
    })
    .await?;
    sent.check(&server).await.context("with room again")?;
    server.signal(nix::sys::signal::Signal::SIGKILL)?;
    killed(server, "SIGKILL").await?;

    // A start needs no room either.
    let ballast = volume.fill_but(0)?;
    let server = start().await?;
    sent.check(&server).await.context("after a start on a full disk")?;
    std::fs::remove_file(&ballast)?;
    ensure!(sent.one(&server).await?.status == "OK", "there is room again");
    server.stop().await?;
    let server = start().await?;
    sent.check(&server).await?;
    server.stop().await.map(drop)
}
