//! The store: the contract's calls over a keyspace, and the archive's keyspace beside it.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};

use crate::read::Reader;
use crate::write::Writer;

/// A keyspace that spans are written to and read from.
pub struct CassandraStore {
    pub(crate) writer: Writer,
    pub(crate) reader: Reader,
    pub(crate) description: String,
    pub(crate) archive: Option<Arc<CassandraStore>>,
}

impl SpanWriter for CassandraStore {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(async move { self.writer.write(&batch).await })
    }

    /// Nothing waits here: what was reported as stored is in Cassandra.
    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl SpanReader for CassandraStore {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(self.reader.get_trace(id))
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(async move {
            let (ids, truncated) = self.reader.find_trace_ids(query).await?;
            let traces = stream::iter(ids).then(|id| self.reader.get_trace(id));
            let traces = traces.filter(|found| {
                // Expired since, or its rows were never all written and its sender was told.
                let gone = matches!(found, Err(error) if error.kind() == ErrorKind::NotFound);
                std::future::ready(!gone)
            });
            Ok(FoundTraces { traces: Box::pin(traces), truncated })
        })
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        Box::pin(self.reader.find_trace_ids(query))
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        Box::pin(self.reader.services())
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        Box::pin(self.reader.operations(service, kind))
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        Box::pin(self.reader.dependencies(range))
    }

    fn calls<'a>(&'a self, _: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        let message = "cassandra counts no calls by the minute; set METRICS_STORAGE_TYPE=prometheus";
        Box::pin(std::future::ready(Err(StorageError::new(ErrorKind::Invalid, message))))
    }
}

impl Store for CassandraStore {
    fn name(&self) -> &'static str {
        "cassandra"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            search: true,
            search_without_service: false,
            tags_with_duration: true,
            max_tag_value_bytes: Some(crate::tables::INDEXED_BYTES - 1),
            dependencies: false,
            link_errors: false,
            minute_calls: false,
            arrival_order: false,
            equal_starts: false,
            operation_kinds: true,
        }
    }

    fn status(&self) -> StoreStatus {
        StoreStatus { description: self.description.clone(), ..StoreStatus::default() }
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        self.archive.clone().map(|archive| -> Arc<dyn Store> { archive })
    }
}
