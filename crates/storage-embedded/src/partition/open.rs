//! An open partition: its footer and trace filter in memory, all else read from the file when it is asked for.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use jaeger_model::TraceId;
use jaeger_storage::block::Block;

use super::footer::{Footer, Section, SectionKind, TRAILER_BYTES};
use super::header::{self, HEADER_BYTES, HeaderError};
use super::{BlockSet, PartitionNames, TraceFilter, terms, traces};

/// No section that is read whole is longer when decompressed; a larger one is damage.
const MAX_SECTION_BYTES: usize = 256 << 20;

/// Why a partition, or a part of it, cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct PartitionError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub what: Wrong,
}

/// What can be wrong with a partition file.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// The file system says no.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is not ours, or of a later version.
    #[error("{0}")]
    Header(#[from] HeaderError),
    /// Bytes are not what was written.
    #[error("the {part} at offset {offset} ({len} bytes) are damaged: the checksum or the form is wrong")]
    Damaged {
        /// Which part of the file.
        part: &'static str,
        /// Where it begins.
        offset: u64,
        /// How long it is.
        len: u64,
    },
    /// It went while it was read, since its spans were too old or too much.
    #[error("has gone meanwhile")]
    Dropped,
    /// What it says does not agree with itself.
    #[error("{0}")]
    Content(String),
}

/// A partition that can be read.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
    pub(crate) footer: Footer,
    pub(crate) bytes: u64,
    /// The least and the greatest start of its spans, in nanoseconds.
    pub(crate) start: (i64, i64),
    filter: TraceFilter,
    /// It was dropped: its file is gone or about to be.
    dropped: AtomicBool,
}

