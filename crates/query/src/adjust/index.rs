//! Where the spans of an id stand. Sorted pairs and not a hash map: most traces have ten spans.

use jaeger_model::SpanId;

use crate::draft::Draft;

/// Places of spans by id, then by place. Good until an id changes or a span goes.
pub(super) struct SpanIndex {
    sorted: Vec<(SpanId, u32)>,
    shared: bool,
}

impl SpanIndex {
    pub(super) fn of(draft: &Draft<'_>) -> Self {
        let mut sorted: Vec<(SpanId, u32)> = draft.spans.iter().map(|span| span.span_id).zip(0..).collect();
        sorted.sort_unstable();
        let shared = sorted.windows(2).any(|pair| matches!(pair, [a, b] if a.0 == b.0));
        Self { sorted, shared }
    }

    /// Whether two spans have one id.
    pub(super) fn has_shared_ids(&self) -> bool {
        self.shared
    }

    /// Places of the spans with this id, first come first.
    pub(super) fn places(&self, id: SpanId) -> impl Iterator<Item = usize> {
        let from = self.sorted.partition_point(|(known, _)| *known < id);
        self.sorted.iter().skip(from).take_while(move |(known, _)| *known == id).map(|(_, place)| *place as usize)
    }

    /// Place of the first span with this id.
    pub(super) fn first(&self, id: SpanId) -> Option<usize> {
        self.places(id).next()
    }

    /// Place and id of every span that is the first with its id, and of every one that is not.
    pub(super) fn firsts(&self) -> impl Iterator<Item = (usize, bool)> {
        let mut before = None;
        self.sorted.iter().map(move |(id, place)| {
            let first = before != Some(*id);
            before = Some(*id);
            (*place as usize, first)
        })
    }
}
