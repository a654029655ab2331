//! The memory store: spans stay as they came while they are hot, then in compressed blocks.
//!
//! ```text
//! write -> hot part -> waiting parts -> (sealer) -> blocks -> the oldest goes when the bound is reached
//!              \             \                         \
//!               +-------------+-------------------------+--> every search sees each span in exactly one of them
//! ```

mod archive;
mod config;
mod index;
mod live;
mod names;
mod newest;
mod part;
mod read;
mod recount;
mod seal;
mod several;
mod state;

use std::sync::Arc;

use archive::Archive;
use jaeger_model::{Batch, Trace, TraceId};

pub use config::MemoryConfig;
pub use newest::Newest;
pub use several::Several;
use state::Shared;

use crate::minutes::{CallSums, LinkSums};

use crate::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, FoundTraces, MinuteCalls, Operation, SpanReader, SpanWriter,
    StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};

/// Keeps spans in memory, bounded by bytes and, where wanted, by traces.
///
/// Names of services and operations may outlive their spans. Links between services and calls are exact up to 64 blocks
/// and 50,000 spans of a trace; from there on each block of it counts by itself: only the references within it, and
/// copies of what other blocks have once more.
pub struct MemoryStore {
    shared: Arc<Shared>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(config: MemoryConfig) -> Self {
        Self { shared: Shared::start(config, Archive::default()) }
    }

    /// Whether full parts wait to be sealed.
    #[must_use]
    pub fn is_sealing(&self) -> bool {
        self.shared.is_sealing()
    }

    /// What the blocks spend their bytes on, one line each: for measurements.
    #[must_use]
    pub fn describe(&self) -> String {
        self.shared.describe()
    }

    /// The traces that match, newest first, as they are found: see [`Newest`].
    pub fn newest<'s>(&'s self, query: &TraceQuery) -> Newest<'s> {
        self.shared.newest(&self.shared.snapshot(), query)
    }

    /// The spans of a trace, each once, in order of arrival; empty where there is none.
    ///
    /// # Errors
    /// `Corrupt` where the trace fits in no batch.
    pub fn spans_of(&self, id: TraceId) -> Result<Trace, StorageError> {
        self.shared.spans_of(id)
    }

    /// Several traces, for which the spans that are not sealed are looked through once.
    pub fn several(&self, ids: &[TraceId]) -> Several {
        self.shared.several(self.shared.snapshot(), ids)
    }

    /// Whether there is a span of the trace.
    #[must_use]
    pub fn has(&self, id: TraceId) -> bool {
        self.shared.has(id)
    }

    /// Adds the links between all its spans.
    pub fn sum_links(&self, sums: &mut LinkSums) {
        self.shared.sum_links(sums);
    }

    /// Adds the calls of all its spans.
    pub fn sum_calls(&self, sums: &mut CallSums) {
        self.shared.sum_calls(sums);
    }

    /// All batches in order of arrival; none where some are sealed.
    #[must_use]
    pub fn unsealed(&self) -> Option<Vec<Arc<Batch>>> {
        self.shared.unsealed()
    }

    /// Seals full parts that wait to be sealed, before it returns: for measurements and tests.
    pub fn settle(&self) {
        while self.shared.seal_one() {}
    }
}

impl Drop for MemoryStore {
    fn drop(&mut self) {
        // Its thread may be in the middle of a part. Nothing of it would be kept, so that nobody waits for it.
        self.shared.end();
    }
}

impl SpanWriter for MemoryStore {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(async move {
            let spans = batch.len();
            if spans > 0 {
                self.shared.write(batch).await;
                self.shared.archive.was_written();
            }
            Written::all(spans)
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async { Ok(()) })
    }
}

impl SpanReader for MemoryStore {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(async move { self.shared.get_trace(id) })
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(async move { self.shared.find_traces(query) })
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        Box::pin(async move { Ok(self.shared.find_ids(query)) })
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        Box::pin(async move { Ok(self.shared.services()) })
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        Box::pin(async move { Ok(self.shared.operations(service, kind)) })
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        Box::pin(async move { Ok(self.shared.dependencies(range)) })
    }

    fn calls<'a>(&'a self, query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        Box::pin(async move { Ok(self.shared.calls(query)) })
    }
}

impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL
    }

    fn status(&self) -> StoreStatus {
        self.shared.status()
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        self.shared.archive.store(&self.shared).map(|archive| archive as Arc<dyn Store>)
    }
}
