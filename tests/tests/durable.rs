//! What was acknowledged is there after the process was killed, and a full disk loses nothing.
//!
//! Guarantees: of a real `jaeger-all-in-one` that dies by SIGKILL under load, at any time and at every step on the way to
//! the disk, each request over OTLP that got its OK is found by id and by search after the next start, all of its spans, no
//! span is invented and none comes twice; a trace whose archiving was answered is in the archive; on a full file system
//! requests are refused and counted, reads go on, also after a start, and with room again writes go on without one.
//!
//! Each phase has five kills and more. `KILL_ROUNDS` says how often each is gone through: once unless it is set, 50 times
//! in `make chaos`.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jaeger_tests::acknowledged::{Sent, request};
use jaeger_tests::archived::Archived;
use jaeger_tests::binaries::Binary;
use jaeger_tests::http;
use jaeger_tests::killed::{Store, flags, killed};
use jaeger_tests::ledger::{Ledger, total};
use jaeger_tests::server::Server;
use jaeger_tests::volume::Volume;
use jaeger_tests::wait::wait_for;
use nix::sys::signal::Signal;
use tokio::task::{JoinSet, LocalSet};

const DEADLINE: Duration = Duration::from_secs(30);

/// Kills of a phase, at least.
const KILLS: usize = 5;

/// Nothing goes from a store of this size, whose generations are closed only when nothing comes.
const LARGE: u64 = 1 << 30;
/// Nor from this one, whose generations are 400 kB.
const SMALL: u64 = 6_400_000;

/// Spans of a large request.
const SPANS: u64 = 1_000;
/// More than are sealed in memory at once, and too few to become a partition before that.
const MEMORY_SEAL: u64 = 17_000;
/// Enough to become a partition as soon as no more come.
const QUIET_PARTITION: u64 = 60_000;

fn rounds() -> Result<u64> {
    match std::env::var("KILL_ROUNDS") {
        Ok(text) => text.parse().with_context(|| format!("KILL_ROUNDS={text} is no number")),
        Err(_) => Ok(1),
    }
}

