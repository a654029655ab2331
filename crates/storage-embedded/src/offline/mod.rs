//! Looks into a folder that no process uses: what is in it, whether all of it can be read, and all its traces.

mod export;
mod stats;
mod verify;

use std::fs;
use std::path::{Path, PathBuf};

use crate::OpenError;
use crate::folder::{Files, Lock, Numbered};
use crate::log::LogReader;
use crate::partition::Partition;

pub use export::export;
pub use stats::{PartStats, PartitionStats, Stats, stats};
pub use verify::verify;

/// The folders of spans within a store's, with the names people see.
const PARTS: [&str; 2] = ["spans", "archive"];

/// What [`verify`] and [`export`] saw.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Files that were read.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Their spans, copies included.
    pub spans: u64,
    /// What is damaged: the file, and what of it.
    pub damaged: Vec<(PathBuf, String)>,
    /// Logs whose last bytes are no whole record, and how many bytes: what was being written at a kill, which was never
    /// acknowledged, looks the same as damage to the last record.
    pub torn: Vec<(PathBuf, u64)>,
}

impl Report {
    fn file(&mut self, path: &Path) {
        self.files += 1;
        self.bytes += fs::metadata(path).map_or(0, |metadata| metadata.len());
    }
}

/// Fails where a file of the store is of a later version; changes nothing.
pub(crate) fn refuse_newer(directory: &Path) -> Result<(), OpenError> {
    for part in PARTS {
        let files = Files::list(&directory.join(part))?;
        for file in &files.partitions {
            let opened = Partition::open(&file.path, file.number);
            if let Some(newer) = opened.err().and_then(|error| OpenError::of_newer(&error)) {
                return Err(newer);
            }
        }
        for file in &files.logs {
            crate::recover::refuse_newer_log(&file.path)?;
        }
    }
    Ok(())
}

fn each_batch(path: &Path, report: &mut Report, mut each: impl FnMut(jaeger_model::Batch)) {
    match LogReader::open(path) {
        Ok(mut reader) => {
            for batch in reader.by_ref() {
                match batch {
                    Ok(batch) => each(batch),
                    Err(error) => report.damaged.push((path.into(), error.to_string())),
                }
            }
            if reader.torn_bytes() > 0 {
                report.torn.push((path.into(), reader.torn_bytes()));
            }
        }
        Err(error) => report.damaged.push((path.into(), error.to_string())),
    }
}

/// How a log is named that no start reads.
fn set_aside(log: &Numbered) -> (PathBuf, String) {
    let what = "a log that could not be read and was set aside: its spans are left out; give it a log's name with a \
                number greater than all others when the disk is sound, or remove it";
    (log.path.clone(), what.into())
}

/// Takes a folder that is there.
fn existing(directory: &Path) -> Result<Lock, OpenError> {
    fs::read_dir(directory).map_err(OpenError::io(directory))?;
    refuse_newer(directory)?;
    Lock::take(directory)
}

fn total_bytes(directory: &Path) -> Result<u64, OpenError> {
    let mut bytes = 0;
    for part in PARTS {
        let files = Files::list(&directory.join(part))?;
        bytes += files
            .partitions
            .iter()
            .chain(&files.logs)
            .map(|file| fs::metadata(&file.path).map_or(0, |metadata| metadata.len()))
            .sum::<u64>();
    }
    Ok(bytes)
}
