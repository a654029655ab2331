//! Each phase in which a process can die.

use crate::common::LARGE;
use crate::parent::{Folder, Kill};

/// So many kills each phase has at least.
const KILLS: usize = 5;

#[test]
fn killed_while_a_group_is_committed() {
    let mut folder = Folder::new(1, |orders| orders.log_bytes = 1 << 20);
    let mut random = fastrand::Rng::with_seed(1);
    for point in ["log.before_write", "log.mid_write", "log.after_write", "log.before_sync", "log.after_sync"] {
        for _ in 0..2 {
            let point = format!("{point}:{}", random.u8(1..12));
            folder.kill_at(&point);
            folder.check(&point);
        }
    }
    // While a group that did not fit is cut back.
    for point in ["log.after_write:3:enospc,log.cut_back:1", "log.mid_write:2:enospc,log.cut_back:1"] {
        folder.kill_at(point);
        folder.check(point);
    }
    assert!(folder.kills > KILLS && !folder.acknowledged.is_empty());
}

#[test]
fn killed_while_a_log_begins() {
    let mut folder = Folder::new(2, |_| {});
    for point in ["before_create", "after_create", "before_sync", "after_sync"] {
        for n in [1, 3] {
            let point = format!("log.rotate.{point}:{n}");
            folder.kill_at(&point);
            folder.check(&point);
        }
    }
    assert!(folder.kills > KILLS && !folder.acknowledged.is_empty());
}

#[test]
fn killed_while_a_generation_becomes_a_partition() {
    let mut folder = Folder::new(3, |_| {});
    let mut random = fastrand::Rng::with_seed(3);
    for point in [
        "begun",
        "blocks_written",
        "before_sync",
        "before_rename",
        "after_rename",
        "before_publish",
        "before_logs_go",
        "logs_gone",
    ] {
        for _ in 0..2 {
            let point = format!("compact.{point}:{}", random.u8(1..4));
            folder.kill_at(&point);
            folder.check(&point);
        }
    }
    assert!(folder.kills > KILLS);
}

#[test]
fn killed_while_the_oldest_partitions_go() {
    let mut folder =
        Folder::new(4, |orders| (orders.max_bytes, orders.log_bytes, orders.writers) = (120_000, 6_000, 1));
    let mut random = fastrand::Rng::with_seed(4);
    for point in ["before", "before_remove", "after_remove"] {
        for _ in 0..3 {
            let point = format!("retain.{point}:{}", random.u8(1..4));
            folder.kill_at(&point);
            folder.check_newest(&point);
        }
    }
    assert!(folder.kills > KILLS);
}

#[test]
fn killed_while_it_starts_again_and_again() {
    let mut folder = Folder::new(5, |orders| orders.log_bytes = 20_000);
    // What a start has to do: unfinished files, logs that a partition has already, logs without a partition.
    folder.kill_at("compact.before_logs_go:1");
    folder.kill_at("compact.before_rename:1");
    folder.child("", &Kill::AfterAcknowledged(8));
    for point in [
        "start.before_cleaning:1",
        "start.before_replay:1",
        "recover.batch_replayed:1",
        "recover.batch_replayed:3",
        "recover.batch_replayed:5",
        "recover.log_replayed:1",
        "start.after_replay:1",
    ] {
        let before = folder.acknowledged.len();
        folder.kill_at(point);
        assert_eq!(folder.acknowledged.len(), before, "{point}: it was open");
    }
    folder.check("a start after seven that were killed");
    // And each with a look at what it left.
    for point in [
        "start.before_cleaning",
        "start.before_replay",
        "recover.batch_replayed",
        "recover.log_replayed",
        "start.after_replay",
    ] {
        folder.child("", &Kill::AfterAcknowledged(3));
        folder.kill_at(&format!("{point}:1"));
        folder.check(point);
    }
}

#[test]
fn killed_while_traces_are_archived() {
    let mut folder = Folder::new(6, |orders| orders.archive = true);
    for point in [
        "archive.before_write:1",
        "archive.before_write:4",
        "archive.written:1",
        "archive.written:6",
        "log.mid_write:3",
        "log.before_sync:2",
        "log.after_sync:3",
        "log.rotate.after_create:1",
        "compact.before_rename:1",
        "compact.before_publish:1",
        "compact.before_logs_go:1",
        "start.before_cleaning:2",
        "start.after_replay:2",
    ] {
        folder.kill_at(point);
        folder.check(point);
    }
    assert!(!folder.acknowledged.is_empty());
}

#[test]
fn killed_at_any_time() {
    let mut folder = Folder::new(7, |orders| orders.batches = 100_000);
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..12 {
        let after = random.usize(1..120);
        folder.child("", &Kill::AfterAcknowledged(after));
        folder.check(&format!("after {after} batches"));
    }
}

/// Large batches: blocks are made of them while others come.
#[test]
fn killed_while_blocks_are_made() {
    let mut folder =
        Folder::new(8, |orders| (orders.spans, orders.log_bytes, orders.batches) = (LARGE, 1_500_000, 1_000));
    for after in [12, 14, 17, 11, 15] {
        folder.child("", &Kill::AfterAcknowledged(after));
    }
    folder.check("five kills while blocks were made");
    assert_eq!(folder.kills, KILLS);
}

/// A log of some length is used again when its spans are a partition: its old records must stay dead, and new ones live.
#[test]
fn killed_while_a_log_is_used_again() {
    let mut folder = Folder::new(9, |orders| {
        (orders.spans, orders.log_bytes, orders.batches) = (LARGE, 1_200_000, 1_000);
    });
    // A spare log is there from the second generation on.
    folder.child("", &Kill::AfterAcknowledged(20));
    for point in
        ["log.rotate.before_reuse:1", "log.rotate.after_reuse:1", "log.mid_write:9", "compact.before_logs_go:2"]
    {
        folder.kill_at(point);
    }
    folder.check("a log used again, four kills");
    for point in ["log.before_sync:8", "log.after_sync:11", "log.rotate.after_reuse:1", "start.before_replay:1"] {
        folder.kill_at(point);
        folder.check(point);
    }
    assert!(folder.kills > KILLS);
}
