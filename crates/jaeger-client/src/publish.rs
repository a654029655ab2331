//! The client's own numbers under the names of Jaeger's clients, through the `metrics` crate: handles are made once,
//! values set by the reporter's thread after each flush.

use std::sync::Arc;

use crate::ledger::Book;
use crate::upkeep::Asked;

/// What the reporter calls after each flush.
#[cfg(not(feature = "metrics"))]
pub(crate) fn publisher(_: Arc<Asked>) -> Box<dyn Fn(&Book) + Send> {
    Box::new(|_| {})
}

#[cfg(feature = "metrics")]
pub(crate) use with_metrics::publisher;

#[cfg(feature = "metrics")]
mod with_metrics {
    use std::sync::atomic::Ordering::Relaxed;

    use metrics::{Counter, Gauge, counter, gauge};

    use super::{Arc, Asked, Book};
    use crate::counts::Counts;

    struct Handles {
        /// Started sampled, started not sampled, joined sampled, joined not sampled.
        traces: [Counter; 4],
        /// Sampled, not sampled.
        started: [Counter; 2],
        finished: [Counter; 2],
        decoding_errors: Counter,
        /// Ok, error, dropped.
        reporter_spans: [Counter; 3],
        queue_length: Gauge,
        sampler_queries: [Counter; 2],
        sampler_updates: [Counter; 2],
        baggage_updates: [Counter; 2],
        baggage_truncations: Counter,
    }

    impl Handles {
        fn new() -> Self {
            let trace = |state: &'static str, sampled: &'static str| counter!("jaeger_tracer_traces_total", "state" => state, "sampled" => sampled);
            let sampled = |name: &'static str| ["y", "n"].map(|sampled| counter!(name, "sampled" => sampled));
            let result = |name: &'static str| ["ok", "err"].map(|result| counter!(name, "result" => result));
            Self {
                traces: [trace("started", "y"), trace("started", "n"), trace("joined", "y"), trace("joined", "n")],
                started: sampled("jaeger_tracer_started_spans_total"),
                finished: sampled("jaeger_tracer_finished_spans_total"),
                decoding_errors: counter!("jaeger_tracer_span_context_decoding_errors_total"),
                reporter_spans: ["ok", "err", "dropped"]
                    .map(|result| counter!("jaeger_tracer_reporter_spans_total", "result" => result)),
                queue_length: gauge!("jaeger_tracer_reporter_queue_length"),
                sampler_queries: result("jaeger_tracer_sampler_queries_total"),
                sampler_updates: result("jaeger_tracer_sampler_updates_total"),
                baggage_updates: result("jaeger_tracer_baggage_updates_total"),
                baggage_truncations: counter!("jaeger_tracer_baggage_truncations_total"),
            }
        }

        fn set(&self, book: &Book, asked: &Asked) {
            let (ledger, counts) = (book.ledger(), Counts::now());
            let set = |handles: &[Counter], values: &[u64]| {
                handles.iter().zip(values).for_each(|(handle, value)| handle.absolute(*value));
            };
            let (started, joined) = (book.traces_started.load(Relaxed), book.traces_joined.load(Relaxed));
            set(&self.traces, &[started, counts.traces_started, joined, counts.traces_joined]);
            set(&self.started, &[ledger.started, counts.spans_started]);
            set(&self.finished, &[book.finished_count(), counts.spans_finished]);
            self.decoding_errors.absolute(counts.decoding_errors);
            set(&self.reporter_spans, &[ledger.sent, ledger.too_large + ledger.send_failed, ledger.queue_full]);
            #[expect(clippy::cast_precision_loss, reason = "a queue has at most a million spans")]
            self.queue_length.set(ledger.queued as f64);
            set(&self.sampler_queries, &[asked.answered.load(Relaxed), asked.unanswered.load(Relaxed)]);
            set(&self.sampler_updates, &[asked.updated.load(Relaxed), asked.not_understood.load(Relaxed)]);
            set(&self.baggage_updates, &[counts.baggage_updates, counts.baggage_refusals]);
            self.baggage_truncations.absolute(counts.baggage_truncations);
        }
    }

    /// What the reporter calls after each flush.
    pub(crate) fn publisher(asked: Arc<Asked>) -> Box<dyn Fn(&Book) + Send> {
        let handles = Handles::new();
        Box::new(move |book| handles.set(book, &asked))
    }
}
