//! Finds what a trace adds to the counts wherever its spans are: in blocks, in hot batches, in both.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use jaeger_model::dependency::Side;
use jaeger_model::{Batch, SpanView, TraceId, Value, keys};

use super::count::{CallKey, minute_of};
use super::rule::{Called, Caller, Callers};
use super::{Delta, Place};
use crate::block::{Block, Call, Callee, Reading};

/// What a [`Gatherer`] is to find.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counting {
    /// Links between services.
    pub links: bool,
    /// Calls of operations.
    pub calls: bool,
}

impl Counting {
    /// Both.
    pub const ALL: Self = Self { links: true, calls: true };
    /// Links alone.
    pub const LINKS: Self = Self { links: true, calls: false };
    /// Calls alone.
    pub const CALLS: Self = Self { links: false, calls: true };
}

/// Counts trace after trace.
pub struct Gatherer {
    counting: Counting,
    delta: Delta,
    callers: Callers,
    calls: Vec<Call>,
    parents: Vec<u64>,
    reading: Reading,
    names: BlockNames,
    /// The services of one trace's rows.
    of_rows: Vec<usize>,
}

/// The numbers of one block's names.
#[derive(Default)]
struct BlockNames {
    /// Held, so that no other block can stand in its place.
    of: Option<Arc<Block>>,
    services: Vec<u32>,
    /// By place, as far as they were asked for.
    operations: Vec<Option<u32>>,
    /// By code; there are few.
    kinds: Vec<(u64, u32)>,
}

impl Gatherer {
    /// Nothing is found yet.
    #[must_use]
    pub fn new(counting: Counting) -> Self {
        Self {
            counting,
            delta: Delta::default(),
            callers: Callers::default(),
            calls: Vec::new(),
            parents: Vec::new(),
            reading: Reading::default(),
            names: BlockNames::default(),
            of_rows: Vec::new(),
        }
    }

    /// All that was found.
    #[must_use]
    pub fn finish(self) -> Delta {
        self.delta
    }

