//! The rule for one called side: which links are its own.

use jaeger_model::SpanId;
use jaeger_model::dependency::Side;

use super::Known;
use super::held::Span;

/// What is known around a span: what this process holds of its trace, and what the store knew besides.
pub(super) struct Around<'a> {
    pub(super) held: &'a [Span],
    pub(super) stored: &'a [Known],
}

/// A span of either.
#[derive(Clone, Copy, PartialEq, Eq)]
struct One<'a> {
    service: &'a str,
    side: Side,
}

impl<'a> Around<'a> {
    /// The spans with this id, each once; those that are held are in the store too.
    fn with_id(&self, id: SpanId) -> Vec<One<'a>> {
        let held =
            self.held.iter().filter(|span| span.id == id).map(|span| One { service: &span.service, side: span.side });
        let mut all: Vec<One<'a>> = held.collect();
        for stored in self.stored.iter().filter(|known| known.span_id == id) {
            let one = One { service: &stored.service, side: stored.side };
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all
    }

    fn is_referred_to(&self, id: SpanId) -> bool {
        self.held.iter().any(|span| span.parents.contains(&id))
            || self.stored.iter().any(|known| known.parents.contains(&id))
    }

    /// Whether a span of this id is known.
    pub(super) fn knows(&self, id: SpanId) -> bool {
        self.held.iter().any(|span| span.id == id) || self.stored.iter().any(|known| known.span_id == id)
    }

    /// Gives the links of which `span` is the called side: parent, child.
    pub(super) fn links(&self, span: &'a Span, mut emit: impl FnMut(&'a str, &'a str)) {
        let same = self.with_id(span.id);
        let shared = same.len() > 1;
        if shared
            && span.side == Side::Server
            && let Some(client) = same.iter().find(|other| other.side == Side::Client)
        {
            emit(client.service, &span.service);
        }
        if !shared || span.side == Side::Client {
            for parent in &span.parents {
                let callers = self.with_id(*parent);
                let server = callers.iter().find(|caller| caller.side == Side::Server);
                if let Some(caller) = server.or(callers.first()) {
                    emit(caller.service, &span.service);
                }
            }
        }
        if let Some(peer) = &span.peer
            && !shared
            && !self.is_referred_to(span.id)
        {
            emit(&span.service, peer);
        }
    }
}
