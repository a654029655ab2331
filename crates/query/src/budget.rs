//! Bytes that all answers under way may hold together: `--query.max-answer-bytes`. Taken between **search** and
//! assemble, given back when the trace is written out.

use std::sync::Arc;
use std::time::Duration;

use jaeger_model::Trace;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::search::own_bytes;

/// What a permit stands for: with bytes, 4 GiB would be the most that can be asked for.
const UNIT: usize = 1 << 10;
/// An answer under way waits so long for room.
const PATIENCE: Duration = Duration::from_secs(10);
/// A larger trace is measured by its own spans, since its batches may hold many others.
const SMALL: usize = 256 << 10;

/// The room of all answers; clones are the same.
#[derive(Clone, Debug)]
pub struct Budget {
    room: Arc<Semaphore>,
    units: u32,
    max: usize,
    patience: Duration,
}

/// Bytes taken of the budget; dropping gives them back.
#[derive(Debug)]
#[must_use]
pub struct Room(#[expect(dead_code, reason = "its drop is what it is for")] OwnedSemaphorePermit);

/// No room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "answers under way fill --query.max-answer-bytes={max}, and {bytes} bytes more are needed; \
     ask again in a moment, or raise it"
)]
pub struct Busy {
    /// What was asked for.
    pub bytes: usize,
    /// The bound.
    pub max: usize,
}

impl Budget {
    /// A budget of `max` bytes.
    #[must_use]
    pub fn new(max: usize) -> Self {
        let units = units(max);
        Self { room: Arc::new(Semaphore::new(units as usize)), units, max, patience: PATIENCE }
    }

    /// Takes `bytes` at once. More than there is at all is all there is: it passes when nothing else is under way.
    ///
    /// # Errors
    /// Where there is no room.
    pub fn take(&self, bytes: usize) -> Result<Room, Busy> {
        let taken = Arc::clone(&self.room).try_acquire_many_owned(self.share(bytes));
        taken.map(Room).map_err(|_| self.busy(bytes))
    }

    /// Takes `bytes`, once there is room.
    ///
    /// # Errors
    /// Where there was none for 10 seconds.
    pub async fn wait(&self, bytes: usize) -> Result<Room, Busy> {
        let taken = Arc::clone(&self.room).acquire_many_owned(self.share(bytes));
        match tokio::time::timeout(self.patience, taken).await {
            Ok(Ok(taken)) => Ok(Room(taken)),
            _ => Err(self.busy(bytes)),
        }
    }

    fn share(&self, bytes: usize) -> u32 {
        units(bytes).min(self.units)
    }

    fn busy(&self, bytes: usize) -> Busy {
        Busy { bytes, max: self.max }
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

/// About what a trace takes while it is written: itself, and its draft, whose rows take about as much again.
#[must_use]
pub fn held_bytes(trace: &Trace) -> usize {
    let bytes = trace.size_bytes();
    let own = if bytes > SMALL { own_bytes(trace).min(bytes) } else { bytes };
    own.saturating_mul(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back() {
        let budget = Budget::new(10 * UNIT);
        let room = budget.take(6 * UNIT).expect("room");
        let busy = budget.take(5 * UNIT).expect_err("no room");
        assert_eq!(busy, Busy { bytes: 5 * UNIT, max: 10 * UNIT });
        assert!(busy.to_string().contains("--query.max-answer-bytes=10240"), "{busy}");
        let rest = budget.take(4 * UNIT).expect("room for the rest");
        drop(room);
        budget.take(6 * UNIT).map(drop).expect("room again");
        drop(rest);
    }

    #[test]
    fn more_than_all_passes_alone() {
        let budget = Budget::new(10 * UNIT);
        let small = budget.take(1).expect("room");
        budget.take(usize::MAX).expect_err("not alone");
        drop(small);
        let large = budget.take(usize::MAX).expect("alone");
        budget.take(1).expect_err("nothing beside it");
        drop(large);
        budget.take(10 * UNIT).map(drop).expect("all of it again");
    }

    #[tokio::test]
    async fn who_waits_gets_the_room_of_who_goes() {
        let budget = Budget::new(10 * UNIT);
        let room = budget.take(10 * UNIT).expect("room");
        let waiting = tokio::spawn({
            let budget = budget.clone();
            async move { budget.wait(7 * UNIT).await.map(drop) }
        });
        tokio::task::yield_now().await;
        drop(room);
        waiting.await.expect("no panic").expect("room");
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told() {
        let budget = Budget { patience: Duration::ZERO, ..Budget::new(UNIT) };
        let room = budget.take(UNIT).expect("room");
        assert_eq!(budget.wait(1).await.map(drop), Err(Busy { bytes: 1, max: UNIT }));
        drop(room);
        budget.take(1).map(drop).expect("who gave up holds nothing");
    }
}
