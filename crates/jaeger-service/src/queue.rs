//! The bounded queue between receiving and storing: collector requests wait here with their reply handle.
//!
//! A bound in spans and one in bytes; an item is admitted whole or refused whole and given back, so the caller can answer its sender. An item
//! that alone exceeds a bound is admitted when the queue is empty, else it could never be served. One lock is taken once an item, never once a span.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// How much the queue holds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Spans of all waiting items.
    pub spans: u64,
    /// Bytes of all waiting items.
    pub bytes: u64,
}

/// Which bound refused an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The bound in spans.
    Spans,
    /// The bound in bytes.
    Bytes,
    /// The queue is closed: the process stops.
    Closed,
}

/// An item that was not admitted, given back.
#[derive(Debug, thiserror::Error)]
#[error("{}", match why {
    Why::Spans => "queue is full: its bound in spans is reached, send again later",
    Why::Bytes => "queue is full: its bound in bytes is reached, send again later",
    Why::Closed => "queue is closed: the process stops, send to another instance",
})]
pub struct Refused<T> {
    /// The item; its sender still has the data.
    pub item: T,
    /// The reason.
    pub why: Why,
}

/// An item that left the queue.
#[derive(Debug)]
pub struct Popped<T> {
    /// The item.
    pub item: T,
    /// Its spans, as pushed.
    pub spans: u64,
    /// Its bytes, as pushed.
    pub bytes: u64,
    /// How long it waited.
    pub waited: Duration,
}

struct Entry<T> {
    item: T,
    spans: u64,
    bytes: u64,
    since: Instant,
}

struct State<T> {
    entries: VecDeque<Entry<T>>,
    spans: u64,
    bytes: u64,
    closed: bool,
}

struct Shared<T> {
    bounds: Bounds,
    state: Mutex<State<T>>,
    /// Copies of the state's sums, for gauges that must not wait for the lock.
    spans: AtomicU64,
    bytes: AtomicU64,
    pushed: Notify,
}

/// The queue; clones are the same queue. Any number of producers and consumers, first in first out.
pub struct Queue<T>(Arc<Shared<T>>);

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Queue(Arc::clone(&self.0))
    }
}

impl<T> Queue<T> {
    /// An empty queue.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Queue(Arc::new(Shared {
            bounds,
            state: Mutex::new(State { entries: VecDeque::new(), spans: 0, bytes: 0, closed: false }),
            spans: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            pushed: Notify::new(),
        }))
    }

    /// Puts an item at the end, or gives it back.
    ///
    /// # Errors
    /// [`Refused`] holds the item and which bound it met.
    pub fn try_push(&self, item: T, spans: u64, bytes: u64) -> Result<(), Refused<T>> {
        let mut state = self.0.state.lock();
        if state.closed {
            return Err(Refused { item, why: Why::Closed });
        }
        if !state.entries.is_empty() {
            if state.spans.saturating_add(spans) > self.0.bounds.spans {
                return Err(Refused { item, why: Why::Spans });
            }
            if state.bytes.saturating_add(bytes) > self.0.bounds.bytes {
                return Err(Refused { item, why: Why::Bytes });
            }
        }
        state.spans = state.spans.saturating_add(spans);
        state.bytes = state.bytes.saturating_add(bytes);
        state.entries.push_back(Entry { item, spans, bytes, since: Instant::now() });
        self.publish(&state);
        drop(state);
        self.0.pushed.notify_one();
        Ok(())
    }

    /// Takes the oldest item; `None` once the queue is closed and empty.
    pub async fn pop(&self) -> Option<Popped<T>> {
        loop {
            let pushed = self.0.pushed.notified();
            {
                let mut state = self.0.state.lock();
                if let Some(popped) = self.take(&mut state) {
                    return Some(popped);
                }
                if state.closed {
                    return None;
                }
            }
            pushed.await;
        }
    }

    /// Takes the oldest item if there is one.
    #[must_use]
    pub fn try_pop(&self) -> Option<Popped<T>> {
        self.take(&mut self.0.state.lock())
    }

    /// Refuses every further item. What waits is still popped; consumers get `None` after the last.
    pub fn close(&self) {
        self.0.state.lock().closed = true;
        self.0.pushed.notify_waiters();
        // For a consumer that has looked but does not wait yet.
        self.0.pushed.notify_one();
    }

    /// Takes all that waits at once: at the shutdown deadline, to count it.
    #[must_use]
    pub fn drain(&self) -> Vec<Popped<T>> {
        let mut state = self.0.state.lock();
        let mut drained = Vec::with_capacity(state.entries.len());
        while let Some(popped) = self.take(&mut state) {
            drained.push(popped);
        }
        drained
    }

    /// Spans that wait.
    #[must_use]
    pub fn len_spans(&self) -> u64 {
        self.0.spans.load(Ordering::Relaxed)
    }

    /// Bytes that wait.
    #[must_use]
    pub fn len_bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// The bounds that it was made with.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.0.bounds
    }

    /// Whether [`Queue::close`] was called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.state.lock().closed
    }

    fn take(&self, state: &mut State<T>) -> Option<Popped<T>> {
        let entry = state.entries.pop_front()?;
        state.spans = state.spans.saturating_sub(entry.spans);
        state.bytes = state.bytes.saturating_sub(entry.bytes);
        self.publish(state);
        // One stored wake-up may stand for several pushes: hand it on while there is more, or when the others must see the close.
        if !state.entries.is_empty() || state.closed {
            self.0.pushed.notify_one();
        }
        Some(Popped { item: entry.item, spans: entry.spans, bytes: entry.bytes, waited: entry.since.elapsed() })
    }

    fn publish(&self, state: &State<T>) {
        self.0.spans.store(state.spans, Ordering::Relaxed);
        self.0.bytes.store(state.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
