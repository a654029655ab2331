//! The contract between a store and those who write to it and search in it.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::Stream;
use jaeger_model::{Batch, Trace, TraceId};

use crate::{CallsQuery, ErrorKind, MinuteCalls, PartCounts, StorageError, TimeRange, TraceQuery};

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// A stream that a trait object can return.
pub type BoxStream<'a, T> = Pin<Box<dyn Stream<Item = T> + Send + 'a>>;

/// What became of the spans of one batch. Every span of it stands in exactly one place.
#[derive(Debug, Default)]
pub struct Written {
    /// How many are stored: durable in this store's own sense, and found by the next search.
    pub stored: usize,
    /// Those that are not, with the reason.
    pub refused: Vec<Refused>,
}

/// Spans that a store did not take.
#[derive(Debug)]
pub struct Refused {
    /// What can be done about it: `Unavailable` and `Throttled` may be tried again, `Invalid` not.
    pub kind: ErrorKind,
    /// The reason, for a log and for the sender.
    pub message: String,
    /// The places of the spans in the batch, from 0.
    pub spans: Vec<u32>,
}

impl Written {
    /// Every span of a batch of `spans` spans is stored.
    #[must_use]
    pub fn all(spans: usize) -> Self {
        Self { stored: spans, refused: Vec::new() }
    }

    /// No span of a batch of `spans` spans is stored.
    #[must_use]
    pub fn none(spans: usize, error: &StorageError) -> Self {
        let spans = (0..u32::try_from(spans).unwrap_or(u32::MAX)).collect();
        Self { stored: 0, refused: vec![Refused { kind: error.kind(), message: error.to_string(), spans }] }
    }
}

/// Takes spans.
pub trait SpanWriter: Send + Sync {
    /// Writes a whole batch and says what became of each span, when it is certain.
    ///
    /// - A span that was stored before (equal [`identity`](jaeger_model::SpanView::identity)) counts as stored and stays one span.
    /// - Spans without a process are written with an empty service; collectors never send them.
    /// - A batch without spans is stored at once.
    /// - Dropping the future leaves open whether the spans are stored.
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written>;

    /// Returns when everything written so far is durable; called before a process ends.
    ///
    /// # Errors
    /// What could not be flushed, in one error; the spans concerned were never reported as stored.
    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>>;
}

/// Gives spans back.
pub trait SpanReader: Send + Sync {
    /// The trace with this id, each span once, in order of arrival (where the store's [`Capabilities`] say so).
    ///
    /// # Errors
    /// `NotFound` where there is no span of it.
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>>;

    /// The newest `query.limit` traces of which one span satisfies the query, whole, one at a time.
    ///
    /// The order is by the newest matching span's start, descending, then by trace id, ascending. A limit of 0
    /// finds nothing. A trace that expires while the stream is read is left out.
    ///
    /// # Errors
    /// `Invalid` where this store cannot answer such a query ([`Capabilities`] says which).
    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>>;

    /// The ids that [`find_traces`](Self::find_traces) would give, in its order, and whether there were more.
    ///
    /// # Errors
    /// As [`find_traces`](Self::find_traces).
    fn find_trace_ids<'a>(&'a self, query: &'a TraceQuery)
    -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>>;

    /// The names of all services, sorted.
    ///
    /// # Errors
    /// Why the store does not answer.
    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>>;

    /// The operations of a service, sorted by name and kind; `kind` is a `span.kind`, empty for spans without one.
    /// An unknown service has none.
    ///
    /// # Errors
    /// Why the store does not answer.
    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>>;

    /// The links between services whose called side began within `range`, by the rule of
    /// [`jaeger_model::dependency`], each pair once, sorted by parent and child. A store may count by the minute:
    /// then a link counts where the minute of its called side's start touches the range. A store may stop to count a
    /// trace whole when that becomes very long, and then leaves out references between its parts.
    ///
    /// # Errors
    /// Why the store does not answer.
    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>>;

    /// Calls, errors and latencies by minute, service, operation and kind, sorted in that order, each once; a copy of
    /// a span may be counted again where it came much later than the first.
    ///
    /// # Errors
    /// `Invalid` where this store counts none ([`Capabilities`] says so), else why it does not answer.
    fn calls<'a>(&'a self, query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>>;
}

/// A store: both sides, and what it says of itself.
pub trait Store: SpanWriter + SpanReader {
    /// Its name as in SPAN_STORAGE_TYPE.
    fn name(&self) -> &'static str;

    /// What it can and cannot do.
    fn capabilities(&self) -> Capabilities;

    /// What it holds, and its bounds.
    fn status(&self) -> StoreStatus;

    /// Where archived traces are kept, a store of its own; none where this store keeps none.
    fn archive(&self) -> Option<Arc<dyn Store>>;

    /// Whether spans can be written, asked before the first one is taken: a store that needs other rights to write than to read asks for those.
    ///
    /// # Errors
    /// Why it does not answer; asked again later.
    fn answers(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async { self.services().await.map(drop) })
    }

    /// Where this is several stores, what each was given and what it said.
    fn parts(&self) -> Vec<PartCounts> {
        Vec::new()
    }
}

/// The answer to a search.
pub struct FoundTraces<'a> {
    /// The traces, in order.
    pub traces: BoxStream<'a, Result<Trace, StorageError>>,
    /// Whether more traces matched than the limit let through.
    pub truncated: bool,
}

/// An operation of a service.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Operation {
    /// The operation's name.
    pub name: String,
    /// Its `span.kind`, empty without one.
    pub kind: String,
}

/// How often one service called another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DependencyLink {
    /// The service that calls.
    pub parent: String,
    /// The service that is called.
    pub child: String,
    /// How often.
    pub call_count: u64,
    /// How often the called side failed.
    pub error_count: u64,
}

/// What a store cannot do is said here, and the conformance suite leaves it out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capabilities {
    /// Searches at all; without it traces are found by their id alone.
    pub search: bool,
    /// Searches without a service, and for an empty name.
    pub search_without_service: bool,
    /// Tags and duration in one search.
    pub tags_with_duration: bool,
    /// The longest tag value that is searched by, in bytes.
    pub max_tag_value_bytes: Option<usize>,
    /// Dependencies are kept.
    pub dependencies: bool,
    /// Links say how many of their calls failed; without it they say 0.
    pub link_errors: bool,
    /// Calls are counted by the minute.
    pub minute_calls: bool,
    /// Operations are listed with their `span.kind`; without it each may come without a kind, whichever is asked for.
    pub operation_kinds: bool,
    /// A trace's spans come in order of arrival; without it in any order.
    pub arrival_order: bool,
    /// Traces of one service that begin in the same microsecond are all found; without it one may hide the others.
    pub equal_starts: bool,
}

impl Capabilities {
    /// Everything.
    pub const ALL: Self = Self {
        search: true,
        search_without_service: true,
        tags_with_duration: true,
        max_tag_value_bytes: None,
        dependencies: true,
        link_errors: true,
        minute_calls: true,
        operation_kinds: true,
        arrival_order: true,
        equal_starts: true,
    };
}

/// What a store holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StoreStatus {
    /// Spans held, where the store knows.
    pub spans: Option<u64>,
    /// Bytes held (in memory or on disk), where the store knows.
    pub bytes: Option<u64>,
    /// The most bytes that it will hold, where it has such a bound.
    pub max_bytes: Option<u64>,
    /// Spans that it let go to stay within its bounds.
    pub evicted_spans: u64,
    /// One line for people: what it is and what bounds it.
    pub description: String,
}
