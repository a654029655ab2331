//! Spans that are not sampled, counted for the whole process: they hold no tracer, so that starting one costs nothing
//! but its ids and these numbers.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// So many cache lines share the counting; a thread keeps to one.
const STRIPES: usize = 16;

#[repr(align(128))]
struct Stripe {
    traces_started: AtomicU64,
    traces_joined: AtomicU64,
    spans_started: AtomicU64,
    spans_finished: AtomicU64,
}

static ALL: [Stripe; STRIPES] = [const {
    Stripe {
        traces_started: AtomicU64::new(0),
        traces_joined: AtomicU64::new(0),
        spans_started: AtomicU64::new(0),
        spans_finished: AtomicU64::new(0),
    }
}; STRIPES];

static DECODING_ERRORS: AtomicU64 = AtomicU64::new(0);
static BAGGAGE_UPDATES: AtomicU64 = AtomicU64::new(0);
static BAGGAGE_REFUSALS: AtomicU64 = AtomicU64::new(0);
static BAGGAGE_TRUNCATIONS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static MINE: Cell<Option<&'static Stripe>> = const { Cell::new(None) };
}

#[inline]
fn mine() -> &'static Stripe {
    MINE.with(|mine| mine.get().unwrap_or_else(|| choose(mine)))
}

#[cold]
fn choose(mine: &Cell<Option<&'static Stripe>>) -> &'static Stripe {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let stripe = &ALL[NEXT.fetch_add(1, Relaxed) % STRIPES];
    mine.set(Some(stripe));
    stripe
}

#[cfg(feature = "metrics")]
/// What is counted of spans that are not sampled, and of contexts and baggage.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) traces_started: u64,
    pub(crate) traces_joined: u64,
    /// Roots and joined ones included.
    pub(crate) spans_started: u64,
    pub(crate) spans_finished: u64,
    pub(crate) decoding_errors: u64,
    pub(crate) baggage_updates: u64,
    pub(crate) baggage_refusals: u64,
    pub(crate) baggage_truncations: u64,
}

#[cfg(feature = "metrics")]
impl Counts {
    /// The numbers as they are.
    pub(crate) fn now() -> Self {
        let mut counts = Self {
            decoding_errors: DECODING_ERRORS.load(Relaxed),
            baggage_updates: BAGGAGE_UPDATES.load(Relaxed),
            baggage_refusals: BAGGAGE_REFUSALS.load(Relaxed),
            baggage_truncations: BAGGAGE_TRUNCATIONS.load(Relaxed),
            ..Self::default()
        };
        for stripe in &ALL {
            let (started, joined) = (stripe.traces_started.load(Relaxed), stripe.traces_joined.load(Relaxed));
            counts.traces_started += started;
            counts.traces_joined += joined;
            counts.spans_started += started + joined + stripe.spans_started.load(Relaxed);
            counts.spans_finished += stripe.spans_finished.load(Relaxed);
        }
        counts
    }
}

/// A trace began here.
#[inline]
pub(crate) fn trace_started() {
    mine().traces_started.fetch_add(1, Relaxed);
}

/// A trace came from another process.
#[inline]
pub(crate) fn trace_joined() {
    mine().traces_joined.fetch_add(1, Relaxed);
}

/// A span began below another of this process.
#[inline]
pub(crate) fn span_started() {
    mine().spans_started.fetch_add(1, Relaxed);
}

/// A span ended.
#[inline]
pub(crate) fn span_finished() {
    mine().spans_finished.fetch_add(1, Relaxed);
}

/// A context came that could not be read.
pub(crate) fn decoding_error() {
    DECODING_ERRORS.fetch_add(1, Relaxed);
}

/// Baggage was set, or refused, and perhaps cut.
pub(crate) fn baggage(stored: crate::context::Stored) {
    use crate::context::Stored;
    match stored {
        Stored::Refused => BAGGAGE_REFUSALS.fetch_add(1, Relaxed),
        Stored::Whole => BAGGAGE_UPDATES.fetch_add(1, Relaxed),
        Stored::Cut => {
            BAGGAGE_TRUNCATIONS.fetch_add(1, Relaxed);
            BAGGAGE_UPDATES.fetch_add(1, Relaxed)
        }
    };
}
