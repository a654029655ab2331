//! The spans of one trace, out of several batches, in order.

use std::sync::Arc;

use crate::{Batch, SpanView, TraceId};

/// One trace: several batches and the order of its spans in them. Merging what a store returns copies no span.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    batches: Vec<Arc<Batch>>,
    order: Vec<TraceSpan>,
}

/// Where a trace's span stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TraceSpan {
    /// The batch, from 0.
    pub batch: u32,
    /// The span within the batch, from 0.
    pub span: u32,
}

impl Trace {
    /// A trace without spans.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All spans of one batch, which belong to one trace.
    #[must_use]
    pub fn of_batch(batch: Batch) -> Self {
        let mut trace = Self::new();
        let spans = batch.len();
        trace.push_spans(Arc::new(batch), 0..spans);
        trace
    }

    /// Adds the spans of `batch` at `spans`, in that order, after those that are there.
    pub fn push_spans(&mut self, batch: Arc<Batch>, spans: impl IntoIterator<Item = usize>) {
        let place = crate::builder::row_number(self.batches.len());
        let known = batch.len();
        self.order.extend(
            spans
                .into_iter()
                .filter(|span| *span < known)
                .map(|span| TraceSpan { batch: place, span: crate::builder::row_number(span) }),
        );
        self.batches.push(batch);
    }

    /// The trace's id: its first span's.
    #[must_use]
    pub fn trace_id(&self) -> Option<TraceId> {
        self.spans().next().map(|span| span.trace_id())
    }

    /// How many spans there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is no span.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The spans in order.
    pub fn spans(&self) -> impl Iterator<Item = SpanView<'_>> + Clone {
        self.order.iter().filter_map(|at| self.batches.get(at.batch as usize)?.span(at.span as usize))
    }

    /// The span at `place` in order.
    #[must_use]
    pub fn span(&self, place: usize) -> Option<SpanView<'_>> {
        let at = self.order.get(place)?;
        self.batches.get(at.batch as usize)?.span(at.span as usize)
    }

    /// Where each span stands, in order.
    #[must_use]
    pub fn order(&self) -> &[TraceSpan] {
        &self.order
    }

    /// The batches that hold the spans, and possibly others.
    #[must_use]
    pub fn batches(&self) -> &[Arc<Batch>] {
        &self.batches
    }

    /// Adds all spans of `other`, in their order, after those that are there.
    pub fn append(&mut self, other: Self) {
        let first = crate::builder::row_number(self.batches.len());
        self.order.extend(other.order.iter().map(|at| TraceSpan { batch: first.saturating_add(at.batch), ..*at }));
        self.batches.extend(other.batches);
    }

    /// Keeps the spans that `keep` says, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(SpanView<'_>) -> bool) {
        let batches = &self.batches;
        self.order.retain(|at| {
            batches.get(at.batch as usize).and_then(|batch| batch.span(at.span as usize)).is_some_and(&mut keep)
        });
    }

    /// Drops every span whose identity an earlier one has: copies that retries made.
    pub fn drop_copies(&mut self) {
        // The costly identity is asked of no trace whose spans have each their own id.
        let mut ids: Vec<_> = self.spans().map(|span| span.span_id()).collect();
        ids.sort_unstable();
        if ids.windows(2).all(|pair| pair[0] != pair[1]) {
            return;
        }
        let identities: Vec<u64> = self.spans().map(|span| span.identity().0).collect();
        let mut sorted = identities.clone();
        sorted.sort_unstable();
        if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
            return;
        }
        let mut at = identities.into_iter();
        let mut known = std::collections::HashSet::with_capacity(sorted.len());
        self.order.retain(|_| at.next().is_none_or(|identity| known.insert(identity)));
    }

    /// One batch with all spans in order, each process once.
    ///
    /// # Errors
    /// [`Full`](crate::Full) where the spans fit in no batch.
    pub fn to_batch(&self) -> Result<Batch, crate::Full> {
        let mut builder = crate::BatchBuilder::new();
        let mut places: Vec<(u32, u32, crate::ProcessIndex)> = Vec::new();
        for at in &self.order {
            let Some(span) = self.batches.get(at.batch as usize).and_then(|b| b.span(at.span as usize)) else {
                continue;
            };
            let process = match (span.process(), span.process_index()) {
                (Some(process), Some(index)) => {
                    let index = crate::builder::row_number(index);
                    let known = places.iter().find(|(batch, row, _)| (*batch, *row) == (at.batch, index));
                    match known {
                        Some((_, _, place)) => Some(*place),
                        None => {
                            let place = builder.copy_process(process)?;
                            places.push((at.batch, index, place));
                            Some(place)
                        }
                    }
                }
                _ => None,
            };
            builder.copy_span(span, process)?;
        }
        Ok(builder.finish())
    }

    /// The bytes of memory that its batches hold.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.batches.iter().map(|batch| batch.size_bytes()).sum::<usize>()
            + self.order.capacity() * size_of::<TraceSpan>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchBuilder, SpanId};

    fn batch(ids: &[u64]) -> Arc<Batch> {
        let mut b = BatchBuilder::new();
        for id in ids {
            b.begin_span();
            b.span_ids(TraceId(1), SpanId(*id));
            b.end_span().expect("room");
        }
        Arc::new(b.finish())
    }

    #[test]
    fn merges_batches_in_order_and_drops_copies() {
        let mut trace = Trace::new();
        trace.push_spans(batch(&[1, 2]), [1, 0]);
        trace.push_spans(batch(&[2, 3]), [0, 1, 99]);
        assert_eq!(trace.len(), 4);
        trace.drop_copies();
        assert_eq!(trace.spans().map(|s| s.span_id().0).collect::<Vec<_>>(), [2, 1, 3]);
        assert_eq!(trace.to_batch().expect("room").len(), 3);
    }
}
