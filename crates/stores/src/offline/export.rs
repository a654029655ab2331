//! `storage export`: every trace as a line of OTLP JSON, which `jaeger-query --memory.load` and any OTLP tool read.

use std::io::{BufWriter, Write};
use std::path::Path;

use jaeger_wire::otlp;

use super::{Damaged, Failed, Shown};

pub(super) fn run(directory: &Path, out: &mut dyn Write, shown: &Shown<'_>) -> Result<Damaged, Failed> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let mut line = Vec::new();
    let mut traces: u64 = 0;
    let report = jaeger_storage_embedded::export(directory, &|progress| shown.at(progress), &mut |trace| {
        line.clear();
        otlp::encode_json(trace.spans(), &mut line);
        line.push(b'\n');
        traces += 1;
        out.write_all(&line).map_err(Failed::from)
    })?;
    out.flush()?;
    shown.say(&format!("exported {traces} traces, {} spans", report.spans));
    Ok(report.damaged)
}
