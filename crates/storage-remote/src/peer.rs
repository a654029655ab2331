//! PEER: what the server at the other end speaks and can do, asked once a connection.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use jaeger_grpc::{Code, Reply, Status};
use jaeger_storage::{Capabilities, ErrorKind, StorageError, StoreStatus};
use jaeger_wire::api_v2::framed;
use jaeger_wire::generated::{embedded_v1, storage_v1};
use prost::Message;

use crate::store::Client;
use crate::wire::{self, capabilities_of, error_of, paths};

/// How long a question about the server may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a server that does not say takes in one message: gRPC's own default.
const USUAL_MESSAGE_BYTES: usize = 4 << 20;

/// How spans are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// `jaeger.embedded.v1`: a batch a call, an answer for each span.
    Embedded,
    /// v1 with streams: a batch a call, one answer for all.
    Streams,
    /// v1 without: a span a call.
    Spans,
}

/// The server of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    connection: u64,
    pub(crate) speaks: Speaks,
    pub(crate) capabilities: Capabilities,
    pub(crate) status: StoreStatus,
    /// Whether it keeps archived traces.
    pub(crate) archive: bool,
    pub(crate) max_message_bytes: usize,
}

impl Peer {
    /// What can be relied on where only v1 is spoken, to whatever store.
    pub(crate) const V1: Capabilities = Capabilities {
        search: true,
        search_without_service: false,
        tags_with_duration: false,
        max_tag_value_bytes: None,
        dependencies: true,
        link_errors: false,
        minute_calls: false,
        arrival_order: false,
        equal_starts: false,
        operation_kinds: false,
    };
}

impl Client {
    /// The server of the connection that stands, asked if it is a new one.
    pub(crate) async fn peer(&self) -> Result<Arc<Peer>, StorageError> {
        let connection = self.channel.connection().await.map_err(|status| self.error(&status))?;
        if let Some(peer) = self.known_of(connection) {
            return Ok(peer);
        }
        let _one_asks = self.asking.lock().await;
        if let Some(peer) = self.known_of(connection) {
            return Ok(peer);
        }
        let peer = Arc::new(self.ask(connection).await.map_err(|status| self.error(&status))?);
        tracing::info!(address = self.channel.address(), speaks = ?peer.speaks, archive = peer.archive, "Connected to remote storage");
        self.known.store(Some(Arc::clone(&peer)));
        Ok(peer)
    }

    fn known_of(&self, connection: u64) -> Option<Arc<Peer>> {
        self.known.load_full().filter(|peer| peer.connection == connection)
    }

    async fn ask(&self, connection: u64) -> Result<Peer, Status> {
        match self
            .one::<embedded_v1::GetStatusResponse>(paths::EMBEDDED_GET_STATUS, &embedded_v1::GetStatusRequest {})
            .await
        {
            Ok(response) => return Ok(self.embedded_peer(connection, &response)),
            Err(status) if status.code() == Code::Unimplemented => {}
            Err(status) => return Err(status),
        }
        let asked = self
            .one::<storage_v1::CapabilitiesResponse>(paths::CAPABILITIES, &storage_v1::CapabilitiesRequest {})
            .await;
        let can = match asked {
            Ok(can) => can,
            // Servers from before there were capabilities.
            Err(status) if status.code() == Code::Unimplemented => storage_v1::CapabilitiesResponse::default(),
            Err(status) => return Err(status),
        };
        let description = format!("the store at {}, which speaks jaeger.storage.v1", self.channel.address());
        Ok(Peer {
            connection,
            speaks: if can.streaming_span_writer { Speaks::Streams } else { Speaks::Spans },
            capabilities: Peer::V1,
            status: StoreStatus { description, ..StoreStatus::default() },
            archive: can.archive_span_reader && can.archive_span_writer,
            max_message_bytes: USUAL_MESSAGE_BYTES,
        })
    }

    fn embedded_peer(&self, connection: u64, response: &embedded_v1::GetStatusResponse) -> Peer {
        Peer {
            connection,
            speaks: Speaks::Embedded,
            capabilities: capabilities_of(response),
            status: wire::status_of(response, self.channel.address()),
            archive: response.capabilities.is_some_and(|can| can.archive),
            max_message_bytes: usize::try_from(response.max_message_bytes)
                .unwrap_or(usize::MAX)
                .max(USUAL_MESSAGE_BYTES),
        }
    }

    /// Asks again what the store holds, so that the next who wants to know is told.
    pub(crate) async fn refresh(&self) {
        let Some(connection) = self.channel.standing() else { return };
        let Some(known) = self.known_of(connection).filter(|peer| peer.speaks == Speaks::Embedded) else { return };
        let asked =
            self.one::<embedded_v1::GetStatusResponse>(paths::EMBEDDED_GET_STATUS, &embedded_v1::GetStatusRequest {});
        if let Ok(response) = asked.await {
            let fresh = Arc::new(self.embedded_peer(connection, &response));
            // A new connection's answer stays.
            drop(self.known.compare_and_swap(&known, Some(fresh)));
        }
    }

    /// Begins [`refresh`](Self::refresh), unless one is under way or there is no runtime to do it in.
    pub(crate) fn refresh_later(self: &Arc<Self>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.refreshing.swap(true, Ordering::AcqRel) {
            return;
        }
        let this = Arc::clone(self);
        runtime.spawn(async move {
            this.refresh().await;
            this.refreshing.store(false, Ordering::Release);
        });
    }

    /// One question, one answer.
    pub(crate) async fn one<A: Message + Default>(
        &self,
        path: &'static str,
        question: &impl Message,
    ) -> Result<A, Status> {
        let answer = self.ask_for(path, question, PATIENCE).await?.only().await?;
        self.decoded(path, &answer)
    }

    /// One question, and its answer as it comes.
    pub(crate) async fn ask_for(
        &self,
        path: &'static str,
        question: &impl Message,
        patience: Duration,
    ) -> Result<Reply, Status> {
        let mut request = Vec::with_capacity(5 + question.encoded_len());
        framed(&mut request, |out| out.extend_from_slice(&question.encode_to_vec()));
        self.channel.call(path, Bytes::from(request), patience).await
    }

    pub(crate) fn decoded<A: Message + Default>(&self, path: &str, answer: &[u8]) -> Result<A, Status> {
        A::decode(answer).map_err(|error| Status::data_loss(format!("the answer to {path} does not decode: {error}")))
    }

    pub(crate) fn error(&self, status: &Status) -> StorageError {
        error_of(status, self.channel.address())
    }

    /// What is asked needs our own service.
    pub(crate) fn cannot(&self, what: &str) -> StorageError {
        let address = self.channel.address();
        let message = format!(
            "the remote storage at {address} speaks jaeger.storage.v1 alone and cannot {what}; run this project's jaeger-remote-storage there"
        );
        StorageError::new(ErrorKind::Invalid, message)
    }
}
