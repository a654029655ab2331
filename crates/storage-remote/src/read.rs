//! `query <- READ <- channel`: searches in whichever of the two services carries them.

use std::sync::Arc;
use std::time::Duration;

use jaeger_grpc::{Code, Status};
use jaeger_model::{Trace, TraceId};
use jaeger_storage::{
    BoxFuture, CallsQuery, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader, StorageError,
    TimeRange, TraceQuery,
};
use jaeger_wire::generated::{embedded_v1, storage_v1};

use crate::found::Found;
use crate::peer::Speaks;
use crate::store::{Client, RemoteStore};
use crate::wire;
use crate::wire::paths;

/// How long an answer may take to begin, and each part of it to follow.
const PATIENCE: Duration = Duration::from_secs(60);

impl Client {
    pub(crate) async fn get_trace(self: &Arc<Self>, id: TraceId, archive: bool) -> Result<Trace, StorageError> {
        let speaks = self.peer().await?.speaks;
        let path = if archive { paths::GET_ARCHIVE_TRACE } else { paths::GET_TRACE };
        let request = storage_v1::GetTraceRequest { trace_id: wire::trace_id_to(id) };
        let reply = self.ask_for(path, &request, PATIENCE).await.map_err(|status| self.no_trace(id, &status))?;
        let mut found = Found::new(Arc::clone(self), reply, speaks != Speaks::Embedded);
        match found.next().await {
            Some(trace) => trace,
            None => Err(self.no_trace(id, &Status::not_found(wire::TRACE_NOT_FOUND))),
        }
    }

    fn no_trace(&self, id: TraceId, status: &Status) -> StorageError {
        let error = self.error(status);
        match error.kind() {
            ErrorKind::NotFound => StorageError::new(ErrorKind::NotFound, format!("trace {id}: {error}")),
            _ => error,
        }
    }

