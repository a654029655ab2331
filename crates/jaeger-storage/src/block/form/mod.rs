//! A block as bytes of a file, and back.
//!
//! ```text
//! layout u8, rows, then the parts, each behind its length (u32): traces, span ids, times and flags, operations,
//! processes, tags, logs, references, order, warnings, texts, padding
//! ```
//!
//! Numbers are LEB128 where they are few and as many bits as the widest needs where they are many; what follows from
//! other parts (ranks, places of first logs) is left out. All texts of dictionaries stand together, compressed where
//! that pays. Whoever keeps the bytes guards them with a checksum; but whatever they are, they make a block that
//! cannot panic, or an error.

mod chunks;
mod error;
mod lists;
mod packed;
mod reader;
mod references;
#[cfg(test)]
mod tests;
mod texts;
mod writer;

use jaeger_model::TraceId;

pub use error::BlockFormatError;
use reader::Reader;
use writer::Writer;

use super::packed::Packed;
use super::{Block, Lists, Logs, Processes, References, Texts, Warnings};

/// The layout that this version writes.
pub(super) const LAYOUT: u8 = 1;

/// Rows are numbered in 16 bits.
const MAX_ROWS: u64 = 1 << 16;

/// A tag, a log or a reference takes at least one byte in so many, by padding if need be: so a reader knows from the
/// bytes how much a block can unfold to.
const PARTS_A_BYTE: usize = 16;

const PARTS: [&str; 12] = [
    "traces",
    "span ids",
    "times and flags",
    "operations",
    "processes",
    "tags",
    "logs",
    "references",
    "order",
    "warnings",
    "texts",
    "padding",
];

impl Block {
    /// Appends the block as bytes: all but its `number` and `end`.
    pub fn to_bytes(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let mut writer = Writer::new(out);
        writer.byte(LAYOUT);
        writer.count(self.len());
        writer.part(|out| self.write_traces(out));
        writer.part(|out| out.words(&self.span_ids));
        writer.part(|out| self.write_numbers(out));
        writer.part(|out| self.write_operations(out));
        writer.part(|out| self.write_processes(out));
        writer.part(|out| self.tags.write(out));
        writer.part(|out| self.write_logs(out));
        writer.part(|out| self.write_references(out));
        writer.part(|out| self.write_order(out));
        writer.part(|out| self.write_warnings(out));
        writer.write_texts();
        let least = self.count_parts().div_ceil(PARTS_A_BYTE);
        let written = writer.written() - start;
        writer.part(|out| out.zeros(least.saturating_sub(written)));
    }

    /// What the bytes that [`to_bytes`](Self::to_bytes) wrote are spent on.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes), of which only the parts' lengths are read.
    pub fn parts_of_bytes(bytes: &[u8]) -> Result<[(&'static str, usize); PARTS.len()], BlockFormatError> {
        let mut reader = Reader::new(bytes)?;
        reader.count(MAX_ROWS)?;
        let mut sizes = [("", 0); PARTS.len()];
        for (size, name) in sizes.iter_mut().zip(PARTS) {
            *size = (name, reader.part(name)?.len());
        }
        Ok(sizes)
    }

    /// The block that [`to_bytes`](Self::to_bytes) wrote; its `number` and `end` are 0.
    ///
    /// # Errors
    /// The bytes are of a layout that this version does not know, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BlockFormatError> {
        let mut reader = Reader::new(bytes)?;
        let rows = reader.count(MAX_ROWS)?;
        let mut parts = [&[][..]; PARTS.len()];
        for (part, name) in parts.iter_mut().zip(PARTS) {
            *part = reader.part(name)?;
        }
        reader.done()?;
        let texts = reader::unpack_texts(parts[PARTS.len() - 2])?;
        let [traces, span_ids, numbers, operations, processes, tags, logs, references, order, warnings, _, _] = parts;
        let mut reader = Reader::of_parts(&texts);

        reader.enter(traces, "traces");
        let (trace_ids, first_rows) = read_traces(&mut reader, rows)?;
        reader.enter(span_ids, "span ids");
        let span_ids = reader.words(rows)?;
        reader.enter(numbers, "times and flags");
        let starts = Packed::read(&mut reader, rows)?;
        let durations = Packed::read(&mut reader, rows)?;
        let flags = Packed::read(&mut reader, rows)?;
        reader.enter(operations, "operations");
        let operations = Texts::read(&mut reader)?;
        let operation = Packed::read_below(&mut reader, rows, operations.len())?;
        reader.enter(processes, "processes");
        let (processes, process) = read_processes(&mut reader, rows)?;
        reader.enter(tags, "tags");
        let tags = Lists::read_form(&mut reader, rows)?;
        reader.enter(logs, "logs");
        let logs = read_logs(&mut reader, rows, &first_rows, bytes.len())?;
        reader.enter(references, "references");
        let shared = reader.ascending(trace_ids.len())?;
        let references = References::read(&mut reader, rows, &first_rows, bytes.len())?;
        reader.enter(order, "order");
        let (order, service_ends) = read_order(&mut reader, rows, processes.services.len())?;
        reader.enter(warnings, "warnings");
        let warnings = read_warnings(&mut reader, rows)?;
        reader.done()?;

        let mut block = Self {
            number: 0,
            end: 0,
            trace_ids,
            first_rows: Packed::small(first_rows),
            span_ids,
            starts,
            durations,
            flags,
            operation,
            operations,
            process,
            processes,
            tags,
            logs,
            references,
            shared,
            warnings,
            order,
            service_ends,
            size: 0,
        };
        if block.count_parts() / PARTS_A_BYTE > bytes.len() {
            return Err(BlockFormatError::Wrong { part: "padding" });
        }
        block.size = block.measure();
        Ok(block)
    }

