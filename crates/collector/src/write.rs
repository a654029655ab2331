//! `queue -> sanitize -> WRITE -> acknowledge`: the workers, each with one write to the store under way.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use jaeger_model::Batch;
use jaeger_service::logs::Repeats;
use jaeger_service::queue::Popped;
use jaeger_storage::{ErrorKind, Written};

use crate::Collector;
use crate::acknowledge::settle;
use crate::collector::Inner;
use crate::counts::Counts;
use crate::envelope::Envelope;

/// One of `--collector.num-workers`: ends when the queue is closed and empty.
pub(crate) async fn work(collector: Collector) {
    let this = collector.inner();
    while let Some(Popped { item, waited, .. }) = this.queue.pop().await {
        this.metrics.queue_length.set_count(this.queue.len_spans());
        one(&collector, item, waited).await;
    }
}

/// Writes a request without the way through queue and worker, as far as the store goes without waiting: two task
/// switches less for each request into a store that answers at once. A store that needs longer goes on in a task.
pub(crate) fn at_once(collector: &Collector, envelope: Envelope) {
    let own = collector.clone();
    let mut write = Box::pin(async move { one(&own, envelope, Duration::ZERO).await });
    if write.as_mut().now_or_never().is_none() {
        collector.inner().begun_at_once.spawn(write);
    }
}

/// Sanitizes, writes and acknowledges one request that waited for `waited`.
async fn one(collector: &Collector, envelope: Envelope, waited: Duration) {
    let this = collector.inner();
    let Envelope { mut batch, held, mut in_flight, reply, mut counts } = envelope;
    let spans = batch.len() as u64;
    this.metrics.in_queue_latency.observe_n(waited.as_secs_f64(), spans);
    if let Some(downsampler) = &this.downsampler {
        batch = downsampler.thin(batch, &mut in_flight);
        counts = Counts::of(&batch);
    }
    if batch.is_empty() {
        return settle(in_flight, reply, &Written::all(0), None);
    }
    let batch = this.sanitizer.sanitize(batch, &counts);
    let begun = Instant::now();
    let written = this.store.write(Arc::clone(&batch)).await;
    this.metrics.save_latency.observe_n(begun.elapsed().as_secs_f64(), spans);
    count(&batch, &counts, &written, this);
    settle(in_flight, reply, &written, only_service(&batch));
    drop(held);
}

fn count(batch: &Batch, counts: &Counts, written: &Written, Inner { metrics, span_metrics, .. }: &Inner) {
    static REFUSED: Repeats = Repeats::new();
    let away = written.refused.iter().any(|refused| refused.kind == ErrorKind::Unavailable);
    metrics.storage_up.set(if away { 0.0 } else { 1.0 });
    if written.refused.is_empty() {
        counts.saved(batch, metrics, true);
        if let Some(span_metrics) = span_metrics {
            span_metrics.observe(batch, |_| true);
        }
        return;
    }
    let refused: HashSet<usize> =
        written.refused.iter().flat_map(|refused| &refused.spans).map(|at| *at as usize).collect();
    Counts::of_some(batch, |at| !refused.contains(&at)).saved(batch, metrics, true);
    if let Some(span_metrics) = span_metrics {
        span_metrics.observe(batch, |at| !refused.contains(&at));
    }
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
