//! The newest N traces out of rows in any order, in room for N.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use jaeger_model::TraceId;

/// Keeps the newest start of each trace, and of the traces the newest.
pub(super) struct Newest {
    most: usize,
    order: BTreeSet<(Reverse<i64>, TraceId)>,
    starts: HashMap<TraceId, i64>,
}

impl Newest {
    pub(super) fn new(most: usize) -> Self {
        Self { most, order: BTreeSet::new(), starts: HashMap::new() }
    }

    pub(super) fn add(&mut self, start: i64, trace: TraceId) {
        if let Some(known) = self.starts.get_mut(&trace) {
            if *known < start {
                self.order.remove(&(Reverse(*known), trace));
                *known = start;
                self.order.insert((Reverse(start), trace));
            }
            return;
        }
        let is_older = self.order.last().is_some_and(|oldest| *oldest < (Reverse(start), trace));
        if self.order.len() == self.most && is_older {
            return;
        }
        self.order.insert((Reverse(start), trace));
        self.starts.insert(trace, start);
        // What is dropped can come back only with a newer start, which is then all that counts.
        if self.order.len() > self.most
            && let Some((_, dropped)) = self.order.pop_last()
        {
            self.starts.remove(&dropped);
        }
    }

    /// In the order of searches.
    pub(super) fn traces(self) -> impl Iterator<Item = TraceId> {
        self.order.into_iter().map(|(_, trace)| trace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_start_of_each_trace_decides() {
        let mut newest = Newest::new(2);
        for (start, trace) in [(1, 1), (5, 2), (3, 3), (9, 1), (5, 4), (2, 2)] {
            newest.add(start, TraceId(trace));
        }
        assert_eq!(newest.traces().map(|id| id.0).collect::<Vec<_>>(), [1, 2]);
    }
}
