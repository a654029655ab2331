//! Compaction: the oldest closed generation becomes a partition. Its batches are taken as they came where memory still has
//! them all, else its logs are read once more; its traces are sorted by time, and copies dropped of what older partitions have.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jaeger_model::{Batch, TraceId};
use jaeger_storage::block::{Block, Reading, Scratch, build};
use jaeger_storage::minutes::found_in;

use crate::OpenError;
use crate::cluster::cluster;
use crate::engine::Engine;
use crate::fail_point::kill_point;
use crate::folder::{Files, Numbered, partition_path, spare_path, sync_folder};
use crate::generation::Generation;
use crate::log::{LogReadError, LogReader};
use crate::older::Older;
use crate::partition::{Partition, PartitionContent, PartitionNames, write_partition};

/// A log that is shorter is not worth being used again.
const SPARE_BYTES: u64 = 1 << 20;

/// So often the disk may fail to give logs before what it gives of them becomes a partition.
const MAX_FAILED_READS: u32 = 3;

/// How long compaction takes at most after spans stopped to come.
const AT_REST: std::time::Duration = std::time::Duration::from_secs(30);

/// Why a generation stays what it is for now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompactError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Log(#[from] crate::log::LogError),
    #[error(transparent)]
    Read(#[from] LogReadError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Partition(#[from] crate::partition::PartitionError),
}

impl Engine {
    /// Makes a partition of the oldest generation if that is closed; false where none is.
    ///
    /// # Errors
    /// Why not; nothing is lost, and it is tried again.
    pub(crate) fn compact_oldest(&self) -> Result<bool, CompactError> {
        let (generation, next, partitions) = {
            let state = self.state.lock();
            let [oldest, next, ..] = &state.generations[..] else { return Ok(false) };
            (Arc::clone(oldest), next.first_log, Arc::clone(&state.partitions))
        };
        // Until the log has moved on it may still grow.
        if self.log.log() < next {
            return Ok(false);
        }
        let held = generation.first_log..next;
        let logs: Vec<Numbered> =
            Files::list(&self.config.folder)?.logs.into_iter().filter(|log| held.contains(&log.number)).collect();
        let (batches, unreadable) = match generation.batches() {
            Some(batches) => (batches, Vec::new()),
            None => self.read_logs(&generation, &logs)?,
        };
        for path in &unreadable {
            // Also if a kill comes as soon as there is a partition. Where files have no two names it is renamed below.
            drop(crate::aside::keep(path));
        }
        let partition = if batches.is_empty() {
            None
        } else {
            self.compact(&generation, (generation.first_log, next - 1), &batches, &partitions)?
        };
        kill_point!("compact.before_publish");
        self.publish(&generation, partition);
        kill_point!("compact.before_logs_go");
        for log in logs {
            if unreadable.contains(&log.path) {
                self.set_log_aside(&log.path);
            } else {
                self.let_log_go(&log.path)?;
            }
        }
        kill_point!("compact.logs_gone");
        sync_folder(&self.config.folder).map_err(|source| self.folder_error(source))?;
        if self.is_at_rest() {
            // The next log may grow: there is time.
            remove(&spare_path(&self.config.folder))?;
        }
        self.figures.compacted.increment(1);
        Ok(true)
    }

    /// Whether nothing waits and the spans before became a partition since no more came.
    fn is_at_rest(&self) -> bool {
        let state = self.state.lock();
        state.quiet_at.is_some_and(|at| at.elapsed() < AT_REST)
            && state.generations.len() == 1
            && state.generations.iter().all(|generation| generation.is_empty())
    }

    /// The log is not needed any more; one is kept to be used again.
    fn let_log_go(&self, path: &Path) -> Result<(), CompactError> {
        let spare = spare_path(&self.config.folder);
        // What has a second name must not be written over.
        let large = std::fs::metadata(path).is_ok_and(|file| file.len() >= SPARE_BYTES && file.nlink() == 1);
        if large && !spare.exists() {
            return std::fs::rename(path, &spare).map_err(|source| CompactError::Io { path: path.into(), source });
        }
        remove(path)
    }

