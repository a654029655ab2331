//! What is counted of bulk requests, on the admin port and under Go Jaeger's names.

use std::time::Duration;

use metrics::{Counter, Histogram, counter, describe_counter, describe_histogram, histogram};

/// Handles, made once.
pub(crate) struct Figures {
    attempts: Counter,
    inserts: Counter,
    errors: Counter,
    latency_ok: Histogram,
    latency_err: Histogram,
}

impl Figures {
    pub(crate) fn new() -> Self {
        describe_counter!("jaeger_bulk_index_attempts_total", "Bulk requests sent to Elasticsearch");
        describe_counter!("jaeger_bulk_index_inserts_total", "Bulk requests of which every document was taken");
        describe_counter!(
            "jaeger_bulk_index_errors_total",
            "Bulk requests that failed, or of which a document was refused"
        );
        describe_histogram!(
            "jaeger_bulk_index_latency_ok",
            "Seconds of bulk requests of which every document was taken"
        );
        describe_histogram!("jaeger_bulk_index_latency_err", "Seconds of the others");
        Self {
            attempts: counter!("jaeger_bulk_index_attempts_total"),
            inserts: counter!("jaeger_bulk_index_inserts_total"),
            errors: counter!("jaeger_bulk_index_errors_total"),
            latency_ok: histogram!("jaeger_bulk_index_latency_ok"),
            latency_err: histogram!("jaeger_bulk_index_latency_err"),
        }
    }

    /// A bulk request ended.
    pub(crate) fn bulk(&self, taken: bool, took: Duration) {
        self.attempts.increment(1);
        if taken {
            self.inserts.increment(1);
            self.latency_ok.record(took.as_secs_f64());
        } else {
            self.errors.increment(1);
            self.latency_err.record(took.as_secs_f64());
        }
    }
}
