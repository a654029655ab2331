//! Start: partitions are opened by their ends, logs are replayed, and what a kill left half done is finished or thrown away.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::SystemTime;

use parking_lot::{Condvar, Mutex, RwLock};

use crate::aside::{is_passing, set_aside};
use crate::cache::BlockCache;
use crate::engine::{Engine, EngineConfig, State};
use crate::fail_point::kill_point;
use crate::figures::Figures;
use crate::folder::{Files, Numbered, make_folder, sync_folder};
use crate::generation::{Generation, ms_of};
use crate::log::{LogReader, LogWriter};
use crate::names::Names;
use crate::partition::Partition;
use crate::{OpenError, Progress};

/// More logs than any partition has.
const LOGS_OF_A_PARTITION: u64 = 1 << 20;

impl Engine {
    /// Opens the folder, which is made where it is missing.
    ///
    /// # Errors
    /// Why there is no store; a damaged file is no reason.
    pub(crate) fn open(
        config: EngineConfig,
        part: &'static str,
        progress: &dyn Fn(Progress),
    ) -> Result<Arc<Self>, OpenError> {
        let folder = config.folder.clone();
        let files = Files::list(&folder)?;
        let figures = Figures::new(part);
        // Everything is looked at before anything is changed: a newer file means hands off.
        let partitions: Vec<_> =
            open_partitions(&files.partitions, &figures, progress)?.into_iter().map(Arc::new).collect();
        for log in &files.logs {
            refuse_newer_log(&log.path)?;
        }
        make_folder(&folder).map_err(|source| OpenError::NotWritable { directory: folder.clone(), source })?;
        kill_point!("start.before_cleaning");
        for path in &files.unfinished {
            remove(path);
        }
        // A partition has these; a kill came before they went.
        let covered = |log: &Numbered| {
            let held = partitions.iter().map(|partition| partition.footer.generations);
            held.into_iter().any(|(first, last)| (first..=last).contains(&log.number))
        };
        let (done, logs): (Vec<Numbered>, Vec<Numbered>) = files.logs.into_iter().partition(covered);
        for log in &done {
            remove(&log.path);
        }
        kill_point!("start.before_replay");
        let names = Names::of_partitions(&partitions, |error| report(&figures, &error));
        let generations = replay(&logs, config.generation_bytes, &figures, progress)?;
        kill_point!("start.after_replay");
        let last = logs.last().map_or(0, |log| log.number);
        let last = partitions.iter().fold(last, |last, partition| last.max(partition.footer.generations.1));
        // The name of a log that was set aside is not used again.
        let last = files.damaged.iter().fold(last, |last, log| last.max(log.number));
        let last = files.partitions.iter().fold(last, |last, partition| last.max(partition.number));
        // Nobody knows which logs a damaged partition has: restored, it must not be taken for one that has newer logs.
        let unknown = if partitions.len() < files.partitions.len() { LOGS_OF_A_PARTITION } else { 0 };
        let next = last + 1 + unknown;
        let log = LogWriter::start(folder.clone(), next).map_err(OpenError::io(&folder))?;
        sync_folder(&folder).map_err(OpenError::io(&folder))?;
        let state = State {
            generations: with_room(generations, next, config.generation_bytes),
            partition_bytes: partitions.iter().map(|partition| partition.bytes).sum(),
            partitions: Arc::new(partitions),
            // What a kill left to be done is done now: writers are told to wait for it.
            asked: true,
            ..State::default()
        };
        let engine = Arc::new(Self {
            cache: BlockCache::new(config.cache_bytes),
            config,
            log,
            state: Mutex::new(state),
            names: RwLock::new(names),
            maintaining: Mutex::new(()),
            work: Condvar::new(),
            beside: AtomicU64::new(0),
            figures,
        });
        engine.measure();
        Ok(engine)
    }
}

/// Fails where a later version wrote the log; one that cannot be read is no reason to have no store.
pub(crate) fn refuse_newer_log(path: &Path) -> Result<(), OpenError> {
    match LogReader::open(path) {
        Err(newer @ OpenError::Newer { .. }) => Err(newer),
        _ => Ok(()),
    }
}

/// Removes a file that nothing needs; where that fails the next start tries again.
fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!("{} is not needed and cannot be removed: {error}", path.display());
    }
}

/// The last generation goes on with the next log, unless it is full.
fn with_room(mut generations: Vec<Arc<Generation>>, next: u64, full: u64) -> Vec<Arc<Generation>> {
    if generations.last().is_none_or(|generation| generation.is_full(full)) {
        generations.push(Arc::new(Generation::new(next)));
    }
    generations
}

fn report(figures: &Figures, error: &crate::partition::PartitionError) {
    figures.damaged.increment(1);
    tracing::error!(%error, "this file is left out, all others are there; restore it, or move it away");
}

