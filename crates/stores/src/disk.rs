//! What a folder's file system allows: whether the folder can be written, and how much may lie in it when nobody says.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

const GB: u64 = 1_000_000_000;
/// The default bound on a volume of its own.
const LARGEST: u64 = 10 * GB;
/// The default bound where other things live on the same file system.
const LARGEST_AMONG_OTHERS: u64 = 2 * GB;

/// Why the folder cannot be written, or made where it is missing. Tries it, since permissions alone do not say it (a read-only
/// file system, root, a quota), and leaves nothing behind.
pub(crate) fn why_not_writable(directory: &Path) -> Option<String> {
    let existing = match deepest_existing(directory) {
        Ok(existing) => existing,
        Err(error) => return Some(error.to_string()),
    };
    if !existing.is_dir() {
        return Some(format!("{} is not a folder", existing.display()));
    }
    let probe = existing.join(format!(".jaeger-{}", std::process::id()));
    let reason = match fs::create_dir(&probe) {
        // A full disk keeps nobody from reading what is there, and writes go on when there is room.
        Err(error) if existing == directory && is_full(&error) => return None,
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => error.to_string(),
        _ => {
            // One that stays is empty and hidden, and does no harm.
            drop(fs::remove_dir(&probe));
            return None;
        }
    };
    Some(if existing == directory { reason } else { format!("{}: {reason}", existing.display()) })
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// The default of `--embedded.max-bytes`. A folder `levels` below its mount still counts as a mount of its own.
pub(crate) fn default_max_bytes(directory: &Path, levels: usize) -> u64 {
    let total = deepest_existing(directory).ok().and_then(|existing| statvfs(&existing).ok()).map(|stat| {
        let (blocks, size): (u64, u64) = (stat.blocks(), stat.fragment_size());
        blocks.saturating_mul(size)
    });
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    bound(total, is_mount(directory, levels, &mounts))
}

/// The smallest of a tenth of the file system, 10 GB and, where the folder is no mount of its own, 2 GB.
fn bound(file_system: Option<u64>, own_mount: bool) -> u64 {
    let most = if own_mount { LARGEST } else { LARGEST_AMONG_OTHERS };
    file_system.filter(|total| *total > 0).map_or(most, |total| most.min(total / 10))
}

/// Whether the folder, or one of so many levels above it, is where a file system is mounted. The root is nobody's own.
fn is_mount(directory: &Path, levels: usize, mountinfo: &str) -> bool {
    let Ok(directory) = absolute(directory) else { return false };
    let candidates = directory.ancestors().take(levels + 1).filter(|path| path.parent().is_some());
    let points: Vec<PathBuf> = mountinfo.lines().filter_map(mount_point).collect();
    candidates.into_iter().any(|path| points.iter().any(|point| point == path))
}

/// The fifth field of a line, where blanks and the like are octal.
fn mount_point(line: &str) -> Option<PathBuf> {
    let field = line.split(' ').nth(4)?;
    let plain = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    let text = plain.iter().fold(field.to_owned(), |text, (octal, plain)| text.replace(octal, plain));
    Some(PathBuf::from(text))
}

/// The folder without links as far as it exists.
fn absolute(directory: &Path) -> io::Result<PathBuf> {
    let directory = std::path::absolute(directory)?;
    let existing = deepest_existing(&directory)?;
    let rest = directory.strip_prefix(&existing).unwrap_or(Path::new(""));
    let existing = existing.canonicalize()?;
    Ok(if rest.as_os_str().is_empty() { existing } else { existing.join(rest) })
}

fn deepest_existing(directory: &Path) -> io::Result<PathBuf> {
    let directory = std::path::absolute(directory)?;
    for ancestor in directory.ancestors() {
        match ancestor.metadata() {
            Ok(_) => return Ok(ancestor.to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", ancestor.display()))),
        }
    }
    Ok(PathBuf::from("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_bound_is_the_smallest_of_three() {
        for (file_system, own_mount, bytes) in [
            (Some(500 * GB), true, 10 * GB),
            (Some(500 * GB), false, 2 * GB),
            (Some(50 * GB), true, 5 * GB),
            (Some(5 * GB), false, GB / 2),
            (None, false, 2 * GB),
            (Some(0), true, 10 * GB),
        ] {
            assert_eq!(bound(file_system, own_mount), bytes, "{file_system:?} {own_mount}");
        }
    }

    #[test]
    fn a_mount_is_found_by_its_own_path_and_the_root_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("my data/spans")).unwrap();
        let escaped = root.join("my data").display().to_string().replace(' ', "\\040");
        let mounts = format!("22 1 8:1 / / rw - ext4 /dev/a rw\n30 22 8:2 / {escaped} rw shared:1 - ext4 /dev/b rw\n");
        assert!(is_mount(&root.join("my data"), 0, &mounts));
        assert!(!is_mount(&root.join("my data/spans"), 0, &mounts));
        assert!(is_mount(&root.join("my data/spans"), 1, &mounts), "a folder in its mount, where levels allow one");
        assert!(is_mount(&root.join("my data/not there"), 1, &mounts));
        assert!(!is_mount(&root, 9, &mounts));
    }

    #[test]
    fn a_folder_that_can_be_made_can_be_written_and_nothing_is_made_for_the_question() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("a/b");
        assert_eq!(why_not_writable(&new), None);
        assert!(!folder.path().join("a").exists());
        fs::write(folder.path().join("file"), "").unwrap();
        let why = why_not_writable(&folder.path().join("file/b")).unwrap();
        assert!(why.contains("Not a directory") || why.contains("is not a folder"), "{why}");
        assert!(why_not_writable(&folder.path().join("file")).unwrap().ends_with("file is not a folder"));
        let why = why_not_writable(Path::new("/proc/jaeger")).unwrap();
        assert!(why.starts_with("/proc: ") && !why.contains(".jaeger-"), "{why}");
    }
}
