//! `write -> ACKNOWLEDGE`: what became of a request's spans goes to its sender and into the ledger.
//!
//! A worker decides, a sender waits or gives up, and exactly one of both comes first: so spans count as refused only where the sender was
//! told by this answer, and as dropped where it had been answered before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jaeger_service::ledger::{CollectorDropped, CollectorRefused, InFlight};
use jaeger_storage::{ErrorKind, Written};
use tokio::sync::oneshot;

use crate::Refused;

/// When a sender is told yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledge {
    /// When the store has its spans.
    Stored,
    /// As soon as they wait: Go Jaeger's way.
    Queued,
}

/// A yes: how many spans are in safe hands, and those that can never be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acknowledged {
    /// Spans stored, or with [`Acknowledge::Queued`] taken.
    pub taken: u64,
    /// Spans that are wrong for the store, where others of the request are stored.
    pub invalid: u64,
    /// Why those are wrong; empty where there are none.
    pub reason: String,
}

/// What a sender gets.
pub type Answer = Result<Acknowledged, Refused>;

/// The sender's end: waits for the answer. Dropped, it has given up.
#[derive(Debug)]
pub(crate) struct Waiting {
    answer: oneshot::Receiver<Answer>,
    settled: Arc<AtomicBool>,
}

/// The worker's end.
#[derive(Debug)]
pub(crate) struct ReplyTo {
    answer: oneshot::Sender<Answer>,
    settled: Arc<AtomicBool>,
}

/// Both ends of a request's reply handle.
#[must_use]
pub(crate) fn reply() -> (ReplyTo, Waiting) {
    let (sender, receiver) = oneshot::channel();
    let settled = Arc::new(AtomicBool::new(false));
    (ReplyTo { answer: sender, settled: Arc::clone(&settled) }, Waiting { answer: receiver, settled })
}

impl Waiting {
    /// The answer, or [`Refused::Late`] after `patience`.
    ///
    /// # Errors
    /// Why the spans are not, or not yet, stored.
    pub(crate) async fn answer(mut self, patience: Duration) -> Answer {
        match tokio::time::timeout(patience, &mut self.answer).await {
            Ok(answer) => answer.unwrap_or(Err(Refused::Lost)),
            Err(_elapsed) if self.settled.swap(true, Ordering::AcqRel) => {
                // The worker decided a moment ago; its answer is on the way.
                (&mut self.answer).await.unwrap_or(Err(Refused::Lost))
            }
            Err(_elapsed) => Err(Refused::Late(patience)),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.settled.store(true, Ordering::Release);
    }
}

impl ReplyTo {
    /// Whether this answer is the one that the sender gets; decides it for good.
    fn claim(&self) -> bool {
        !self.settled.swap(true, Ordering::AcqRel)
    }

    /// Sends the answer; a sender that gave up does not get it.
    pub(crate) fn send(self, answer: Answer) {
        // Nobody waits any more: the spans are in the ledger all the same.
        drop(self.answer.send(answer));
    }
}

/// Settles a request: moves its spans in the ledger, then answers. `service` is named in the ledger's refused and dropped columns.
pub(crate) fn settle(mut in_flight: InFlight, reply: Option<ReplyTo>, written: &Written, service: Option<&str>) {
    let told = reply.as_ref().is_some_and(ReplyTo::claim);
    in_flight.store(written.stored as u64);
    let stored = written.stored as u64;
    for refused in &written.refused {
        let spans = refused.spans.len() as u64;
        if told {
            in_flight.refuse(refused_reason(refused.kind), spans, service);
        } else {
            in_flight.drop_spans(dropped_reason(refused.kind), spans, service);
        }
    }
    // A store that speaks of fewer spans than it got lost the rest: count them rather than hang on to them.
    drop(in_flight);
    if let Some(reply) = reply {
        reply.send(answer(stored, written));
    }
}

/// The answer to a request: the refusal that asks most of the sender, else yes.
fn answer(stored: u64, written: &Written) -> Answer {
    let Some(worst) = written.refused.iter().max_by_key(|refused| urgency(refused.kind)) else {
        return Ok(Acknowledged { taken: stored, ..Acknowledged::default() });
    };
    let refused = written.refused.iter().map(|refused| refused.spans.len() as u64).sum();
    if urgency(worst.kind) == 0 && stored > 0 {
        return Ok(Acknowledged { taken: stored, invalid: refused, reason: worst.message.clone() });
    }
    Err(Refused::Store { kind: worst.kind, message: worst.message.clone(), stored, refused })
}

/// 0 where sending again does not help.
fn urgency(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Invalid | ErrorKind::NotFound => 0,
        ErrorKind::Corrupt => 1,
        ErrorKind::Throttled => 2,
        ErrorKind::Unavailable => 3,
    }
}

fn refused_reason(kind: ErrorKind) -> CollectorRefused {
    match kind {
        ErrorKind::Unavailable => CollectorRefused::StoreUnavailable,
        ErrorKind::Throttled => CollectorRefused::StoreThrottled,
        ErrorKind::Invalid | ErrorKind::NotFound => CollectorRefused::StoreInvalid,
        ErrorKind::Corrupt => CollectorRefused::StoreCorrupt,
    }
}

fn dropped_reason(kind: ErrorKind) -> CollectorDropped {
    match kind {
        ErrorKind::Unavailable => CollectorDropped::StoreUnavailable,
        ErrorKind::Throttled => CollectorDropped::StoreThrottled,
        ErrorKind::Invalid | ErrorKind::NotFound => CollectorDropped::StoreInvalid,
        ErrorKind::Corrupt => CollectorDropped::StoreCorrupt,
    }
}
