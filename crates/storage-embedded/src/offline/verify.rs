//! Reads every byte of a folder, and says what is damaged.

use std::collections::HashSet;
use std::path::Path;

use jaeger_storage::block::Reading;

use super::{PARTS, Report, each_batch, existing, set_aside, total_bytes};
use crate::folder::Files;
use crate::partition::{Partition, PartitionError};
use crate::{OpenError, Progress};

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

fn verify_partition(partition: &Partition, report: &mut Report) {
    let mut damaged = |error: PartitionError| report.damaged.push((error.path, error.what.to_string()));
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
