//! The thread that commits: all that waits in one write and one sync, then the answers, and again.
//!
//! A commit begins when the one before has ended. Senders that each wait for their answer fall into two halves then, one
//! in the commit and one behind it: so where some waited at its end, those just answered are waited for, half as long as
//! the commit took. A sender alone never waits for another.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::LogError;
use super::file::{Failed, LogFile};
use super::queue::{Group, Queue};
use super::writer::{Appended, Current, Rotated};

/// How often the process's log hears at most that nothing can be written.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// After so many failures in a row groups wait for each other longer and longer, so that a failing disk is not all that
/// the process works on.
const PATIENT: u32 = 3;
const MAX_WAIT: Duration = Duration::from_millis(100);
/// Nobody waits longer for others' records.
const MAX_PATIENCE: Duration = Duration::from_millis(1);

pub(super) struct Committer {
    queue: Arc<Queue>,
    current: Arc<Current>,
    folder: Arc<PathBuf>,
    file: Option<LogFile>,
    /// The number of `file`, or of the next one where there is none.
    log: u64,
    /// Commits that failed one behind another.
    failures: u32,
    complaint: Complaint,
}

impl Committer {
    pub(super) fn new(queue: Arc<Queue>, current: Arc<Current>, folder: PathBuf, first: u64) -> Self {
        Self {
            queue,
            current,
            folder: Arc::new(folder),
            file: None,
            log: first,
            failures: 0,
            complaint: Complaint::default(),
        }
    }

    /// Until the queue is closed and empty.
    pub(super) fn run(&mut self) {
        let mut group = Group::default();
        let (mut wanted, mut patience) = (1, Duration::ZERO);
        while self.queue.take(&mut group, wanted, patience) {
            let had = group.appends.len();
            if had > 0 {
                let begun = Instant::now();
                self.commit(&mut group);
                patience = (begun.elapsed() / 2).min(MAX_PATIENCE);
            }
            wanted = match self.queue.waiting() {
                // All came together, and will again; or they came too late, and are not waited for.
                0 if had < wanted => 1,
                0 => wanted,
                behind => had + behind,
            };
            for rotation in group.rotations.drain(..) {
                let rotated = self.rotate();
                if rotation.send(rotated).is_err() {
                    tracing::debug!("nobody waits for the rotation to log {}", rotated.next);
                }
            }
        }
    }

    fn commit(&mut self, group: &mut Group) {
        self.wait_if_failing();
        let result = self.write(group);
        self.queue.free(&group.appends);
        match &result {
            Ok(_) => {
                self.failures = 0;
                self.complaint.sound(&self.folder);
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                self.complaint.failed(error);
            }
        }
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
                // What was written behind is unsure: the next log goes on.
                if file.is_empty() {
                    // Nobody was told that something of it is durable: it would be one more file a failure.
                    drop(std::fs::remove_file(file.path()));
                } else {
                    self.complaint.closed = Some((file.path().into(), begin));
                }
                self.file = None;
                self.log += 1;
                Err(LogError::of(&self.folder, error))
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a thread of its own, and only while the disk fails")]
    fn wait_if_failing(&self) {
        if let Some(more) = self.failures.checked_sub(PATIENT) {
            std::thread::sleep(Duration::from_millis(1 << more.min(10)).min(MAX_WAIT));
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

/// Also where it panics: nobody waits for ever.
impl Drop for Committer {
    fn drop(&mut self) {
        self.queue.end();
    }
}

/// What the process's log hears of commits that fail: not every one.
#[derive(Default)]
struct Complaint {
    told_at: Option<Instant>,
    /// Failures since then.
    untold: u64,
    /// It was told that commits fail, and not yet that they do no more.
    open: bool,
    /// The last log that was closed since what is behind its last record is unsure, and its length.
    closed: Option<(PathBuf, u64)>,
}

impl Complaint {
    fn failed(&mut self, error: &LogError) {
        self.untold += 1;
        if self.told_at.is_some_and(|at| at.elapsed() < TELL_EVERY) {
            return;
        }
        let (failed, now) = (self.untold, Some(Instant::now()));
        match self.closed.take() {
            Some((path, bytes)) => tracing::error!(
                failed,
                "{error}; {} is closed at {bytes} bytes since what was written behind is unsure, the next log goes on",
                path.display()
            ),
            None => tracing::error!(failed, "{error}"),
        }
        (self.told_at, self.untold, self.open) = (now, 0, true);
    }

    fn sound(&mut self, folder: &std::path::Path) {
        if std::mem::take(&mut self.open) {
            tracing::info!("the log in {} can be written again", folder.display());
        }
    }
}
