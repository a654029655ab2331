//! `write -> SPAN METRICS`: calls and durations by service, operation, kind and status, counted once a span is stored.
//!
//! ```text
//! stored batch -> labels (service, operation, kind, status) -> table (at most 5,000 rows) -> /metrics of the admin port
//! ```
//!
//! The names, labels and bounds are those of the OpenTelemetry Collector's span metrics connector, which Jaeger's Monitor page asks
//! Prometheus for. A span that a sender sends twice counts twice here: only a store knows that it has it.

mod labels;
mod table;

use std::fmt;
use std::sync::Arc;

use jaeger_model::Batch;
use jaeger_service::metrics::{Page, Registry};
use jaeger_storage::LATENCY_BOUNDS_MICROS;
use parking_lot::Mutex;

use labels::{Outcome, kind_and_status};
use table::{Key, Row, Table};

const CALLS: &str = "traces_span_metrics_calls_total";
const DURATION: &str = "traces_span_metrics_duration_milliseconds";

/// The bounds of the buckets, in milliseconds.
const BOUNDS_MILLIS: [f64; LATENCY_BOUNDS_MICROS.len()] = {
    let mut bounds = [0.0; LATENCY_BOUNDS_MICROS.len()];
    let mut at = 0;
    while at < bounds.len() {
        #[expect(clippy::cast_precision_loss, reason = "seconds in microseconds")]
        {
            bounds[at] = LATENCY_BOUNDS_MICROS[at] as f64 / 1000.0;
        }
        at += 1;
    }
    bounds
};

/// The counts of a collector; clones count together.
#[derive(Clone)]
pub struct SpanMetrics(Arc<Mutex<Table>>);

impl SpanMetrics {
    /// Counts that stand on the registry's page.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        let this = Self(Arc::default());
        let shown = this.clone();
        registry.add_source(move |page| shown.show(page));
        this
    }

    /// Counts the spans of a batch whose place `stored` takes.
    pub fn observe(&self, batch: &Batch, stored: impl Fn(usize) -> bool) {
        // One lock a batch, and then plain additions: an atomic one for each span costs as much as all the rest.
        let mut table = self.0.lock();
        let mut service = None;
        for (at, span) in batch.spans().enumerate() {
            if !stored(at) {
                continue;
            }
            let process = span.process_index();
            let (_, name, hash) = match service {
                Some(known @ (of, _, _)) if of == process => known,
                _ => {
                    let name = span.service();
                    *service.insert((process, name, table.hash_of(name)))
                }
            };
            let Outcome { kind, status } = kind_and_status(batch, &span);
            let key = Key { service: name, operation: span.operation(), kind, status };
            table.row(hash, &key).add(span.duration().as_nanos());
        }
    }

    fn show(&self, page: &mut Page) {
        // Texts are shared with the table, so that spans wait for a copy of numbers only.
        let rows: Vec<Row> = self.0.lock().rows().to_vec();
        for row in &rows {
            let labels = [
                ("service_name", &*row.service),
                ("span_name", &*row.operation),
                ("span_kind", row.kind.label()),
                ("status_code", row.status.label()),
            ];
            page.counter(CALLS, "Spans stored.", &labels, row.calls());
            let help = "Duration of the spans stored, in milliseconds.";
            page.histogram(DURATION, help, &labels, &BOUNDS_MILLIS, &row.counts, row.millis());
        }
    }
}

impl fmt::Debug for SpanMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanMetrics").field("rows", &self.0.lock().rows().len()).finish()
    }
}

#[cfg(test)]
mod tests;
