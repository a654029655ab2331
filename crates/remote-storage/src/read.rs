//! `body -> READ -> store`: questions of both services, answered as the store answers.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::Response;
use jaeger_grpc::{Answer, Framed, Status, framed, reply, streamed};
use jaeger_model::TraceId;
use jaeger_storage::{ErrorKind, FoundTraces, MinuteCalls, StorageError, Store, TimeRange, TraceQuery};
use jaeger_storage_remote::wire;
use jaeger_wire::generated::{embedded_v1, storage_v1};
use prost::Message;
use tokio::sync::mpsc;

use crate::Server;
use crate::body::Messages;
use crate::chunks::Chunks;
use crate::server::refusal;

/// Chunks that wait for a client.
const WAITING_CHUNKS: usize = 2;
/// Minutes of calls in a message: with long names some 200 bytes each.
const CALLS_A_CHUNK: usize = 2_000;

type Answered = Result<Response<Answer>, Status>;

impl Server {
    pub(crate) async fn get_trace(&self, mut messages: Messages, archive: bool) -> Answered {
        let request: storage_v1::GetTraceRequest = self.question(&mut messages).await?;
        let id = wire::trace_id_of(&request.trace_id).map_err(|error| refusal(&error))?;
        let trace = self.store(archive)?.get_trace(id).await.map_err(|error| match error.kind() {
            ErrorKind::NotFound => Status::not_found(wire::TRACE_NOT_FOUND),
            _ => refusal(&error),
        })?;
        Ok(streamed(Box::pin(stream::iter(Chunks::of(trace).map(Ok)))))
    }

    pub(crate) async fn get_services(&self, mut messages: Messages) -> Answered {
        let _: storage_v1::GetServicesRequest = self.question(&mut messages).await?;
        let services = self.inner().store.services().await.map_err(|error| refusal(&error))?;
        Ok(one(&storage_v1::GetServicesResponse { services }))
    }

    pub(crate) async fn get_operations(&self, mut messages: Messages) -> Answered {
        let request: storage_v1::GetOperationsRequest = self.question(&mut messages).await?;
        let kind = (!request.span_kind.is_empty()).then_some(request.span_kind.as_str());
        let found = self.inner().store.operations(&request.service, kind).await.map_err(|error| refusal(&error))?;
        let mut operation_names: Vec<String> = found.iter().map(|operation| operation.name.clone()).collect();
        operation_names.dedup();
        let operations = found.into_iter().map(|it| storage_v1::Operation { name: it.name, span_kind: it.kind });
        Ok(one(&storage_v1::GetOperationsResponse { operation_names, operations: operations.collect() }))
    }

    pub(crate) async fn find_traces(&self, mut messages: Messages) -> Answered {
        let request: storage_v1::FindTracesRequest = self.question(&mut messages).await?;
        let store = self.store(false)?;
        self.find(store, wire::v1_query_of(request.query.unwrap_or_default()), false).await
    }

    pub(crate) async fn embedded_find_traces(&self, mut messages: Messages) -> Answered {
        let request: embedded_v1::FindTracesRequest = self.question(&mut messages).await?;
        let query = request.query.unwrap_or_default();
        let store = self.store(query.archive)?;
        self.find(store, wire::embedded_query_of(query), true).await
    }

    /// A search borrows store and query while its traces are read, so a task of its own holds them.
    async fn find(&self, store: Arc<dyn Store>, query: TraceQuery, embedded: bool) -> Answered {
        let (sender, mut chunks) = mpsc::channel(WAITING_CHUNKS);
        tokio::spawn(async move { send_found(store, query, embedded, sender).await });
        // What goes wrong before the first chunk is the whole answer.
        let first = match chunks.recv().await {
            Some(Err(status)) => return Err(status),
            Some(Ok(chunk)) => Some(Ok(chunk)),
            None => None,
        };
        let rest = stream::poll_fn(move |context| chunks.poll_recv(context));
        Ok(streamed(Box::pin(stream::iter(first).chain(rest)) as Framed))
    }

    pub(crate) async fn find_trace_ids(&self, mut messages: Messages) -> Answered {
        let request: storage_v1::FindTraceIDsRequest = self.question(&mut messages).await?;
        let query = wire::v1_query_of(request.query.unwrap_or_default());
        let (ids, _) = self.inner().store.find_trace_ids(&query).await.map_err(|error| refusal(&error))?;
        Ok(one(&storage_v1::FindTraceIDsResponse { trace_ids: id_bytes(&ids) }))
    }

