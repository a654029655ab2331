//! Why a store cannot be opened.

use std::io;
use std::path::{Path, PathBuf};

use crate::partition::{HeaderError, PartitionError};

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or written.
    #[error(
        "{} cannot be written ({source}): set --embedded.directory to a folder of this user, or mount a volume there",
        directory.display()
    )]
    NotWritable {
        /// The folder.
        directory: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// Another process has it.
    #[error(
        "{} is in use by the process {holder}: end that, or share one store by jaeger-remote-storage",
        directory.display()
    )]
    InUse {
        /// The folder.
        directory: PathBuf,
        /// The process's id as far as it is known.
        holder: String,
    },
    /// A file was written by a later version. Nothing was changed.
    #[error(
        "{} has the format mark {mark}, which needs jaeger {needed} or later: run that version; nothing was changed",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its mark.
        mark: u16,
        /// The version that reads it.
        needed: String,
    },
    /// The file system fails.
    #[error("{}: {source}: look at the disk and its file system", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
}

impl OpenError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        |source| Self::Io { path: path.into(), source }
    }

    /// The error where a partition is of a later version; others cost that file alone.
    pub(crate) fn of_newer(error: &PartitionError) -> Option<Self> {
        match &error.what {
            crate::partition::Wrong::Header(HeaderError::Newer { mark, needed }) => {
                Some(Self::Newer { path: error.path.clone(), mark: *mark, needed: needed.clone() })
            }
            _ => None,
        }
    }
}
