//! Files that change: certificates are renewed while the process runs, mostly by a link that moves.
//!
//! One thread for the process, since looking at files blocks; it exists only where something is looked at.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::counts::Counts;
use super::pem::{FileError, MAX_BYTES, NamedFile};
use crate::settings::FileWatch;

/// Something made of files.
pub(super) trait Reload: Send + Sync {
    /// Makes it anew and takes it for what begins from now on; after an error the old one stays.
    fn reload(&self) -> Result<(), FileError>;
    /// Where it is counted.
    fn counts(&self) -> &Counts;
}

/// The state of files at a moment; what is made of them afterwards is at least as new.
pub(super) struct Baseline(Vec<FileWatch>);

struct Watched {
    target: Weak<dyn Reload>,
    files: Vec<FileWatch>,
    every: Duration,
    next: Instant,
    /// What was wrong at the last try, which is repeated until it is not.
    wrong: Option<FileError>,
}

static ALL: Mutex<Vec<Watched>> = Mutex::new(Vec::new());

impl Baseline {
    pub(super) fn of(files: &[NamedFile]) -> Self {
        let mut files: Vec<_> = files.iter().map(|file| FileWatch::new(&file.path, MAX_BYTES)).collect();
        for file in &mut files {
            // A file that cannot be read is told by whoever needs it.
            drop(file.changed());
        }
        Self(files)
    }

    /// Looks at the files every so often for as long as `target` lives.
    pub(super) fn watch(self, target: &Arc<impl Reload + 'static>, every: Duration) {
        if self.0.is_empty() {
            return;
        }
        let target: Weak<dyn Reload> = Arc::downgrade(&(Arc::clone(target) as Arc<dyn Reload>));
        let next = Instant::now() + every;
        let mut all = ALL.lock();
        let first = all.is_empty();
        all.push(Watched { target, files: self.0, every, next, wrong: None });
        drop(all);
        if first && let Err(error) = thread::Builder::new().name("tls-files".to_owned()).spawn(look_on) {
            tracing::error!(%error, "Cannot start a thread: renewed certificates are not taken before a restart");
        }
    }
}

/// Until nothing is looked at any more.
fn look_on() {
    loop {
        let next = {
            let mut all = ALL.lock();
            all.retain_mut(|watched| watched.look_if_due());
            let Some(next) = all.iter().map(|watched| watched.next).min() else { return };
            next
        };
        #[expect(clippy::disallowed_methods, reason = "a thread of its own, which looks from time to time")]
        // Never long, so that one that joins later is not kept waiting.
        thread::sleep(
            next.saturating_duration_since(Instant::now()).clamp(Duration::from_millis(10), Duration::from_secs(1)),
        );
    }
}

impl Watched {
    /// False where nobody has it any more.
    fn look_if_due(&mut self) -> bool {
        let Some(target) = self.target.upgrade() else { return false };
        if self.next <= Instant::now() {
            self.look(&*target);
            self.next = Instant::now() + self.every;
        }
        true
    }

    fn look(&mut self, target: &dyn Reload) {
        // All are looked at, since a certificate and its key change one after the other.
        let mut changed = false;
        for file in &mut self.files {
            changed |= !matches!(file.changed(), Ok(None));
        }
        if !changed && self.wrong.is_none() {
            return;
        }
        let counts = target.counts();
        match target.reload() {
            Ok(()) => {
                self.wrong = None;
                counts.reloaded(true);
                tracing::info!(at = counts.at(), "New certificates are taken for new connections");
            }
            Err(error) if self.wrong.as_ref() == Some(&error) => {}
            Err(error) => {
                counts.reloaded(false);
                tracing::error!(at = counts.at(), %error, "The new certificates cannot be used, the old ones stay");
                self.wrong = Some(error);
            }
        }
    }
}
