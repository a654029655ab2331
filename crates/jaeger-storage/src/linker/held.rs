//! Spans that this process has stored and whose links are not counted, or were just now: their trace's other spans may ask for them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jaeger_model::dependency::Side;
use jaeger_model::{SpanId, SpanView, Timestamp, TraceId, Value, keys};
use tokio::time::Instant;

use super::{SETTLES, parents};

/// One span.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) id: SpanId,
    identity: u64,
    pub(super) parents: Vec<SpanId>,
    pub(super) service: Arc<str>,
    pub(super) side: Side,
    pub(super) peer: Option<Arc<str>>,
    pub(super) start: Timestamp,
    pub(super) since: Instant,
    pub(super) counted: bool,
}

/// Spans by their traces.
#[derive(Debug)]
pub(super) struct Held {
    most: usize,
    pub(super) spans: usize,
    pub(super) traces: HashMap<TraceId, Vec<Span>>,
    /// Of all of them, so that a copy is not held twice.
    identities: HashSet<u64>,
    names: HashSet<Arc<str>>,
    pub(super) given_up: u64,
}

impl Held {
    pub(super) fn new(most: usize) -> Self {
        Self { most, spans: 0, traces: HashMap::new(), identities: HashSet::new(), names: HashSet::new(), given_up: 0 }
    }

    pub(super) fn push(&mut self, span: SpanView<'_>, now: Instant) {
        let identity = span.identity().0;
        if self.identities.contains(&identity) {
            return;
        }
        if self.spans >= self.most {
            self.make_room(now);
        }
        let mut new = Span {
            id: span.span_id(),
            identity,
            parents: parents(span),
            service: self.name(span.service()),
            side: Side::Neither,
            peer: None,
            start: span.start(),
            since: now,
            counted: false,
        };
        for tag in span.tags() {
            match (tag.key, tag.value) {
                (keys::SPAN_KIND, Value::Str(kind)) => new.side = Side::of_kind(Some(kind)),
                (keys::PEER_SERVICE, Value::Str(peer)) => new.peer = Some(self.name(peer)),
                _ => {}
            }
        }
        self.identities.insert(identity);
        self.traces.entry(span.trace_id()).or_default().push(new);
        self.spans += 1;
    }

    /// Lets go what was counted and is no longer asked for.
    pub(super) fn forget(&mut self, now: Instant) {
        self.retain(|span| !span.counted || now.duration_since(span.since) < 2 * SETTLES);
        self.names.retain(|name| Arc::strong_count(name) > 1);
    }

    /// Counted spans go first, then the oldest half of the others.
    fn make_room(&mut self, now: Instant) {
        self.retain(|span| !span.counted);
        if self.spans < self.most {
            return;
        }
        let mut ages: Vec<Instant> = self.traces.values().flatten().map(|span| span.since).collect();
        let middle = ages.len() / 2;
        let (_, median, _) = ages.select_nth_unstable(middle);
        let median = *median;
        let before = self.spans;
        self.retain(|span| span.since > median);
        if self.spans == before {
            self.retain(|span| span.since == now);
        }
        self.given_up += (before - self.spans) as u64;
    }

    fn retain(&mut self, keep: impl Fn(&Span) -> bool) {
        self.traces.retain(|_, spans| {
            spans.retain(|span| {
                let kept = keep(span);
                if !kept {
                    self.identities.remove(&span.identity);
                }
                kept
            });
            !spans.is_empty()
        });
        self.spans = self.traces.values().map(Vec::len).sum();
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }
}
