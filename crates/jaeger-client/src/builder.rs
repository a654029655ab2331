//! A span about to begin: what it refers to, when it began, and whether it is sampled.

use std::sync::Arc;
use std::time::SystemTime;

use jaeger_model::{Reference, ReferenceKind, SpanId, Value, keys};

use crate::context::SpanContext;
use crate::recording::{Began, Body, timestamp};
use crate::sampler::Decision;
use crate::shared::Shared;
use crate::span::Span;
use crate::{counts, id};

/// What a span's first tag, `span.kind`, says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Answers a call.
    Server,
    /// Makes a call.
    Client,
    /// Sends a message that somebody will read later.
    Producer,
    /// Reads such a message.
    Consumer,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// A span about to begin.
#[must_use = "nothing begins until `start`"]
pub struct SpanBuilder<'a> {
    shared: Option<&'a Arc<Shared>>,
    operation: &'a str,
    /// The span to belong to.
    parent: Option<(ReferenceKind, &'a SpanContext)>,
    others: Vec<(ReferenceKind, &'a SpanContext)>,
    kind: Option<Kind>,
    start: Option<SystemTime>,
    debug: bool,
    local: bool,
}

impl<'a> SpanBuilder<'a> {
    #[inline]
    pub(crate) fn new(shared: Option<&'a Arc<Shared>>, operation: &'a str) -> Self {
        Self {
            shared,
            operation,
            parent: None,
            others: Vec::new(),
            kind: None,
            start: None,
            debug: false,
            local: false,
        }
    }

    /// The parent is of this process, so that no trace is joined.
    #[inline]
    pub(crate) fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// The span that waits for this one. The first such, else the first that this one follows, decides on the trace.
    #[inline]
    pub fn child_of(self, context: &'a SpanContext) -> Self {
        self.refer(ReferenceKind::ChildOf, context)
    }

    /// A span that caused this one and does not wait for it.
    #[inline]
    pub fn follows_from(self, context: &'a SpanContext) -> Self {
        self.refer(ReferenceKind::FollowsFrom, context)
    }

    #[inline]
    fn refer(mut self, kind: ReferenceKind, context: &'a SpanContext) -> Self {
        match &self.parent {
            None => self.parent = Some((kind, context)),
            // A parent counts more than a cause that was named before it.
            Some((ReferenceKind::FollowsFrom, _)) if kind == ReferenceKind::ChildOf => {
                self.others.extend(self.parent.replace((kind, context)));
            }
            Some(_) => self.others.push((kind, context)),
        }
        self
    }

    /// Which side of a call this is.
    #[inline]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// When it began, where that is not now.
    pub fn start_at(mut self, start: SystemTime) -> Self {
        self.start = Some(start);
        self
    }

    /// Records this trace whatever the sampler says, here and in every service below (a root only).
    pub fn debug(mut self) -> Self {
        self.debug = true;
        self
    }

    /// Begins the span.
    #[inline]
    pub fn start(self) -> Span {
        match self.parent {
            Some((_, parent)) if parent.is_valid() => self.join(parent),
            parent => self.root(parent.map(|(_, context)| context), id::random()),
        }
    }

    /// `seed` has no trace and yet something to carry; `low` is the lower half of the new trace's id.
    pub(crate) fn root(self, seed: Option<&SpanContext>, low: u64) -> Span {
        let carried = seed.and_then(|seed| seed.carried.clone());
        // Below no span of a tracer there is nothing to begin, and nothing to tell other services.
        let Some(shared) = self.shared.filter(|shared| shared.enabled) else {
            counts::trace_started();
            return Span::not_sampled(SpanContext { carried, ..SpanContext::default() });
        };
        let high = if shared.wide_ids { id::random() } else { 0 };
        let mut context = SpanContext { carried, ..SpanContext::of_root(high, low) };
        let debug_id = context.debug_id().map(str::to_owned);
        let decision = if self.debug || debug_id.is_some() {
            context.mark_debug();
            Decision { sampled: true, told: None }
        } else {
            let decision = shared.sampler.decide(context.trace_id, self.operation);
            context.set_sampled(decision.sampled);
            decision
        };
        if !decision.sampled {
            counts::trace_started();
            return Span::not_sampled(context);
        }
        self.sampled_root(shared, context, decision, debug_id)
    }

    fn sampled_root(
        self,
        shared: &Arc<Shared>,
        mut context: SpanContext,
        decision: Decision,
        debug_id: Option<String>,
    ) -> Span {
        shared.book.traces_started.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut body = self.body(shared);
        if let Some(told) = decision.told {
            body.tag(keys::SAMPLER_TYPE, told.kind.into());
            body.tag(keys::SAMPLER_PARAM, told.param);
        }
        if let Some(debug_id) = debug_id {
            body.tag("jaeger-debug-id", Value::Str(&debug_id));
            // Whoever gets this context gets the flag; the id is told once.
            if let Some(carried) = &mut context.carried {
                Arc::make_mut(carried).debug_id = None;
            }
        }
        Span::sampled(context, Arc::clone(shared), body)
    }

    #[inline]
    fn join(self, parent: &SpanContext) -> Span {
        let context = SpanContext {
            trace_id: parent.trace_id,
            span_id: SpanId(id::random()),
            parent_id: parent.span_id,
            flags: parent.flags,
            carried: parent.carried.clone(),
        };
        match self.shared {
            Some(shared) if context.is_sampled() && shared.enabled => self.sampled_child(shared, context),
            _ => {
                if self.local {
                    counts::span_started();
                } else {
                    counts::trace_joined();
                }
                Span::not_sampled(context)
            }
        }
    }

    fn sampled_child(self, shared: &Arc<Shared>, context: SpanContext) -> Span {
        if !self.local {
            shared.book.traces_joined.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        let mut body = self.body(shared);
        if !self.local
            && let Some(state) = context.trace_state()
        {
            body.tag("w3c.tracestate", state.into());
        }
        Span::sampled(context, Arc::clone(shared), body)
    }

    fn body(&self, shared: &Shared) -> Body {
        let began = match self.start {
            Some(start) => Began { time: timestamp(start), instant: None },
            None => Began::now(),
        };
        let mut body = Body::new(self.operation, began, shared.max_value_bytes);
        for (kind, context) in self.parent.iter().chain(&self.others).filter(|(_, context)| context.is_valid()) {
            body.reference(Reference { kind: *kind, trace_id: context.trace_id, span_id: context.span_id });
        }
        if let Some(kind) = self.kind {
            body.tag(keys::SPAN_KIND, kind.as_str().into());
        }
        body
    }
}
