//! The store that stands for one in another process.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jaeger_grpc::{AddressError, Channel, ChannelConfig};
use jaeger_model::Batch;
use jaeger_service::tls::ClientConfig;
use jaeger_storage::{BoxFuture, Capabilities, SpanWriter, StorageError, Store, StoreStatus, Written};
use tokio::sync::{Mutex, Semaphore};

use crate::archive::Archive;
use crate::peer::Peer;

/// The longest message of an answer: a chunk of spans, of which one may be as long as a collector takes.
const MAX_ANSWER_BYTES: usize = 64 << 20;
/// Calls of one span each that are under way at once.
const MAX_UNARY: usize = 64;

/// Where the store is.
#[derive(Clone, Debug)]
pub struct RemoteConfig {
    /// `host:port` (`--grpc-storage.server`).
    pub server: String,
    /// The longest time to connect (`--grpc-storage.connection-timeout`).
    pub connection_timeout: Duration,
    /// TLS, where it is wanted (`--grpc-storage.tls.*`).
    pub tls: Option<ClientConfig>,
}

/// A store in another process. It connects when it is first asked, and again whenever the connection broke; until then, and in between,
/// every call answers `Unavailable` and names the address.
#[derive(Clone)]
pub struct RemoteStore(pub(crate) Arc<Client>);

/// What the store and its archive share.
pub(crate) struct Client {
    pub(crate) channel: Channel,
    /// The server of the connection that stood last.
    pub(crate) known: ArcSwapOption<Peer>,
    pub(crate) asking: Mutex<()>,
    pub(crate) refreshing: AtomicBool,
    pub(crate) unary: Semaphore,
}

impl RemoteStore {
    /// Prepares the connection; nothing is asked yet.
    ///
    /// # Errors
    /// [`AddressError`] where `server` is no address.
    pub fn connect(config: RemoteConfig) -> Result<Self, AddressError> {
        let channel = Channel::new(ChannelConfig {
            address: config.server,
            called: None,
            connect_timeout: config.connection_timeout,
            max_message_bytes: MAX_ANSWER_BYTES,
            tls: config.tls.map(|tls| tls.connector(jaeger_grpc::PROTOCOLS)),
        })?;
        Ok(Self(Arc::new(Client {
            channel,
            known: ArcSwapOption::empty(),
            asking: Mutex::default(),
            refreshing: AtomicBool::new(false),
            unary: Semaphore::new(MAX_UNARY),
        })))
    }

    /// The server's address.
    #[must_use]
    pub fn address(&self) -> &str {
        self.0.channel.address()
    }
}

impl std::fmt::Debug for RemoteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteStore").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl SpanWriter for RemoteStore {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(async move { self.0.write(&batch, false).await })
    }

    /// What was reported as stored is durable at the server.
    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async { Ok(()) })
    }
}

impl Store for RemoteStore {
    fn name(&self) -> &'static str {
        "grpc"
    }

    fn capabilities(&self) -> Capabilities {
        self.0.known.load().as_ref().map_or(Peer::V1, |peer| peer.capabilities)
    }

    fn status(&self) -> StoreStatus {
        self.0.refresh_later();
        match self.0.known.load().as_ref() {
            Some(peer) => peer.status.clone(),
            None => StoreStatus {
                description: format!("the store at {}, not reached yet", self.address()),
                ..StoreStatus::default()
            },
        }
    }

    /// There until the server says that it keeps none.
    fn archive(&self) -> Option<Arc<dyn Store>> {
        let known_without = self.0.known.load().as_ref().is_some_and(|peer| !peer.archive);
        (!known_without).then(|| Arc::new(Archive(Arc::clone(&self.0))) as Arc<dyn Store>)
    }
}
