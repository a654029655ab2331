//! The ways out: UDP to an agent, HTTP to a collector, OTLP, memory.

pub(crate) mod http;
mod memory;
mod shorten;
pub(crate) mod udp;

use std::time::{Duration, Instant};

use jaeger_model::Batch;
use jaeger_wire::jaeger::ClientStats;

pub use memory::Memory;

/// What became of the spans of a batch; together they are all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// Were sent.
    pub sent: u64,
    /// Fit no packet.
    pub too_large: u64,
    /// Were refused, or nobody was there.
    pub failed: u64,
}

/// Takes spans to somebody. Called by one thread, the reporter's own.
pub trait Transport: Send {
    /// Sends all spans of a batch, whose spans are all of its first process, and may take until `sending.until`.
    fn send(&mut self, batch: &Batch, sending: &Sending<'_>) -> Outcome;
}

/// What a transport gets besides spans.
#[derive(Clone, Copy)]
pub struct Sending<'a> {
    /// The losses so far.
    pub stats: ClientStats,
    pub(crate) pace: &'a dyn Pace,
}

/// The reporter's time.
pub(crate) trait Pace {
    /// Until when all must be done: the tracer is being closed.
    fn deadline(&self) -> Option<Instant>;
    /// Waits; false where there is no time for that.
    fn pause(&self, time: Duration) -> bool;
}

impl Sending<'_> {
    /// How long a call that may take `at_most` may take: less while the tracer is being closed.
    #[must_use]
    pub fn time(&self, at_most: Duration) -> Duration {
        match self.pace.deadline() {
            None => at_most,
            Some(deadline) => at_most.min(deadline.saturating_duration_since(Instant::now())),
        }
    }

    /// Waits before another try; false where the tracer is being closed and there is no time for one.
    #[must_use]
    pub fn pause(&self, time: Duration) -> bool {
        self.pace.pause(time)
    }
}

/// Says once that sending fails, and once that it goes on, never once a span.
#[derive(Debug, Default)]
pub(crate) struct Told {
    failing: bool,
}

impl Told {
    pub(crate) fn failed(&mut self, target: &str, error: &dyn std::fmt::Display) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!("spans do not reach {target}: {error}; they are counted as send_failed until they do");
        }
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.failing
    }

    pub(crate) fn sent(&mut self, target: &str) {
        if std::mem::replace(&mut self.failing, false) {
            tracing::info!("spans reach {target} again");
        }
    }
}
