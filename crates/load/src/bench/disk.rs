//! A folder on a disk for one server's store; it goes when it is not needed any more.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

const PREFIX: &str = "jaeger-bench-";

pub(super) struct Folder(PathBuf);

impl Folder {
    /// A new one in `under`, or beside this program; what a run that was killed has left there goes first.
    pub(super) fn make(under: Option<&Path>) -> anyhow::Result<Self> {
        let own = std::env::current_exe().context("where this program is")?;
        let under = under.or(own.parent()).context("this program stands in no folder")?;
        let under = under.canonicalize().with_context(|| format!("no folder {}", under.display()))?;
        let kind = file_system(&under)?;
        if matches!(kind.as_str(), "tmpfs" | "ramfs") {
            bail!("{} lies in memory ({kind}); name a folder on a disk with --disk=FOLDER", under.display());
        }
        remove_left_over(&under);
        let folder = under.join(format!("{PREFIX}{}-{:08x}", std::process::id(), fastrand::u32(..)));
        fs::create_dir(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The flags that let an embedded store lie here and drop nothing.
    pub(super) fn flags(&self) -> [String; 2] {
        [format!("--embedded.directory={}", self.0.display()), "--embedded.max-bytes=1000000000000".to_owned()]
    }

    /// Every file with its bytes on the disk, as `du` counts them, and its length.
    pub(super) fn files(&self) -> anyhow::Result<Vec<File>> {
        let mut files = Vec::new();
        list(&self.0, &mut files).with_context(|| format!("reading {}", self.0.display()))?;
        files.sort();
        Ok(files)
    }

    /// Bytes on the disk, as `du` counts them.
    pub(super) fn bytes(&self) -> anyhow::Result<u64> {
        Ok(self.files()?.iter().map(|file| file.on_disk).sum())
    }

    /// Bytes of logs that would be replayed, to the ends of their files.
    pub(super) fn log_bytes(&self) -> anyhow::Result<u64> {
        let is_log = |file: &&File| {
            file.path.extension().is_some_and(|extension| extension == "jlog")
                && file.path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("log-"))
        };
        Ok(self.files()?.iter().filter(is_log).map(|file| file.length).sum())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nobody can do more about it here.
        drop(fs::remove_dir_all(&self.0));
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct File {
    path: PathBuf,
    length: u64,
    on_disk: u64,
}

/// Files come and go while they are listed: one that is gone is not there.
fn list(folder: &Path, files: &mut Vec<File>) -> std::io::Result<()> {
    const BLOCK: u64 = 512;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() {
            list(&entry.path(), files)?;
        }
        files.push(File { path: entry.path(), length: metadata.len(), on_disk: metadata.blocks() * BLOCK });
    }
    Ok(())
}

/// The kind of the file system that holds `path`.
fn file_system(path: &Path) -> anyhow::Result<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").context("/proc/self/mounts")?;
    let held = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (mount, kind) = (Path::new(fields.next()?), fields.next()?);
        path.starts_with(mount).then(|| (mount.components().count(), kind))
    });
    // The later of two mounts at one place is the one to be seen.
    let (_, kind) = held.max_by_key(|(depth, _)| *depth).context("no file system holds the folder")?;
    Ok(kind.to_owned())
}

fn remove_left_over(under: &Path) {
    let Ok(entries) = fs::read_dir(under) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((pid, _)) = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-')) else { continue };
        if pid.parse::<u32>().is_ok() && !Path::new("/proc").join(pid).exists() {
            // One that stays takes room, and nothing else.
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Empties the page cache of what is on the disk anyway; only root may.
pub(super) fn drop_page_cache() -> std::io::Result<()> {
    fs::write("/proc/sys/vm/drop_caches", "3")
}
