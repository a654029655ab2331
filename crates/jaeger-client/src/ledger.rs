//! Where every sampled span is: open, waiting, sent, or dropped for a reason.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use jaeger_wire::jaeger::ClientStats;

/// Why a sampled span was not sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Dropped {
    /// Too many spans waited when it ended (`JAEGER_REPORTER_MAX_QUEUE_SIZE`).
    QueueFull,
    /// It fits no packet, even shortened.
    TooLarge,
    /// The agent or collector could not be reached or refused it, or the tracer was closed before it ended.
    SendFailed,
}

/// How many sampled spans stand where.
///
/// `started = open + queued + sent + queue_full + too_large + send_failed`, to the span, whenever no other thread is
/// between two columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    /// Began.
    pub started: u64,
    /// Have not ended.
    pub open: u64,
    /// Have ended and wait.
    pub queued: u64,
    /// Were handed to the kernel (UDP) or acknowledged (HTTP).
    pub sent: u64,
    /// Were dropped: [`Dropped::QueueFull`].
    pub queue_full: u64,
    /// Were dropped: [`Dropped::TooLarge`].
    pub too_large: u64,
    /// Were dropped: [`Dropped::SendFailed`].
    pub send_failed: u64,
}

impl Ledger {
    /// All that were dropped.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.queue_full + self.too_large + self.send_failed
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { started, open, queued, sent, queue_full, too_large, send_failed } = self;
        write!(
            f,
            "of {started} sampled spans {sent} were sent, {open} are open, {queued} wait, and {} were dropped ",
            { self.dropped() }
        )?;
        write!(f, "({queue_full} queue full, {too_large} too large, {send_failed} not taken)")
    }
}

/// The numbers behind a [`Ledger`].
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) traces_started: AtomicU64,
    pub(crate) traces_joined: AtomicU64,
    started: AtomicU64,
    finished: AtomicU64,
    sent: AtomicU64,
    dropped: [AtomicU64; 3],
}

impl Book {
    pub(crate) fn started(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn finished(&self) {
        self.finished.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self, spans: u64) {
        self.sent.fetch_add(spans, Ordering::Release);
    }

    pub(crate) fn dropped(&self, why: Dropped, spans: u64) {
        self.dropped[why as usize].fetch_add(spans, Ordering::Release);
    }

    /// Spans that ended.
    #[cfg(feature = "metrics")]
    pub(crate) fn finished_count(&self) -> u64 {
        self.finished.load(Ordering::Relaxed)
    }

    /// Ended spans that are neither sent nor dropped.
    pub(crate) fn queued(&self) -> u64 {
        self.ledger().queued
    }

    pub(crate) fn ledger(&self) -> Ledger {
        let [queue_full, too_large, send_failed] = [0, 1, 2].map(|at: usize| self.dropped[at].load(Ordering::Acquire));
        let sent = self.sent.load(Ordering::Acquire);
        // Read after what it bounds, so that no column is below zero.
        let finished = self.finished.load(Ordering::Relaxed);
        let started = self.started.load(Ordering::Relaxed);
        Ledger {
            started,
            open: started.saturating_sub(finished),
            queued: finished.saturating_sub(sent + queue_full + too_large + send_failed),
            sent,
            queue_full,
            too_large,
            send_failed,
        }
    }

    /// The losses as a batch tells them to the agent.
    pub(crate) fn stats(&self) -> ClientStats {
        let of = |why: Dropped| i64::try_from(self.dropped[why as usize].load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        ClientStats {
            full_queue_dropped_spans: of(Dropped::QueueFull),
            too_large_dropped_spans: of(Dropped::TooLarge),
            failed_to_emit_spans: of(Dropped::SendFailed),
        }
    }
}
