//! Spans for the cases, built in a few words.

use jaeger_model::{
    Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, SpanView, Timestamp, Trace, TraceId, Value,
};

use crate::{FoundTraces, Store, TimeRange, TraceQuery};

/// The time from which the cases count: 24 November 2026, 0:00 UTC.
#[must_use]
pub fn base() -> Timestamp {
    Timestamp::from_micros(1_795_478_400_000_000)
}

/// `micros` after [`base`].
pub(super) fn at(micros: i64) -> Timestamp {
    base().saturating_add(Duration::from_micros(micros))
}

/// Builds the spans of a batch, one at a time.
#[derive(Default)]
pub struct Spans {
    builder: BatchBuilder,
    under_way: bool,
    trace: TraceId,
}

impl Spans {
    /// No spans yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a span in a process without tags: 1 ms long, sampled, begun `micros` after [`base`].
    #[must_use]
    pub fn span(self, trace: u128, id: u64, service: &str, operation: &str, micros: i64) -> Self {
        self.span_in(trace, id, service, &[], operation, micros)
    }

    /// Begins a span in a process with tags.
    #[must_use]
    pub fn span_in(
        mut self,
        trace: u128,
        id: u64,
        service: &str,
        process_tags: &[(&str, Value<'_>)],
        operation: &str,
        micros: i64,
    ) -> Self {
        self.end();
        for (key, value) in process_tags {
            self.builder.process_tag(key.as_bytes(), (*value).into());
        }
        let process = self.builder.process(service.as_bytes()).expect("room");
        self.trace = TraceId(trace);
        self.under_way = true;
        self.builder.begin_span();
        self.builder.span_ids(self.trace, SpanId(id));
        self.builder.span_process(process);
        self.builder.span_operation(operation.as_bytes());
        self.builder.span_start(at(micros));
        self.builder.span_duration(Duration::from_micros(1000));
        self.builder.span_flags(1);
        self
    }

    /// When the span began, if not some time after [`base`].
    #[must_use]
    pub fn begins(mut self, start: Timestamp) -> Self {
        self.builder.span_start(start);
        self
    }

    /// How long the span took.
    #[must_use]
    pub fn took(mut self, micros: i64) -> Self {
        self.builder.span_duration(Duration::from_micros(micros));
        self
    }

    /// The span's flags.
    #[must_use]
    pub fn flags(mut self, flags: u32) -> Self {
        self.builder.span_flags(flags);
        self
    }

    /// A tag of the span.
    #[must_use]
    pub fn tag(mut self, key: &str, value: Value<'_>) -> Self {
        self.builder.span_tag(key.as_bytes(), value.into());
        self
    }

    /// A log of the span, `micros` after [`base`].
    #[must_use]
    pub fn log(mut self, micros: i64, fields: &[(&str, Value<'_>)]) -> Self {
        self.builder.begin_log(at(micros));
        for (key, value) in fields {
            self.builder.log_field(key.as_bytes(), (*value).into());
        }
        self
    }

    /// The span's parent, in its own trace.
    #[must_use]
    pub fn child_of(self, parent: u64) -> Self {
        let trace = self.trace.0;
        self.refers(ReferenceKind::ChildOf, trace, parent)
    }

    /// A reference of the span.
    #[must_use]
    pub fn refers(mut self, kind: ReferenceKind, trace: u128, span: u64) -> Self {
        self.builder.span_reference(Reference { kind, trace_id: TraceId(trace), span_id: SpanId(span) });
        self
    }

    /// What was noted about the span.
    #[must_use]
    pub fn warning(mut self, text: &str) -> Self {
        self.builder.span_warning(text);
        self
    }

    /// The batch.
    #[must_use]
    pub fn batch(mut self) -> Batch {
        self.end();
        self.builder.finish()
    }

    fn end(&mut self) {
        if std::mem::take(&mut self.under_way) {
            self.builder.end_span().expect("room");
        }
    }
}

/// A search over the hour after [`base`].
pub(super) fn query(service: &str) -> TraceQuery {
    TraceQuery {
        service: Some(service.into()),
        start: TimeRange { start: at(0), end: at(3_600_000_000) },
        ..TraceQuery::default()
    }
}

/// The traces that a search finds, and whether there were more.
pub(super) async fn find(store: &dyn Store, query: &TraceQuery) -> (Vec<Trace>, bool) {
    let FoundTraces { mut traces, truncated } = store.find_traces(query).await.expect("a search");
    let mut found = Vec::new();
    while let Some(trace) = std::future::poll_fn(|context| traces.as_mut().poll_next(context)).await {
        found.push(trace.expect("a trace"));
    }
    let ids: Vec<TraceId> = found.iter().filter_map(Trace::trace_id).collect();
    let by_id = store.find_trace_ids(query).await.expect("a search for ids");
    assert_eq!(by_id, (ids, truncated), "find_trace_ids finds what find_traces finds");
    (found, truncated)
}

/// The ids of the traces that a search finds, in its order.
pub(super) async fn ids(store: &dyn Store, query: &TraceQuery) -> Vec<u128> {
    find(store, query).await.0.iter().filter_map(|trace| trace.trace_id().map(|id| id.0)).collect()
}

/// Whether a trace has exactly these spans, in any order.
pub(super) fn assert_same_spans<'a>(trace: &Trace, expected: impl IntoIterator<Item = SpanView<'a>>) {
    let mut missing: Vec<SpanView<'_>> = expected.into_iter().collect();
    for span in trace.spans() {
        let place = missing.iter().position(|other| *other == span);
        let place = place.unwrap_or_else(|| panic!("{} is not what was written: {}", span.span_id(), describe(span)));
        missing.swap_remove(place);
    }
    if let Some(span) = missing.first() {
        panic!("{} is missing: {}", span.span_id(), describe(*span));
    }
}

fn describe(span: SpanView<'_>) -> String {
    let logs: Vec<_> = span.logs().map(|log| (log.time(), log.fields().collect::<Vec<_>>())).collect();
    format!(
        "{:?} {:?} {:?}, {:?}, process tags {:?}, tags {:?}, logs {:?}, references {:?}, warnings {:?}",
        span.service(),
        span.operation(),
        span.start(),
        span.duration(),
        span.process().map(|process| process.tags().collect::<Vec<_>>()),
        span.tags().collect::<Vec<_>>(),
        logs,
        span.references().collect::<Vec<_>>(),
        span.warnings().collect::<Vec<_>>(),
    )
}
