//! Looks into a folder that no process uses: what is in it, whether all of it can be read, and all its traces.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jaeger_model::{Trace, TraceId};
use jaeger_storage::block::{Block, Reading};

use crate::folder::{Files, Lock, Numbered};
use crate::log::LogReader;
use crate::partition::{Partition, SectionKind};
use crate::{OpenError, Progress};

/// The folders of spans within a store's, with the names people see.
const PARTS: [&str; 2] = ["spans", "archive"];

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

/// What [`verify`] saw.
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

/// Reads everything, and says what is damaged.
///
/// # Errors
/// A process uses the folder, or it cannot be listed.
pub fn verify(directory: &Path, progress: &dyn Fn(Progress)) -> Result<Report, OpenError> {
    let _lock = existing(directory)?;
    let mut report = Report::default();
    let total_bytes = total_bytes(directory)?;
    for part in PARTS {
        let files = Files::list(&directory.join(part))?;
        report.damaged.extend(files.damaged.iter().map(set_aside));
        for file in &files.partitions {
            report.file(&file.path);
            match Partition::open(&file.path, file.number) {
                Ok(partition) => verify_partition(&partition, &mut report),
                Err(error) => report.damaged.push((error.path, error.what.to_string())),
            }
            progress(Progress { what: "verifying", done_bytes: report.bytes, total_bytes, spans: report.spans });
        }
        for log in &files.logs {
            report.file(&log.path);
            let mut spans = 0;
            each_batch(&log.path, &mut report, |batch| spans += batch.len() as u64);
            report.spans += spans;
            progress(Progress { what: "verifying", done_bytes: report.bytes, total_bytes, spans: report.spans });
        }
    }
    Ok(report)
}

impl Report {
    fn file(&mut self, path: &Path) {
        self.files += 1;
        self.bytes += fs::metadata(path).map_or(0, |metadata| metadata.len());
    }
}

fn verify_partition(partition: &Partition, report: &mut Report) {
    let mut damaged =
        |error: crate::partition::PartitionError| report.damaged.push((error.path, error.what.to_string()));
    if let Err(error) = partition.names() {
        damaged(error);
    }
    if let Err(error) = crate::counts::delta_of(partition) {
        damaged(error);
    }
    if let Err(error) = partition.verify_terms().and_then(|()| partition.verify_index()) {
        damaged(error);
    }
    let listed = partition.trace_entries().map_err(&mut damaged).unwrap_or_default();
    let listed: HashSet<u64> = listed.into_iter().collect();
    let mut reading = Reading::default();
    for number in 0..partition.footer.blocks.len() {
        let block = match partition.read_block(number) {
            Ok(block) => block,
            Err(error) => {
                damaged(error);
                continue;
            }
        };
        let mut spans = 0;
        for (place, trace) in block.trace_ids().iter().enumerate() {
            spans += block.decode(place, &mut reading).map_or(0, |batch| batch.len());
            if !listed.contains(&crate::partition::trace_entry(*trace, number)) {
                let what = format!("trace {trace} of block {number} is not in the index of traces");
                damaged(partition.wrong_content(what));
            }
        }
        if spans != block.len() {
            damaged(partition.wrong_content(format!("block {number} gives {spans} of its {} spans back", block.len())));
        }
        report.spans += spans as u64;
    }
}

