//! Writes a partition file: under another name until all of it is on the disk.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use jaeger_storage::block::Block;

use super::footer::{BlockEntry, Footer, Section, SectionKind};
use super::{PartitionNames, TraceFilter, header, index, terms, traces};
use crate::fail_point::fail_point;
use crate::folder::sync_folder;

/// What goes into a partition.
#[derive(Debug)]
pub(crate) struct PartitionContent<'a> {
    /// The first and the last generation whose spans these are.
    pub(crate) generations: (u64, u64),
    /// When the last span arrived, milliseconds since 1970.
    pub(crate) last_arrival_ms: i64,
    /// In order of time.
    pub(crate) blocks: &'a [Arc<Block>],
    /// What was counted by the minute, encoded.
    pub(crate) minutes: &'a [u8],
    pub(crate) names: &'a PartitionNames,
}

/// Writes, syncs and renames; afterwards the file is there for good.
///
/// # Errors
/// What the file system says; the unfinished file is gone then, if that can be.
pub(crate) fn write_partition(path: &Path, content: &PartitionContent<'_>) -> io::Result<()> {
    let unfinished = path.with_extension(crate::folder::UNFINISHED);
    let written = write_file(&unfinished, content).and_then(|()| {
        fail_point!("compact.before_rename");
        std::fs::rename(&unfinished, path)?;
        fail_point!("compact.after_rename");
        path.parent().map_or(Ok(()), sync_folder)
    });
    if written.is_err() {
        // Left behind it is thrown away at the next start.
        drop(std::fs::remove_file(&unfinished));
    }
    written
}

fn write_file(path: &Path, content: &PartitionContent<'_>) -> io::Result<()> {
    let mut out = Output { file: BufWriter::with_capacity(1 << 20, File::create(path)?), offset: 0 };
    fail_point!("compact.begun");
    out.write(&header::encode())?;
    let mut footer =
        Footer { generations: content.generations, last_arrival_ms: content.last_arrival_ms, ..Footer::default() };
    let mut all_terms = Vec::with_capacity(content.blocks.len());
    let mut entries = Vec::new();
    let mut encoded = Vec::new();
    for (number, block) in content.blocks.iter().enumerate() {
        encoded.clear();
        block.to_bytes(&mut encoded);
        let len = u32::try_from(encoded.len()).map_err(|_| io::Error::other("a block has more than 4 GiB"))?;
        footer.blocks.push(BlockEntry {
            offset: out.offset,
            len,
            crc: crc32c::crc32c(&encoded),
            spans: narrow(block.len()),
            traces: narrow(block.trace_ids().len()),
            start: (block.start_range().start.as_nanos(), block.start_range().end.as_nanos()),
            duration: (block.duration_range().0.as_nanos(), block.duration_range().1.as_nanos()),
        });
        footer.spans += block.len() as u64;
        out.write(&encoded)?;
        let mut terms = Vec::new();
        block.terms(&mut |term| terms.push(term));
        terms.sort_unstable();
        terms.dedup();
        all_terms.push(terms);
        entries.extend(block.trace_ids().iter().map(|trace| traces::entry(*trace, number)));
    }
    fail_point!("compact.blocks_written");
    let (section, stripes) = terms::encode(&all_terms);
    footer.term_stripes = stripes;
    drop(all_terms);
    out.section(&mut footer, SectionKind::Terms, &section, 0)?;
    entries.sort_unstable();
    let (section, fences) = traces::encode(&entries);
    footer.trace_fences = fences;
    out.section(&mut footer, SectionKind::Traces, &section, 0)?;
    entries.iter_mut().for_each(|entry| *entry &= !0xffff);
    entries.dedup();
    let filter = TraceFilter::new(entries.iter().copied());
    out.checked_section(&mut footer, SectionKind::TraceFilter, filter.bytes())?;
    out.checked_section(&mut footer, SectionKind::Minutes, &zstd::bulk::compress(content.minutes, 1)?)?;
    out.checked_section(&mut footer, SectionKind::Names, &zstd::bulk::compress(&content.names.encode(), 1)?)?;
    let (times, lists) = index::encode(content.blocks);
    out.section(&mut footer, SectionKind::Times, &times, 0)?;
    out.section(&mut footer, SectionKind::Lists, &lists, 0)?;
    let end = footer.encode(out.offset);
    out.write(&end)?;
    let file = out.file.into_inner().map_err(io::IntoInnerError::into_error)?;
    fail_point!("compact.before_sync");
    file.sync_all()
}

struct Output {
    file: BufWriter<File>,
    offset: u64,
}

impl Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    fn checked_section(&mut self, footer: &mut Footer, kind: SectionKind, bytes: &[u8]) -> io::Result<()> {
        self.section(footer, kind, bytes, crc32c::crc32c(bytes))
    }

    fn section(&mut self, footer: &mut Footer, kind: SectionKind, bytes: &[u8], crc: u32) -> io::Result<()> {
        footer.sections.push(Section { kind: kind as u8, offset: self.offset, len: bytes.len() as u64, crc });
        self.write(bytes)
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