    /// What the logs give, and those of which the disk does not give all.
    fn read_logs(
        &self,
        generation: &Generation,
        logs: &[Numbered],
    ) -> Result<(Vec<Arc<Batch>>, Vec<PathBuf>), CompactError> {
        let (mut batches, mut failed) = (Vec::new(), Vec::new());
        for Numbered { path, .. } in logs {
            let reader = match LogReader::open(path) {
                Ok(reader) => reader,
                Err(OpenError::Io { source, .. }) if !crate::aside::is_passing(&source) => {
                    failed.push(LogReadError::Io { path: path.clone(), offset: 0, source });
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            for batch in reader {
                match batch {
                    Ok(batch) => batches.push(Arc::new(batch)),
                    Err(LogReadError::Io { path, offset, source }) if !crate::aside::is_passing(&source) => {
                        failed.push(LogReadError::Io { path, offset, source });
                    }
                    Err(error @ LogReadError::Io { .. }) => return Err(error.into()),
                    Err(error) => self.log_damaged(path, &error),
                }
            }
        }
        let Some(first) = failed.pop() else { return Ok((batches, Vec::new())) };
        // The disk may give it another time: the log must not go.
        if generation.failed_reads.fetch_add(1, Ordering::Relaxed) + 1 < MAX_FAILED_READS {
            return Err(first.into());
        }
        let mut unreadable = Vec::new();
        for error in failed.iter().chain([&first]) {
            if let LogReadError::Io { path, .. } = error {
                self.log_damaged(path, error);
                unreadable.push(path.clone());
            }
        }
        Ok((batches, unreadable))
    }

    /// What the disk may give of it later is kept.
    fn set_log_aside(&self, path: &Path) {
        match crate::aside::set_aside(path) {
            Ok(other) => {
                tracing::error!("{} is called {} from now on, nothing removes it", path.display(), other.display());
            }
            Err(error) => tracing::error!("{} cannot be set aside: {error}; move it away", path.display()),
        }
    }

    fn compact(
        &self,
        generation: &Generation,
        generations: (u64, u64),
        batches: &[Arc<Batch>],
        partitions: &[Arc<Partition>],
    ) -> Result<Option<Partition>, CompactError> {
        let older = Older::find(self, batches, partitions, generation.first_arrival_ms());
        let copies = older.copies(batches);
        let keep = |_: TraceId, arrival: u64| copies.is_empty() || !copies.contains(&arrival);
        let mut scratch = Scratch::default();
        let mut blocks: Vec<Arc<Block>> = Vec::new();
        for pieces in cluster(batches, self.config.block_spans) {
            if let Some(mut built) = build(&pieces, keep, &mut scratch) {
                built.block.number = u32::try_from(blocks.len()).unwrap_or(u32::MAX);
                blocks.push(Arc::new(built.block));
            }
        }
        if blocks.is_empty() {
            return Ok(None);
        }
        let minutes = found_in(&blocks, |trace| older.places(trace)).encode();
        let mut names = PartitionNames::default();
        let mut reading = Reading::default();
        for block in &blocks {
            block.names(&mut reading, |service, operation, kind| names.add(service, operation, kind));
        }
        let path = partition_path(&self.config.folder, generations.0);
        let content = PartitionContent {
            generations,
            last_arrival_ms: generation.last_arrival_ms(),
            blocks: &blocks,
            minutes: &minutes,
            names: &names,
        };
        if let Err(source) = write_partition(&path, &content) {
            // A log that is kept for later may be the room that this needs.
            if source.kind() == io::ErrorKind::StorageFull {
                remove(&spare_path(&self.config.folder))?;
            }
            return Err(CompactError::Io { path, source });
        }
        self.names.write().add(&names);
        Ok(Some(Partition::open(&path, generations.0)?))
    }

    /// The partition in the place of its generation, in one step for every reader.
    fn publish(&self, generation: &Arc<Generation>, partition: Option<Partition>) {
        let mut state = self.state.lock();
        state.generations.retain(|other| !Arc::ptr_eq(other, generation));
        if let Some(partition) = partition {
            state.partition_bytes += partition.bytes;
            Arc::make_mut(&mut state.partitions).push(Arc::new(partition));
        }
    }

    pub(crate) fn folder_error(&self, source: io::Error) -> CompactError {
        CompactError::Io { path: self.config.folder.clone(), source }
    }
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> Result<(), CompactError> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(CompactError::Io { path: path.into(), source }),
        _ => Ok(()),
    }
}
