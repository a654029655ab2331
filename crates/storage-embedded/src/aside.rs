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
    use super::*;

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
        let files = crate::folder::Files::list(folder.path()).expect("listed");
        assert_eq!(files.damaged.iter().map(|log| log.number).collect::<Vec<_>>(), [7, 7, 7]);
        assert!(files.logs.is_empty());
    }
}
