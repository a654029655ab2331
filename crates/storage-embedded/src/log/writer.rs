//! The log as the engine holds it: takes batches, and answers when they are durable.

use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use jaeger_model::Batch;

use super::commit::Committer;
use super::queue::Queue;
use super::{LogError, record};
use crate::fail_point;

/// The bytes of records that may wait; those who bring more wait themselves.
const MAX_WAITING_BYTES: u32 = 64 << 20;
/// A thread keeps this much for its next record.
const KEPT_BYTES: usize = 1 << 20;

/// Where a batch went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Appended {
    /// The log's number.
    pub(crate) log: u64,
    /// Behind its record in the file.
    pub(crate) end: u64,
    /// What its record takes.
    pub(crate) bytes: u64,
}

/// What a rotation did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rotated {
    /// Every record from now on has this number or a later one.
    pub(crate) next: u64,
    /// The log that was closed and its length, if one was begun.
    pub(crate) closed: Option<(u64, u64)>,
}

/// What the thread that commits tells everybody.
#[derive(Default)]
pub(super) struct Current {
    pub(super) log: AtomicU64,
    pub(super) bytes: AtomicU64,
}

/// The log that is written. Dropping it commits what waits.
pub(crate) struct LogWriter {
    queue: Arc<Queue>,
    current: Arc<Current>,
    thread: Option<JoinHandle<()>>,
}

thread_local! {
    static RECORD: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl LogWriter {
    /// A writer whose first log has the number `first`. Files are made when there is something to write, so that a
    /// full disk keeps nobody from reading.
    ///
    /// # Errors
    /// Why there is no thread.
    pub(crate) fn start(folder: PathBuf, first: u64) -> io::Result<Self> {
        Self::with_room(folder, first, MAX_WAITING_BYTES)
    }

    pub(super) fn with_room(folder: PathBuf, first: u64, max_waiting_bytes: u32) -> io::Result<Self> {
        let queue = Arc::new(Queue::new(max_waiting_bytes));
        let current = Arc::new(Current::default());
        current.log.store(first, Ordering::Relaxed);
        let mut committer = Committer::new(Arc::clone(&queue), Arc::clone(&current), folder, first);
        let inherited = fail_point::inherited();
        let thread = std::thread::Builder::new().name("embedded-log".into()).spawn(move || {
            inherited.adopt();
            committer.run();
        })?;
        Ok(Self { queue, current, thread: Some(thread) })
    }

    /// Writes a batch and answers when it is durable. Who stops waiting stops nothing.
    ///
    /// # Errors
    /// Why it is not durable. It may come back at the next start all the same.
    pub(crate) async fn append(&self, batch: Arc<Batch>) -> Result<Appended, LogError> {
        let queued = RECORD.with_borrow_mut(|bytes| {
            record::encode(&batch, bytes).map_err(|record::TooLong(bytes)| LogError::TooLarge { bytes })?;
            // The common case copies a record once more and keeps the memory; who has to wait takes it along.
            let queued = self.queue.try_push(bytes).ok_or_else(|| std::mem::take(bytes));
            if bytes.capacity() > KEPT_BYTES {
                *bytes = Vec::new();
            }
            Ok(queued)
        })?;
        let answer = match queued {
            Ok(answer) => answer?,
            Err(record) => self.queue.push(&record).await?,
        };
        answer.await.unwrap_or(Err(LogError::Closed))
    }

    /// Closes the log behind what is queued: what comes later goes to the next. Blocks for the commit under way.
    ///
    /// # Errors
    /// The writer has ended.
    pub(crate) fn rotate(&self) -> Result<Rotated, LogError> {
        let (answer, receiver) = mpsc::sync_channel(1);
        self.queue.rotate(answer)?;
        receiver.recv().map_err(|_| LogError::Closed)
    }

    /// The number of the log that is written now.
    pub(crate) fn log(&self) -> u64 {
        self.current.log.load(Ordering::Relaxed)
    }

    /// The length of the log that is written now.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> u64 {
        self.current.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        self.queue.close();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes the log has panicked");
        }
    }
}