fn open_partitions(
    files: &[Numbered],
    figures: &Figures,
    progress: &dyn Fn(Progress),
) -> Result<Vec<Partition>, OpenError> {
    let mut partitions = Vec::with_capacity(files.len());
    let mut spans = 0;
    for (done, file) in files.iter().enumerate() {
        match Partition::open(&file.path, file.number) {
            Ok(partition) => {
                spans += partition.footer.spans;
                partitions.push(partition);
            }
            Err(error) => match OpenError::of_newer(&error) {
                Some(newer) => return Err(newer),
                None => report(figures, &error),
            },
        }
        let (done_bytes, total_bytes) = (done as u64 + 1, files.len() as u64);
        progress(Progress { what: "reading partitions", done_bytes, total_bytes, spans });
    }
    Ok(partitions)
}

/// The logs' spans, in generations of about the usual length.
fn replay(
    logs: &[Numbered],
    full: u64,
    figures: &Figures,
    progress: &dyn Fn(Progress),
) -> Result<Vec<Arc<Generation>>, OpenError> {
    let mut lens = Vec::with_capacity(logs.len());
    for log in logs {
        let file = fs::metadata(&log.path);
        let modified = file.as_ref().ok().and_then(|file| file.modified().ok());
        lens.push((file.map_or(0, |file| file.len()), modified.unwrap_or_else(SystemTime::now)));
    }
    let total_bytes = lens.iter().map(|(len, _)| len).sum();
    let mut shown = Progress { what: "replaying the log", done_bytes: 0, total_bytes, spans: 0 };
    progress(shown);
    let mut generations: Vec<Arc<Generation>> = Vec::new();
    for (log, (len, modified)) in logs.iter().zip(lens) {
        if generations.last().is_none_or(|generation| generation.is_full(full)) {
            generations.push(Arc::new(Generation::new(log.number)));
        }
        let Some(generation) = generations.last() else { continue };
        let replayed = replay_log(log, generation, figures, &mut shown, progress)?;
        kill_point!("recover.log_replayed");
        shown.done_bytes += len;
        match replayed {
            Replayed::Something => generation.grew(len, ms_of(modified)),
            // Nothing was ever acknowledged of it.
            Replayed::Nothing => remove(&log.path),
            Replayed::Unreadable => {}
        }
        progress(shown);
    }
    Ok(generations)
}

/// What a log gave.
enum Replayed {
    Something,
    Nothing,
    /// It is no log any more.
    Unreadable,
}

/// A log that cannot be opened does not stop the store.
fn not_opened(path: &Path, error: OpenError, figures: &Figures) -> Result<Replayed, OpenError> {
    let source = match error {
        OpenError::Io { source, .. } => source,
        other => return Err(other),
    };
    figures.damaged.increment(1);
    if is_passing(&source) {
        tracing::error!(
            "{} cannot be opened ({source}): its spans are there again when it becomes a partition",
            path.display()
        );
        return Ok(Replayed::Something);
    }
    match set_aside(path) {
        Ok(other) => tracing::error!(
            "{} cannot be read ({source}), its spans are left out and it is called {} now: look at the disk, and give \
             it a log's name with a number greater than all others when it can be read",
            path.display(),
            other.display()
        ),
        Err(error) => tracing::error!(
            "{} cannot be read ({source}), its spans are left out; nor can it be set aside ({error}): look at the disk",
            path.display()
        ),
    }
    Ok(Replayed::Unreadable)
}

fn replay_log(
    log: &Numbered,
    generation: &Generation,
    figures: &Figures,
    shown: &mut Progress,
    progress: &dyn Fn(Progress),
) -> Result<Replayed, OpenError> {
    let before = shown.spans;
    let mut reader = match LogReader::open(&log.path) {
        Ok(reader) => reader,
        Err(error) => return not_opened(&log.path, error, figures),
    };
    let (mut told, mut damaged) = (shown.spans, false);
    for batch in reader.by_ref() {
        match batch {
            Ok(batch) => {
                shown.spans += batch.len() as u64;
                generation.replay(batch);
                kill_point!("recover.batch_replayed");
            }
            Err(error) => {
                damaged = true;
                figures.damaged.increment(1);
                tracing::error!(file = %log.path.display(), %error, "spans in a damaged part of a log are lost, all others are there");
            }
        }
        if shown.spans - told > 50_000 {
            told = shown.spans;
            progress(*shown);
        }
    }
    let torn = reader.torn_bytes();
    if torn > 0 {
        tracing::warn!(
            file = %log.path.display(), bytes = torn,
            "the end of a log is not whole: what was being written when the process was killed, which was never \
             acknowledged, or damage"
        );
    }
    // What is torn may be damage: it stays as long as the log.
    let any = shown.spans > before || damaged || torn > 0;
    Ok(if any { Replayed::Something } else { Replayed::Nothing })
}
