//! Where archived traces are kept: one index without a date.

use std::sync::Arc;

use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};

use crate::store::{CAPABILITIES, Inner};

/// The archive beside a store.
pub(crate) struct Archive(pub(crate) Arc<Inner>);

impl Archive {
    fn none<'a, T: Send + 'a>(&self) -> BoxFuture<'a, Result<T, StorageError>> {
        let message = "the archive in elasticsearch holds traces alone; ask for an id, or search";
        Box::pin(std::future::ready(Err(StorageError::new(ErrorKind::Invalid, message))))
    }
}

impl SpanWriter for Archive {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(async move { self.0.write(&batch).await })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async move {
            self.0.bulk.drained().await;
            Ok(())
        })
    }
}

impl SpanReader for Archive {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(self.0.get_trace(id))
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(self.0.find_traces(query))
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        Box::pin(self.0.find_ids(query))
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        self.none()
    }

    fn operations<'a>(
        &'a self,
        _service: &'a str,
        _kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        self.none()
    }

    fn dependencies(&self, _range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        self.none()
    }

    fn calls<'a>(&'a self, _query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        self.none()
    }
}

impl Store for Archive {
    fn name(&self) -> &'static str {
        "elasticsearch"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { dependencies: false, ..CAPABILITIES }
    }

    fn status(&self) -> StoreStatus {
        let description = format!("the archive in elasticsearch at {}", self.0.client.address());
        StoreStatus { description, ..StoreStatus::default() }
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        None
    }
}
