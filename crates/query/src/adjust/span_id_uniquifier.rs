//! Zipkin's clients and servers share a span's id: the server's side gets an id of its own, below the
//! client's span, and its children follow it.

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};
use jaeger_model::{Reference, ReferenceKind, SpanId};

use super::{Note, SpanIndex};
use crate::draft::{Draft, Rows};

/// Tells whether an id changed.
pub(super) fn adjust(draft: &mut Draft<'_>, index: &SpanIndex) -> bool {
    // By id, once: asking each server's namesakes would take the square of their number.
    let of_clients = draft.spans.iter().filter(|span| span.view.kind() == Some("client")).map(|span| span.span_id);
    let of_clients: HashSet<SpanId, RandomState> = of_clients.collect();
    let mut moved: HashMap<SpanId, SpanId, RandomState> = HashMap::default();
    let mut fresh = FreshIds::default();
    for place in 0..draft.spans.len() {
        let server = draft.spans.get(place).filter(|span| span.view.kind() == Some("server"));
        let Some(shared) = server.map(|span| span.view.span_id()).filter(|id| of_clients.contains(id)) else {
            continue;
        };
        let Some(id) = fresh.next(index) else {
            if let Some(span) = draft.spans.get_mut(place) {
                span.notes.push(Note::NoSpanIdLeft);
            }
            continue;
        };
        moved.insert(shared, id);
        set_parent(draft, place, shared);
        if let Some(span) = draft.spans.get_mut(place) {
            span.span_id = id;
        }
    }
    if moved.is_empty() {
        return false;
    }
    for place in 0..draft.spans.len() {
        let Some(span) = draft.spans.get(place) else { continue };
        let Some(parent) = draft.parent(span).and_then(|parent| moved.get(&parent).copied()) else { continue };
        if span.span_id != parent {
            set_parent(draft, place, parent);
        }
    }
    true
}

/// The smallest ids that no span of the trace has, from 1 on.
#[derive(Default)]
struct FreshIds {
    last: u64,
    /// Ids given out: a trace is searched by its ids as they were stored.
    given: HashSet<u64, RandomState>,
}

impl FreshIds {
    fn next(&mut self, index: &SpanIndex) -> Option<SpanId> {
        loop {
            self.last = self.last.checked_add(1)?;
            let id = SpanId(self.last);
            if index.first(id).is_none() && self.given.insert(id.0) {
                return Some(id);
            }
        }
    }
}

/// Points the reference that names the span's parent to `parent`; without one, puts one in front.
fn set_parent(draft: &mut Draft<'_>, place: usize, parent: SpanId) {
    let Some(span) = draft.spans.get(place) else { return };
    let (trace, old, rows) = (span.view.trace_id(), draft.parent(span).unwrap_or_default(), span.references);
    let points_there = |r: &&mut Reference| r.trace_id == trace && r.span_id == old;
    if let Some(reference) = rows.of_mut(&mut draft.references).iter_mut().find(points_there) {
        reference.span_id = parent;
        return;
    }
    // Go swaps the new reference with the first one.
    let start = draft.references.len();
    let mut all = rows.of(&draft.references).to_vec();
    all.push(Reference { kind: ReferenceKind::ChildOf, trace_id: trace, span_id: parent });
    let last = all.len() - 1;
    all.swap(0, last);
    draft.references.extend(all);
    if let Some(span) = draft.spans.get_mut(place) {
        span.references = Rows::new(start, last + 1);
    }
}
