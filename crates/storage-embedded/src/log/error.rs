//! Why spans did not get into the log.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jaeger_storage::{ErrorKind, StorageError};

/// Why a batch is not in the log. The sender keeps it in every case.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum LogError {
    /// No room on the disk.
    #[error(
        "the disk of {} is full, {free} bytes are free: make room there, lower --embedded.max-bytes or mount a larger \
         volume; searches go on, and the sender keeps the spans",
        directory.display()
    )]
    Full {
        /// The folder of the log.
        directory: Arc<PathBuf>,
        /// What the file system says is free.
        free: u64,
    },
    /// The disk fails.
    #[error(
        "the log in {} cannot be written ({source}): look at the disk and its file system; the sender keeps the spans",
        directory.display()
    )]
    Io {
        /// The folder of the log.
        directory: Arc<PathBuf>,
        /// What the file system says.
        source: Arc<io::Error>,
    },
    /// The batch fits in no record.
    #[error("a batch of {bytes} bytes fits in no record of the log; send fewer spans at once")]
    TooLarge {
        /// Its length as a record.
        bytes: usize,
    },
    /// The store ends.
    #[error("the log is closed since the store ends; the sender keeps the spans")]
    Closed,
}

impl LogError {
    pub(super) fn of(directory: &Arc<PathBuf>, source: io::Error) -> Self {
        if is_full(&source) {
            Self::Full { directory: Arc::clone(directory), free: free_bytes(directory) }
        } else {
            Self::Io { directory: Arc::clone(directory), source: Arc::new(source) }
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOSPC | libc::EDQUOT))
}

/// 0 where the file system does not say.
fn free_bytes(directory: &Path) -> u64 {
    nix::sys::statvfs::statvfs(directory).map_or(0, |of| of.blocks_available().saturating_mul(of.fragment_size()))
}

impl From<LogError> for StorageError {
    fn from(error: LogError) -> Self {
        let kind = match &error {
            LogError::Full { .. } => ErrorKind::Throttled,
            LogError::Io { .. } | LogError::Closed => ErrorKind::Unavailable,
            LogError::TooLarge { .. } => ErrorKind::Invalid,
        };
        Self::new(kind, error.to_string()).caused_by(error)
    }
}
