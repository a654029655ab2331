//! The dependency rule of [`jaeger_model::dependency`] without an allocation for each span: the same links, which a
//! property test says.

use std::ops::Range;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jaeger_model::dependency::Side;

/// A span of the trace at hand; names are numbers that the caller gave.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) span_id: u64,
    pub(crate) service: u32,
    pub(crate) side: Side,
    pub(crate) peer: Option<u32>,
    pub(crate) start: i64,
    pub(crate) error: bool,
    /// Its parents within the trace: a range of [`Callers::parents`].
    pub(crate) parents: Range<usize>,
}

/// A call from a service to another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Called {
    pub(crate) parent: u32,
    pub(crate) child: u32,
    pub(crate) start: i64,
    pub(crate) error: bool,
}

/// The spans of one trace. Used again for the next one.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    pub(crate) spans: Vec<Caller>,
    pub(crate) parents: Vec<u64>,
    /// By id the first span with it, and for each span the next with its id.
    first: HashMap<u64, u32, RandomState>,
    next: Vec<u32>,
    called: Vec<bool>,
}

const NONE: u32 = u32::MAX;

impl Callers {
    pub(crate) fn clear(&mut self) {
        self.spans.clear();
        self.parents.clear();
    }

    /// Links spans of one id; says whether any share theirs.
    fn chain(&mut self) -> bool {
        let Self { spans, first, next, .. } = self;
        first.clear();
        next.clear();
        next.resize(spans.len(), NONE);
        let mut shared = false;
        // From the last to the first, so that chains are in order.
        for (place, span) in spans.iter().enumerate().rev() {
            if let Some(later) = first.insert(span.span_id, u32::try_from(place).unwrap_or(NONE)) {
                next[place] = later;
                shared = true;
            }
        }
        shared
    }

    /// Whether two spans share their id: they may be copies.
    pub(crate) fn share_ids(&mut self) -> bool {
        self.chain()
    }

    fn with_id(&self, id: u64) -> impl Iterator<Item = (u32, &Caller)> {
        let mut place = self.first.get(&id).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let at = place;
            let span = self.spans.get(at as usize)?;
            place = self.next[at as usize];
            Some((at, span))
        })
    }

    /// Gives `emit` every link; the spans are unique.
    pub(crate) fn links(&mut self, mut emit: impl FnMut(Called)) {
        self.chain();
        let mut called = std::mem::take(&mut self.called);
        called.clear();
        called.resize(self.spans.len(), false);
        for parent in &self.parents {
            for (place, _) in self.with_id(*parent) {
                called[place as usize] = true;
            }
        }
        for (span, has_children) in self.spans.iter().zip(&called) {
            let shared = self.with_id(span.span_id).nth(1).is_some();
            let to = |parent: u32, child: u32| Called { parent, child, start: span.start, error: span.error };
            if shared && span.side == Side::Server {
                for (_, client) in self.with_id(span.span_id).filter(|(_, other)| other.side == Side::Client) {
                    emit(to(client.service, span.service));
                }
            }
            if !shared || span.side == Side::Client {
                for parent in &self.parents[span.parents.clone()] {
                    let server = self.with_id(*parent).find(|(_, other)| other.side == Side::Server);
                    if let Some((_, caller)) = server.or_else(|| self.with_id(*parent).next()) {
                        emit(to(caller.service, span.service));
                    }
                }
            }
            if let Some(peer) = span.peer
                && !shared
                && !has_children
            {
                emit(to(span.service, peer));
            }
        }
        self.called = called;
    }
}

#[cfg(test)]
mod tests {
    use jaeger_model::dependency::{DependencySpan, links};
    use jaeger_model::{SpanId, Timestamp};
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 4] = ["a", "b", "c", "d"];

    proptest! {
        #[test]
        fn gives_the_links_of_the_models_rule(
            spans in prop::collection::vec((0u64..8, 0usize..4, 0u8..3, prop::option::of(0usize..4), any::<bool>(),
                prop::collection::vec(0u64..9, 0..3)), 0..20)
        ) {
            let mut callers = Callers::default();
            let mut expected = Vec::new();
            let number = |name: usize| u32::try_from(name).expect("one of four");
            let side = |side| [Side::Client, Side::Server, Side::Neither][usize::from(side)];
            for (start, (id, service, of, peer, error, parents)) in (0..).zip(&spans) {
                let from = callers.parents.len();
                callers.parents.extend(parents);
                callers.spans.push(Caller {
                    span_id: *id,
                    service: number(*service),
                    side: side(*of),
                    peer: peer.map(number),
                    start,
                    error: *error,
                    parents: from..callers.parents.len(),
                });
                expected.push(DependencySpan {
                    span_id: SpanId(*id),
                    parents: parents.iter().map(|id| SpanId(*id)).collect(),
                    service: NAMES[*service],
                    side: side(*of),
                    peer_service: peer.map(|peer| NAMES[peer]),
                    start: Timestamp::from_nanos(start),
                    error: *error,
                });
            }
            let mut found = Vec::new();
            callers.links(|c| found.push((NAMES[c.parent as usize], NAMES[c.child as usize], c.start, c.error)));
            let mut by_model = Vec::new();
            links(&expected, |l| by_model.push((l.parent, l.child, l.start.as_nanos(), l.error)));
            found.sort_unstable();
            by_model.sort_unstable();
            prop_assert_eq!(found, by_model);
        }
    }
}