    /// Adds (`sign` 1) or takes away (-1) what all spans of one trace in `blocks` (oldest first, each with the trace's
    /// place) and `hot` come to; a copy counts once.
    pub fn trace(&mut self, blocks: &[Place], hot: &[SpanView<'_>], sign: i32) {
        if let ([(block, trace)], []) = (blocks, hot)
            && (!self.counting.links || !block.shares_ids(*trace))
        {
            self.turn_to(block);
            if self.counting.calls {
                self.count_rows(block, block.rows(*trace), sign);
            }
            if self.counting.links {
                self.links_within(block, *trace, sign);
            }
            return;
        }
        self.callers.clear();
        for (block, trace) in blocks {
            self.push_block(block, *trace);
        }
        for span in hot {
            self.push_span(*span);
        }
        // One block alone has no copies.
        if (blocks.len() > 1 || !hot.is_empty()) && self.callers.share_ids() {
            self.callers.clear();
            let decoded: Vec<Batch> =
                blocks.iter().filter_map(|(block, trace)| block.decode(*trace, &mut self.reading).ok()).collect();
            let mut known: HashSet<u64, RandomState> = HashSet::default();
            for span in decoded.iter().flat_map(Batch::spans).chain(hot.iter().copied()) {
                if known.insert(span.identity().0) {
                    self.push_span(span);
                    self.count_span(span, sign);
                }
            }
        } else {
            let counted = if self.counting.calls { blocks } else { &[] };
            for (block, trace) in counted {
                self.turn_to(block);
                self.count_rows(block, block.rows(*trace), sign);
            }
            for span in hot {
                self.count_span(*span, sign);
            }
        }
        if self.counting.links {
            let Self { callers, delta, .. } = self;
            callers.links(|called| delta.push_link(called, sign));
        }
    }

    /// The calls in some rows of the block that was turned to.
    fn count_rows(&mut self, block: &Block, rows: Range<usize>, sign: i32) {
        let Self { delta, reading, names, .. } = self;
        for row in rows {
            let span = block.counted(row, reading);
            let service = names.services.get(span.service).copied().unwrap_or(0);
            let operation = match names.operations.get_mut(span.operation) {
                Some(Some(operation)) => *operation,
                Some(none) => *none.insert(delta.names.number(block.operation_name(span.operation))),
                None => 0,
            };
            let known = names.kinds.iter().find(|(code, _)| span.kind == Some(*code));
            let kind = known.map(|(_, kind)| *kind).unwrap_or_else(|| {
                let mut kind = 0;
                block.with_kind(row, reading, |text| kind = delta.names.number(text));
                if let Some(code) = span.kind {
                    names.kinds.push((code, kind));
                }
                kind
            });
            let key = CallKey { minute: minute_of(span.start), service, operation, kind };
            delta.push_call(key, span.duration, span.failed, sign);
        }
    }

    fn count_span(&mut self, span: SpanView<'_>, sign: i32) {
        if !self.counting.calls {
            return;
        }
        let names = &mut self.delta.names;
        let key = CallKey {
            minute: minute_of(span.start().as_nanos()),
            service: names.number(span.service()),
            operation: names.number(span.operation()),
            kind: names.number(span.kind().unwrap_or("")),
        };
        let failed = span.tags().filter(|tag| tag.key == keys::ERROR).last();
        let failed = failed.is_some_and(|tag| tag.value.text_is("true"));
        self.delta.push_call(key, span.duration().as_nanos(), failed, sign);
    }

    fn links_within(&mut self, block: &Block, trace: usize, sign: i32) {
        let Self { delta, names, reading, of_rows, .. } = self;
        let services = &names.services;
        block.links_within(trace, reading, of_rows, |parent, child, start, error| {
            let parent = services.get(parent).copied().unwrap_or(0);
            let child = match child {
                Callee::Service(child) => services.get(child).copied().unwrap_or(0),
                Callee::Peer(name) => delta.names.number(name),
            };
            delta.push_link(Called { parent, child, start, error }, sign);
        });
    }

    fn turn_to(&mut self, block: &Arc<Block>) {
        let Self { names, delta, .. } = self;
        if names.of.as_ref().is_none_or(|of| !Arc::ptr_eq(of, block)) {
            names.of = Some(Arc::clone(block));
            names.services.clear();
            names.services.extend(block.services().map(|name| delta.names.number(name)));
            names.operations.clear();
            names.operations.resize(block.operations(), None);
            names.kinds.clear();
        }
    }

    fn push_block(&mut self, block: &Arc<Block>, trace: usize) {
        self.turn_to(block);
        self.calls.clear();
        self.parents.clear();
        block.calls(trace, &mut self.reading, &mut self.calls, &mut self.parents);
        for call in self.calls.drain(..) {
            let from = self.callers.parents.len();
            self.callers.parents.extend_from_slice(&self.parents[call.parents]);
            self.callers.spans.push(Caller {
                span_id: call.span_id,
                service: self.names.services.get(call.service).copied().unwrap_or(0),
                side: call.side,
                peer: call.peer.map(|peer| self.delta.names.number(&peer)),
                start: call.start,
                error: call.error,
                parents: from..self.callers.parents.len(),
            });
        }
    }

    fn push_span(&mut self, span: SpanView<'_>) {
        let from = self.callers.parents.len();
        let id: TraceId = span.trace_id();
        let own = span.references().filter(|reference| reference.trace_id == id);
        self.callers.parents.extend(own.map(|reference| reference.span_id.0));
        let (mut side, mut peer, mut error) = (Side::Neither, None, false);
        for tag in span.tags() {
            match (tag.key, tag.value) {
                (keys::SPAN_KIND, Value::Str(kind)) => side = Side::of_kind(Some(kind)),
                (keys::PEER_SERVICE, Value::Str(name)) => peer = Some(name),
                (keys::ERROR, value) => error = value.text_is("true"),
                _ => {}
            }
        }
        let names = &mut self.delta.names;
        self.callers.spans.push(Caller {
            span_id: span.span_id().0,
            service: names.number(span.service()),
            side,
            peer: peer.map(|peer| names.number(peer)),
            start: span.start().as_nanos(),
            error,
            parents: from..self.callers.parents.len(),
        });
    }
}