    pub(crate) async fn embedded_find_trace_ids(&self, mut messages: Messages) -> Answered {
        let request: embedded_v1::FindTraceIDsRequest = self.question(&mut messages).await?;
        let query = request.query.unwrap_or_default();
        let store = self.store(query.archive)?;
        let query = wire::embedded_query_of(query);
        let (ids, truncated) = store.find_trace_ids(&query).await.map_err(|error| refusal(&error))?;
        Ok(one(&embedded_v1::FindTraceIDsResponse { trace_ids: id_bytes(&ids), truncated }))
    }

    pub(crate) async fn get_dependencies(&self, mut messages: Messages) -> Answered {
        let request: storage_v1::GetDependenciesRequest = self.question(&mut messages).await?;
        let range = wire::v1_range_of(request.start_time, request.end_time);
        let links = self.inner().store.dependencies(range).await.map_err(|error| refusal(&error))?;
        Ok(reply(&wire::v1_links_to(&links)))
    }

    pub(crate) async fn embedded_get_dependencies(&self, mut messages: Messages) -> Answered {
        let request: embedded_v1::GetDependenciesRequest = self.question(&mut messages).await?;
        let range = TimeRange {
            start: jaeger_model::Timestamp::from_nanos(request.start),
            end: jaeger_model::Timestamp::from_nanos(request.end),
        };
        let links = self.inner().store.dependencies(range).await.map_err(|error| refusal(&error))?;
        Ok(one(&wire::embedded_links_to(links)))
    }

    pub(crate) async fn get_calls(&self, mut messages: Messages) -> Answered {
        let query = wire::calls_query_of(self.question(&mut messages).await?);
        let calls = self.inner().store.calls(&query).await.map_err(|error| refusal(&error))?;
        let chunks: Vec<Vec<MinuteCalls>> = calls.chunks(CALLS_A_CHUNK).map(<[_]>::to_vec).collect();
        let chunks = chunks.into_iter().map(|calls| Ok(framed(&wire::calls_to(&calls).encode_to_vec())));
        Ok(streamed(Box::pin(stream::iter(chunks))))
    }

    pub(crate) async fn get_status(&self, mut messages: Messages) -> Answered {
        let _: embedded_v1::GetStatusRequest = self.question(&mut messages).await?;
        // Whoever asks wants to know whether the store answers too.
        self.inner().store.services().await.map_err(|error| refusal(&error))?;
        Ok(one(&wire::status_to(&*self.inner().store, self.inner().config.max_message_bytes)))
    }

    pub(crate) async fn get_capabilities(&self, mut messages: Messages) -> Answered {
        let _: storage_v1::CapabilitiesRequest = self.question(&mut messages).await?;
        let archive = self.inner().store.archive().is_some();
        Ok(one(&storage_v1::CapabilitiesResponse {
            archive_span_reader: archive,
            archive_span_writer: archive,
            streaming_span_writer: self.inner().config.offers.streams,
        }))
    }

    async fn question<Q: Message + Default>(&self, messages: &mut Messages) -> Result<Q, Status> {
        messages.question(&mut self.inner().room.begin()).await
    }
}

fn one(message: &impl Message) -> Response<Answer> {
    reply(&message.encode_to_vec())
}

fn id_bytes(ids: &[TraceId]) -> Vec<Vec<u8>> {
    ids.iter().map(|id| wire::trace_id_to(*id)).collect()
}

/// Reads a search to its end, as far as the client wants it.
async fn send_found(
    store: Arc<dyn Store>,
    query: TraceQuery,
    embedded: bool,
    sender: mpsc::Sender<Result<Bytes, Status>>,
) {
    let sent = async {
        let FoundTraces { mut traces, truncated } = store.find_traces(&query).await.map_err(|error| refusal(&error))?;
        if embedded && sender.send(Ok(framed(&wire::truncated_to(truncated)))).await.is_err() {
            return Ok(());
        }
        let mut unread: Option<StorageError> = None;
        while let Some(trace) = traces.next().await {
            match trace {
                Ok(trace) => {
                    for chunk in Chunks::of(trace) {
                        if sender.send(Ok(chunk)).await.is_err() {
                            return Ok(());
                        }
                    }
                }
                Err(error) if embedded => {
                    if sender.send(Ok(framed(&wire::failure_to(&error)))).await.is_err() {
                        return Ok(());
                    }
                }
                // v1 has one status, at the end: the traces that can be read come before it.
                Err(error) => unread = unread.or(Some(error)),
            }
        }
        match unread {
            Some(error) => Err(refusal(&error)),
            None => Ok(()),
        }
    };
    if let Err(status) = sent.await {
        // A client that went away needs no status.
        drop(sender.send(Err(status)).await);
    }
}
