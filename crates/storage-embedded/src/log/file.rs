//! The file that is written now: grows by whole groups of records, and is cut back where one does not fit.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::header;
use crate::fail_point::{aimed_at, fail_point, reached};
use crate::folder::{UNFINISHED, log_path, spare_path, sync_folder};

pub(super) struct LogFile {
    file: File,
    salt: u64,
    path: PathBuf,
    /// Behind the last group that is durable.
    end: u64,
}

/// What is left of a file after a group did not get into it.
pub(super) enum Failed {
    /// It is as before the group.
    Kept(io::Error),
    /// Nobody knows what is on the disk behind its last group: it must not be written again, since after a failed
    /// sync the kernel forgets what it could not write, and the next sync would be a lie.
    Damaged(io::Error),
}

impl LogFile {
    /// A new file, durable with its name.
    pub(super) fn create(folder: &Path, number: u64) -> io::Result<Self> {
        let path = log_path(folder, number);
        fail_point!("log.rotate.before_create");
        let salt = RandomState::new().hash_one(number);
        let reused = reuse(folder, &path, salt | 1).inspect_err(|_| {
            // The disk may fail there for ever; a new file is elsewhere. Nothing durable is in either.
            drop(std::fs::remove_file(path.with_extension(UNFINISHED)));
            drop(std::fs::remove_file(&path));
        })?;
        if let Some(file) = reused {
            return Ok(Self { file, salt: salt | 1, path, end: header::HEADER_BYTES as u64 });
        }
        let salt = salt & !1;
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let begun = begin(&file, folder, salt);
        if let Err(error) = begun {
            // Without records it says nothing; the next attempt takes another number.
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!("{} is left behind without spans: {error}", path.display());
            }
            return Err(error);
        }
        Ok(Self { file, salt, path, end: header::HEADER_BYTES as u64 })
    }

    /// What the checksums of its records are made with.
    pub(super) fn salt(&self) -> u64 {
        self.salt
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Whether nothing that is durable is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.end == header::HEADER_BYTES as u64
    }

    /// Writes a group of records and makes it durable.
    pub(super) fn append(&mut self, group: &[u8]) -> Result<(), Failed> {
        if let Err(error) = self.write(group) {
            return Err(match self.cut_back() {
                Ok(()) => Failed::Kept(error),
                Err(_) => Failed::Damaged(error),
            });
        }
        self.sync().map_err(Failed::Damaged)?;
        self.end += group.len() as u64;
        Ok(())
    }

    fn write(&self, group: &[u8]) -> io::Result<()> {
        fail_point!("log.before_write");
        let (mut rest, mut at) = (group, self.end);
        if aimed_at("log.mid_write") {
            let half = group.len() / 2;
            write_all(&self.file, rest.get(..half).unwrap_or(&[]), at)?;
            fail_point!("log.mid_write");
            rest = rest.get(half..).unwrap_or(&[]);
            at += half as u64;
        }
        write_all(&self.file, rest, at)?;
        reached("log.after_write")
    }

    fn sync(&self) -> io::Result<()> {
        fail_point!("log.before_sync");
        self.file.sync_data()?;
        reached("log.after_sync")
    }

    fn cut_back(&self) -> io::Result<()> {
        fail_point!("log.cut_back");
        self.file.set_len(self.end)
    }
}

/// A log that is a partition now goes on as another: overwriting costs a sync half of what growing does.
fn reuse(folder: &Path, path: &Path, salt: u64) -> io::Result<Option<File>> {
    // First it gets a name that nobody else asks for: compaction may remove or replace the spare log at any time.
    let taken = path.with_extension(UNFINISHED);
    match std::fs::rename(spare_path(folder), &taken) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        renamed => renamed?,
    }
    let file = OpenOptions::new().write(true).open(&taken)?;
    write_all(&file, &header::encode(salt), 0)?;
    fail_point!("log.rotate.before_reuse");
    // From here on its old records are none.
    file.sync_data()?;
    std::fs::rename(&taken, path)?;
    sync_folder(folder)?;
    reached("log.rotate.after_reuse")?;
    Ok(Some(file))
}

fn begin(file: &File, folder: &Path, salt: u64) -> io::Result<()> {
    fail_point!("log.rotate.after_create");
    write_all(file, &header::encode(salt), 0)?;
    fail_point!("log.rotate.before_sync");
    file.sync_data()?;
    sync_folder(folder)?;
    reached("log.rotate.after_sync")
}

fn write_all(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(bytes, at) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = bytes.get(written..).unwrap_or(&[]);
                at += written as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
