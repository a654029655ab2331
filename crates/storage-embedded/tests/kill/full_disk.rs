//! A disk that is full, or fails, for a while: spans are refused and the sender keeps them, reads go on, and as soon as there
//! is room again writes go on without a start.

use crate::common::LARGE;
use crate::parent::{Folder, Kill, Said};

/// One writer, and work on partitions as part of a write: what fails when is certain.
fn folder(seed: u64) -> Folder {
    Folder::new(seed, |orders| (orders.writers, orders.background, orders.batches) = (1, false, 40))
}

/// The numbers that were refused, all of this kind and each with an answer to a read while the disk failed.
fn refused(said: &Said, kind: &str, what: &str) -> Vec<u64> {
    for (number, reason) in &said.refused {
        assert!(reason.starts_with(kind), "{what}: batch {number} is refused as {reason}");
    }
    let reads = said.lines.iter().filter(|line| line.starts_with("read ")).count();
    assert_eq!(reads, said.refused.len(), "{what}: reads go on");
    said.refused.iter().map(|(number, _)| *number).collect()
}

#[test]
fn a_full_disk_refuses_spans_and_goes_on_when_there_is_room() {
    for (seed, point) in (20..).zip(["log.before_write", "log.mid_write", "log.after_write"]) {
        let mut folder = folder(seed);
        // Three times in a row.
        let point = format!("{point}:5:enospc");
        let said = folder.child(&[&*point; 3].join(","), &Kill::Not);
        assert_eq!(refused(&said, "throttled the disk of ", &point), [4, 5, 6], "{point}");
        assert_eq!(said.acknowledged.len(), 37, "{point}");
        folder.check(&point);
    }
}

#[test]
fn a_disk_without_room_for_a_new_log_refuses_spans_and_goes_on_when_there_is_room() {
    for (seed, point) in (30..).zip(["log.rotate.before_create", "log.rotate.after_create", "log.rotate.before_sync"]) {
        let mut folder = folder(seed);
        let point = format!("{point}:2:enospc");
        let said = folder.child(&[&*point; 3].join(","), &Kill::Not);
        let refused = refused(&said, "throttled the disk of ", &point);
        assert_eq!(refused.len(), 3, "{point}");
        assert_eq!(said.acknowledged.len(), 37, "{point}");
        folder.check(&point);
    }
}

#[test]
fn a_log_that_cannot_be_used_again_refuses_spans_and_goes_on() {
    for (seed, errno) in [(70, "enospc"), (71, "eio")] {
        let mut folder = Folder::new(seed, |orders| {
            (orders.spans, orders.log_bytes) = (LARGE, 1_200_000);
            (orders.writers, orders.background, orders.batches) = (1, false, 20);
        });
        let point = format!("log.rotate.before_reuse:1:{errno}");
        let said = folder.child(&point, &Kill::Not);
        let kind = if errno == "eio" { "unavailable the log in " } else { "throttled the disk of " };
        assert_eq!(refused(&said, kind, &point).len(), 1, "{point}");
        assert_eq!(said.acknowledged.len(), 19, "{point}");
        folder.check(&point);
    }
}

#[test]
fn a_sync_that_fails_acknowledges_nothing_and_the_next_log_goes_on() {
    for (seed, points) in (40..).zip([
        "log.before_sync:5:eio",
        "log.after_sync:5:eio",
        "log.before_write:5:eio",
        // What did not fit cannot be cut off either.
        "log.mid_write:5:eio,log.cut_back:1:eio",
    ]) {
        let mut folder = folder(seed);
        let said = folder.child(points, &Kill::Not);
        assert_eq!(refused(&said, "unavailable the log in ", points), [4], "{points}");
        assert_eq!(said.acknowledged.len(), 39, "{points}");
        folder.check(points);
    }
}

#[test]
fn a_generation_without_room_for_its_partition_stays_in_its_log_and_is_tried_again() {
    for (seed, point) in (50..).zip([
        "compact.begun",
        "compact.blocks_written",
        "compact.before_sync",
        "compact.before_rename",
        "compact.after_rename",
    ]) {
        for errno in ["enospc", "eio"] {
            let mut folder = folder(seed);
            let point = format!("{point}:1:{errno}");
            let said = folder.child(&[&*point; 3].join(","), &Kill::Not);
            // Nobody who sends hears of it.
            assert_eq!((said.acknowledged.len(), said.refused.len()), (40, 0), "{point}");
            let files = |ending| crate::common::files(&folder.orders.folder, ending).len();
            assert!(files("jpart") > 1 && files("unfinished") == 0, "{point}: it was tried again");
            folder.check(&point);
        }
    }
}

#[test]
fn a_generation_that_never_finds_room_loses_nothing_and_writers_are_told_to_wait() {
    let mut folder = folder(60);
    let said = folder.child("compact.blocks_written:1+:enospc", &Kill::Not);
    let refused = refused(&said, "throttled ", "no room for partitions");
    assert!(!refused.is_empty() && !said.acknowledged.is_empty());
    assert_eq!(crate::common::files(&folder.orders.folder, "jpart").len(), 0);
    folder.check("no room for partitions");
    // With room again the next start makes up for it.
    let said = folder.child("", &Kill::Not);
    // Only the first comes before the work that its end does.
    assert_eq!((said.acknowledged.len(), said.refused.len()), (39, 1));
    assert!(!crate::common::files(&folder.orders.folder, "jpart").is_empty());
    folder.check("with room again");
}
