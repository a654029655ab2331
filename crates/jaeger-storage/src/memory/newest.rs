//! A search: what matches in the hot parts and in each service of each block, merged as it is asked for.

use std::collections::BinaryHeap;

use jaeger_model::{Timestamp, TraceId};

use super::part::ByTrace;
use super::state::{Shared, Snapshot};
use crate::TraceQuery;
use crate::block::{BlockQuery, Cursor};

/// Traces that match a query with the start of a matching span, newest first, of equal starts the lowest id first.
/// A trace may come again with an older span. The query's limit says nothing here.
pub struct Newest<'s> {
    shared: &'s Shared,
    heap: BinaryHeap<Candidate>,
    cursors: Vec<Cursor>,
}

/// A trace that matches, by its newest matching span of one source.
#[derive(PartialEq, Eq)]
struct Candidate {
    start: Timestamp,
    id: TraceId,
    cursor: Option<usize>,
}

/// The newest is the greatest; of equal starts the lowest id.
impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.start.cmp(&other.start).then_with(|| other.id.cmp(&self.id))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Shared {
    pub(super) fn newest<'s>(&'s self, snapshot: &Snapshot, query: &TraceQuery) -> Newest<'s> {
        let mut found: ByTrace<Timestamp> = ByTrace::default();
        for part in &snapshot.parts {
            part.search(query, &self.live, &mut found);
        }
        let mut heap = BinaryHeap::with_capacity(snapshot.blocks.len() + found.len());
        heap.extend(found.into_iter().map(|(id, start)| Candidate { start, id, cursor: None }));
        let mut cursors = Vec::new();
        let prepared = BlockQuery::new(query);
        for block in snapshot.blocks.iter() {
            block.search(&prepared, &mut cursors);
        }
        let mut newest = Newest { shared: self, heap, cursors };
        for place in 0..newest.cursors.len() {
            newest.advance(place);
        }
        newest
    }
}

impl Newest<'_> {
    /// Puts the next match of a cursor among the candidates.
    fn advance(&mut self, place: usize) {
        let Some(cursor) = self.cursors.get_mut(place) else { return };
        while let Some(found) = cursor.next() {
            if self.shared.live.has(found.id, cursor.block().end - 1) {
                self.heap.push(Candidate { start: found.start, id: found.id, cursor: Some(place) });
                return;
            }
        }
    }
}

impl Iterator for Newest<'_> {
    type Item = (Timestamp, TraceId);

    fn next(&mut self) -> Option<Self::Item> {
        let candidate = self.heap.pop()?;
        if let Some(place) = candidate.cursor {
            self.advance(place);
        }
        Some((candidate.start, candidate.id))
    }
}
