//! The archive of a store in another process: traces are put there and read again.

use std::sync::Arc;

use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};

use crate::peer::{Peer, Speaks};
use crate::store::Client;

/// The wires carry an archive's writes and traces; nothing else is asked of it. v1 has its traces by id alone.
pub(crate) struct Archive(pub(crate) Arc<Client>);

impl Archive {
    fn only_traces<'a, T: Send + 'a>(&self) -> BoxFuture<'a, Result<T, StorageError>> {
        let address = self.0.channel.address();
        let message = format!("the archive at {address} gives its traces alone; ask for an id, or search");
        Box::pin(std::future::ready(Err(StorageError::new(ErrorKind::Invalid, message))))
    }
}

impl SpanWriter for Archive {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(async move { self.0.write(&batch, true).await })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async { Ok(()) })
    }
}

impl SpanReader for Archive {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(self.0.get_trace(id, true))
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(self.0.find_traces(query, true))
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        Box::pin(self.0.find_ids(query, true))
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        self.only_traces()
    }

    fn operations<'a>(
        &'a self,
        _service: &'a str,
        _kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        self.only_traces()
    }

    fn dependencies(&self, _range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        self.only_traces()
    }

    fn calls<'a>(&'a self, _query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        self.only_traces()
    }
}

impl Store for Archive {
    fn name(&self) -> &'static str {
        "grpc"
    }

    fn capabilities(&self) -> Capabilities {
        let known = self.0.known.load();
        match known.as_ref().filter(|peer| peer.speaks == Speaks::Embedded) {
            Some(peer) => Capabilities { dependencies: false, minute_calls: false, ..peer.capabilities },
            None => Capabilities { search: false, dependencies: false, ..Peer::V1 },
        }
    }

    fn status(&self) -> StoreStatus {
        let description = format!("the archive at {}", self.0.channel.address());
        StoreStatus { description, ..StoreStatus::default() }
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        None
    }
}
