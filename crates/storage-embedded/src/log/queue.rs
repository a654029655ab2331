//! Between those who append and the thread that commits: records one behind another, and who waits for which.

use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::{Semaphore, oneshot};

use super::record;
use super::writer::{Appended, Rotated};
use crate::log::LogError;

/// Bytes that stay reserved for the groups to come.
const KEPT_BYTES: usize = 4 << 20;

pub(super) type Answer = oneshot::Receiver<Result<Appended, LogError>>;

pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// The thread that commits sleeps here while nothing waits.
    came: Condvar,
    /// The bytes that may wait.
    room: Semaphore,
    max_bytes: u32,
}

#[derive(Default)]
struct Waiting {
    group: Group,
    asleep: bool,
    /// The thread that commits sleeps until so many wait.
    wanted: usize,
    closed: bool,
}

/// What is committed at once.
#[derive(Default)]
pub(super) struct Group {
    pub(super) records: Vec<u8>,
    pub(super) appends: Vec<Append>,
    /// Those who want another log behind these records.
    pub(super) rotations: Vec<SyncSender<Rotated>>,
}

/// One record of a group.
pub(super) struct Append {
    /// Its length in the group.
    pub(super) bytes: usize,
    pub(super) answer: oneshot::Sender<Result<Appended, LogError>>,
}

impl Queue {
    pub(super) fn new(max_bytes: u32) -> Self {
        let room = Semaphore::new(max_bytes as usize);
        Self { waiting: Mutex::default(), came: Condvar::new(), room, max_bytes }
    }

    /// Queues a record if there is room now.
    pub(super) fn try_push(&self, record: &[u8]) -> Option<Result<Answer, LogError>> {
        let room = self.room.try_acquire_many(self.permits(record.len())).ok()?;
        room.forget();
        Some(self.push_into_room(record))
    }

    /// Queues a record as soon as there is room.
    pub(super) async fn push(&self, record: &[u8]) -> Result<Answer, LogError> {
        let room = self.room.acquire_many(self.permits(record.len())).await.map_err(|_| LogError::Closed)?;
        room.forget();
        self.push_into_room(record)
    }

    /// A record that is larger than all room waits until it has all of it.
    fn permits(&self, bytes: usize) -> u32 {
        u32::try_from(bytes).unwrap_or(u32::MAX).min(self.max_bytes)
    }

    fn push_into_room(&self, record: &[u8]) -> Result<Answer, LogError> {
        let (answer, receiver) = oneshot::channel();
        self.change(|group| {
            group.records.extend_from_slice(record);
            group.appends.push(Append { bytes: record.len(), answer });
        })?;
        Ok(receiver)
    }

    /// Wants another log behind what is queued.
    pub(super) fn rotate(&self, answer: SyncSender<Rotated>) -> Result<(), LogError> {
        self.change(|group| group.rotations.push(answer))
    }

    fn change(&self, change: impl FnOnce(&mut Group)) -> Result<(), LogError> {
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return Err(LogError::Closed);
        }
        change(&mut waiting.group);
        let wake = waiting.asleep && waiting.has_all();
        waiting.asleep &= !wake;
        drop(waiting);
        if wake {
            self.came.notify_one();
        }
        Ok(())
    }

    /// Nothing more is taken; what waits is committed.
    pub(super) fn close(&self) {
        self.waiting.lock().closed = true;
        self.room.close();
        self.came.notify_one();
    }

    /// Nothing is committed any more: whoever waits hears so.
    pub(super) fn end(&self) {
        self.close();
        let waiting = std::mem::take(&mut self.waiting.lock().group);
        drop(waiting);
    }

    /// Swaps an empty group for all that waits; waits for something, and then no longer than `patience` until `wanted`
    /// wait. False at the end.
    pub(super) fn take(&self, group: &mut Group, wanted: usize, patience: Duration) -> bool {
        group.clear();
        let mut waiting = self.waiting.lock();
        waiting.wanted = 1;
        while waiting.group.is_empty() {
            if waiting.closed {
                return false;
            }
            waiting.asleep = true;
            self.came.wait(&mut waiting);
        }
        waiting.wanted = wanted;
        let deadline = Instant::now() + patience;
        while !waiting.has_all() && !waiting.closed {
            waiting.asleep = true;
            if self.came.wait_until(&mut waiting, deadline).timed_out() {
                break;
            }
        }
        waiting.asleep = false;
        std::mem::swap(&mut waiting.group, group);
        true
    }

    /// How many wait now.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.lock().group.appends.len()
    }

    /// The room of records that no longer wait.
    pub(super) fn free(&self, appends: &[Append]) {
        let bytes = appends.iter().map(|append| self.permits(append.bytes) as usize).sum();
        self.room.add_permits(bytes);
    }
}

impl Waiting {
    fn has_all(&self) -> bool {
        self.group.appends.len() >= self.wanted || !self.group.rotations.is_empty()
    }
}

impl Group {
    fn is_empty(&self) -> bool {
        self.appends.is_empty() && self.rotations.is_empty()
    }

    fn clear(&mut self) {
        self.records.clear();
        self.records.shrink_to(KEPT_BYTES);
        self.appends.clear();
        self.rotations.clear();
    }

    /// Completes the records as they will stand from `at` on.
    pub(super) fn place(&mut self, at: u64, salt: u64) {
        let mut rest = self.records.as_mut_slice();
        let mut at = at;
        for append in &self.appends {
            let Some((record, behind)) = rest.split_at_mut_checked(append.bytes) else { return };
            record::place(record, at, salt);
            at += append.bytes as u64;
            rest = behind;
        }
    }
}
