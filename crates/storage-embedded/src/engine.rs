//! One folder of spans: generations in memory over logs, partitions on disk, and the way of a batch through them.
//!
//! ```text
//! write -> log (durable) -> generation --compact--> partition --retain--> gone
//!                               \                        \
//!                                +------------------------+--> every search sees each span in one of them
//! ```

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jaeger_model::Batch;
use jaeger_storage::{ErrorKind, StorageError, Written};
use parking_lot::{Condvar, Mutex, RwLock};

use crate::cache::BlockCache;
use crate::figures::Figures;
use crate::folder::{Files, spare_path};
use crate::generation::Generation;
use crate::log::LogWriter;
use crate::maintain::QUIET_LOG_BYTES;
use crate::names::Names;
use crate::partition::Partition;

/// So many closed generations may wait to become partitions before writers are told to wait.
const MAX_WAITING: usize = 4;

/// What an engine needs to know.
#[derive(Clone, Debug)]
pub(crate) struct EngineConfig {
    /// Logs and partitions lie here.
    pub(crate) folder: PathBuf,
    /// None for the archive, whose spans never grow too old.
    pub(crate) max_age: Option<Duration>,
    pub(crate) max_bytes: u64,
    pub(crate) generation_bytes: u64,
    pub(crate) generation_age: Duration,
    pub(crate) max_trace_bytes: usize,
    pub(crate) cache_bytes: usize,
    pub(crate) block_spans: usize,
}

pub(crate) struct Engine {
    pub(crate) config: EngineConfig,
    pub(crate) log: LogWriter,
    pub(crate) state: Mutex<State>,
    pub(crate) cache: BlockCache,
    /// Of partitions; generations know their own.
    pub(crate) names: RwLock<Names>,
    /// Held by the one that maintains.
    pub(crate) maintaining: Mutex<()>,
    /// There may be work for whoever maintains.
    pub(crate) work: Condvar,
    /// Bytes on disk that count here too: the archive's.
    pub(crate) beside: AtomicU64,
    pub(crate) figures: Figures,
}

#[derive(Default)]
pub(crate) struct State {
    /// Oldest first; spans arrive in the last.
    pub(crate) generations: Vec<Arc<Generation>>,
    /// Oldest first.
    pub(crate) partitions: Arc<Vec<Arc<Partition>>>,
    pub(crate) partition_bytes: u64,
    pub(crate) evicted_spans: u64,
    /// When spans became a partition last since no more came.
    pub(crate) quiet_at: Option<Instant>,
    /// Someone waits for work to be looked for.
    pub(crate) asked: bool,
    pub(crate) ends: bool,
}

/// What a read works on: it stays as it was when the read began.
pub(crate) struct Snapshot {
    pub(crate) generations: Vec<Arc<Generation>>,
    pub(crate) partitions: Arc<Vec<Arc<Partition>>>,
}

impl State {
    /// The generation of a log.
    pub(crate) fn generation_of(&self, log: u64) -> Option<&Arc<Generation>> {
        self.generations.iter().rev().find(|generation| generation.first_log <= log)
    }
}

impl Engine {
    pub(crate) fn snapshot(&self) -> Snapshot {
        let state = self.state.lock();
        Snapshot { generations: state.generations.clone(), partitions: Arc::clone(&state.partitions) }
    }

    pub(crate) async fn write(&self, batch: Arc<Batch>) -> Written {
        let spans = batch.len();
        if spans == 0 {
            return Written::all(0);
        }
        if let Some(error) = self.too_far_behind() {
            self.figures.refused.increment(spans as u64);
            return Written::none(spans, &error);
        }
        let appended = match self.log.append(Arc::clone(&batch)).await {
            Ok(appended) => appended,
            Err(error) => {
                self.figures.refused.increment(spans as u64);
                return Written::none(spans, &error.into());
            }
        };
        // None where it is a partition already: then the log was read with this batch in it.
        let generation = self.state.lock().generation_of(appended.log).cloned();
        if let Some(generation) = generation {
            let before = generation.bytes();
            generation.take(batch, appended.bytes).await;
            let grown = before < QUIET_LOG_BYTES && generation.bytes() >= QUIET_LOG_BYTES;
            if grown || generation.is_full(self.config.generation_bytes) {
                self.ask();
            }
        }
        Written::all(spans)
    }

    /// Wakes whoever maintains.
    pub(crate) fn ask(&self) {
        let mut state = self.state.lock();
        if !state.asked {
            state.asked = true;
            self.work.notify_all();
        }
    }

    fn too_far_behind(&self) -> Option<StorageError> {
        let waiting = self.state.lock().generations.len();
        (waiting > MAX_WAITING).then(|| {
            StorageError::new(
                ErrorKind::Throttled,
                format!(
                    "{} logs in {} wait to become partitions: send slower, and look at the log for why they wait; \
                     the sender keeps the spans",
                    waiting - 1,
                    self.config.folder.display()
                ),
            )
        })
    }

    /// Bytes on disk: logs, partitions, and what counts beside them.
    pub(crate) fn disk_bytes(&self) -> u64 {
        self.state.lock().partition_bytes + self.log_file_bytes() + self.beside.load(Ordering::Relaxed)
    }

    /// Bytes of the logs' files, which may be longer than what is in them, and of the one that is kept to be used again.
    pub(crate) fn log_file_bytes(&self) -> u64 {
        let Ok(files) = Files::list(&self.config.folder) else { return 0 };
        let logs = files.logs.into_iter().map(|log| log.path).chain([spare_path(&self.config.folder)]);
        logs.filter_map(|path| std::fs::metadata(path).ok()).map(|file| file.len()).sum()
    }
}
