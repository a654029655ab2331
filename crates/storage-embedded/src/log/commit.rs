//! The thread that commits: all that waits in one write and one sync, then the answers, and again.
//!
//! A commit begins when the one before has ended, never by a clock: under load groups grow, and without it nobody waits.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::LogError;
use super::file::{Failed, LogFile};
use super::queue::{Group, Queue};
use super::writer::{Appended, Current, Rotated};

pub(super) struct Committer {
    queue: Arc<Queue>,
    current: Arc<Current>,
    folder: Arc<PathBuf>,
    file: Option<LogFile>,
    /// The number of `file`, or of the next one where there is none.
    log: u64,
    /// The last commit failed, and the log of the process says so.
    failing: bool,
}

impl Committer {
    pub(super) fn new(queue: Arc<Queue>, current: Arc<Current>, folder: PathBuf, first: u64) -> Self {
        Self { queue, current, folder: Arc::new(folder), file: None, log: first, failing: false }
    }

    /// Until the queue is closed and empty.
    pub(super) fn run(&mut self) {
        let mut group = Group::default();
        while self.queue.take(&mut group) {
            if !group.appends.is_empty() {
                self.commit(&mut group);
            }
            for rotation in group.rotations.drain(..) {
                let rotated = self.rotate();
                if rotation.send(rotated).is_err() {
                    tracing::debug!("nobody waits for the rotation to log {}", rotated.next);
                }
            }
        }
    }

    fn commit(&mut self, group: &mut Group) {
        let result = self.write(group);
        self.queue.free(&group.appends);
        match &result {
            Ok(_) if self.failing => tracing::info!("the log in {} can be written again", self.folder.display()),
            Err(error) if !self.failing => tracing::error!("{error}"),
            _ => {}
        }
        self.failing = result.is_err();
        self.tell();
        let mut end = result.as_ref().map_or(0, |begin| *begin);
        for append in group.appends.drain(..) {
            let bytes = append.bytes as u64;
            end += bytes;
            let appended = Appended { log: self.log, end, bytes };
            // Who no longer waits keeps what was sent; a copy of it is one span.
            drop(append.answer.send(result.clone().map(|_| appended)));
        }
    }

    /// Writes the group and tells where it begins.
    fn write(&mut self, group: &mut Group) -> Result<u64, LogError> {
        let file = match &mut self.file {
            Some(file) => file,
            None => match LogFile::create(&self.folder, self.log) {
                Ok(file) => self.file.insert(file),
                Err(error) => {
                    // Its file may be there, half made: the next has another name.
                    self.log += 1;
                    return Err(LogError::of(&self.folder, error));
                }
            },
        };
        let begin = file.end();
        group.place(begin, file.salt());
        match file.append(&group.records) {
            Ok(()) => Ok(begin),
            Err(Failed::Kept(error)) => Err(LogError::of(&self.folder, error)),
            Err(Failed::Damaged(error)) => {
                tracing::error!(
                    "{} is closed at {begin} bytes since what was written behind is unsure: {error}; the next log goes on",
                    file.path().display()
                );
                self.file = None;
                self.log += 1;
                Err(LogError::of(&self.folder, error))
            }
        }
    }

    fn rotate(&mut self) -> Rotated {
        let closed = self.file.take().map(|file| (self.log, file.end()));
        // Also where none was begun: the engine takes the next number for a new generation beforehand.
        self.log += 1;
        self.tell();
        Rotated { next: self.log, closed }
    }

    fn tell(&self) {
        self.current.log.store(self.log, Ordering::Relaxed);
        self.current.bytes.store(self.file.as_ref().map_or(0, LogFile::end), Ordering::Relaxed);
    }
}
