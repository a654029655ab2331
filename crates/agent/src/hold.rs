//! decode -> **hold** -> forward: decoded batches that no collector has acknowledged yet, bounded by their bytes,
//! in order of arrival.

use std::collections::VecDeque;
use std::sync::Arc;

use jaeger_model::Batch;
use jaeger_service::ledger::Held;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// A decoded batch and its place in the ledger.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) batch: Arc<Batch>,
    pub(crate) held: Held,
    /// Packets that it came in, which Go's metrics call batches.
    pub(crate) packets: u64,
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
        let bytes = parcel.batch.size_bytes();
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

    /// The oldest parcels, together at most `max_spans` spans and at least one parcel; waits for them. None when
    /// closed and empty.
    pub(crate) async fn pop(&self, max_spans: usize) -> Option<Vec<Parcel>> {
        loop {
            let filled = self.filled.notified();
            {
                let mut state = self.state.lock();
                let mut taken = Vec::new();
                let mut spans = 0;
                while let Some(next) = state.parcels.front() {
                    if !taken.is_empty() && spans + next.batch.len() > max_spans {
                        break;
                    }
                    spans += next.batch.len();
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
        Parcel { batch: Arc::new(builder.finish()), held: ledger.decode(1, spans), packets: 1 }
    }

    #[tokio::test]
    async fn is_bounded_by_bytes_until_parcels_are_settled() {
        let ledger = AgentLedger::new();
        let bytes = parcel(&ledger, 10).batch.size_bytes();
        let hold = Hold::new(bytes * 2);
        hold.push(parcel(&ledger, 10)).expect("room");
        hold.push(parcel(&ledger, 10)).expect("room");
        assert!(hold.push(parcel(&ledger, 10)).is_err());
        let taken = hold.pop(15).await.expect("a parcel");
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
        assert_eq!(hold.pop(1).await.map(|taken| taken.len()), Some(1));
        assert!(hold.pop(1).await.is_none());
    }
}
