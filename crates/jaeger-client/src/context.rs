//! What a span says of itself to others: ids, flags, baggage. It travels between processes (`propagation`) and from a
//! span to its children.

use std::sync::Arc;

use jaeger_model::{SpanId, TraceId};

/// The most items of baggage that are carried.
pub(crate) const MAX_BAGGAGE_ITEMS: usize = 180;
/// The most bytes of a baggage item's key and of its value.
pub(crate) const MAX_BAGGAGE_BYTES: usize = 2048;

/// What a span says of itself to others.
///
/// One that came from outside may have no trace id: then it carries a debug id or baggage for a trace that has
/// yet to begin.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpanContext {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_id: SpanId,
    pub(crate) flags: u8,
    /// What few spans have, shared with all that have the same.
    pub(crate) carried: Option<Arc<Carried>>,
}

/// What a context carries besides ids.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Carried {
    pub(crate) baggage: Vec<(String, String)>,
    pub(crate) debug_id: Option<String>,
    pub(crate) trace_state: Option<String>,
}

/// The bit that says that a trace is recorded.
pub(crate) const SAMPLED: u8 = 1;
/// The bit that says that somebody asked for this very trace.
pub(crate) const DEBUG: u8 = 2;

impl SpanContext {
    /// A context of a span that somebody else tells of.
    #[must_use]
    pub fn new(trace_id: TraceId, span_id: SpanId, sampled: bool) -> Self {
        Self { trace_id, span_id, flags: if sampled { SAMPLED } else { 0 }, ..Self::default() }
    }

    /// A trace's first span, whose id is the lower half of its trace's.
    #[inline]
    pub(crate) fn of_root(high: u64, low: u64) -> Self {
        Self { trace_id: TraceId::new(high, low), span_id: SpanId(low), parent_id: SpanId(0), flags: 0, carried: None }
    }

    /// The trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The span.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// The span's parent, 0 for none.
    #[must_use]
    pub fn parent_id(&self) -> SpanId {
        self.parent_id
    }

    /// The flag bits: 1 sampled, 2 debug, 8 not indexed.
    #[must_use]
    pub fn flags(&self) -> u8 {
        self.flags
    }

    /// Whether the trace is recorded.
    #[inline]
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// Whether somebody asked for this very trace, which no sampler may refuse then.
    #[must_use]
    pub fn is_debug(&self) -> bool {
        self.flags & DEBUG != 0
    }

    /// Whether there is a span that can have children; else there is only a debug id or baggage.
    #[inline]
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.trace_id.0 != 0 && self.span_id.0 != 0
    }

    /// A baggage item's value.
    #[must_use]
    pub fn baggage_item(&self, key: &str) -> Option<&str> {
        self.baggage().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// All baggage: what is handed to every span below, in this process and in others.
    pub fn baggage(&self) -> impl Iterator<Item = (&str, &str)> {
        let items = self.carried.as_ref().map(|carried| carried.baggage.as_slice()).unwrap_or_default();
        items.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The id by which somebody asked for a trace to be recorded.
    #[must_use]
    pub fn debug_id(&self) -> Option<&str> {
        self.carried.as_ref()?.debug_id.as_deref()
    }

    /// W3C's `tracestate` as it came.
    #[must_use]
    pub fn trace_state(&self) -> Option<&str> {
        self.carried.as_ref()?.trace_state.as_deref()
    }

    /// Sets a baggage item; a value past 2,048 bytes is cut, and what `Stored` says is what became of it.
    pub(crate) fn put_baggage(&mut self, key: &str, value: &str) -> Stored {
        let carried = Arc::make_mut(self.carried.get_or_insert_default());
        let cut = cut_at(value, MAX_BAGGAGE_BYTES);
        let known = carried.baggage.iter().position(|(known, _)| known == key);
        if key.is_empty() || key.len() > MAX_BAGGAGE_BYTES {
            return Stored::Refused;
        }
        if let Some((_, known)) = known.and_then(|at| carried.baggage.get_mut(at)) {
            cut.clone_into(known);
        } else if carried.baggage.len() < MAX_BAGGAGE_ITEMS {
            carried.baggage.push((key.to_owned(), cut.to_owned()));
        } else {
            return Stored::Refused;
        }
        if cut.len() < value.len() { Stored::Cut } else { Stored::Whole }
    }

    pub(crate) fn mark_debug(&mut self) {
        self.flags |= SAMPLED | DEBUG;
    }

    pub(crate) fn set_sampled(&mut self, sampled: bool) {
        self.flags = if sampled { self.flags | SAMPLED } else { self.flags & !SAMPLED };
    }
}

/// What became of a baggage item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stored {
    Whole,
    Cut,
    /// Its key cannot be carried, or too many are.
    Refused,
}

/// At most `max` bytes of `text`, cut between characters.
pub(crate) fn cut_at(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baggage_of_a_child_leaves_its_parents_alone() {
        let mut parent = SpanContext::new(TraceId(1), SpanId(1), true);
        assert_eq!(parent.put_baggage("a", "1"), Stored::Whole);
        let mut child = parent.clone();
        child.put_baggage("a", "2");
        child.put_baggage("b", "3");
        assert_eq!(parent.baggage().collect::<Vec<_>>(), [("a", "1")]);
        assert_eq!(child.baggage().collect::<Vec<_>>(), [("a", "2"), ("b", "3")]);
    }

    #[test]
    fn baggage_has_bounds() {
        let mut context = SpanContext::default();
        assert_eq!(context.put_baggage("long", &"ü".repeat(2000)), Stored::Cut);
        assert_eq!(context.baggage_item("long").map(str::len), Some(2048));
        assert_eq!(context.put_baggage("", "x"), Stored::Refused);
        for number in 1..MAX_BAGGAGE_ITEMS {
            assert_eq!(context.put_baggage(&number.to_string(), "x"), Stored::Whole);
        }
        assert_eq!(context.put_baggage("one more", "x"), Stored::Refused);
    }
}
