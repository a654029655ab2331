//! Elasticsearch with what was written found at once: it shows new documents each second, and no test sleeps.

use std::sync::Arc;

use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};

use super::elasticsearch::Elasticsearch;

/// A store on a server that is asked to refresh around each flush.
pub struct Refreshed {
    pub store: Arc<dyn Store>,
    pub server: Arc<Elasticsearch>,
}

impl SpanWriter for Refreshed {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        self.store.write(batch)
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async {
            let refresh = async || {
                let refreshed = self.server.refresh().await;
                refreshed.map_err(|error| StorageError::new(ErrorKind::Unavailable, format!("{error:#}")))
            };
            // The spans, so that links are counted over all of them; then the links.
            refresh().await?;
            self.store.flush().await?;
            refresh().await
        })
    }
}

impl SpanReader for Refreshed {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        self.store.get_trace(id)
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        self.store.find_traces(query)
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        self.store.find_trace_ids(query)
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        self.store.services()
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        self.store.operations(service, kind)
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        self.store.dependencies(range)
    }

    fn calls<'a>(&'a self, query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        self.store.calls(query)
    }
}

impl Store for Refreshed {
    fn name(&self) -> &'static str {
        self.store.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    fn status(&self) -> StoreStatus {
        self.store.status()
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        let store = self.store.archive()?;
        Some(Arc::new(Self { store, server: Arc::clone(&self.server) }))
    }
}