    pub(crate) async fn find_traces<'a>(
        self: &Arc<Self>,
        query: &TraceQuery,
        archive: bool,
    ) -> Result<FoundTraces<'a>, StorageError> {
        if query.limit == 0 {
            return Ok(FoundTraces { traces: Box::pin(futures_util::stream::empty()), truncated: false });
        }
        if self.peer().await?.speaks == Speaks::Embedded {
            let request = embedded_v1::FindTracesRequest { query: Some(wire::embedded_query_to(query, archive)) };
            let asked = self.ask_for(paths::EMBEDDED_FIND_TRACES, &request, PATIENCE).await;
            let mut found = Found::new(Arc::clone(self), asked.map_err(|status| self.error(&status))?, false);
            let first = found.chunk().await.map_err(|status| self.error(&status))?;
            return Ok(FoundTraces { truncated: first.is_some_and(|chunk| chunk.truncated), traces: found.traces() });
        }
        if archive {
            return Err(self.cannot("search in an archive"));
        }
        // v1 does not say whether there are more: ids are cheap, so one more of them is asked for.
        let truncated = match self.v1_ids(query).await {
            Ok((_, truncated)) => truncated,
            // Go's memory store finds no ids, for one.
            Err(status) if matches!(status.code(), Code::Unimplemented | Code::Unknown) => false,
            Err(status) => return Err(self.error(&status)),
        };
        let request = storage_v1::FindTracesRequest { query: Some(wire::v1_query_to(query, query.limit)?) };
        let reply = self.ask_for(paths::FIND_TRACES, &request, PATIENCE).await.map_err(|status| self.error(&status))?;
        Ok(FoundTraces { traces: Found::new(Arc::clone(self), reply, true).traces(), truncated })
    }

    async fn v1_ids(&self, query: &TraceQuery) -> Result<(Vec<TraceId>, bool), Status> {
        let one_more = wire::v1_query_to(query, query.limit.saturating_add(1));
        let one_more = one_more.map_err(|error| Status::invalid_argument(error.to_string()))?;
        let request = storage_v1::FindTraceIDsRequest { query: Some(one_more) };
        let reply = self.ask_for(paths::FIND_TRACE_IDS, &request, PATIENCE).await?.only().await?;
        let response: storage_v1::FindTraceIDsResponse = self.decoded(paths::FIND_TRACE_IDS, &reply)?;
        let mut ids = ids_of(&response.trace_ids)?;
        let truncated = ids.len() > query.limit;
        ids.truncate(query.limit);
        Ok((ids, truncated))
    }

    pub(crate) async fn find_ids(
        &self,
        query: &TraceQuery,
        archive: bool,
    ) -> Result<(Vec<TraceId>, bool), StorageError> {
        if query.limit == 0 {
            return Ok((Vec::new(), false));
        }
        let embedded = self.peer().await?.speaks == Speaks::Embedded;
        if archive && !embedded {
            return Err(self.cannot("search in an archive"));
        }
        let found = async {
            if !embedded {
                return self.v1_ids(query).await;
            }
            let request = embedded_v1::FindTraceIDsRequest { query: Some(wire::embedded_query_to(query, archive)) };
            let reply = self.ask_for(paths::EMBEDDED_FIND_TRACE_IDS, &request, PATIENCE).await?.only().await?;
            let response: embedded_v1::FindTraceIDsResponse = self.decoded(paths::EMBEDDED_FIND_TRACE_IDS, &reply)?;
            Ok((ids_of(&response.trace_ids)?, response.truncated))
        };
        found.await.map_err(|status| self.error(&status))
    }

    async fn links(&self, range: TimeRange) -> Result<Vec<DependencyLink>, Status> {
        let peer = self.peer().await.map_err(|error| Status::new(wire::code_of(error.kind()), error.to_string()))?;
        if peer.speaks == Speaks::Embedded {
            let request =
                embedded_v1::GetDependenciesRequest { start: range.start.as_nanos(), end: range.end.as_nanos() };
            let reply = self.ask_for(paths::EMBEDDED_GET_DEPENDENCIES, &request, PATIENCE).await?.only().await?;
            return Ok(wire::embedded_links_of(self.decoded(paths::EMBEDDED_GET_DEPENDENCIES, &reply)?));
        }
        let (start_time, end_time) = (Some(wire::v1_time_to(range.start)), Some(wire::v1_time_to(range.end)));
        let request = storage_v1::GetDependenciesRequest { start_time, end_time };
        let reply = self.ask_for(paths::GET_DEPENDENCIES, &request, PATIENCE).await?.only().await?;
        wire::v1_links_of(&reply).map_err(|error| Status::data_loss(error.to_string()))
    }

    async fn calls(&self, query: &CallsQuery) -> Result<Vec<MinuteCalls>, StorageError> {
        let peer = self.peer().await?;
        if peer.speaks != Speaks::Embedded {
            return Err(self.cannot("count calls by the minute"));
        }
        let all = async {
            let mut reply = self.ask_for(paths::EMBEDDED_GET_CALLS, &wire::calls_query_to(query), PATIENCE).await?;
            let mut calls = Vec::new();
            while let Some(chunk) = reply.message().await? {
                calls.extend(wire::calls_of(self.decoded(paths::EMBEDDED_GET_CALLS, &chunk)?));
            }
            Ok(calls)
        };
        all.await.map_err(|status| self.error(&status))
    }

    async fn services(&self) -> Result<Vec<String>, StorageError> {
        self.peer().await?;
        let asked =
            self.one::<storage_v1::GetServicesResponse>(paths::GET_SERVICES, &storage_v1::GetServicesRequest {});
        let mut services = asked.await.map_err(|status| self.error(&status))?.services;
        services.sort_unstable();
        services.dedup();
        Ok(services)
    }

    async fn operations(&self, service: &str, kind: Option<&str>) -> Result<Vec<Operation>, StorageError> {
        self.peer().await?;
        let request = storage_v1::GetOperationsRequest {
            service: service.to_owned(),
            // Empty asks for every kind, so those of spans without one are picked here.
            span_kind: kind.unwrap_or_default().to_owned(),
        };
        let asked = self.one::<storage_v1::GetOperationsResponse>(paths::GET_OPERATIONS, &request).await;
        let response = asked.map_err(|status| self.error(&status))?;
        let operation =
            |operation: storage_v1::Operation| Operation { name: operation.name, kind: operation.span_kind };
        let mut operations: Vec<Operation> = response.operations.into_iter().map(operation).collect();
        if operations.is_empty() {
            let old = response.operation_names.into_iter();
            operations.extend(old.map(|name| Operation { name, kind: String::new() }));
        }
        operations.retain(|operation| kind.is_none_or(|kind| operation.kind == kind));
        operations.sort_unstable();
        operations.dedup();
        Ok(operations)
    }
}

fn ids_of(ids: &[Vec<u8>]) -> Result<Vec<TraceId>, Status> {
    let id = |id: &Vec<u8>| wire::trace_id_of(id).map_err(|error| Status::data_loss(error.to_string()));
    ids.iter().map(id).collect()
}

impl SpanReader for RemoteStore {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(self.0.get_trace(id, false))
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(self.0.find_traces(query, false))
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        Box::pin(self.0.find_ids(query, false))
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        Box::pin(self.0.services())
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        Box::pin(self.0.operations(service, kind))
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        Box::pin(async move { self.0.links(range).await.map_err(|status| self.0.error(&status)) })
    }

    fn calls<'a>(&'a self, query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        Box::pin(self.0.calls(query))
    }
}
