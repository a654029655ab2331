//! What each of several stores was given and what it said: a line of the ledger a store.

use parking_lot::Mutex;

use crate::{ErrorKind, Written};

/// The line of one store, in spans: offered = stored + in flight + unanswered + refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartCounts {
    /// Its name as in SPAN_STORAGE_TYPE; a second one of that name is `name-2`.
    pub store: String,
    /// Given to it.
    pub offered: u64,
    /// It said that it has them.
    pub stored: u64,
    /// It has not answered yet.
    pub in_flight: u64,
    /// Whoever wrote them gave up before it had answered: it may have them.
    pub unanswered: u64,
    /// It did not take them, by kind.
    pub refused: [(ErrorKind, u64); 5],
}

const KINDS: [ErrorKind; 5] =
    [ErrorKind::Unavailable, ErrorKind::Throttled, ErrorKind::Invalid, ErrorKind::Corrupt, ErrorKind::NotFound];

/// Moves between columns take one lock, so that each snapshot balances.
pub(super) struct Counts {
    store: String,
    now: Mutex<PartCounts>,
}

/// Spans that a store was given and did not answer yet.
pub(super) struct UnderWay<'a> {
    counts: &'a Counts,
    spans: u64,
}

impl Counts {
    pub(super) fn new(store: String) -> Self {
        let now = PartCounts {
            store: store.clone(),
            offered: 0,
            stored: 0,
            in_flight: 0,
            unanswered: 0,
            refused: KINDS.map(|kind| (kind, 0)),
        };
        Self { store, now: Mutex::new(now) }
    }

    pub(super) fn store(&self) -> &str {
        &self.store
    }

    pub(super) fn now(&self) -> PartCounts {
        self.now.lock().clone()
    }

    pub(super) fn begin(&self, spans: usize) -> UnderWay<'_> {
        let spans = spans as u64;
        let mut now = self.now.lock();
        now.offered += spans;
        now.in_flight += spans;
        UnderWay { counts: self, spans }
    }
}

impl UnderWay<'_> {
    /// The store has answered. What it does not speak of stays unanswered.
    pub(super) fn end(mut self, written: &Written) {
        let mut now = self.counts.now.lock();
        let mut take = |spans: u64| {
            let taken = spans.min(self.spans);
            self.spans -= taken;
            taken
        };
        let stored = take(written.stored as u64);
        now.stored += stored;
        now.in_flight -= stored;
        for refused in &written.refused {
            let spans = take(refused.spans.len() as u64);
            now.in_flight -= spans;
            if let Some((_, count)) = now.refused.iter_mut().find(|(kind, _)| *kind == refused.kind) {
                *count += spans;
            }
        }
        drop(now);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if self.spans > 0 {
            let mut now = self.counts.now.lock();
            now.in_flight -= self.spans;
            now.unanswered += self.spans;
        }
    }
}

/// The names of stores, each once.
pub(super) fn names(stores: impl Iterator<Item = &'static str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for store in stores {
        let numbered = (2usize..).map(|number| format!("{store}-{number}"));
        let mut all = std::iter::once(store.to_owned()).chain(numbered);
        names.extend(all.find(|name| !names.contains(name)));
    }
    names
}
