//! Reads a log: at a start, and when its spans become a partition.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use jaeger_model::Batch;

use super::header::{self, Header};
use super::record::{self, PayloadError, Record};
use super::scan::next_record;
use crate::OpenError;
use crate::aside::is_passing;
use crate::fail_point::reached;

/// What a disk fails to give at once, at least.
const PAGE: u64 = 4096;
/// Bytes read at once; a record that is longer is read whole.
const WINDOW: usize = 512 << 10;

/// The batches of a log, in the order in which they were written.
///
/// What is not whole at its end was never acknowledged: it ends the log quietly. What is damaged with whole records
/// behind it is told, and reading goes on behind.
pub(crate) struct LogReader {
    file: File,
    path: PathBuf,
    len: u64,
    /// Where the next record begins.
    at: u64,
    window: Vec<u8>,
    /// Where the window begins in the file.
    window_at: u64,
    torn_bytes: u64,
    salt: Option<u64>,
    /// One copy of the header is damaged, which is to be told.
    header_damaged: bool,
    /// The disk does not give the header, which is to be told.
    header_failed: Option<io::Error>,
}

/// What of a log could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogReadError {
    /// Bytes that are no records, with records behind them.
    #[error("{} is damaged at byte {offset}: {length} bytes and the spans in them are lost, the others are read", path.display())]
    Damaged {
        /// The log.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// How many bytes.
        length: u64,
    },
    /// A whole record that gives no batch.
    #[error("{} has a record at byte {offset} that cannot be read: {source}", path.display())]
    Unreadable {
        /// The log.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// How many bytes.
        length: u64,
        /// Why.
        source: PayloadError,
    },
    /// The disk fails there.
    #[error("{} cannot be read at byte {offset} ({source}): look at the disk; spans from there on are left out", path.display())]
    Io {
        /// The log.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// What the file system says.
        source: io::Error,
    },
}

