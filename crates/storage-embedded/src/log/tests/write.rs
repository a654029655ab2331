use std::future::Future as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jaeger_model::Batch;
use jaeger_storage::{ErrorKind, StorageError};
use parking_lot::Mutex;
use tempfile::TempDir;

use super::{assert_same, batches, read, same};
use crate::fail_point::Plan;
use crate::folder::{Files, log_path, spare_path};
use crate::log::commit::Committer;
use crate::log::queue::Queue;
use crate::log::writer::Appended;
use crate::log::{LogError, LogWriter};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn start(folder: &TempDir) -> LogWriter {
    LogWriter::start(folder.path().into(), 1).expect("a thread")
}

fn append(log: &LogWriter, batch: &Arc<Batch>) -> Result<Appended, LogError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let within = tokio::time::Duration::from_secs(60);
    runtime.block_on(async { tokio::time::timeout(within, log.append(Arc::clone(batch))).await }).expect("an answer")
}

/// Appends all at once, from several threads.
fn append_all(log: &Arc<LogWriter>, batches: &[Arc<Batch>]) -> Vec<(Appended, Arc<Batch>)> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let appends: Vec<_> = batches
            .iter()
            .map(|batch| {
                let (log, batch) = (Arc::clone(log), Arc::clone(batch));
                tokio::spawn(async move {
                    let appended = log.append(Arc::clone(&batch)).await.expect("durable");
                    (appended, batch)
                })
            })
            .collect();
        let mut answers = Vec::new();
        for append in appends {
            let within = tokio::time::timeout(Duration::from_secs(60), append).await;
            answers.push(within.expect("an answer").expect("no panic"));
        }
        answers.sort_by_key(|(appended, _)| (appended.log, appended.end));
        answers
    })
}

#[test]
fn a_thousand_at_once_are_read_where_the_answers_said() {
    let folder = folder();
    let log = Arc::new(start(&folder));
    let answers = append_all(&log, &batches(1000, 2));
    assert!(answers.windows(2).all(|pair| pair[0].0.end + pair[1].0.bytes == pair[1].0.end));
    assert_eq!((log.log(), log.bytes()), (1, answers[999].0.end));
    let (found, errors, torn) = read(&log_path(folder.path(), 1));
    assert!(errors.is_empty() && torn == 0);
    assert_same(&found, &answers.iter().map(|(_, batch)| batch).collect::<Vec<_>>());
}

#[test]
fn who_finds_no_room_waits_and_is_served() {
    let folder = folder();
    let one = {
        let mut bytes = Vec::new();
        batches(1, 2)[0].encode(&mut bytes);
        u32::try_from(bytes.len()).expect("small")
    };
    for room in [1, one / 2, 3 * one] {
        let path = folder.path().join(room.to_string());
        std::fs::create_dir(&path).expect("a folder");
        let log = Arc::new(LogWriter::with_room(path.clone(), 1, room).expect("a thread"));
        assert_eq!(append_all(&log, &batches(200, 2)).len(), 200);
        assert_eq!(read(&log_path(&path, 1)).0.len(), 200);
    }
}

#[test]
fn rotating_under_load_loses_nothing() {
    let folder = folder();
    let log = Arc::new(start(&folder));
    let all = batches(50, 2);
    let closed = Arc::new(Mutex::new(Vec::new()));
    let (rotator, to) = (Arc::clone(&log), Arc::clone(&closed));
    let (stop, stopped) = std::sync::mpsc::sync_channel::<()>(1);
    let rotations = std::thread::spawn(move || {
        while stopped.try_recv().is_err() {
            to.lock().extend(rotator.rotate().expect("rotated").closed);
        }
    });
    let begun = Instant::now();
    let mut answers = Vec::new();
    while closed.lock().len() < 3 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no rotation meets the load");
        answers.extend(append_all(&log, &all));
    }
    stop.send(()).expect("it runs");
    rotations.join().expect("no panic");
    let mut closed = std::mem::take(&mut *closed.lock());
    closed.extend(log.rotate().expect("rotated").closed);
    answers.sort_by_key(|(appended, _)| (appended.log, appended.end));
    let mut found = Vec::new();
    for (number, bytes) in closed {
        let path = log_path(folder.path(), number);
        assert_eq!(std::fs::metadata(&path).expect("a log").len(), bytes);
        let last =
            answers.iter().filter(|(appended, _)| appended.log == number).map(|(appended, _)| appended.end).max();
        assert_eq!(last, Some(bytes));
        found.extend(read(&path).0);
    }
    assert_same(&found, &answers.iter().map(|(_, batch)| batch).collect::<Vec<_>>());
}