/// One kill after another at the n-th time at these points, under load; everything is looked for after each.
async fn kill_at_each(max_bytes: u64, spans: u64, senders: u64, points: &[(&str, u64)]) -> Result<()> {
    for round in 0..rounds()? {
        let (mut store, mut sent) = (Store::new(max_bytes)?, Sent::new(spans, senders));
        for (point, n) in points {
            let point = format!("{point}:{}", n + round % 3);
            store.kill_at(&mut sent, &point).await?;
            store.check(&sent, &point).await?;
        }
        store.end(&sent, points.len()).await?;
    }
    ensure!(points.len() >= KILLS, "these are too few");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_groups_are_committed_it_keeps_what_it_acknowledged() -> Result<()> {
    let points = [
        ("log.before_write", 2),
        ("log.mid_write", 5),
        ("log.after_write", 3),
        ("log.before_sync", 6),
        ("log.after_sync", 4),
        ("log.before_write", 20),
        ("log.mid_write", 31),
        ("log.after_write", 17),
        ("log.before_sync", 24),
        ("log.after_sync", 28),
    ];
    kill_at_each(LARGE, 4, 4, &points).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_log_begins_it_keeps_what_it_acknowledged() -> Result<()> {
    let points = [
        ("log.rotate.before_create", 2),
        ("log.rotate.after_create", 1),
        ("log.rotate.before_sync", 2),
        ("log.rotate.after_sync", 1),
        ("log.rotate.after_create", 2),
        ("log.rotate.after_sync", 3),
    ];
    kill_at_each(SMALL, 300, 2, &points).await
}

/// A log of more than 1 MB is used again when its spans are a partition: its old records must stay dead, and new ones live.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_log_is_used_again_it_keeps_what_it_acknowledged() -> Result<()> {
    let points = [
        ("log.rotate.before_reuse", 1),
        ("log.rotate.after_reuse", 1),
        ("log.mid_write", 9),
        ("log.rotate.before_reuse", 2),
        ("log.rotate.after_reuse", 2),
        ("log.after_sync", 8),
    ];
    kill_at_each(18 << 20, 500, 2, &points).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_logs_become_partitions_it_keeps_what_it_acknowledged() -> Result<()> {
    let points = [
        ("compact.begun", 1),
        ("compact.blocks_written", 2),
        ("compact.before_sync", 1),
        ("compact.before_rename", 2),
        ("compact.after_rename", 1),
        ("compact.before_publish", 3),
        ("compact.before_logs_go", 1),
        ("compact.logs_gone", 2),
    ];
    kill_at_each(SMALL, 300, 2, &points).await
}

/// Spans stopped to come: their log becomes a partition after a second or two, and what is full in memory is sealed after five.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_nothing_comes_any_more_it_keeps_what_it_acknowledged() -> Result<()> {
    #[derive(Clone, Copy)]
    enum Kill {
        At(&'static str),
        After(Duration),
    }
    let seals = [4_990, 5_010, 5_040, 5_600, 6_800].map(|ms| (MEMORY_SEAL, Kill::After(Duration::from_millis(ms))));
    let points = ["compact.begun:1", "compact.before_rename:1", "compact.before_publish:1", "compact.before_logs_go:1"];
    let compactions = points.map(|point| (QUIET_PARTITION, Kill::At(point)));
    let by_time = [1_100, 1_600].map(|ms| (QUIET_PARTITION, Kill::After(Duration::from_millis(ms))));
    for _ in 0..rounds()? {
        let (here, mut all) = (LocalSet::new(), JoinSet::new());
        for (spans, kill) in seals.into_iter().chain(compactions).chain(by_time) {
            all.spawn_local_on(
                async move {
                    let (mut store, mut sent) = (Store::new(LARGE)?, Sent::new(SPANS, 1));
                    let (server, what) = match kill {
                        Kill::At(point) => (store.start(point).await?, point.to_owned()),
                        Kill::After(pause) => (store.start("").await?, format!("{pause:?} after {spans} spans")),
                    };
                    sent.some(&server, spans / SPANS).await?;
                    if let Kill::After(pause) = kill {
                        tokio::time::sleep(pause).await;
                        server.signal(Signal::SIGKILL)?;
                    }
                    store.killed(server, &what).await?;
                    store.check(&sent, &what).await?;
                    store.end(&sent, 1).await
                },
                &here,
            );
        }
        let ended = here.run_until(all.join_all()).await;
        ended.into_iter().collect::<Result<()>>()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_the_oldest_spans_go_it_keeps_the_newest() -> Result<()> {
    for _ in 0..rounds()? {
        let (mut store, mut sent) = (Store::new(120_000)?, Sent::new(100, 1));
        for point in [
            "retain.before:1",
            "retain.before_remove:2",
            "retain.after_remove:3",
            "retain.before:3",
            "retain.before_remove:1",
            "retain.after_remove:2",
        ] {
            store.kill_at(&mut sent, point).await?;
            // As many as there is room for even in logs, which are the longest.
            store.check_newest(&sent, 10, point).await?;
        }
        store.end(&sent, KILLS).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_starts_it_starts_the_next_time() -> Result<()> {
    let starts = ["start.before_cleaning:1", "start.before_replay:1", "start.after_replay:1"];
    let replays = ["recover.batch_replayed:1", "recover.batch_replayed:9", "recover.log_replayed:1"];
    for _ in 0..rounds()? {
        let (mut store, mut sent) = (Store::new(LARGE)?, Sent::new(20, 4));
        for again in [false, true] {
            let server = store.start("").await?;
            sent.until_killed(&server, Some(20)).await?;
            killed(server, "SIGKILL").await?;
            for point in starts.into_iter().chain(replays) {
                store.kill_at_start(point).await?;
                // The first time over, one after another, without a start that succeeds in between.
                if again {
                    store.check(&sent, point).await?;
                }
            }
            store.check(&sent, "starts that were killed").await?;
        }
        store.end(&sent, 4 * starts.len()).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_time_it_keeps_what_it_acknowledged() -> Result<()> {
    for round in 0..rounds()? {
        let (mut store, mut sent) = (Store::new(LARGE)?, Sent::new(10, 8));
        for kill in 0..6 {
            let after = usize::try_from((kill * 37 + round * 13 + 11) % 150 + 1)?;
            let server = store.start("").await?;
            sent.until_killed(&server, Some(after)).await?;
            store.killed(server, "SIGKILL").await?;
            store.check(&sent, &format!("{after} requests")).await?;
        }
        store.end(&sent, KILLS).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_traces_are_archived_it_keeps_these_and_all_others() -> Result<()> {
    for _ in 0..rounds()? {
        let (mut store, mut sent, mut archived) = (Store::new(LARGE)?, Sent::new(20, 2), Archived::default());
        for (point, kill_after) in [
            ("archive.before_write:1", None),
            ("archive.written:1", None),
            ("archive.before_write:4", None),
            ("archive.written:6", None),
            ("log.mid_write:60", None),
            ("log.after_sync:70", None),
            ("", Some(3)),
            ("", Some(9)),
        ] {
            let what = format!("archiving, {point} {kill_after:?}");
            let server = store.start(point).await?;
            let before = sent.acknowledged.len();
            sent.some(&server, 12).await?;
            // The newest, but for two that are never archived.
            let traces: Vec<u64> = sent.acknowledged.iter().copied().skip(before + 2).collect();
            // Others come meanwhile.
            let (sending, archiving) =
                tokio::join!(sent.until_killed(&server, None), archived.until_killed(&server, &traces, kill_after));
            sending.and(archiving)?;
            store.killed(server, &what).await?;
            store.check(&sent, &what).await?;
            check_archive(&store, &sent, &archived).await.with_context(|| format!("after {what}"))?;
        }
        ensure!(archived.acknowledged.len() >= 30, "{} traces are archived", archived.acknowledged.len());
        // The second folder to be opened is the archive's.
        for point in ["start.before_cleaning:2", "start.after_replay:2"] {
            store.kill_at_start(point).await?;
            store.check(&sent, point).await?;
            check_archive(&store, &sent, &archived).await.with_context(|| format!("after {point}"))?;
        }
        store.end(&sent, KILLS).await?;
    }
    Ok(())
}

/// Without the folder of the spans nobody but the archive can answer.
async fn check_archive(store: &Store, sent: &Sent, archived: &Archived) -> Result<()> {
    let (spans, aside) = (store.path("spans"), store.path("aside"));
    std::fs::rename(&spans, &aside)?;
    let server = store.start("").await?;
    archived.check(&server, sent).await?;
    server.signal(Signal::SIGKILL)?;
    killed(server, "a look at the archive").await?;
    std::fs::remove_dir_all(&spans)?;
    Ok(std::fs::rename(&aside, &spans)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_file_system_refuses_spans_and_goes_on_without_a_start_when_there_is_room() -> Result<()> {
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
    server.signal(Signal::SIGKILL)?;
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
