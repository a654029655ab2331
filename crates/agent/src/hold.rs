//! decode -> **hold** -> forward: decoded batches that no collector has acknowledged yet, bounded by their bytes,
//! in order of arrival.

use std::collections::VecDeque;
use std::sync::Arc;

use jaeger_model::{Batch, BatchEdit};
use jaeger_service::ledger::Held;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::format::Format;

/// A decoded batch and its place in the ledger.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) batch: Arc<Batch>,
    pub(crate) held: Held,
    pub(crate) format: Format,
    /// Packets that it came in, which Go's metrics call batches.
    pub(crate) packets: u64,
    /// What it counts for in the hold.
    pub(crate) bytes: usize,
}

impl Parcel {
    pub(crate) fn new(batch: Batch, held: Held, packets: u64, format: Format) -> Self {
        let bytes = batch.size_bytes();
        Self { batch: Arc::new(batch), held, format, packets, bytes }
    }

    /// Two parcels of half the spans each, or the one where there is nothing to halve.
    pub(crate) fn halves(mut self) -> Result<(Self, Self), Self> {
        let all = self.batch.len();
        if all < 2 {
            return Err(self);
        }
        let part = |keep: &dyn Fn(usize) -> bool| {
            let mut edit = BatchEdit::of(self.batch.as_ref().clone());
            edit.retain_spans(|at, _| keep(at));
            Arc::new(edit.into_batch())
        };
        let (first, second) = (part(&|at| at < all / 2), part(&|at| at >= all / 2));
        let held = self.held.split(second.len() as u64);
        let bytes = self.bytes / 2;
        let format = self.format;
        let second = Self { batch: second, held, format, packets: 0, bytes };
        Ok((Self { batch: first, held: self.held, format, packets: self.packets, bytes: self.bytes - bytes }, second))
    }
}

/// The most that one request holds, unless one parcel alone is more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Most {
    pub(crate) spans: usize,
    pub(crate) bytes: usize,
}

/// What the agent holds. Parcels handed out count until they are settled.
pub(crate) struct Hold {
    state: Mutex<State>,
    filled: Notify,
    max_bytes: usize,
}

#[derive(Default)]
struct State {
    parcels: VecDeque<Parcel>,
    bytes: usize,
    closed: bool,
}

impl Hold {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { state: Mutex::default(), filled: Notify::new(), max_bytes }
    }

    /// Takes a parcel, or gives it back where there is no room. One that alone exceeds the bound is taken when
    /// nothing else is held.
    pub(crate) fn push(&self, parcel: Parcel) -> Result<(), Parcel> {
        let bytes = parcel.bytes;
        {
            let mut state = self.state.lock();
            if state.closed || state.bytes > 0 && state.bytes + bytes > self.max_bytes {
                return Err(parcel);
            }
            state.bytes += bytes;
            state.parcels.push_back(parcel);
        }
        self.filled.notify_one();
        Ok(())
    }

    /// The oldest parcels, as many as fit into one request and at least one; waits for them. None when closed and empty.
    pub(crate) async fn pop(&self, most: Most) -> Option<Vec<Parcel>> {
        loop {
            let filled = self.filled.notified();
            {
                let mut state = self.state.lock();
                let mut taken = Vec::new();
                let (mut spans, mut bytes) = (0, 0);
                while let Some(next) = state.parcels.front() {
                    let full = spans + next.batch.len() > most.spans || bytes + next.bytes > most.bytes;
                    if full && !taken.is_empty() {
                        break;
                    }
                    spans += next.batch.len();
                    bytes += next.bytes;
                    taken.extend(state.parcels.pop_front());
                }
                if !taken.is_empty() {
                    return Some(taken);
                }
                if state.closed {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// A parcel that was handed out is delivered or dropped.
    pub(crate) fn settle(&self, bytes: usize) {
        let mut state = self.state.lock();
        state.bytes = state.bytes.saturating_sub(bytes);
    }

    /// Bytes held, handed out included.
    pub(crate) fn bytes(&self) -> usize {
        self.state.lock().bytes
    }

    /// Nothing comes any more.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.filled.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jaeger_model::{BatchBuilder, SpanId, TraceId};
    use jaeger_service::ledger::AgentLedger;

    fn parcel(ledger: &AgentLedger, spans: u64) -> Parcel {
        let mut builder = BatchBuilder::new();
        for id in 0..spans {
            builder.begin_span();
            builder.span_ids(TraceId(1), SpanId(id));
            builder.end_span().expect("room");
        }
        Parcel::new(builder.finish(), ledger.decode(1, spans), 1, Format::Jaeger)
    }

    fn most(spans: usize) -> Most {
        Most { spans, bytes: usize::MAX }
    }

    #[tokio::test]
    async fn a_request_is_bounded_by_bytes_too() {
        let ledger = AgentLedger::new();
        let bytes = parcel(&ledger, 10).bytes;
        let hold = Hold::new(usize::MAX);
        for _ in 0..3 {
            hold.push(parcel(&ledger, 10)).expect("room");
        }
        let taken = hold.pop(Most { spans: 1000, bytes: bytes * 2 }).await.expect("parcels");
        assert_eq!(taken.len(), 2, "the third would be past the bytes");
        let taken = hold.pop(Most { spans: 1000, bytes: 1 }).await.expect("a parcel");
        assert_eq!(taken.len(), 1, "one alone always goes");
    }

    #[test]
    fn halves_have_all_spans_and_their_place_in_the_ledger() {
        let ledger = AgentLedger::new();
        let whole = parcel(&ledger, 5);
        let bytes = whole.bytes;
        let (first, second) = whole.halves().expect("five spans");
        assert_eq!((first.batch.len(), second.batch.len()), (2, 3));
        assert_eq!((first.held.spans(), second.held.spans()), (2, 3));
        assert_eq!((first.packets + second.packets, first.bytes + second.bytes), (1, bytes));
        let ids = |parcel: &Parcel| parcel.batch.spans().map(|span| span.span_id().0).collect::<Vec<_>>();
        assert_eq!((ids(&first), ids(&second)), (vec![0, 1], vec![2, 3, 4]));
        first.held.acknowledge();
        second.held.acknowledge();
        assert!(parcel(&ledger, 1).halves().is_err());
        assert_eq!(ledger.snapshot().spans.acknowledged, 5);
    }

    #[tokio::test]
    async fn is_bounded_by_bytes_until_parcels_are_settled() {
        let ledger = AgentLedger::new();
        let bytes = parcel(&ledger, 10).bytes;
        let hold = Hold::new(bytes * 2);
        hold.push(parcel(&ledger, 10)).expect("room");
        hold.push(parcel(&ledger, 10)).expect("room");
        assert!(hold.push(parcel(&ledger, 10)).is_err());
        let taken = hold.pop(most(15)).await.expect("a parcel");
        assert_eq!(taken.len(), 1, "the second would be past 15 spans");
        assert!(hold.push(parcel(&ledger, 10)).is_err(), "handed out still counts");
        hold.settle(bytes);
        hold.push(parcel(&ledger, 10)).expect("room again");
    }

    #[tokio::test]
    async fn takes_a_parcel_past_the_bound_when_empty() {
        let ledger = AgentLedger::new();
        let hold = Hold::new(1);
        hold.push(parcel(&ledger, 10)).expect("nothing else is held");
        hold.close();
        assert_eq!(hold.pop(most(1)).await.map(|taken| taken.len()), Some(1));
        assert!(hold.pop(most(1)).await.is_none());
    }
}
