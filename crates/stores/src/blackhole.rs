//! `SPAN_STORAGE_TYPE=blackhole`: takes every span and keeps none, to measure what stands in front of a store.

use std::sync::Arc;

use futures_util::future::ready;
use futures_util::stream;
use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};

/// The store that is always empty.
pub(crate) struct Blackhole;

fn nothing<'a, T: Default + Send + 'a>() -> BoxFuture<'a, Result<T, StorageError>> {
    Box::pin(ready(Ok(T::default())))
}

impl SpanWriter for Blackhole {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(ready(Written::all(batch.len())))
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        nothing()
    }
}

impl SpanReader for Blackhole {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        let message = format!("trace {id} is not in the blackhole store, which keeps nothing");
        Box::pin(ready(Err(StorageError::new(ErrorKind::NotFound, message))))
    }

    fn find_traces<'a>(&'a self, _: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(ready(Ok(FoundTraces { traces: Box::pin(stream::empty()), truncated: false })))
    }

    fn find_trace_ids<'a>(&'a self, _: &'a TraceQuery) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        nothing()
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        nothing()
    }

    fn operations<'a>(
        &'a self,
        _service: &'a str,
        _kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        nothing()
    }

    fn dependencies(&self, _: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        nothing()
    }

    fn calls<'a>(&'a self, _: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        nothing()
    }
}

impl Store for Blackhole {
    fn name(&self) -> &'static str {
        "blackhole"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL
    }

    fn status(&self) -> StoreStatus {
        StoreStatus {
            spans: Some(0),
            bytes: Some(0),
            description: "blackhole: takes every span and keeps none".to_owned(),
            ..StoreStatus::default()
        }
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        None
    }
}
