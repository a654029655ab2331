//! The references of a block's spans: nearly all name a span of the same trace and block, and are a small number.

use hashbrown::HashMap;
use jaeger_model::{Reference, ReferenceKind, SpanId, TraceId};

use super::packed::Packed;

/// A span of another trace: `foreign` has all of it.
const FOREIGN: u64 = 0;
/// A span of the same trace that is not in this block: `own` has its id.
const OWN_CHILD_OF: u64 = 1;
const OWN_FOLLOWS_FROM: u64 = 2;
/// From here on the span's place within the trace's rows, times two, plus one for FOLLOWS_FROM.
pub(super) const LOCAL: u64 = 3;

/// References by row, in their order.
#[derive(Debug)]
pub(crate) struct References {
    pub(super) counts: Packed,
    /// By trace, the first of its references.
    pub(super) first: Packed,
    pub(super) codes: Packed,
    pub(super) own: Box<[(u32, u64)]>,
    pub(super) foreign: Box<[(u32, Reference)]>,
}

/// A reference as a block sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Referred {
    /// The row's place within its trace.
    Local(usize, ReferenceKind),
    /// A span of the same trace that is elsewhere or nowhere.
    Own(u64, ReferenceKind),
    /// A span of another trace.
    Foreign(Reference),
}

impl References {
    pub(crate) fn count(&self, row: usize) -> usize {
        self.counts.index_at(row)
    }

    /// The number of the first reference of the trace at `trace`; its rows' follow in order.
    pub(crate) fn first(&self, trace: usize) -> usize {
        self.first.index_at(trace)
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Referred {
        match self.codes.at(at) {
            FOREIGN => {
                let place = self.foreign.binary_search_by_key(&at, |(at, _)| *at as usize);
                let reference = place.ok().and_then(|place| self.foreign.get(place));
                let nowhere = Reference { kind: ReferenceKind::ChildOf, trace_id: TraceId(0), span_id: SpanId(0) };
                Referred::Foreign(reference.map_or(nowhere, |(_, reference)| *reference))
            }
            OWN_CHILD_OF => Referred::Own(self.own(at), ReferenceKind::ChildOf),
            OWN_FOLLOWS_FROM => Referred::Own(self.own(at), ReferenceKind::FollowsFrom),
            local => {
                let local = local - LOCAL;
                let kind = if local & 1 == 0 { ReferenceKind::ChildOf } else { ReferenceKind::FollowsFrom };
                Referred::Local(usize::try_from(local >> 1).unwrap_or(usize::MAX), kind)
            }
        }
    }

    fn own(&self, at: usize) -> u64 {
        let place = self.own.binary_search_by_key(&at, |(at, _)| *at as usize);
        place.ok().and_then(|place| self.own.get(place)).map_or(0, |(_, id)| *id)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.counts.heap_bytes()
            + self.first.heap_bytes()
            + self.codes.heap_bytes()
            + self.own.len() * size_of::<(u32, u64)>()
            + self.foreign.len() * size_of::<(u32, Reference)>()
    }
}

/// Takes the references of one trace after the other.
#[derive(Default)]
pub(crate) struct ReferencesBuilder {
    counts: Vec<u64>,
    first: Vec<u64>,
    codes: Vec<u64>,
    own: Vec<(u32, u64)>,
    foreign: Vec<(u32, Reference)>,
    /// Places of the ids of a large trace.
    places: HashMap<u64, u32, foldhash::fast::RandomState>,
}

/// Up to so many spans looking at each id is quicker than a table.
const FEW: usize = 24;

impl ReferencesBuilder {
    /// A trace whose rows have these ids and references.
    pub(crate) fn push_trace<'b>(
        &mut self,
        trace: TraceId,
        ids: &[u64],
        references: impl Iterator<Item = jaeger_model::References<'b>>,
    ) {
        self.first.push(self.codes.len() as u64);
        if ids.len() > FEW {
            self.places.clear();
            for (id, place) in ids.iter().zip(0..) {
                self.places.entry(*id).or_insert(place);
            }
        }
        for row in references {
            self.counts.push(row.len() as u64);
            for reference in row {
                let at = u32::try_from(self.codes.len()).unwrap_or(u32::MAX);
                let code = self.code(at, trace, ids, reference);
                self.codes.push(code);
            }
        }
    }

    fn code(&mut self, at: u32, trace: TraceId, ids: &[u64], reference: Reference) -> u64 {
        if reference.trace_id != trace {
            self.foreign.push((at, reference));
            return FOREIGN;
        }
        let id = reference.span_id.0;
        let place = if ids.len() > FEW {
            self.places.get(&id).map(|place| u64::from(*place))
        } else {
            ids.iter().position(|other| *other == id).map(|place| place as u64)
        };
        let follows = u64::from(reference.kind == ReferenceKind::FollowsFrom);
        match place {
            Some(place) => LOCAL + place * 2 + follows,
            None => {
                self.own.push((at, id));
                OWN_CHILD_OF + follows
            }
        }
    }

    pub(crate) fn finish(self) -> References {
        References {
            counts: Packed::unsigned(self.counts.iter().copied()),
            first: Packed::unsigned(self.first.iter().copied()),
            codes: Packed::unsigned(self.codes.iter().copied()),
            own: self.own.into_boxed_slice(),
            foreign: self.foreign.into_boxed_slice(),
        }
    }
}
