//! The thread that takes ended spans out of the queue, puts them into batches and hands those to a transport: every
//! flush interval, when the queue is a quarter full, when it is asked to, and at the end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jaeger_model::BatchBuilder;

use crate::ledger::{Book, Dropped};
use crate::shared::{Ended, Shared};
use crate::transport::{Outcome, Pace, Sending, Transport};

/// How the tracer and its threads tell each other what to do.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// When the end was ordered: until when it may take.
    closing: Option<Instant>,
    /// Flushes asked for and done.
    asked: u64,
    done: u64,
    ended: bool,
}

impl Orders {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders the end, which may take until `deadline`; an earlier order stays.
    pub(crate) fn close(&self, deadline: Instant) {
        self.state().closing.get_or_insert(deadline);
        self.changed.notify_all();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.state().closing.is_some()
    }

    /// Asks for a flush; its number is what [`wait`](Self::wait) waits for.
    pub(crate) fn ask(&self) -> u64 {
        let mut state = self.state();
        state.asked += 1;
        state.asked
    }

    /// Waits until a flush is done, or the reporter has ended; whether it did in time.
    pub(crate) fn wait(&self, flush: u64, deadline: Instant) -> bool {
        let mut state = self.state();
        while state.done < flush && !state.ended {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Waits for the reporter's end.
    pub(crate) fn wait_for_end(&self, deadline: Instant) -> bool {
        self.wait(u64::MAX, deadline)
    }

    /// Waits for the end to be ordered, `time` at most; whether it was.
    pub(crate) fn sleep(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut state = self.state();
        while state.closing.is_none() {
            let Some(left) = until.checked_duration_since(Instant::now()) else { return false };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl Pace for Orders {
    fn deadline(&self) -> Option<Instant> {
        self.state().closing
    }

    fn pause(&self, time: Duration) -> bool {
        if self.deadline().is_none() {
            // An end ordered meanwhile leaves one more try.
            return !self.sleep(time) || self.deadline().is_some_and(|deadline| deadline > Instant::now());
        }
        let until = Instant::now() + time;
        if self.deadline().is_some_and(|deadline| deadline <= until) {
            return false;
        }
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            std::thread::park_timeout(left);
        }
        true
    }
}

/// Whoever waits for the reporter's end waits no longer when this is dropped, also where a transport panicked.
pub(crate) struct Ending(pub(crate) Arc<Orders>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.state().ended = true;
        self.0.changed.notify_all();
    }
}

/// What the thread has.
pub(crate) struct Reporter {
    pub(crate) shared: Arc<Shared>,
    pub(crate) orders: Arc<Orders>,
    pub(crate) spans: Receiver<Ended>,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) service: String,
    pub(crate) process_tags: Vec<(String, String)>,
    pub(crate) flush_interval: Duration,
    /// The most bytes of spans in a batch.
    pub(crate) max_batch_bytes: usize,
    /// The most spans in a batch.
    pub(crate) max_batch_spans: usize,
    pub(crate) publish: Box<dyn Fn(&Book) + Send>,
    pub(crate) log_spans: bool,
}

impl Reporter {
    /// Until the end is ordered.
    pub(crate) fn run(mut self) {
        let mut next = Instant::now() + self.flush_interval;
        loop {
            let closing = self.orders.is_closing();
            let asked = self.orders.state().asked;
            self.rearm();
            // While spans go on to come, an order is looked at now and then.
            self.drain(if closing { u64::MAX } else { self.shared.book.queued() });
            (self.publish)(&self.shared.book);
            {
                let mut state = self.orders.state();
                state.done = asked;
                self.orders.changed.notify_all();
            }
            if closing {
                break;
            }
            if next <= Instant::now() {
                next = Instant::now() + self.flush_interval;
            }
            self.rest(next, asked);
        }
        let Self { spans, publish, shared, .. } = self;
        // What came in this moment is counted as it goes.
        drop(spans);
        publish(&shared.book);
    }

    fn woken(&self) -> Option<&AtomicBool> {
        self.shared.queue.as_ref().map(|queue| &queue.woken)
    }

    fn rearm(&self) {
        if let Some(woken) = self.woken() {
            woken.store(false, Ordering::Relaxed);
        }
    }

    fn rest(&self, until: Instant, flushed: u64) {
        loop {
            let woken = self.woken().is_some_and(|woken| woken.load(Ordering::Relaxed));
            let ordered = {
                let state = self.orders.state();
                state.closing.is_some() || state.asked > flushed
            };
            let Some(left) = until.checked_duration_since(Instant::now()) else { return };
            if woken || ordered {
                return;
            }
            std::thread::park_timeout(left);
        }
    }

    /// Sends what waits, until it was so many or the time to close is over.
    fn drain(&mut self, mut most: u64) {
        let mut carried = None;
        while (most > 0 || carried.is_some()) && self.orders.deadline().is_none_or(|end| end > Instant::now()) {
            let mut builder = BatchBuilder::new();
            for (key, value) in &self.process_tags {
                builder.process_tag(key.as_bytes(), value.as_str().into());
            }
            let Ok(process) = builder.process(self.service.as_bytes()) else { return };
            let (mut bytes, mut taken) = (0, 0);
            while taken < self.max_batch_spans {
                let Some(mut ended) = carried.take().or_else(|| self.spans.try_recv().ok()) else { break };
                bytes += ended.body.bytes();
                if taken > 0 && bytes > self.max_batch_bytes {
                    carried = Some(ended);
                    break;
                }
                if self.log_spans {
                    let (trace, span) = (ended.context.trace_id, ended.context.span_id);
                    tracing::info!("reporting span {trace}:{span}");
                }
                // Not built, it counts as not sent when it is dropped.
                if ended.body.build(&ended.context, process, &mut builder).is_ok() {
                    ended.settle();
                    taken += 1;
                }
            }
            if taken == 0 {
                return;
            }
            let batch = builder.finish();
            let sending = Sending { stats: self.shared.book.stats(), pace: &*self.orders };
            let outcome = self.transport.send(&batch, &sending);
            self.count(outcome, taken as u64);
            most = most.saturating_sub(taken as u64);
        }
    }

    /// A transport of the user's may count wrongly: what it says nothing of was not sent.
    fn count(&self, outcome: Outcome, all: u64) {
        let sent = outcome.sent.min(all);
        let too_large = outcome.too_large.min(all - sent);
        let book = &self.shared.book;
        book.sent(sent);
        book.dropped(Dropped::TooLarge, too_large);
        book.dropped(Dropped::SendFailed, all - sent - too_large);
    }
}
