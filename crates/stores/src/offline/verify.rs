//! `storage verify`: reads all of the store and names what is damaged.

use std::io::Write;
use std::path::Path;

use super::{Damaged, Failed, Shown};
use crate::figures::megabytes;

pub(super) fn run(directory: &Path, out: &mut dyn Write, shown: &Shown<'_>) -> Result<Damaged, Failed> {
    let report = jaeger_storage_embedded::verify(directory, &|progress| shown.at(progress))?;
    writeln!(
        out,
        "{}: read {} files, {} MB, {} spans; {}",
        directory.display(),
        report.files,
        megabytes(report.bytes),
        report.spans,
        if report.damaged.is_empty() { "all of it is sound" } else { "part of it is damaged" },
    )?;
    for (log, bytes) in &report.torn {
        shown.say(&format!(
            "{}: the last {bytes} bytes are no whole record: either a kill came while they were written, and nobody was told \
             that they are stored, or the last record is damaged",
            log.display()
        ));
    }
    Ok(report.damaged)
}
