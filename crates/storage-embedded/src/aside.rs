//! Logs that the disk does not give any more: they get a name that nothing lists as a log, and nothing removes them.
//!
//! Their spans come back where the file can be read again and gets the name of a log once more, with a number that is
//! greater than all others: that of a partition has its log removed at a start.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::folder::{DAMAGED, sync_folder};

/// So many files of one name are kept.
const MAX_NAMES: u32 = 100;

/// Gives the file another name beside its own, so that it stays when that goes.
///
/// # Errors
/// What the file system says; not every one has files of two names.
pub(crate) fn keep(path: &Path) -> io::Result<PathBuf> {
    for number in 1..MAX_NAMES {
        let other = name(path, number);
        match fs::hard_link(path, &other) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && !is_same(path, &other) => {}
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {
                sync(path);
                return Ok(other);
            }
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Gives the file another name instead of its own.
///
/// # Errors
/// What the file system says; then it has its name still.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    if let Ok(other) = keep(path) {
        fs::remove_file(path)?;
        return Ok(other);
    }
    let free = (1..MAX_NAMES).map(|number| name(path, number)).find(|other| fs::symlink_metadata(other).is_err());
    let other = free.ok_or(ErrorKind::AlreadyExists)?;
    fs::rename(path, &other)?;
    sync(path);
    Ok(other)
}

/// Whether the process is short of something, and the file may be sound.
pub(crate) fn is_passing(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EAGAIN))
}

fn name(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    if number > 1 {
        name.push(format!(".{number}"));
    }
    name.push(".");
    name.push(DAMAGED);
    name.into()
}

fn is_same(path: &Path, other: &Path) -> bool {
    let of = |path| fs::symlink_metadata(path).map(|file| (file.dev(), file.ino())).ok();
    of(path).is_some_and(|file| of(other) == Some(file))
}

/// The names, after a power cut.
fn sync(path: &Path) {
    if let Some(error) = path.parent().and_then(|folder| sync_folder(folder).err()) {
        tracing::warn!(%error, "the new name of {} may be lost with the power", path.display());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jaeger_load::profile::{Generator, Profile};
    use jaeger_model::{Batch, Timestamp};
    use jaeger_storage::{SpanReader as _, SpanWriter as _};

    use super::*;
    use crate::fail_point::Plan;
    use crate::folder::Files;
    use crate::{EmbeddedConfig, EmbeddedStore};

    fn open(folder: &Path) -> EmbeddedStore {
        let config = EmbeddedConfig { max_bytes: u64::MAX, background: false, ..EmbeddedConfig::in_directory(folder) };
        let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
        loop {
            match EmbeddedStore::open(config.clone(), &|_| {}) {
                // A process that another test starts may hold the lock for a moment.
                Err(crate::OpenError::InUse { .. }) if std::time::Instant::now() < end => std::thread::yield_now(),
                opened => return opened.expect("a store"),
            }
        }
    }

    async fn found(store: &EmbeddedStore, batch: &Batch) -> usize {
        let mut found = 0;
        for span in batch.spans() {
            found += usize::from(store.get_trace(span.trace_id()).await.is_ok());
        }
        found
    }

    #[test]
    fn a_log_that_the_disk_does_not_give_is_tried_three_times_and_then_kept_under_another_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let spans = folder.path().join("spans");
        let now = Timestamp::from_micros(1_795_478_400_000_000);
        let mut load = Generator::new(Profile::Plain, 7, now, 20);
        let batches: Vec<_> = (0..4).map(|_| Arc::new(load.batch())).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let store = open(folder.path());
            for batch in &batches {
                assert_eq!(store.write(Arc::clone(batch)).await.stored, batch.len());
            }
            drop(store);
            // What was replayed is read from the log again.
            let store = open(folder.path());
            store.close_generation().expect("closed");
            let plan = Plan::here();
            plan.fail("log.read", libc::EIO, usize::MAX);
            for _ in 0..2 {
                store.maintain().expect_err("the disk fails");
                assert!(Files::list(&spans).expect("listed").damaged.is_empty());
                assert_eq!(found(&store, &batches[0]).await, batches[0].len());
            }
            store.maintain().expect("what is readable: nothing");
            plan.heal();
            let files = Files::list(&spans).expect("listed");
            assert!(files.logs.is_empty() && files.partitions.is_empty(), "{files:?}");
            let [damaged] = &files.damaged[..] else { panic!("{files:?}") };
            assert_eq!(found(&store, &batches[0]).await, 0);
            drop(store);
            let report = crate::verify(folder.path(), &|_| {}).expect("verified");
            assert_eq!(report.damaged.iter().map(|(path, _)| path).collect::<Vec<_>>(), [&damaged.path]);
            // Another disk gives it.
            fs::rename(&damaged.path, crate::folder::log_path(&spans, 99)).expect("restored");
            let store = open(folder.path());
            store.close_generation().expect("closed");
            store.maintain().expect("compacted");
            for batch in &batches {
                assert_eq!(found(&store, batch).await, batch.len());
            }
        });
    }

    #[test]
    fn a_log_that_is_no_file_does_not_stop_the_store() {
        let folder = tempfile::tempdir().expect("a folder");
        let spans = folder.path().join("spans");
        let mut load = Generator::new(Profile::Plain, 7, Timestamp::from_micros(1_795_478_400_000_000), 20);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let before = Arc::new(load.batch());
            assert_eq!(open(folder.path()).write(Arc::clone(&before)).await.stored, before.len());
            fs::create_dir(crate::folder::log_path(&spans, 2)).expect("made");
            let store = open(folder.path());
            assert_eq!(found(&store, &before).await, before.len());
            let after = Arc::new(load.batch());
            assert_eq!(store.write(Arc::clone(&after)).await.stored, after.len());
            drop(store);
            let files = Files::list(&spans).expect("listed");
            assert_eq!(files.damaged.iter().map(|log| log.number).collect::<Vec<_>>(), [2]);
            assert_eq!(files.logs.iter().map(|log| log.number).collect::<Vec<_>>(), [1, 3]);
            let report = crate::verify(folder.path(), &|_| {}).expect("verified");
            assert_eq!(report.damaged.len(), 1, "{report:?}");
            let store = open(folder.path());
            assert_eq!(found(&store, &before).await + found(&store, &after).await, before.len() + after.len());
        });
    }

    #[test]
    fn a_file_that_is_set_aside_takes_no_other_ones_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log-0000000007.jlog");
        for content in ["first", "second"] {
            fs::write(&path, content).expect("written");
            // Once more is the same name.
            assert_eq!(keep(&path).expect("kept"), keep(&path).expect("kept"));
            let other = set_aside(&path).expect("set aside");
            assert_eq!(fs::read_to_string(other).expect("there"), content);
            assert!(!path.exists());
        }
        fs::create_dir(&path).expect("no file at all");
        assert!(set_aside(&path).expect("set aside").is_dir());
        let files = Files::list(folder.path()).expect("listed");
        assert_eq!(files.damaged.iter().map(|log| log.number).collect::<Vec<_>>(), [7, 7, 7]);
        assert!(files.logs.is_empty());
    }
}
