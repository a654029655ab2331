//! What both decoders do alike: the tags and references that OTLP keeps in fields of their own.

use jaeger_model::{BatchBuilder, Reference, ReferenceKind, SpanId, Timestamp, TraceId, ValueIn, keys};

pub(crate) const SERVICE_NAME: &[u8] = b"service.name";
/// The service of a resource without any attribute.
pub(crate) const NO_SERVICE: &[u8] = b"OTLPResourceNoServiceName";
/// The link attribute that says `child_of` or anything else.
pub(crate) const REF_TYPE: &[u8] = b"opentracing.ref_type";
pub(crate) const EVENT: &[u8] = keys::EVENT.as_bytes();

pub(crate) const SCOPE_NAME: &str = "otel.scope.name";
pub(crate) const SCOPE_VERSION: &str = "otel.scope.version";
pub(crate) const STATUS_CODE: &str = "otel.status_code";
pub(crate) const STATUS_DESCRIPTION: &str = "otel.status_description";
pub(crate) const TRACE_STATE: &str = "w3c.tracestate";

/// The span kinds in the order of their numbers, 1 on.
pub(crate) const KINDS: [&str; 5] = ["internal", "server", "client", "producer", "consumer"];
pub(crate) const STATUS_OK: u32 = 1;
pub(crate) const STATUS_ERROR: u32 = 2;

/// The instrumentation that made spans, as tags before all others.
pub(crate) fn scope_tags(builder: &mut BatchBuilder, name: &[u8], version: &[u8]) {
    if !name.is_empty() {
        builder.span_tag(SCOPE_NAME.as_bytes(), ValueIn::Str(name));
    }
    if !version.is_empty() {
        builder.span_tag(SCOPE_VERSION.as_bytes(), ValueIn::Str(version));
    }
}

/// The fields of a span that become tags behind its attributes, and its times.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rest<'a> {
    pub(crate) kind: u32,
    pub(crate) start_nanos: u64,
    pub(crate) end_nanos: u64,
    pub(crate) status_code: u32,
    pub(crate) status_message: &'a [u8],
    pub(crate) trace_state: &'a [u8],
}

impl Rest<'_> {
    pub(crate) fn put(&self, builder: &mut BatchBuilder) {
        // Times past 2262 wrap, as Go's do.
        let start = Timestamp::from_nanos(self.start_nanos.cast_signed());
        let end = Timestamp::from_nanos(self.end_nanos.cast_signed());
        builder.span_start(start);
        builder.span_duration(end.since(start));
        let kind = self.kind.checked_sub(1).and_then(|at| KINDS.get(at as usize));
        if let Some(kind) = kind {
            builder.span_tag(keys::SPAN_KIND.as_bytes(), (*kind).into());
        }
        match self.status_code {
            STATUS_OK => builder.span_tag(STATUS_CODE.as_bytes(), "OK".into()),
            STATUS_ERROR => {
                builder.span_tag(STATUS_CODE.as_bytes(), "ERROR".into());
                builder.span_tag(keys::ERROR.as_bytes(), ValueIn::Bool(true));
            }
            _ => {}
        }
        if !self.status_message.is_empty() {
            builder.span_tag(STATUS_DESCRIPTION.as_bytes(), ValueIn::Str(self.status_message));
        }
        if !self.trace_state.is_empty() {
            builder.span_tag(TRACE_STATE.as_bytes(), ValueIn::Str(self.trace_state));
        }
    }
}

/// The parent and the links of one span, as references: the parent first.
#[derive(Debug)]
pub(crate) struct Parent {
    trace_id: TraceId,
    span_id: Option<SpanId>,
    kind: ReferenceKind,
}

impl Parent {
    pub(crate) fn new(trace_id: TraceId, span_id: Option<SpanId>) -> Self {
        Self { trace_id, span_id, kind: ReferenceKind::ChildOf }
    }

    /// A link that says the parent again tells how the span refers to it.
    pub(crate) fn link(&mut self, builder: &mut BatchBuilder, trace_id: TraceId, span_id: SpanId, kind: ReferenceKind) {
        if self.span_id == Some(span_id) && self.trace_id == trace_id {
            self.kind = kind;
        } else {
            builder.span_reference(Reference { kind, trace_id, span_id });
        }
    }

    pub(crate) fn put(self, builder: &mut BatchBuilder) {
        if let Some(span_id) = self.span_id {
            builder.span_reference_first(Reference { kind: self.kind, trace_id: self.trace_id, span_id });
        }
    }
}

/// How a link with this `opentracing.ref_type` refers.
pub(crate) fn reference_kind(ref_type: &[u8]) -> ReferenceKind {
    if ref_type == b"child_of" { ReferenceKind::ChildOf } else { ReferenceKind::FollowsFrom }
}