impl Partition {
    /// Opens a file and reads its footer.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(crate) fn open(path: &Path, number: u64) -> Result<Self, PartitionError> {
        Self::open_file(path, number).map_err(|what| PartitionError { path: path.into(), what })
    }

    fn open_file(path: &Path, number: u64) -> Result<Self, Wrong> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut head = [0; HEADER_BYTES];
        let got = file.read_at(&mut head, 0)?;
        header::check(head.get(..got).unwrap_or(&[]))?;
        let damaged = |part, offset, len| Wrong::Damaged { part, offset, len };
        let at = bytes.checked_sub(TRAILER_BYTES as u64).ok_or(damaged("last bytes", 0, bytes))?;
        let mut trailer = [0; TRAILER_BYTES];
        file.read_exact_at(&mut trailer, at)?;
        let (offset, len, crc) =
            Footer::decode_trailer(&trailer).ok_or(damaged("last bytes", at, TRAILER_BYTES as u64))?;
        if offset.checked_add(u64::from(len)) != Some(at) {
            return Err(damaged("last bytes", at, TRAILER_BYTES as u64));
        }
        let read = read(&file, bytes, offset, u64::from(len))?;
        let footer = (crc32c::crc32c(&read) == crc).then(|| Footer::decode(&read)).flatten();
        let footer = footer.ok_or(damaged("footer", offset, u64::from(len)))?;
        let start = footer
            .blocks
            .iter()
            .fold((i64::MAX, i64::MIN), |(least, most), block| (least.min(block.start.0), most.max(block.start.1)));
        let mut partition = Self {
            number,
            path: path.into(),
            footer,
            bytes,
            start,
            filter: TraceFilter::new([].into_iter()),
            dropped: AtomicBool::new(false),
        };
        let (section, filter) = partition.whole(SectionKind::TraceFilter, "trace filter")?;
        let damaged = damaged("trace filter", section.offset, section.len);
        partition.filter = TraceFilter::of_bytes(filter).ok_or(damaged)?;
        Ok(partition)
    }

    /// False only where the trace is not in here.
    pub(crate) fn may_have(&self, trace: TraceId) -> bool {
        self.filter.may_have(trace)
    }

    /// The blocks that may have the trace.
    ///
    /// # Errors
    /// Why that cannot be read.
    pub(crate) fn blocks_of(&self, trace: TraceId) -> Result<Vec<usize>, PartitionError> {
        if !self.may_have(trace) {
            return Ok(Vec::new());
        }
        let hash = traces::hash(trace);
        let read = || -> Result<Vec<usize>, Wrong> {
            let section = self.section(SectionKind::Traces, "traces")?;
            let (at, len) = traces::pages_of(hash, &self.footer.trace_fences, section.len);
            let entries = self.trace_pages(section, at, len)?;
            Ok(traces::blocks_of(hash, &entries).filter(|block| *block < self.footer.blocks.len()).collect())
        };
        read().map_err(|what| self.error(what))
    }

    /// All entries of the traces, sorted: hash in the upper 48 bits, block in the lower 16.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub(crate) fn trace_entries(&self) -> Result<Vec<u64>, PartitionError> {
        let read = || -> Result<Vec<u64>, Wrong> {
            let section = self.section(SectionKind::Traces, "traces")?;
            self.trace_pages(section, 0, usize::try_from(section.len).unwrap_or(usize::MAX))
        };
        read().map_err(|what| self.error(what))
    }

    fn trace_pages(&self, section: &Section, at: u64, len: usize) -> Result<Vec<u64>, Wrong> {
        let offset = section.offset.saturating_add(at);
        let pages = self.read(offset, len as u64)?;
        traces::entries(&pages).ok_or(Wrong::Damaged { part: "traces", offset, len: len as u64 })
    }

    /// The blocks that may have the term.
    ///
    /// # Errors
    /// Why that cannot be read.
    pub(crate) fn blocks_with(&self, term: u64) -> Result<BlockSet, PartitionError> {
        let stripe = self.stripe(terms::stripe_of(term, self.footer.term_stripes));
        let blocks = stripe.map(|rows| terms::blocks_with(term, &rows, self.footer.blocks.len()));
        blocks.map_err(|what| self.error(what))
    }

    /// A stripe of the terms, its CRC checked.
    fn stripe(&self, number: u32) -> Result<Vec<u8>, Wrong> {
        let section = self.section(SectionKind::Terms, "terms")?;
        let len = terms::stripe_bytes(self.footer.blocks.len()) as u64;
        let offset = section.offset.saturating_add(u64::from(number) * len);
        let read = self.read(offset, len)?;
        terms::checked(read).ok_or(Wrong::Damaged { part: "terms", offset, len })
    }

    /// Reads a block.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn read_block(&self, number: usize) -> Result<Block, PartitionError> {
        let block = Block::from_bytes(&self.block_bytes(number)?);
        block.map_err(|error| self.wrong_content(format!("block {number}: {error}")))
    }

    /// Reads a block's bytes.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub(crate) fn block_bytes(&self, number: usize) -> Result<Vec<u8>, PartitionError> {
        let read = || -> Result<Vec<u8>, Wrong> {
            let Some(entry) = self.footer.blocks.get(number) else {
                return Err(Wrong::Damaged { part: "block numbers", offset: number as u64, len: 0 });
            };
            let damaged = Wrong::Damaged { part: "spans", offset: entry.offset, len: u64::from(entry.len) };
            let read = self.read(entry.offset, u64::from(entry.len))?;
            if crc32c::crc32c(&read) == entry.crc { Ok(read) } else { Err(damaged) }
        };
        read().map_err(|what| self.error(what))
    }

    /// The names of its services and operations.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub(crate) fn names(&self) -> Result<PartitionNames, PartitionError> {
        let read = || -> Result<PartitionNames, Wrong> {
            let (section, bytes) = self.decompressed(SectionKind::Names, "names")?;
            let damaged = Wrong::Damaged { part: "names", offset: section.offset, len: section.len };
            PartitionNames::decode(&bytes).ok_or(damaged)
        };
        read().map_err(|what| self.error(what))
    }

    /// What was counted by the minute, encoded.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn minutes(&self) -> Result<Vec<u8>, PartitionError> {
        let read = self.decompressed(SectionKind::Minutes, "minutes");
        read.map(|(_, bytes)| bytes).map_err(|what| self.error(what))
    }

    /// The bytes of each section, for figures.
    pub(crate) fn section_bytes(&self, kind: SectionKind) -> u64 {
        self.footer.section(kind).map_or(0, |section| section.len)
    }

    /// Checks every stripe of the terms.
    ///
    /// # Errors
    /// The first that is damaged.
    pub(crate) fn verify_terms(&self) -> Result<(), PartitionError> {
        (0..self.footer.term_stripes)
            .try_for_each(|stripe| self.stripe(stripe).map(|_| ()))
            .map_err(|what| self.error(what))
    }

    /// Says that its file goes: who still reads it is told so.
    pub(crate) fn drop_soon(&self) {
        self.dropped.store(true, Ordering::Relaxed);
    }

    /// Reads bytes. The file is open for that long only: there may be more partitions than files that a process may have open.
    pub(super) fn read(&self, offset: u64, len: u64) -> Result<Vec<u8>, Wrong> {
        let read = File::open(&self.path).map_err(Wrong::Io).and_then(|file| read(&file, self.bytes, offset, len));
        read.map_err(|wrong| if self.dropped.load(Ordering::Relaxed) { Wrong::Dropped } else { wrong })
    }

    /// An error of this file, in words.
    pub(crate) fn wrong_content(&self, what: String) -> PartitionError {
        self.error(Wrong::Content(what))
    }

    /// An error of this file.
    pub(crate) fn error(&self, what: Wrong) -> PartitionError {
        PartitionError { path: self.path.clone(), what }
    }

    fn section(&self, kind: SectionKind, part: &'static str) -> Result<&Section, Wrong> {
        self.footer.section(kind).ok_or(Wrong::Damaged { part, offset: 0, len: 0 })
    }

    /// A section with its CRC checked.
    fn whole(&self, kind: SectionKind, part: &'static str) -> Result<(Section, Vec<u8>), Wrong> {
        let section = *self.section(kind, part)?;
        let read = self.read(section.offset, section.len)?;
        if crc32c::crc32c(&read) != section.crc {
            return Err(Wrong::Damaged { part, offset: section.offset, len: section.len });
        }
        Ok((section, read))
    }

    fn decompressed(&self, kind: SectionKind, part: &'static str) -> Result<(Section, Vec<u8>), Wrong> {
        let (section, bytes) = self.whole(kind, part)?;
        let most = zstd::zstd_safe::get_frame_content_size(&bytes).ok().flatten().unwrap_or(0);
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(MAX_SECTION_BYTES);
        let bytes = zstd::bulk::decompress(&bytes, most);
        Ok((section, bytes.map_err(|_| Wrong::Damaged { part, offset: section.offset, len: section.len })?))
    }
}

/// Reads bytes that the file has.
fn read(file: &File, bytes: u64, offset: u64, len: u64) -> Result<Vec<u8>, Wrong> {
    if offset.checked_add(len).is_none_or(|end| end > bytes) {
        return Err(Wrong::Damaged { part: "lengths", offset, len });
    }
    let mut read = vec![0; usize::try_from(len).unwrap_or(0)];
    file.read_exact_at(&mut read, offset)?;
    Ok(read)
}
