//! What every sampled span of a tracer holds on to: the sampler, the queue and the ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::thread::Thread;

use crate::context::SpanContext;
use crate::ledger::{Book, Dropped};
use crate::recording::Body;
use crate::sampler::Sampler;

pub(crate) struct Shared {
    pub(crate) enabled: bool,
    pub(crate) wide_ids: bool,
    pub(crate) max_value_bytes: usize,
    pub(crate) sampler: Sampler,
    pub(crate) book: Arc<Book>,
    /// Of a tracer that records.
    pub(crate) queue: Option<Queue>,
}

/// Where ended spans wait for the reporter.
pub(crate) struct Queue {
    pub(crate) spans: SyncSender<Ended>,
    /// The reporter's thread, which sleeps until its flush interval is over or the queue is a quarter full.
    pub(crate) reporter: Thread,
    pub(crate) wake_at: u64,
    /// Somebody has woken the reporter.
    pub(crate) woken: AtomicBool,
    /// Nothing more is taken.
    pub(crate) closed: AtomicBool,
}

/// A span that has ended. Dropped without having been [`settle`](Self::settle)d, it counts as not sent, so that no way
/// out of the queue is without a column in the ledger.
pub(crate) struct Ended {
    pub(crate) context: SpanContext,
    pub(crate) body: Box<Body>,
    book: Arc<Book>,
    settled: bool,
}

impl Ended {
    /// Somebody else counts what becomes of it.
    pub(crate) fn settle(&mut self) {
        self.settled = true;
    }

    fn drop_as(mut self, why: Dropped) {
        self.book.dropped(why, 1);
        self.settle();
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        if !self.settled {
            self.book.dropped(Dropped::SendFailed, 1);
        }
    }
}

impl Shared {
    /// Takes a span that ended. Never waits.
    pub(crate) fn report(&self, context: SpanContext, body: Box<Body>) {
        self.book.finished();
        let ended = Ended { context, body, book: Arc::clone(&self.book), settled: false };
        let Some(queue) = self.queue.as_ref().filter(|queue| !queue.closed.load(Ordering::Relaxed)) else {
            return ended.drop_as(Dropped::SendFailed);
        };
        match queue.spans.try_send(ended) {
            Ok(()) => queue.wake(&self.book),
            Err(TrySendError::Full(ended)) => {
                ended.drop_as(Dropped::QueueFull);
                queue.wake(&self.book);
            }
            // The tracer was closed.
            Err(TrySendError::Disconnected(ended)) => ended.drop_as(Dropped::SendFailed),
        }
    }
}

impl Queue {
    #[inline]
    fn wake(&self, book: &Book) {
        if book.queued() >= self.wake_at && !self.woken.swap(true, Ordering::Relaxed) {
            self.reporter.unpark();
        }
    }
}
