//! The dependency rule of [`jaeger_model::dependency`] without an allocation for each span: the same links, which a
//! property test says.

use std::ops::Range;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jaeger_model::dependency::Side;

/// A span of the trace at hand; names are numbers that the caller gave.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) span_id: u64,
    pub(super) service: u32,
    pub(super) side: Side,
    pub(super) peer: Option<u32>,
    pub(super) start: i64,
    pub(super) error: bool,
    /// Its parents within the trace: a range of [`Callers::parents`].
    pub(super) parents: Range<usize>,
}

/// A call from a service to another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Called {
    pub(super) parent: u32,
    pub(super) child: u32,
    pub(super) start: i64,
    pub(super) error: bool,
}

/// The spans of one trace. Used again for the next one.
#[derive(Debug, Default)]
pub(super) struct Callers {
    pub(super) spans: Vec<Caller>,
    pub(super) parents: Vec<u64>,
    by_id: HashMap<u64, Same, RandomState>,
}

/// What is asked of the spans of one id, so that no rule goes through all of them.
#[derive(Clone, Copy, Debug)]
struct Same {
    first: usize,
    client: Option<usize>,
    server: Option<usize>,
    /// Whether there are more than one.
    shared: bool,
    /// Whether a span refers to them.
    called: bool,
}

impl Callers {
    pub(super) fn clear(&mut self) {
        self.spans.clear();
        self.parents.clear();
    }

    /// Puts spans of one id together; says whether any share theirs.
    fn by_id(&mut self) -> bool {
        let Self { spans, by_id, .. } = self;
        by_id.clear();
        let mut shared = false;
        for (place, span) in spans.iter().enumerate() {
            let same = by_id.entry(span.span_id).and_modify(|same| same.shared = true).or_insert(Same {
                first: place,
                client: None,
                server: None,
                shared: false,
                called: false,
            });
            shared |= same.shared;
            match span.side {
                Side::Client => same.client = same.client.or(Some(place)),
                Side::Server => same.server = same.server.or(Some(place)),
                Side::Neither => {}
            }
        }
        shared
    }

    /// Whether two spans share their id: they may be copies.
    pub(super) fn share_ids(&mut self) -> bool {
        self.by_id()
    }

    /// Gives `emit` every link; the spans are unique.
    pub(super) fn links(&mut self, mut emit: impl FnMut(Called)) {
        self.by_id();
        let Self { spans, parents, by_id } = self;
        for parent in parents.iter() {
            if let Some(same) = by_id.get_mut(parent) {
                same.called = true;
            }
        }
        for span in spans.iter() {
            let Some(same) = by_id.get(&span.span_id) else { continue };
            let to = |parent: u32, child: u32| Called { parent, child, start: span.start, error: span.error };
            if same.shared
                && span.side == Side::Server
                && let Some(client) = same.client.and_then(|place| spans.get(place))
            {
                emit(to(client.service, span.service));
            }
            if !same.shared || span.side == Side::Client {
                for parent in &parents[span.parents.clone()] {
                    let same = by_id.get(parent);
                    if let Some(caller) = same.and_then(|same| spans.get(same.server.unwrap_or(same.first))) {
                        emit(to(caller.service, span.service));
                    }
                }
            }
            if let Some(peer) = span.peer
                && !same.shared
                && !same.called
            {
                emit(to(span.service, peer));
            }
        }
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
