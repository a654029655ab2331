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
mod mode;
mod round;
mod rule;

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use jaeger_model::dependency::{DependencySpan, Side};
use jaeger_model::{Batch, SpanId, SpanView, Timestamp, TraceId};
use metrics::{Counter, counter, describe_counter};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::{BoxFuture, DependencyLink, StorageError};
use held::Held;
pub use mode::Mode;
use mode::Others;
use round::Round;

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

impl Known {
    /// What the rule asks of a span.
    #[must_use]
    pub fn of(span: SpanView<'_>) -> Self {
        let of = DependencySpan::of(span);
        Self {
            trace_id: span.trace_id(),
            span_id: of.span_id,
            parents: of.parents,
            service: of.service.to_owned(),
            side: of.side,
        }
    }
}

/// Calls that were counted in one round for one minute, to be added to what is stored. Writing it twice must add it once:
/// [`Linker::process`], the round and the minute tell it from all others.
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

    /// Whether there are links of that time or later that no linker wrote.
    ///
    /// # Errors
    /// Why the store does not answer; the round is tried again.
    fn others_write(&self, since: Timestamp) -> BoxFuture<'_, Result<bool, StorageError>>;
}

/// What one process holds until it is counted.
pub struct Linker {
    mode: Mode,
    process: String,
    begun: AtomicBool,
    others: Others,
    held: Mutex<Held>,
    round: tokio::sync::Mutex<Round>,
    given_up: Counter,
    lost: Counter,
}

impl Linker {
    /// One that holds [`MOST_SPANS`].
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self::holding(mode, MOST_SPANS)
    }

    fn holding(mode: Mode, most: usize) -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        describe_counter!(
            "jaeger_dependencies_spans_given_up_total",
            "Spans whose links between services were not counted, since too many waited for their callers"
        );
        describe_counter!(
            "jaeger_dependencies_minutes_lost_total",
            "Minutes of counted links between services that the store did not take for too long"
        );
        Self {
            mode,
            process: format!("{}-{:x}-{:x}", host.trim(), std::process::id(), since.as_nanos()),
            begun: AtomicBool::new(false),
            others: Others::default(),
            held: Mutex::new(Held::new(most)),
            round: tokio::sync::Mutex::default(),
            given_up: counter!("jaeger_dependencies_spans_given_up_total"),
            lost: counter!("jaeger_dependencies_minutes_lost_total"),
        }
    }

    /// Whether links are counted here.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.mode != Mode::Off
    }

    /// This process, in words that no other has.
    #[must_use]
    pub fn process(&self) -> &str {
        &self.process
    }

    /// The first call begins rounds, one each [`SETTLES`], until `round` says that its store is gone.
    pub fn begin<F>(&self, mut round: impl FnMut() -> Option<F> + Send + 'static)
    where
        F: Future<Output = Result<(), StorageError>> + Send,
    {
        if !self.counts() || self.begun.swap(true, Ordering::Relaxed) {
            return;
        }
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(SETTLES).await;
                let Some(round) = round() else { return };
                if let Err(error) = round.await {
                    tracing::warn!(%error, "Links between services wait");
                }
            }
        });
    }

    /// These spans of a batch are stored, for the first time as far as the store knows.
    pub fn observe(&self, batch: &Batch, mut is_new: impl FnMut(usize) -> bool) {
        if !self.counts() {
            return;
        }
        let mut held = self.held.lock();
        let now = Instant::now();
        let new = batch.spans().enumerate().filter(|(place, _)| is_new(*place));
        new.for_each(|(_, span)| held.push(span, now));
        self.given_up.absolute(held.given_up);
    }

    /// Counts what has settled, and with `all` what has not, and writes it.
    ///
    /// # Errors
    /// Why the store does not answer; nothing is lost by it, the next round does it again.
    pub async fn settle(&self, store: &dyn LinkStore, all: bool) -> Result<(), StorageError> {
        if !self.counts() {
            return Ok(());
        }
        // One round at a time.
        let mut round = self.round.lock().await;
        round.gather(&self.held, store, all).await?;
        self.lost.absolute(round.lost);
        if round.waiting.is_empty() {
            return Ok(());
        }
        if self.mode == Mode::On || !self.others.write(store).await? {
            store.write(&round.waiting).await?;
        }
        round.waiting.clear();
        Ok(())
    }
}

/// The spans of its own trace that a span refers to.
fn parents(span: SpanView<'_>) -> Vec<SpanId> {
    span.references().filter(|it| it.trace_id == span.trace_id()).map(|it| it.span_id).collect()
}

#[cfg(test)]
mod tests;
