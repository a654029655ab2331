//! The collector's parts put together, and the way in that every receiver shares: `admit -> queue`, then wait for the answer.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jaeger_model::Batch;
use jaeger_service::ledger::CollectorLedger;
use jaeger_service::metrics::{CollectorMetrics, Counter};
use jaeger_service::queue::{self, Queue};
use jaeger_storage::Store;
use tokio_util::task::TaskTracker;

use crate::acknowledge::{Acknowledge, Acknowledged, Answer, Waiting, reply};
use crate::admit::{Admission, Held};
use crate::counts::Counts;
use crate::downsample::Downsampler;
use crate::envelope::Envelope;
use crate::sampling::SamplingStrategies;
use crate::sanitize::Sanitizer;
use crate::span_metrics::SpanMetrics;
use crate::{Config, Refused, Source, write};

/// A collector; clones are the same one.
#[derive(Clone)]
pub struct Collector(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ledger: CollectorLedger,
    pub(crate) metrics: CollectorMetrics,
    pub(crate) strategies: Arc<SamplingStrategies>,
    /// `None` where every trace is kept.
    pub(crate) downsampler: Option<Downsampler>,
    pub(crate) sanitizer: Sanitizer,
    /// `None` where nobody wants them.
    pub(crate) span_metrics: Option<SpanMetrics>,
    pub(crate) admission: Admission,
    pub(crate) queue: Queue<Envelope>,
    /// Of all spans so far, where that is measured.
    bytes_seen: Counter,
    /// Writes that began without a worker and did not end at once.
    pub(crate) begun_at_once: TaskTracker,
    /// Why spans are not taken yet; `None` once the store has answered.
    pub(crate) waits_for: ArcSwapOption<String>,
}

