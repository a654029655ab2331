//! A line for each of several stores that spans are written to together: offered = stored + in flight + unanswered + refused.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::Serialize;

use crate::metrics::Page;

/// What one store was given and what it said, in spans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreLine {
    /// Its name as in SPAN_STORAGE_TYPE.
    pub store: String,
    /// Given to it.
    pub offered: u64,
    /// It said that it has them.
    pub stored: u64,
    /// It has not answered yet.
    pub in_flight: u64,
    /// Whoever wrote them gave up before it had answered.
    pub unanswered: u64,
    /// It did not take them, by kind.
    pub refused: BTreeMap<&'static str, u64>,
}

impl StoreLine {
    /// Whether offered = stored + in flight + unanswered + refused.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.offered == self.stored + self.in_flight + self.unanswered + self.refused.values().sum::<u64>()
    }
}

type Ask = dyn Fn() -> Vec<StoreLine> + Send + Sync;

/// Where the lines come from: the store, once it is open. Clones are the same.
#[derive(Clone, Default)]
pub struct StoreLines(Arc<OnceLock<Box<Ask>>>);

impl StoreLines {
    /// Asks `ask` from now on. The first call counts.
    pub fn set(&self, ask: impl Fn() -> Vec<StoreLine> + Send + Sync + 'static) {
        self.0.get_or_init(|| Box::new(ask));
    }

    /// The lines at this moment; none where spans go to one store alone.
    #[must_use]
    pub fn now(&self) -> Vec<StoreLine> {
        self.0.get().map_or_else(Vec::new, |ask| ask())
    }

    /// Writes the `jaeger_ledger_store_*` metrics.
    pub fn sample(&self, page: &mut Page) {
        let spans = "jaeger_ledger_store_spans_total";
        let help = "Spans by store and column, where several are written to: offered = stored + in flight + unanswered + refused.";
        for line in self.now() {
            let columns = [("offered", line.offered), ("stored", line.stored), ("unanswered", line.unanswered)];
            for (column, count) in columns {
                page.counter(spans, help, &[("store", &line.store), ("column", column), ("reason", "")], count);
            }
            for (reason, count) in &line.refused {
                page.counter(spans, help, &[("store", &line.store), ("column", "refused"), ("reason", reason)], *count);
            }
            let help = "Spans that the store has not answered yet.";
            page.gauge("jaeger_ledger_store_spans_in_flight", help, &[("store", &line.store)], line.in_flight);
        }
    }
}

impl fmt::Debug for StoreLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.now()).finish()
    }
}
