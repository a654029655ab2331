//! The folder on disk: who may use it, and which files are in it.
//!
//! ```text
//! <directory>/LOCK            held while a process uses the folder; has its id
//! <directory>/spans/          logs and partitions
//! <directory>/archive/        the same, of archived traces
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::OpenError;

/// The ending of a file that is not finished: thrown away at the next start.
pub(crate) const UNFINISHED: &str = "unfinished";
/// The ending of a log that was set aside since it could not be read.
pub(crate) const DAMAGED: &str = "damaged";
const LOG: (&str, &str) = ("log-", ".jlog");
const PARTITION: (&str, &str) = ("part-", ".jpart");

/// The folder, ours alone while this lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the folder, which is made where it is missing.
    ///
    /// # Errors
    /// Who has it, or why it cannot be written.
    pub(crate) fn take(directory: &Path) -> Result<Self, OpenError> {
        let not_writable = |source| OpenError::NotWritable { directory: directory.into(), source };
        make_folder(directory).map_err(not_writable)?;
        let path = directory.join("LOCK");
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = open.map_err(not_writable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Its id is a help, no more.
                drop(file.take(20).read_to_string(&mut holder));
                let holder = if holder.trim().is_empty() { "unknown".into() } else { holder.trim().into() };
                return Err(OpenError::InUse { directory: directory.into(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(not_writable(source)),
        }
        let write =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        match write {
            // On a full disk the lock holds all the same.
            Err(error) if !matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
                Err(not_writable(error))
            }
            _ => Ok(Self { _file: file }),
        }
    }
}

/// A log or a partition.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Numbered {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
}

/// What is in a folder of spans, in order of the numbers.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) logs: Vec<Numbered>,
    pub(crate) partitions: Vec<Numbered>,
    pub(crate) unfinished: Vec<PathBuf>,
    /// Logs that were set aside since they could not be read.
    pub(crate) damaged: Vec<Numbered>,
}

impl Files {
    /// Lists the folder; one that is missing is empty.
    ///
    /// # Errors
    /// Why it cannot be listed.
    pub(crate) fn list(folder: &Path) -> Result<Self, OpenError> {
        let mut files = Self::default();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
            Err(error) => return Err(OpenError::io(folder)(error)),
        };
        for entry in entries {
            let path = entry.map_err(OpenError::io(folder))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
            if let Some(number) = number_of(name, LOG) {
                files.logs.push(Numbered { number, path });
            } else if let Some(number) = number_of(name, PARTITION) {
                files.partitions.push(Numbered { number, path });
            } else if path.extension().is_some_and(|extension| extension == UNFINISHED) {
                files.unfinished.push(path);
            } else if path.extension().is_some_and(|extension| extension == DAMAGED) {
                let number = name.strip_prefix(LOG.0).and_then(|name| name.split('.').next()?.parse().ok());
                files.damaged.push(Numbered { number: number.unwrap_or(0), path });
            }
        }
        files.logs.sort();
        files.partitions.sort();
        files.damaged.sort();
        Ok(files)
    }
}

fn number_of(name: &str, (before, after): (&str, &str)) -> Option<u64> {
    name.strip_prefix(before)?.strip_suffix(after)?.parse().ok()
}

/// The file of a log.
pub(crate) fn log_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{}{number:010}{}", LOG.0, LOG.1))
}

/// A log whose spans are in a partition, kept to be used again.
pub(crate) fn spare_path(folder: &Path) -> PathBuf {
    folder.join("spare.jlog")
}

/// The file of a partition.
pub(crate) fn partition_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{}{number:010}{}", PARTITION.0, PARTITION.1))
}

/// Makes a folder, and those above it that are missing, all durable.
///
/// # Errors
/// What the file system says.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
    if let Some(above) = above {
        make_folder(above)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    match sync_folder(above.unwrap_or(Path::new("."))) {
        // Who may make a folder there may still not read it.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

/// Makes names in a folder durable.
///
/// # Errors
/// What the file system says.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_has_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let directory = folder.path().join("new");
        let lock = Lock::take(&directory).expect("free");
        let error = Lock::take(&directory).expect_err("taken").to_string();
        assert!(error.contains(&format!("in use by the process {}", std::process::id())), "{error}");
        drop(lock);
        assert!(Lock::take(&directory).is_ok());
    }

    #[test]
    fn a_folder_is_made_with_those_above_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a/b/c");
        make_folder(&deep).expect("made");
        make_folder(&deep).expect("there");
        assert!(deep.is_dir());
        let file = folder.path().join("file");
        File::create(&file).expect("a file");
        assert!(make_folder(&file).is_err() && make_folder(&file.join("x")).is_err());
    }

    #[test]
    fn lists_files_by_number_and_leaves_others_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in
            ["log-0000000012.jlog", "log-0000000002.jlog", "part-0000000003.jpart", "x.unfinished", "000001.vlog"]
        {
            File::create(folder.path().join(name)).expect("a file");
        }
        let files = Files::list(folder.path()).expect("listed");
        assert_eq!(files.logs.iter().map(|log| log.number).collect::<Vec<_>>(), [2, 12]);
        assert_eq!(files.logs[1].path, log_path(folder.path(), 12));
        assert_eq!(files.partitions[0].path, partition_path(folder.path(), 3));
        assert_eq!((files.partitions.len(), files.unfinished.len()), (1, 1));
        assert!(Files::list(&folder.path().join("missing")).expect("empty").logs.is_empty());
    }
}
