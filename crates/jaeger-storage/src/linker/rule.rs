//! The rule for one called side: which links are its own.

use std::collections::{HashMap, HashSet};

use jaeger_model::SpanId;
use jaeger_model::dependency::Side;

use super::Known;
use super::held::Span;

/// What is known of one trace: what this process holds of it, and what the store knew besides.
pub(super) struct Around<'a> {
    by_id: HashMap<SpanId, Same<'a>>,
    referred_to: HashSet<SpanId>,
}

/// A span as the rule sees it; what is held is in the store too and is one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct One<'a> {
    service: &'a str,
    side: Side,
}

/// What the rule asks of the spans of one id.
#[derive(Clone, Copy)]
struct Same<'a> {
    first: One<'a>,
    client: Option<One<'a>>,
    server: Option<One<'a>>,
    /// Whether there are more than one.
    shared: bool,
}

impl<'a> Same<'a> {
    fn new(first: One<'a>) -> Self {
        let of = |side| (first.side == side).then_some(first);
        Self { first, client: of(Side::Client), server: of(Side::Server), shared: false }
    }

    fn add(&mut self, one: One<'a>) {
        if [Some(self.first), self.client, self.server].contains(&Some(one)) {
            return;
        }
        self.shared = true;
        match one.side {
            Side::Client => self.client = self.client.or(Some(one)),
            Side::Server => self.server = self.server.or(Some(one)),
            Side::Neither => {}
        }
    }
}

impl<'a> Around<'a> {
    pub(super) fn new(held: &'a [Span], stored: &'a [Known]) -> Self {
        let mut this =
            Self { by_id: HashMap::with_capacity(held.len()), referred_to: HashSet::with_capacity(held.len()) };
        for span in held {
            this.add(span.id, One { service: &span.service, side: span.side }, &span.parents);
        }
        for known in stored {
            this.add(known.span_id, One { service: &known.service, side: known.side }, &known.parents);
        }
        this
    }

    fn add(&mut self, id: SpanId, one: One<'a>, parents: &[SpanId]) {
        self.by_id.entry(id).and_modify(|same| same.add(one)).or_insert_with(|| Same::new(one));
        self.referred_to.extend(parents);
    }

    /// Whether a span of this id is known.
    pub(super) fn knows(&self, id: SpanId) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Gives the links of which `span` is the called side: parent, child.
    pub(super) fn links(&self, span: &'a Span, mut emit: impl FnMut(&'a str, &'a str)) {
        let same = self.by_id.get(&span.id).copied();
        let shared = same.is_some_and(|same| same.shared);
        if shared
            && span.side == Side::Server
            && let Some(client) = same.and_then(|same| same.client)
        {
            emit(client.service, &span.service);
        }
        if !shared || span.side == Side::Client {
            for caller in span.parents.iter().filter_map(|parent| self.by_id.get(parent)) {
                emit(caller.server.unwrap_or(caller.first).service, &span.service);
            }
        }
        if let Some(peer) = &span.peer
            && !shared
            && !self.referred_to.contains(&span.id)
        {
            emit(&span.service, peer);
        }
    }
}
