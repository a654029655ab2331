//! The memory store: spans stay as they came while they are hot, then in compressed blocks.
//!
//! ```text
//! write -> hot part -> waiting parts -> (sealer) -> blocks -> the oldest goes when the bound is reached
//!              \             \                         \
//!               +-------------+-------------------------+--> every search sees each span in exactly one of them
//! ```

mod config;
mod gather;
mod index;
mod links;
mod live;
mod names;
mod part;
mod read;
mod recount;
mod rule;
mod seal;
mod state;

use std::sync::Arc;

use jaeger_model::{Batch, Trace, TraceId};

pub use config::MemoryConfig;
use state::Shared;

use crate::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};

/// Keeps spans in memory, bounded by bytes and, where wanted, by traces.
///
/// Names of services and operations may outlive their spans. Links between services are exact up to 64 blocks and
/// 50,000 spans of a trace; from there on each block of it counts only the references within itself.
pub struct MemoryStore {
    shared: Arc<Shared>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(config: MemoryConfig) -> Self {
        Self { shared: Shared::start(config) }
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

    fn calls<'a>(&'a self, _query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        Box::pin(async move { Err(StorageError::new(ErrorKind::Invalid, "the memory store counts no calls yet")) })
    }
}

impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { minute_calls: false, ..Capabilities::ALL }
    }

    fn status(&self) -> StoreStatus {
        self.shared.status()
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        None
    }
}