impl Collector {
    /// A collector over `store`. It takes spans once [`serve`](crate::serve) has seen the store answer.
    #[must_use]
    pub fn new(
        config: Config,
        store: Arc<dyn Store>,
        ledger: CollectorLedger,
        metrics: CollectorMetrics,
        strategies: Arc<SamplingStrategies>,
    ) -> Self {
        let bounds = queue::Bounds { spans: config.queue_spans, bytes: u64::MAX };
        metrics.queue_capacity.set_count(config.queue_spans);
        Self(Arc::new(Inner {
            downsampler: Downsampler::new(&config.downsampling, metrics.registry()),
            sanitizer: Sanitizer::new(config.tags.clone()),
            span_metrics: config.span_metrics.then(|| SpanMetrics::new(metrics.registry())),
            admission: Admission::new(config.queue_bytes),
            queue: Queue::new(bounds),
            bytes_seen: Counter::default(),
            begun_at_once: TaskTracker::new(),
            waits_for: ArcSwapOption::from_pointee("the start".to_owned()),
            config,
            store,
            ledger,
            metrics,
            strategies,
        }))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// The sampling strategies, for an agent in this process.
    #[must_use]
    pub fn strategies(&self) -> &Arc<SamplingStrategies> {
        &self.0.strategies
    }

    /// Starts the workers.
    pub(crate) fn start_workers(&self, tasks: &tokio_util::task::TaskTracker) {
        for _ in 0..self.0.config.workers {
            tasks.spawn(write::work(self.clone()));
        }
    }

    /// Takes a batch from a part of the same process, without a socket: through the same bounds, queue and ledger as any other.
    /// The batch carries its `internal.span.format` already.
    ///
    /// # Errors
    /// Why its spans are not, or not yet, stored. Its sender still has them, save for [`Refused::Late`].
    pub async fn submit(&self, batch: Arc<Batch>, source: Source, patience: Duration) -> Answer {
        let spans = batch.len() as u64;
        let mut held = self.0.admission.begin();
        let admitted = self.admit(spans).and_then(|()| held.grow(batch.size_bytes()));
        if let Err(refused) = admitted {
            self.count_refused(&refused, Some(spans), source);
            return Err(refused);
        }
        self.enqueue(batch, held, source)?.answer(patience).await
    }

    /// Whether `spans` may come in now: asked before they are decoded, and again by the queue itself.
    pub(crate) fn admit(&self, spans: u64) -> Result<(), Refused> {
        if let Some(why) = self.0.waits_for.load_full() {
            return Err(Refused::NotReady(why.as_ref().clone()));
        }
        let (waiting, bound) = (self.0.queue.len_spans(), self.0.config.queue_spans);
        if waiting > 0 && waiting.saturating_add(spans) > bound {
            return Err(Refused::QueueFull { waiting, bound });
        }
        Ok(())
    }

    /// Puts a decoded request into the ledger and the queue.
    pub(crate) fn enqueue(&self, batch: Arc<Batch>, mut held: Held, source: Source) -> Result<Pending, Refused> {
        let this = &*self.0;
        let spans = batch.len() as u64;
        if spans == 0 {
            return Ok(Pending::Done(Acknowledged::default()));
        }
        held.set(batch.size_bytes());
        let counts = Counts::of(&batch);
        counts.received(&batch, &this.metrics, source);
        this.metrics.batch_size.set_count(spans);
        if this.config.span_size_metrics {
            // A gauge that only grows, as in Go.
            this.bytes_seen.increment(held.bytes());
            this.metrics.spans_bytes.set_count(this.bytes_seen.get());
        }
        let (reply_to, waiting) = reply();
        let (reply, pending) = match this.config.acknowledge {
            Acknowledge::Stored => (Some(reply_to), Pending::Waiting(waiting)),
            Acknowledge::Queued => (None, Pending::Done(Acknowledged { taken: spans, ..Acknowledged::default() })),
        };
        let in_flight = this.ledger.receive(spans, source.origin);
        let envelope = Envelope { batch, held, in_flight, reply, counts };
        if self.nothing_is_before() {
            write::at_once(self, envelope);
            return Ok(pending);
        }
        let Err(full) = this.queue.try_push(envelope, spans, 0) else {
            this.metrics.queue_length.set_count(this.queue.len_spans());
            return Ok(pending);
        };
        let refused = match full.why {
            queue::Why::Closed => Refused::Stopping,
            queue::Why::Spans | queue::Why::Bytes => {
                this.metrics.error_busy.increment(1);
                Refused::QueueFull { waiting: this.queue.len_spans(), bound: this.config.queue_spans }
            }
        };
        let mut in_flight = full.item.in_flight;
        if let Some(reason) = refused.spans_reason() {
            in_flight.refuse(reason, spans, None);
        }
        Err(refused)
    }

    /// Whether a request may be written by whoever brings it: nothing waits, and no such write is under way. With one
    /// worker all go through the queue, since one worker means that they are written in order.
    fn nothing_is_before(&self) -> bool {
        let this = &*self.0;
        this.config.workers > 1
            && this.config.acknowledge == Acknowledge::Stored
            && this.queue.len_spans() == 0
            && !this.queue.is_closed()
            && this.begun_at_once.is_empty()
    }

    /// Counts a request that never reached the queue. `spans` is `None` where nobody knows how many it has.
    pub(crate) fn count_refused(&self, refused: &Refused, spans: Option<u64>, source: Source) {
        if matches!(refused, Refused::QueueFull { .. } | Refused::MemoryFull { .. } | Refused::TooManyCalls(_)) {
            self.0.metrics.error_busy.increment(1);
        }
        match (spans, refused.spans_reason(), refused.request_reason()) {
            (Some(spans), Some(reason), _) => {
                self.0.ledger.receive(spans, source.origin).refuse(reason, spans, None);
            }
            (_, _, Some(reason)) => self.0.ledger.refuse_request(reason),
            _ => {}
        }
    }
}

/// A request in the queue.
pub(crate) enum Pending {
    /// Answered already.
    Done(Acknowledged),
    /// Answered by the store.
    Waiting(Waiting),
}

impl Pending {
    pub(crate) async fn answer(self, patience: Duration) -> Answer {
        match self {
            Self::Done(acknowledged) => Ok(acknowledged),
            Self::Waiting(waiting) => waiting.answer(patience).await,
        }
    }
}