/// Gives `each` every trace, the archive's too, each trace once and whole; a damaged file costs that file alone and is
/// named in the answer.
///
/// # Errors
/// A process uses the folder, it cannot be read, or what `each` says.
pub fn export<E: From<OpenError>>(
    directory: &Path,
    progress: &dyn Fn(Progress),
    each: &mut dyn FnMut(Trace) -> Result<(), E>,
) -> Result<Report, E> {
    let _lock = existing(directory)?;
    let mut report = Report::default();
    let total_bytes = total_bytes(directory)?;
    for part in PARTS {
        let files = Files::list(&directory.join(part)).map_err(E::from)?;
        report.damaged.extend(files.damaged.iter().map(set_aside));
        let mut partitions = Vec::new();
        for file in &files.partitions {
            match Partition::open(&file.path, file.number) {
                Ok(partition) => partitions.push(partition),
                Err(error) => report.damaged.push((error.path, error.what.to_string())),
            }
        }
        let mut hot: Vec<Arc<jaeger_model::Batch>> = Vec::new();
        for log in &files.logs {
            each_batch(&log.path, &mut report, |batch| hot.push(Arc::new(batch)));
        }
        let mut places: std::collections::HashMap<TraceId, Vec<(usize, usize)>> = std::collections::HashMap::new();
        for (batch, spans) in hot.iter().enumerate() {
            for (span, view) in spans.spans().enumerate() {
                places.entry(view.trace_id()).or_default().push((batch, span));
            }
        }
        let hot_spans = |trace: &mut Trace, at: &[(usize, usize)]| {
            for run in at.chunk_by(|a, b| a.0 == b.0) {
                if let Some(batch) = run.first().and_then(|(batch, _)| hot.get(*batch)) {
                    trace.push_spans(Arc::clone(batch), run.iter().map(|(_, span)| *span));
                }
            }
        };
        // A trace is written with the last partition that has it, or with the log.
        for at in 0..partitions.len() {
            let (Some(partition), later) = (partitions.get(at), partitions.get(at + 1..).unwrap_or(&[])) else {
                continue;
            };
            report.file(&partition.path);
            for number in 0..partition.footer.blocks.len() {
                let block = match partition.read_block(number) {
                    Ok(block) => block,
                    Err(error) => {
                        report.damaged.push((error.path, error.what.to_string()));
                        continue;
                    }
                };
                for id in block.trace_ids() {
                    let last_here = partition.blocks_of(*id).ok().and_then(|blocks| blocks.last().copied());
                    let goes_on = places.contains_key(id)
                        || last_here.is_some_and(|last| last > number)
                        || later.iter().any(|later| has(later, *id));
                    if !goes_on {
                        let trace = gather(&partitions, *id, &mut report);
                        report.spans += trace.len() as u64;
                        each(trace)?;
                    }
                }
                let done_bytes = report.bytes - partition.bytes
                    + partition.footer.blocks.get(number).map_or(0, |block| block.offset + u64::from(block.len));
                progress(Progress { what: "exporting", done_bytes, total_bytes, spans: report.spans });
            }
        }
        for log in &files.logs {
            report.file(&log.path);
        }
        for (id, at) in &places {
            let mut trace = gather(&partitions, *id, &mut report);
            hot_spans(&mut trace, at);
            trace.drop_copies();
            report.spans += trace.len() as u64;
            each(trace)?;
        }
        progress(Progress { what: "exporting", done_bytes: report.bytes, total_bytes, spans: report.spans });
    }
    Ok(report)
}

/// Whether the partition has the trace.
fn has(partition: &Partition, id: TraceId) -> bool {
    let blocks = partition.blocks_of(id).unwrap_or_default();
    blocks.into_iter().any(|block| partition.read_block(block).is_ok_and(|block| block.find_trace(id).is_some()))
}

/// The trace out of all partitions.
fn gather(partitions: &[Partition], id: TraceId, report: &mut Report) -> Trace {
    let mut trace = Trace::new();
    for partition in partitions {
        for number in partition.blocks_of(id).unwrap_or_default() {
            match partition.read_block(number) {
                Ok(block) => {
                    let batch =
                        block.find_trace(id).and_then(|place| block.decode(place, &mut Reading::default()).ok());
                    if let Some(batch) = batch {
                        let spans = batch.len();
                        trace.push_spans(Arc::new(batch), 0..spans);
                    }
                }
                Err(error) => {
                    let damaged = (error.path, error.what.to_string());
                    if !report.damaged.contains(&damaged) {
                        report.damaged.push(damaged);
                    }
                }
            }
        }
    }
    trace.drop_copies();
    trace
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
