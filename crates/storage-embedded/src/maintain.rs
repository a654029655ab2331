//! What goes on beside writing and reading: generations are closed and become partitions, old partitions go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::Engine;
use crate::generation::{Generation, now_ms};
use crate::log::LOG_HEADER_BYTES;
use crate::names::Names;

/// How often to look without being asked: age is all that may have changed.
const IDLE: Duration = Duration::from_secs(30);
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
                    IDLE
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
        self.close_if_due()?;
        let mut gone = self.retain();
        // Whoever ends the store waits for one partition, not for all.
        while !self.state.lock().ends && self.compact_oldest()? {
            gone += self.retain();
            self.close_if_due()?;
        }
        self.measure();
        Ok(gone)
    }

    fn close_if_due(&self) -> Result<(), crate::compact::CompactError> {
        let due = {
            let state = self.state.lock();
            state.generations.last().is_some_and(|generation| {
                let age = now_ms().saturating_sub(generation.first_arrival_ms());
                let old = i128::from(age) > self.config.generation_age.as_millis().cast_signed();
                !generation.is_empty() && (generation.is_full(self.config.generation_bytes) || old)
            })
        };
        if due { self.close_generation() } else { Ok(()) }
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
