//! `queue -> sanitize -> WRITE -> acknowledge`: the workers, each with one write to the store under way.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use jaeger_model::Batch;
use jaeger_service::logs::Repeats;
use jaeger_service::metrics::CollectorMetrics;
use jaeger_service::queue::Popped;
use jaeger_storage::{ErrorKind, Written};

use crate::Collector;
use crate::acknowledge::settle;
use crate::counts::Counts;
use crate::envelope::Envelope;

/// One of `--collector.num-workers`: ends when the queue is closed and empty.
pub(crate) async fn work(collector: Collector) {
    let this = collector.inner();
    while let Some(Popped { item, spans, waited, .. }) = this.queue.pop().await {
        this.metrics.queue_length.set_count(this.queue.len_spans());
        this.metrics.in_queue_latency.observe_n(waited.as_secs_f64(), spans);
        let Envelope { batch, held, in_flight, reply, counts } = item;
        let batch = this.sanitizer.sanitize(batch, &counts);
        let begun = Instant::now();
        let written = this.store.write(Arc::clone(&batch)).await;
        this.metrics.save_latency.observe_n(begun.elapsed().as_secs_f64(), spans);
        count(&batch, &counts, &written, &this.metrics);
        settle(in_flight, reply, &written, only_service(&batch));
        drop(held);
    }
}

fn count(batch: &Batch, counts: &Counts, written: &Written, metrics: &CollectorMetrics) {
    static REFUSED: Repeats = Repeats::new();
    let away = written.refused.iter().any(|refused| refused.kind == ErrorKind::Unavailable);
    metrics.storage_up.set(if away { 0.0 } else { 1.0 });
    if written.refused.is_empty() {
        counts.saved(batch, metrics, true);
        return;
    }
    let refused: HashSet<usize> =
        written.refused.iter().flat_map(|refused| &refused.spans).map(|at| *at as usize).collect();
    Counts::of_some(batch, |at| !refused.contains(&at)).saved(batch, metrics, true);
    Counts::of_some(batch, |at| refused.contains(&at)).saved(batch, metrics, false);
    if let Some(times) = REFUSED.hit(refused.len() as u64) {
        let why = written.refused.first().map_or("", |refused| refused.message.as_str());
        let kind = written.refused.first().map_or("", |refused| refused.kind.label());
        tracing::warn!(spans = times, kind, why, "The store refused spans");
    }
}

/// The service of a batch that has one.
fn only_service(batch: &Batch) -> Option<&str> {
    let mut services = batch.processes().map(|process| process.service());
    let first = services.next()?;
    services.all(|service| service == first).then_some(first)
}