#[test]
fn a_log_is_made_when_there_is_something_to_write() {
    let folder = folder();
    let log = start(&folder);
    let rotated = log.rotate().expect("rotated");
    assert_eq!((rotated.next, rotated.closed), (2, None));
    assert!(Files::list(folder.path()).expect("listed").logs.is_empty());
}

#[test]
fn a_full_disk_refuses_and_goes_on_when_there_is_room() {
    for point in ["log.before_write", "log.mid_write", "log.after_write"] {
        let folder = folder();
        let plan = Plan::here();
        let log = start(&folder);
        let all = batches(3, 5);
        let first = append(&log, &all[0]).expect("room");
        plan.fail(point, libc::ENOSPC, 2);
        for _ in 0..2 {
            let error = append(&log, &all[1]).expect_err("full");
            assert!(matches!(error, LogError::Full { .. }), "{point}: {error}");
            let error = StorageError::from(error);
            assert_eq!(error.kind(), ErrorKind::Throttled);
            assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
            assert_eq!(std::fs::metadata(log_path(folder.path(), 1)).expect("a log").len(), first.end);
        }
        let again = append(&log, &all[2]).expect("room again");
        assert_eq!((again.log, again.end - again.bytes), (1, first.end), "{point}");
        let (found, errors, torn) = read(&log_path(folder.path(), 1));
        assert!(errors.is_empty() && torn == 0);
        assert_same(&found, &[&all[0], &all[2]]);
    }
}

#[test]
fn where_the_disk_fails_another_log_goes_on() {
    for (points, whole) in [
        (&["log.before_sync"][..], true),
        (&["log.after_sync"][..], true),
        (&["log.mid_write", "log.cut_back"][..], false),
    ] {
        let folder = folder();
        let plan = Plan::here();
        let log = start(&folder);
        let all = batches(3, 5);
        append(&log, &all[0]).expect("a sound disk");
        points.iter().for_each(|point| plan.fail(point, libc::EIO, 1));
        let error = append(&log, &all[1]).expect_err("a failing disk");
        assert!(matches!(error, LogError::Io { .. }), "{error}");
        assert_eq!(StorageError::from(error).kind(), ErrorKind::Unavailable);
        let next = append(&log, &all[2]).expect("another log");
        assert_eq!(next.log, 2);
        // What was refused may be there, whole or torn; never an error, and never in the way of what was acknowledged.
        let (found, errors, torn) = read(&log_path(folder.path(), 1));
        assert!(errors.is_empty());
        assert_eq!(torn == 0, whole);
        assert!(same(&found[0], &all[0]));
        assert_same(&read(&log_path(folder.path(), 2)).0, &[&all[2]]);
    }
}

#[test]
fn a_log_that_cannot_be_made_is_tried_again() {
    for point in
        ["log.rotate.before_create", "log.rotate.after_create", "log.rotate.before_sync", "log.rotate.after_sync"]
    {
        let folder = folder();
        let plan = Plan::here();
        let log = start(&folder);
        let all = batches(2, 5);
        plan.fail(point, libc::ENOSPC, 1);
        assert!(matches!(append(&log, &all[0]), Err(LogError::Full { .. })), "{point}");
        assert!(Files::list(folder.path()).expect("listed").logs.is_empty(), "{point}");
        plan.heal();
        let appended = append(&log, &all[1]).expect("room");
        assert_same(&read(&log_path(folder.path(), appended.log)).0, &[&all[1]]);
    }
}

