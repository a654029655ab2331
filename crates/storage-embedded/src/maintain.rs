//! What goes on beside writing and reading: generations are closed and become partitions, old partitions go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::Engine;
use crate::generation::{Generation, now_ms};
use crate::log::LOG_HEADER_BYTES;
use crate::names::Names;

/// How often to look without being asked: age is all that may have changed.
const IDLE: Duration = Duration::from_secs(30);
/// How often to look whether spans have stopped to come, while there are enough for a partition.
const WATCHFUL: Duration = Duration::from_millis(500);
/// Spans that have stopped to come for so long become a partition if their log has this length, but not so often that
/// partitions become many: logs take four times the bytes, and memory.
const QUIET: Duration = Duration::from_secs(1);
pub(crate) const QUIET_LOG_BYTES: u64 = 2 << 20;
const QUIET_EVERY: Duration = Duration::from_secs(600);
/// How long to wait after something went wrong.
const AFTER_ERROR: Duration = Duration::from_secs(10);
/// Names of partitions that went are forgotten this often.
const NAMES_EVERY: Duration = Duration::from_secs(60);

impl Engine {
    /// Works until the store ends.
    pub(crate) fn maintain_until_end(&self) {
        let mut names_made = Instant::now();
        let mut gone = 0;
        let mut wait = IDLE;
        loop {
            {
                let mut state = self.state.lock();
                if !state.asked && !state.ends {
                    self.work.wait_for(&mut state, wait);
                }
                if state.ends {
                    return;
                }
                state.asked = false;
            }
            // A mistake of ours must not end this for good.
            let work = std::panic::AssertUnwindSafe(|| self.maintain());
            wait = match std::panic::catch_unwind(work) {
                Ok(Ok(dropped)) => {
                    gone += dropped;
                    if self.may_become_quiet() { WATCHFUL } else { IDLE }
                }
                Ok(Err(error)) => {
                    self.figures.compact_failed.increment(1);
                    tracing::error!(%error, "a log cannot become a partition yet, it stays and is tried again");
                    AFTER_ERROR
                }
                Err(_) => {
                    self.figures.compact_failed.increment(1);
                    tracing::error!(
                        "a log could not become a partition; please report this; it stays and is tried again"
                    );
                    AFTER_ERROR
                }
            };
            if gone > 0 && names_made.elapsed() >= NAMES_EVERY {
                names_made = Instant::now();
                gone = 0;
                self.make_names();
            }
        }
    }

    /// Does everything that is due; says how many partitions went.
    ///
    /// # Errors
    /// Why a generation stays for now.
    pub(crate) fn maintain(&self) -> Result<usize, crate::compact::CompactError> {
        let _alone = self.maintaining.lock();
        let mut gone = self.retain();
        let done = self.work_off(&mut gone);
        self.measure();
        done.map(|()| gone)
    }

    fn work_off(&self, gone: &mut usize) -> Result<(), crate::compact::CompactError> {
        self.close_if_due()?;
        // Whoever ends the store waits for one partition, not for all.
        while !self.state.lock().ends && self.compact_oldest()? {
            *gone += self.retain();
            self.close_if_due()?;
        }
        Ok(())
    }

    fn close_if_due(&self) -> Result<(), crate::compact::CompactError> {
        let Some(generation) = self.state.lock().generations.last().cloned().filter(|last| !last.is_empty()) else {
            return Ok(());
        };
        let since = |ms: i64| Duration::from_millis(u64::try_from(now_ms().saturating_sub(ms)).unwrap_or(0));
        let due = generation.is_full(self.config.generation_bytes)
            || since(generation.first_arrival_ms()) > self.config.generation_age;
        let quiet = !due && self.may_become_quiet() && since(generation.last_arrival_ms()) >= QUIET;
        if quiet {
            self.state.lock().quiet_at = Some(Instant::now());
        }
        if due || quiet { self.close_generation() } else { Ok(()) }
    }

    /// Whether the spans that are there become a partition as soon as no more come.
    fn may_become_quiet(&self) -> bool {
        let state = self.state.lock();
        state.quiet_at.is_none_or(|last| last.elapsed() >= QUIET_EVERY)
            && state.generations.last().is_some_and(|generation| generation.bytes() >= QUIET_LOG_BYTES)
    }

    /// The spans that come from now on are of a new generation.
    ///
    /// # Errors
    /// Why there is no new log; then everything stays as it is.
    pub(crate) fn close_generation(&self) -> Result<(), crate::compact::CompactError> {
        // It stands there before the first span can come that belongs to it.
        let next = Arc::new(Generation::new(self.log.log() + 1));
        let closing = {
            let mut state = self.state.lock();
            let closing = state.generations.last().cloned();
            state.generations.push(Arc::clone(&next));
            closing
        };
        let rotated = self.log.rotate();
        if rotated.is_err() && self.log.log() < next.first_log {
            self.state.lock().generations.retain(|generation| !Arc::ptr_eq(generation, &next));
        }
        if let (Some(closing), Some((log, bytes))) = (closing, rotated?.closed)
            && closing.first_log == log
        {
            closing.closed_at(bytes.saturating_sub(LOG_HEADER_BYTES));
        }
        Ok(())
    }

    fn make_names(&self) {
        let partitions = self.snapshot().partitions;
        let names = Names::of_partitions(&partitions, |error| self.damaged(&error));
        *self.names.write() = names;
    }
}
