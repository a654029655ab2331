//! What is in a folder, and what its bytes are spent on.

use std::fs;
use std::path::{Path, PathBuf};

use jaeger_storage::block::Block;

use super::{PARTS, existing, set_aside};
use crate::OpenError;
use crate::folder::Files;
use crate::partition::{Partition, SectionKind};

/// What a store's folder holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Stats {
    /// Of the spans and of the archive.
    pub parts: Vec<PartStats>,
}

/// What the spans or the archive hold.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PartStats {
    /// `spans` or `archive`.
    pub name: &'static str,
    /// Each partition.
    pub partitions: Vec<PartitionStats>,
    /// Files of the log, and their bytes.
    pub logs: (usize, u64),
    /// Bytes of all partitions by what they are spent on, columns of blocks as they are in memory included.
    pub bytes_by_part: Vec<(&'static str, u64)>,
    /// Files that cannot be read, with the reason.
    pub damaged: Vec<(PathBuf, String)>,
}

/// What a partition holds.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionStats {
    /// Its file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its spans.
    pub spans: u64,
    /// Its blocks.
    pub blocks: usize,
    /// The least and the greatest start of its spans, nanoseconds since 1970.
    pub start_nanos: (i64, i64),
    /// When its last span arrived, milliseconds since 1970.
    pub last_arrival_ms: i64,
}

/// What is in the folder.
///
/// # Errors
/// A process uses it, or it cannot be read.
pub fn stats(directory: &Path) -> Result<Stats, OpenError> {
    let _lock = existing(directory)?;
    let mut stats = Stats::default();
    for name in PARTS {
        let files = Files::list(&directory.join(name))?;
        let mut part = PartStats { name, ..PartStats::default() };
        part.damaged.extend(files.damaged.iter().map(set_aside));
        for log in &files.logs {
            part.logs.0 += 1;
            part.logs.1 += fs::metadata(&log.path).map_or(0, |metadata| metadata.len());
        }
        for file in &files.partitions {
            match Partition::open(&file.path, file.number) {
                Ok(partition) => part.add(&partition),
                Err(error) => part.damaged.push((error.path, error.what.to_string())),
            }
        }
        stats.parts.push(part);
    }
    Ok(stats)
}

impl PartStats {
    fn add(&mut self, partition: &Partition) {
        let footer = &partition.footer;
        self.partitions.push(PartitionStats {
            path: partition.path.clone(),
            bytes: partition.bytes,
            spans: footer.spans,
            blocks: footer.blocks.len(),
            start_nanos: partition.start,
            last_arrival_ms: footer.last_arrival_ms,
        });
        for (kind, name) in [
            (SectionKind::Terms, "index of terms"),
            (SectionKind::Traces, "index of traces"),
            (SectionKind::TraceFilter, "filter of traces"),
            (SectionKind::Minutes, "counts by the minute"),
            (SectionKind::Names, "names"),
            (SectionKind::Times, "order of time"),
            (SectionKind::Lists, "lists of terms"),
        ] {
            self.add_bytes(name, partition.section_bytes(kind));
        }
        for block in 0..footer.blocks.len() {
            let parts = partition.block_bytes(block).and_then(|bytes| {
                let parts = Block::parts_of_bytes(&bytes);
                parts.map_err(|error| partition.wrong_content(format!("block {block}: {error}")))
            });
            match parts {
                Ok(parts) => parts.into_iter().for_each(|(name, bytes)| self.add_bytes(name, bytes as u64)),
                Err(error) => self.damaged.push((error.path, error.what.to_string())),
            }
        }
    }

    fn add_bytes(&mut self, name: &'static str, bytes: u64) {
        match self.bytes_by_part.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += bytes,
            None => self.bytes_by_part.push((name, bytes)),
        }
    }
}
