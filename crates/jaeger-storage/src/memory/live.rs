//! Which traces still count where their number is bounded: exactly those that arrived last.

use std::collections::VecDeque;

use jaeger_model::TraceId;
use parking_lot::Mutex;

use super::part::ByTrace;

/// The traces that are still there. Without a bound all are, at no cost.
#[derive(Debug)]
pub(crate) struct Live(Option<Mutex<Newest>>);

#[derive(Debug)]
struct Newest {
    max: usize,
    traces: ByTrace<Arrival>,
    order: VecDeque<(TraceId, u64)>,
    spans: u64,
}

#[derive(Clone, Copy, Debug)]
struct Arrival {
    first: u64,
    spans: u64,
}

impl Live {
    pub(crate) fn new(max_traces: Option<usize>) -> Self {
        Self(max_traces.map(|max| {
            Mutex::new(Newest { max: max.max(1), traces: ByTrace::default(), order: VecDeque::new(), spans: 0 })
        }))
    }

    pub(crate) fn is_bounded(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the span that arrived as `number` belongs to a trace that is still there. A trace that went and
    /// came again begins anew.
    pub(crate) fn has(&self, trace: TraceId, number: u64) -> bool {
        let Some(newest) = &self.0 else { return true };
        newest.lock().traces.get(&trace).is_some_and(|arrival| arrival.first <= number)
    }

    /// A span arrives; gives the trace that has to go for it, and how many spans that had.
    pub(crate) fn arrive(&self, trace: TraceId, number: u64) -> Option<(TraceId, u64)> {
        let mut newest = self.0.as_ref()?.lock();
        let newest = &mut *newest;
        newest.spans += 1;
        if let Some(arrival) = newest.traces.get_mut(&trace) {
            arrival.spans += 1;
            return None;
        }
        newest.traces.insert(trace, Arrival { first: number, spans: 1 });
        newest.order.push_back((trace, number));
        if newest.traces.len() <= newest.max {
            return None;
        }
        // Entries of traces that went for another reason are passed over.
        while let Some((oldest, first)) = newest.order.pop_front() {
            if newest.traces.get(&oldest).is_some_and(|arrival| arrival.first == first)
                && let Some(gone) = newest.traces.remove(&oldest)
            {
                newest.spans = newest.spans.saturating_sub(gone.spans);
                return Some((oldest, gone.spans));
            }
        }
        None
    }

    /// Spans of a trace are gone for another reason; with its last span the trace is.
    pub(crate) fn forget(&self, trace: TraceId, spans: u64) {
        let Some(newest) = &self.0 else { return };
        let mut newest = newest.lock();
        newest.spans = newest.spans.saturating_sub(spans);
        let Some(arrival) = newest.traces.get_mut(&trace) else { return };
        arrival.spans = arrival.spans.saturating_sub(spans);
        if arrival.spans == 0 {
            newest.traces.remove(&trace);
            if newest.order.len() > 2 * newest.traces.len() + 16 {
                let Newest { order, traces, .. } = &mut *newest;
                order.retain(|(trace, first)| traces.get(trace).is_some_and(|arrival| arrival.first == *first));
            }
        }
    }

    /// How many spans the traces have that are still there, where that is counted.
    pub(crate) fn spans(&self) -> Option<u64> {
        self.0.as_ref().map(|newest| newest.lock().spans)
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |newest| {
            let newest = newest.lock();
            newest.traces.allocation_size() + newest.order.capacity() * size_of::<(TraceId, u64)>()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_exactly_the_traces_that_arrived_last() {
        let live = Live::new(Some(2));
        assert_eq!(live.arrive(TraceId(1), 0), None);
        assert_eq!(live.arrive(TraceId(2), 1), None);
        assert_eq!(live.arrive(TraceId(1), 2), None);
        assert_eq!(live.arrive(TraceId(3), 3), Some((TraceId(1), 2)));
        assert!(!live.has(TraceId(1), 2));
        assert!(live.has(TraceId(2), 1));
        // It comes again, without what it had.
        assert_eq!(live.arrive(TraceId(1), 4), Some((TraceId(2), 1)));
        assert!(live.has(TraceId(1), 4));
        assert!(!live.has(TraceId(1), 2));
        assert_eq!(live.spans(), Some(2));
    }
}
