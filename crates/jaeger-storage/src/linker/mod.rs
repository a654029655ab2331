//! Links between services for a store that counts none itself, across collectors that each hold some spans of a trace.
//!
//! ```text
//! stored spans --observe--> held by trace --round, once a minute--> rule --> links by the minute --LinkStore::write--> store
//!                                             |  parents that are elsewhere: LinkStore::around  ^
//! ```
//!
//! The rule is [`jaeger_model::dependency`]'s. A link belongs to its called side, and a span to the collector that stored it first, so each
//! link is counted once. A span waits a round, so that the spans around it are stored; one whose parent is not there is asked about again
//! until it is too old. What a collector holds when it is killed is not counted.

mod held;
mod round;
mod rule;

use std::time::Duration;

use jaeger_model::{Batch, SpanId, SpanView, Timestamp, TraceId, dependency::Side};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::{BoxFuture, DependencyLink, StorageError};
use held::Held;
pub use round::Round;

/// How long a span waits for those around it to be stored and found.
pub const SETTLES: Duration = Duration::from_secs(60);
/// How long an unknown parent is asked for.
pub const PATIENCE: Duration = Duration::from_secs(600);
/// The most spans that are held.
pub const MOST_SPANS: usize = 200_000;

/// A span that others may have stored: by its id, and where asked for those that refer to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its id.
    pub span_id: SpanId,
    /// Whether spans that refer to it are wanted too.
    pub children: bool,
    /// When the span began that asks.
    pub near: Timestamp,
}

/// A stored span, as far as the rule asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its id.
    pub span_id: SpanId,
    /// The spans of its trace that it refers to.
    pub parents: Vec<SpanId>,
    /// Its service.
    pub service: String,
    /// Its side of a call.
    pub side: Side,
}

/// Calls that were counted in one round for one minute, to be added to what is stored. Writing it twice must add it once: this process's
/// round and the minute tell it from all others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Increment {
    /// Minutes since 1970 in which the called sides began.
    pub minute: i64,
    /// The round, from 0.
    pub round: u64,
    /// Each pair once, sorted.
    pub links: Vec<DependencyLink>,
}

/// A store that keeps links but counts none.
pub trait LinkStore: Send + Sync {
    /// The spans with the ids wanted, and those that refer to them where that is wanted. Others may be among them.
    ///
    /// # Errors
    /// Why the store does not answer; the round is tried again.
    fn around<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Vec<Known>, StorageError>>;

    /// Keeps increments.
    ///
    /// # Errors
    /// Why they are not kept; they are written again.
    fn write<'a>(&'a self, increments: &'a [Increment]) -> BoxFuture<'a, Result<(), StorageError>>;
}

/// What one process holds until it is counted.
pub struct Linker {
    held: Mutex<Held>,
    round: tokio::sync::Mutex<Round>,
}

impl Default for Linker {
    fn default() -> Self {
        Self::new(MOST_SPANS)
    }
}

impl Linker {
    /// One that holds this many spans at most.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { held: Mutex::new(Held::new(most)), round: tokio::sync::Mutex::default() }
    }

    /// These spans of a batch are stored, for the first time as far as the store knows.
    pub fn observe(&self, batch: &Batch, mut is_new: impl FnMut(usize) -> bool) {
        let mut held = self.held.lock();
        let now = Instant::now();
        let new = batch.spans().enumerate().filter(|(place, _)| is_new(*place));
        new.for_each(|(_, span)| held.push(span, now));
    }

    /// Counts what has settled, and with `all` what has not, and writes it.
    ///
    /// # Errors
    /// Why the store does not answer; nothing is lost by it, the next round does it again.
    pub async fn settle(&self, store: &dyn LinkStore, all: bool) -> Result<(), StorageError> {
        // One round at a time.
        self.round.lock().await.run(&self.held, store, all).await
    }

    /// Spans whose links were not counted since too many were held.
    #[must_use]
    pub fn given_up(&self) -> u64 {
        self.held.lock().given_up
    }
}

/// The spans of its own trace that a span refers to.
fn parents(span: SpanView<'_>) -> Vec<SpanId> {
    span.references().filter(|it| it.trace_id == span.trace_id()).map(|it| it.span_id).collect()
}

#[cfg(test)]
mod tests;
