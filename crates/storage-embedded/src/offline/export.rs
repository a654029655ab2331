//! Gives all traces of a folder, each once and whole.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::block::Reading;

use super::{PARTS, Report, each_batch, existing, set_aside, total_bytes};
use crate::cache::BlockCache;
use crate::folder::Files;
use crate::partition::Partition;
use crate::{OpenError, Progress};

/// The blocks that are held while traces are gathered.
const CACHE_BYTES: usize = 64 << 20;

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
        // A trace's blocks are mostly those of the traces beside it.
        let cache = BlockCache::new(CACHE_BYTES);
        let mut partitions = Vec::new();
        for file in &files.partitions {
            match Partition::open(&file.path, file.number) {
                Ok(partition) => partitions.push(partition),
                Err(error) => report.damaged.push((error.path, error.what.to_string())),
            }
        }
        let mut hot: Vec<Arc<Batch>> = Vec::new();
        for log in &files.logs {
            each_batch(&log.path, &mut report, |batch| hot.push(Arc::new(batch)));
        }
        let mut places: HashMap<TraceId, Vec<(usize, usize)>> = HashMap::new();
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
                let block = match cache.block(partition, number) {
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
                        || later.iter().any(|later| has(&cache, later, *id));
                    if !goes_on {
                        let trace = gather(&cache, &partitions, *id, &mut report);
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
            let mut trace = gather(&cache, &partitions, *id, &mut report);
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
fn has(cache: &BlockCache, partition: &Partition, id: TraceId) -> bool {
    let blocks = partition.blocks_of(id).unwrap_or_default();
    blocks.into_iter().any(|block| cache.block(partition, block).is_ok_and(|block| block.find_trace(id).is_some()))
}

/// The trace out of all partitions.
fn gather(cache: &BlockCache, partitions: &[Partition], id: TraceId, report: &mut Report) -> Trace {
    let mut trace = Trace::new();
    for partition in partitions {
        for number in partition.blocks_of(id).unwrap_or_default() {
            match cache.block(partition, number) {
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