impl LogReader {
    /// Opens a log. One that was never begun whole is empty.
    ///
    /// # Errors
    /// It cannot be opened, is no file, or a later version wrote it.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let file = File::open(path).map_err(OpenError::io(path))?;
        let metadata = file.metadata().map_err(OpenError::io(path))?;
        if !metadata.is_file() {
            return Err(OpenError::io(path)(io::Error::other("not a file")));
        }
        let len = metadata.len();
        let mut reader = Self {
            file,
            path: path.into(),
            len,
            at: 0,
            window: Vec::new(),
            window_at: 0,
            torn_bytes: 0,
            salt: None,
            header_damaged: false,
            header_failed: None,
        };
        // Where the disk does not give the header, the first read says so, and goes on behind.
        match reader.fill(header::HEADER_BYTES) {
            Err(error) if is_passing(&error) => return Err(OpenError::io(path)(error)),
            filled => reader.header_failed = filled.err(),
        }
        match header::read(reader.ahead()) {
            Header::Known { salt, whole } => {
                reader.at = header::HEADER_BYTES as u64;
                reader.salt = Some(salt);
                reader.header_damaged = !whole;
            }
            Header::Newer { mark, needed } => return Err(OpenError::Newer { path: path.into(), mark, needed }),
            // Where records follow, the first read says what is damaged.
            Header::Damaged => {}
        }
        Ok(reader)
    }

    /// The file's length.
    #[cfg(test)]
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Behind the record that was read last.
    #[cfg(test)]
    pub(crate) fn position(&self) -> u64 {
        self.at
    }

    /// How many bytes at its end were not whole; known when reading has ended.
    pub(crate) fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }

    /// What the window holds from `at` on.
    fn ahead(&self) -> &[u8] {
        let from = self.at.checked_sub(self.window_at).and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.window.get(from..)).unwrap_or(&[])
    }

    /// Makes the window hold `bytes` bytes from `at` on, or all that are left; `bytes` is checked against the file.
    fn fill(&mut self, bytes: usize) -> io::Result<()> {
        let ahead = self.ahead().len();
        if ahead >= bytes {
            return Ok(());
        }
        let kept = self.window.len() - ahead;
        self.window.drain(..kept);
        self.window_at = self.at;
        let left = usize::try_from(self.len.saturating_sub(self.at)).unwrap_or(usize::MAX);
        self.window.shrink_to(WINDOW.max(bytes));
        self.window.resize(bytes.max(WINDOW).min(left).max(ahead), 0);
        let mut filled = ahead;
        while let Some(rest) = self.window.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let wanted = rest.len();
            match reached("log.read").and_then(|()| self.file.read_at(rest, self.at + filled as u64)) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What is bad behind the bytes that are needed costs these nothing.
                Err(_) if filled >= bytes => break,
                Err(_) if filled + wanted > bytes => self.window.truncate(bytes),
                Err(error) => {
                    self.window.truncate(filled);
                    return Err(error);
                }
            }
        }
        self.window.truncate(filled);
        Ok(())
    }

    /// The record at `at`, if it is whole.
    fn record(&mut self) -> io::Result<Option<Record>> {
        if self.at < header::HEADER_BYTES as u64 {
            return Ok(None);
        }
        self.fill(record::HEADER_BYTES)?;
        let Some(record) =
            Record::read(self.ahead(), self.at, self.salt).filter(|record| record.bytes() <= self.len - self.at)
        else {
            return Ok(None);
        };
        self.fill(record::HEADER_BYTES + record.payload as usize)?;
        Ok(self.payload(record).filter(|payload| record.has_sum(crc32c::crc32c(payload))).map(|_| record))
    }

    fn payload(&self, record: Record) -> Option<&[u8]> {
        self.ahead().get(record::HEADER_BYTES..record::HEADER_BYTES + record.payload as usize)
    }

    /// Where to go on when the disk does not give the record at `offset`; the end if it gives no more.
    fn behind(&self, offset: u64) -> u64 {
        let record = Record::read(self.ahead(), offset, self.salt).filter(|_| self.salt.is_some());
        let end = record.map_or(offset + header::HEADER_BYTES as u64, |record| offset + record.bytes());
        let page = (offset / PAGE + 1) * PAGE;
        let next = |from| next_record(&self.file, from, self.len, self.salt);
        next(end).or_else(|_| next(page.max(end))).ok().flatten().unwrap_or(self.len)
    }

    fn read(&mut self) -> io::Result<Option<Result<Batch, LogReadError>>> {
        if let Some(error) = self.header_failed.take() {
            return Err(error);
        }
        if std::mem::take(&mut self.header_damaged) {
            let length = header::HEADER_BYTES as u64;
            return Ok(Some(Err(LogReadError::Damaged { path: self.path.clone(), offset: 0, length })));
        }
        if self.at >= self.len {
            return Ok(None);
        }
        let offset = self.at;
        if let Some(record) = self.record()? {
            let batch = record::decode(self.payload(record).unwrap_or(&[]));
            self.at += record.bytes();
            let path = || self.path.clone();
            return Ok(Some(batch.map_err(|source| LogReadError::Unreadable {
                path: path(),
                offset,
                length: record.bytes(),
                source,
            })));
        }
        match next_record(&self.file, offset, self.len, self.salt)? {
            Some(next) => {
                self.at = next;
                Ok(Some(Err(LogReadError::Damaged { path: self.path.clone(), offset, length: next - offset })))
            }
            None => {
                self.fill(record::HEADER_BYTES)?;
                let begun = Record::read(self.ahead(), offset, self.salt).is_some();
                let used_before = self.salt.is_some_and(|salt| salt % 2 == 1);
                // What a log before left is nothing torn.
                self.torn_bytes = if begun || !used_before { self.len - offset } else { 0 };
                self.at = self.len;
                Ok(None)
            }
        }
    }
}

impl Iterator for LogReader {
    type Item = Result<Batch, LogReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.at;
        self.read().unwrap_or_else(|source| {
            self.at = self.behind(offset);
            Some(Err(LogReadError::Io { path: self.path.clone(), offset, source }))
        })
    }
}
