//! `storage stats`: what the folder holds, and what a span costs by what its bytes are spent on.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use jaeger_service::clock::rfc3339;
use jaeger_storage_embedded::PartStats;

use super::{Damaged, Failed, name};
use crate::figures::megabytes;

pub(super) fn run(directory: &Path, out: &mut dyn Write) -> Result<Damaged, Failed> {
    let stats = jaeger_storage_embedded::stats(directory)?;
    writeln!(out, "{}", directory.display())?;
    let mut damaged = Damaged::new();
    for part in stats.parts {
        write_part(&part, out)?;
        damaged.extend(part.damaged);
    }
    Ok(damaged)
}

fn write_part(part: &PartStats, out: &mut dyn Write) -> io::Result<()> {
    let spans: u64 = part.partitions.iter().map(|partition| partition.spans).sum();
    let bytes: u64 = part.partitions.iter().map(|partition| partition.bytes).sum();
    writeln!(
        out,
        "\n{}: {spans} spans in {} partitions of {} MB ({} bytes a span), and {} files of log of {} MB",
        part.name,
        part.partitions.len(),
        megabytes(bytes),
        a_span(bytes, spans),
        part.logs.0,
        megabytes(part.logs.1),
    )?;
    for partition in &part.partitions {
        let (first, last) = partition.start_nanos;
        writeln!(
            out,
            "  {}  {:>10} spans  {:>8} MB  {:>5} blocks  begun {} to {}",
            name(&partition.path),
            partition.spans,
            megabytes(partition.bytes),
            partition.blocks,
            time(first),
            time(last),
        )?;
    }
    if spans > 0 {
        writeln!(out, "\n  bytes a span in partitions")?;
        let mut parts = part.bytes_by_part.clone();
        parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        for (what, bytes) in parts {
            writeln!(out, "  {:>8}  {what}", a_span(bytes, spans))?;
        }
    }
    Ok(())
}

/// With one digit behind the point.
fn a_span(bytes: u64, spans: u64) -> String {
    let tenths = bytes.saturating_mul(10).checked_div(spans).unwrap_or(0);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn time(nanos: i64) -> String {
    u64::try_from(nanos).map_or_else(|_| "before 1970".to_owned(), |nanos| rfc3339(Duration::from_nanos(nanos), 3))
}