    /// The tags, logs and references.
    fn count_parts(&self) -> usize {
        let lists = [&self.tags, &self.processes.tags, &self.logs.fields];
        lists.into_iter().fold(self.logs.fields.len, |parts, lists| parts.saturating_add(lists.count_tags()))
            + self.references.total(self.len())
    }

    fn write_traces(&self, out: &mut Writer<'_>) {
        out.count(self.trace_ids.len());
        out.wide(self.trace_ids.iter().map(|id| id.0));
        let spans = (0..self.trace_ids.len()).map(|trace| self.rows(trace).len() as u64);
        Packed::unsigned(spans).write(out, self.trace_ids.len());
    }

    fn write_numbers(&self, out: &mut Writer<'_>) {
        self.starts.write(out, self.len());
        self.durations.write(out, self.len());
        self.flags.write(out, self.len());
    }

    fn write_operations(&self, out: &mut Writer<'_>) {
        self.operations.write(out);
        self.operation.write(out, self.len());
    }

    fn write_processes(&self, out: &mut Writer<'_>) {
        out.count(self.processes.tags.len);
        self.processes.services.write(out);
        self.processes.service.write(out, self.processes.tags.len + 1);
        self.processes.tags.write(out);
        self.process.write(out, self.len());
    }

    fn write_logs(&self, out: &mut Writer<'_>) {
        self.logs.counts.write(out, self.len());
        self.logs.times.write(out, self.logs.fields.len);
        self.logs.fields.write(out);
    }

    fn write_references(&self, out: &mut Writer<'_>) {
        out.ascending(&self.shared);
        self.references.write(out, self.len());
    }

    fn write_order(&self, out: &mut Writer<'_>) {
        Packed::unsigned(self.order.iter().map(|row| u64::from(*row))).write(out, self.len());
        out.ascending(&self.service_ends);
    }

    fn write_warnings(&self, out: &mut Writer<'_>) {
        let rows: Vec<u32> = self.warnings.iter().map(|(row, _)| *row).collect();
        out.ascending(&rows);
        for (_, texts) in &self.warnings {
            out.count(texts.len());
            for text in texts {
                out.text(text.as_bytes());
            }
        }
    }
}

/// The traces' ids, and their first rows.
fn read_traces(reader: &mut Reader<'_>, rows: usize) -> Result<(Box<[TraceId]>, Vec<u32>), BlockFormatError> {
    let count = reader.count(rows as u64)?;
    let ids: Box<[TraceId]> = reader.wide(count)?.map(TraceId).collect();
    if !ids.windows(2).all(|pair| pair[0] < pair[1]) {
        return Err(reader.wrong());
    }
    let first_rows = Packed::read(reader, count)?.sums(count, rows as u64).ok_or(reader.wrong())?;
    if first_rows.last().copied().unwrap_or(0) as usize != rows {
        return Err(reader.wrong());
    }
    Ok((ids, first_rows))
}

/// The processes, and that of each row.
fn read_processes(reader: &mut Reader<'_>, rows: usize) -> Result<(Processes, Packed), BlockFormatError> {
    let count = reader.count(MAX_ROWS)?;
    let services = Texts::read(reader)?;
    let service = Packed::read_below(reader, count + 1, services.len())?;
    let tags = Lists::read_form(reader, count)?;
    let process = Packed::read_below(reader, rows, count + 1)?;
    Ok((Processes { services, service, tags }, process))
}

fn read_logs(reader: &mut Reader<'_>, rows: usize, first_rows: &[u32], bytes: usize) -> Result<Logs, BlockFormatError> {
    let counts = Packed::read(reader, rows)?;
    let most = bytes.saturating_mul(PARTS_A_BYTE) as u64;
    let (first, total) = counts.sums_at(first_rows, most).ok_or(reader.wrong())?;
    let times = Packed::read(reader, total)?;
    let fields = Lists::read_form(reader, total)?;
    Ok(Logs { counts, first: Packed::small(first), times, fields })
}

type Order = (Box<[u16]>, Box<[u32]>);

fn read_order(reader: &mut Reader<'_>, rows: usize, services: usize) -> Result<Order, BlockFormatError> {
    let order = Packed::read_below(reader, rows, rows)?.into_u16s(rows);
    let ends = reader.ascending(rows + 1)?;
    if ends.len() != services || ends.last().is_some_and(|end| *end as usize != rows) {
        return Err(reader.wrong());
    }
    Ok((order, ends))
}

fn read_warnings(reader: &mut Reader<'_>, rows: usize) -> Result<Box<[(u32, Warnings)]>, BlockFormatError> {
    let warned = reader.ascending(rows)?;
    let mut warnings = Vec::with_capacity(warned.len());
    for row in warned {
        // Each takes a byte at least.
        let count = reader.count(reader.left() as u64)?;
        let texts: Result<Warnings, _> = (0..count).map(|_| Ok(Box::from(reader.text()?))).collect();
        warnings.push((row, texts?));
    }
    Ok(warnings.into_boxed_slice())
}
