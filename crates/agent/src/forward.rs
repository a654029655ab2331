//! hold -> **forward** -> collector: up to 64 requests in flight, each tried until the collector has its spans.

use std::sync::Arc;

use jaeger_model::Batch;
use jaeger_service::ledger::{AgentDropped, AgentLedger, Reason as _};
use jaeger_service::logs::Repeats;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::backoff::Backoff;
use crate::format::Reporters;
use crate::hold::{Hold, Most, Parcel};
use crate::reporter::{Answer, Reporter};

const MAX_IN_FLIGHT: usize = 64;
/// The batches of one request, in memory, where they take more room than on the wire: under a collector's limit of 4 MiB.
const REQUEST_BYTES: usize = 2 << 20;

/// Clients put about so many spans into a packet.
const SPANS_OF_A_PACKET: usize = 20;

static NOT_DELIVERED: Repeats = Repeats::new();
static LOST: Repeats = Repeats::new();

/// Forwards what is held.
#[derive(Clone)]
pub(crate) struct Forwarder {
    pub(crate) hold: Arc<Hold>,
    pub(crate) ledger: AgentLedger,
    pub(crate) metrics: Reporters,
    pub(crate) reporter: Arc<dyn Reporter>,
}

impl Forwarder {
    /// Forwards until the hold is closed and empty and every request has ended.
    pub(crate) async fn run(self) {
        let slots = Arc::new(Semaphore::new(MAX_IN_FLIGHT));
        let requests = TaskTracker::new();
        let most = Most { spans: self.reporter.max_spans(), bytes: REQUEST_BYTES };
        loop {
            // The slot comes first: what waits for one is still held, and more of it goes into one request.
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
            let Some(parcels) = self.hold.pop(most).await else { break };
            let forwarder = self.clone();
            requests.spawn(async move {
                forwarder.deliver(parcels).await;
                drop(slot);
            });
        }
        requests.close();
        requests.wait().await;
    }

    async fn deliver(&self, parcels: Vec<Parcel>) {
        let batches: Vec<Arc<Batch>> = parcels.iter().map(|parcel| Arc::clone(&parcel.batch)).collect();
        let spans: u64 = parcels.iter().map(|parcel| parcel.held.spans()).sum();
        let mut backoff = Backoff::new();
        loop {
            let attempt = self.ledger.attempt(spans);
            let message = match self.reporter.deliver(&batches).await {
                Answer::Acknowledged => {
                    self.settle(parcels, None);
                    return attempt.settled();
                }
                Answer::Refused { message } => {
                    attempt.answered_not_ok();
                    return self.deliver_in_parts(parcels, &message, AgentDropped::Invalid).await;
                }
                Answer::TooLarge { message } => {
                    attempt.settled();
                    return self.deliver_in_parts(parcels, &message, AgentDropped::TooLarge).await;
                }
                Answer::Busy { message } => {
                    attempt.answered_not_ok();
                    message
                }
                Answer::Unanswered { message } => {
                    drop(attempt);
                    message
                }
            };
            let wait = backoff.next();
            if let Some(times) = NOT_DELIVERED.hit(1) {
                tracing::warn!(
                    times,
                    held_bytes = self.hold.bytes(),
                    answer = message,
                    "the collector does not take spans now; they are held here and sent again"
                );
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Delivers the halves of a request that the collector will not take whole, so that one bad span does not cost those
    /// of other applications; what it does not take alone either is lost.
    async fn deliver_in_parts(&self, mut parcels: Vec<Parcel>, message: &str, reason: AgentDropped) {
        let second = parcels.split_off(parcels.len() / 2);
        if !parcels.is_empty() {
            Box::pin(self.deliver(parcels)).await;
            return Box::pin(self.deliver(second)).await;
        }
        // Down to a span for one that is too large; for one that is wrong, down to about a packet: a collector that
        // refuses everything must not be asked for each span.
        let smallest = if reason == AgentDropped::TooLarge { 1 } else { SPANS_OF_A_PACKET };
        for parcel in second {
            if parcel.batch.len() <= smallest {
                self.lose(parcel, message, reason);
                continue;
            }
            match parcel.halves() {
                Ok((first, second)) => {
                    Box::pin(self.deliver(vec![first])).await;
                    Box::pin(self.deliver(vec![second])).await;
                }
                Err(one) => self.lose(one, message, reason),
            }
        }
    }

    fn lose(&self, parcel: Parcel, message: &str, reason: AgentDropped) {
        if let Some(times) = LOST.hit(parcel.held.spans()) {
            tracing::error!(
                spans = times,
                reason = reason.name(),
                answer = message,
                "dropped spans that the collector will never take; too_large ones need a higher --collector.grpc-server.max-message-size or less in a span"
            );
        }
        self.settle(vec![parcel], Some(reason));
    }

    fn settle(&self, parcels: Vec<Parcel>, dropped: Option<AgentDropped>) {
        for mut parcel in parcels {
            let (spans, bytes) = (parcel.held.spans(), parcel.bytes);
            let metrics = self.metrics.of(parcel.format);
            if let Some(reason) = dropped {
                parcel.held.drop_spans(reason, spans, None);
                metrics.batches_failures.increment(parcel.packets);
                metrics.spans_failures.increment(spans);
            } else {
                parcel.held.acknowledge();
                metrics.batches_submitted.increment(parcel.packets);
                metrics.spans_submitted.increment(spans);
            }
            self.hold.settle(bytes);
        }
    }
}