#[test]
fn what_waits_is_written_when_the_log_is_dropped() {
    let folder = folder();
    let log = Arc::new(start(&folder));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let all = batches(20, 2);
    runtime.block_on(async {
        for batch in &all {
            // Polled once: queued, and nobody waits for the answer.
            let mut append = std::pin::pin!(log.append(Arc::clone(batch)));
            std::future::poll_fn(|context| {
                let _pending = append.as_mut().poll(context);
                std::task::Poll::Ready(())
            })
            .await;
        }
    });
    drop(log);
    assert_same(&read(&log_path(folder.path(), 1)).0, &all.iter().collect::<Vec<_>>());
}

#[test]
fn a_log_in_the_file_of_another_has_its_own_records_alone() {
    let folder = folder();
    let first = batches(40, 5);
    let log = Arc::new(start(&folder));
    for batch in &first {
        append(&log, batch).expect("durable");
    }
    assert_eq!(log.rotate().expect("rotated").next, 2);
    std::fs::rename(log_path(folder.path(), 1), spare_path(folder.path())).expect("kept");
    let second = batches(7, 3);
    for (number, batch) in second.iter().enumerate() {
        assert_eq!(append(&log, batch).expect("durable").log, 2);
        assert!(!spare_path(folder.path()).exists());
        let (found, errors, torn) = read(&log_path(folder.path(), 2));
        assert!(errors.is_empty() && torn == 0, "{errors:?}, {torn}");
        assert_same(&found, &second.iter().take(number + 1).collect::<Vec<_>>());
    }
}

#[test]
fn a_disk_that_fails_for_long_leaves_no_files() {
    for point in ["log.before_sync", "log.after_sync", "log.rotate.before_sync", "log.rotate.after_sync"] {
        let folder = folder();
        let plan = Plan::here();
        let log = start(&folder);
        let all = batches(2, 5);
        plan.fail(point, libc::EIO, 8);
        for _ in 0..8 {
            let error = append(&log, &all[0]).expect_err("a failing disk");
            assert!(matches!(error, LogError::Io { .. }), "{error}");
            assert!(Files::list(folder.path()).expect("listed").logs.is_empty(), "{point}");
        }
        let appended = append(&log, &all[1]).expect("a sound disk");
        assert_eq!(Files::list(folder.path()).expect("listed").logs.len(), 1, "{point}");
        assert_same(&read(&log_path(folder.path(), appended.log)).0, &[&all[1]]);
    }
}

#[test]
fn a_spare_log_that_cannot_be_written_is_thrown_away() {
    for point in ["log.rotate.before_reuse", "log.rotate.after_reuse"] {
        let folder = folder();
        let plan = Plan::here();
        std::fs::write(spare_path(folder.path()), [7; 5000]).expect("written");
        let log = start(&folder);
        let all = batches(2, 5);
        plan.fail(point, libc::EIO, 1);
        append(&log, &all[0]).expect_err("a failing disk");
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 0, "{point}");
        append(&log, &all[1]).expect("another file");
    }
}

#[test]
fn who_waits_hears_of_the_end_of_the_thread_that_commits() {
    let folder = folder();
    let queue = Arc::new(Queue::new(1 << 20));
    let committer = Committer::new(Arc::clone(&queue), Arc::default(), folder.path().into(), 1);
    let answer = queue.try_push(b"a record").expect("room").expect("open");
    let thread = std::thread::spawn(move || {
        let _ends_with_it = committer;
        panic!("as a mistake in it would");
    });
    assert!(thread.join().is_err());
    assert!(answer.blocking_recv().is_err(), "nobody commits it");
    assert!(matches!(queue.try_push(b"another"), None | Some(Err(LogError::Closed))));
}
