//! Finds the links of a trace wherever its spans are: in blocks, in hot batches, in both.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;
use jaeger_model::dependency::Side;
use jaeger_model::{Batch, SpanView, TraceId, Value, keys};

use super::links::Delta;
use super::rule::{Called, Caller, Callers};
use crate::block::{Block, Call, Callee, Reading};

/// Finds links, trace after trace.
#[derive(Default)]
pub(crate) struct Gatherer {
    pub(crate) delta: Delta,
    callers: Callers,
    calls: Vec<Call>,
    parents: Vec<u64>,
    reading: Reading,
    /// The numbers of the services' names of one block.
    services: (Option<u32>, Vec<u32>),
    /// The services of one trace's rows.
    of_rows: Vec<usize>,
}

impl Gatherer {
    /// The links of all spans of one trace in `blocks` (oldest first, each with the trace's place) and `hot`.
    pub(crate) fn links(&mut self, blocks: &[(Arc<Block>, usize)], hot: &[SpanView<'_>], sign: i8) {
        if let ([(block, trace)], []) = (blocks, hot)
            && !block.shares_ids(*trace)
        {
            self.links_within(block, *trace, sign);
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
                }
            }
        }
        let Self { callers, delta, .. } = self;
        callers.links(|called| delta.push(called, sign));
    }

    fn links_within(&mut self, block: &Block, trace: usize, sign: i8) {
        self.name_services(block);
        let Self { delta, services, reading, of_rows, .. } = self;
        let services = &services.1;
        block.links_within(trace, reading, of_rows, |parent, child, start, error| {
            let parent = services.get(parent).copied().unwrap_or(0);
            let child = match child {
                Callee::Service(child) => services.get(child).copied().unwrap_or(0),
                Callee::Peer(name) => delta.name(name),
            };
            delta.push(Called { parent, child, start, error }, sign);
        });
    }

    fn name_services(&mut self, block: &Block) {
        if self.services.0 != Some(block.number) {
            let names = block.services().map(|name| self.delta.name(name)).collect();
            self.services = (Some(block.number), names);
        }
    }

    fn push_block(&mut self, block: &Block, trace: usize) {
        self.name_services(block);
        self.calls.clear();
        self.parents.clear();
        block.calls(trace, &mut self.reading, &mut self.calls, &mut self.parents);
        for call in self.calls.drain(..) {
            let from = self.callers.parents.len();
            self.callers.parents.extend_from_slice(&self.parents[call.parents]);
            self.callers.spans.push(Caller {
                span_id: call.span_id,
                service: self.services.1.get(call.service).copied().unwrap_or(0),
                side: call.side,
                peer: call.peer.map(|peer| self.delta.name(&peer)),
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
        self.callers.spans.push(Caller {
            span_id: span.span_id().0,
            service: self.delta.name(span.service()),
            side,
            peer: peer.map(|peer| self.delta.name(peer)),
            start: span.start().as_nanos(),
            error,
            parents: from..self.callers.parents.len(),
        });
    }
}
