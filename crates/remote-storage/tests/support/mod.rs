//! A server on a port of its own, and stores to put behind it.
#![allow(dead_code, reason = "each test file uses a part")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jaeger_model::{Batch, Trace, TraceId};
use jaeger_remote_storage::{Config, Offers, Server};
use jaeger_service::health::Health;
use jaeger_service::ledger::{CollectorLedger, CollectorSnapshot};
use jaeger_service::lifecycle::{Lifecycle, ShutdownConfig};
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, FoundTraces, MemoryConfig, MemoryStore, MinuteCalls,
    Operation, SpanReader, SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};
use jaeger_storage_remote::{RemoteConfig, RemoteStore};
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// As this project's server has it.
pub(crate) const OURS: Offers = Offers { embedded: true, streams: true };
/// As Go Jaeger's server has it.
pub(crate) const GOS: Offers = Offers { embedded: false, streams: true };
/// As Go Jaeger's server had it before there were streams.
pub(crate) const OLD: Offers = Offers { embedded: false, streams: false };

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) server: Server,
    pub(crate) ledger: CollectorLedger,
    lifecycle: Lifecycle,
    serving: tokio::task::JoinHandle<()>,
}

pub(crate) async fn start(store: Arc<dyn Store>, offers: Offers) -> Running {
    start_at("127.0.0.1:0".parse().expect("an address"), store, Config { offers, ..Config::default() }).await
}

pub(crate) async fn start_at(address: SocketAddr, store: Arc<dyn Store>, config: Config) -> Running {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("SO_REUSEADDR");
    socket.bind(address).expect("a free port");
    let listener: TcpListener = socket.listen(128).expect("listening");
    let address = listener.local_addr().expect("an address");
    let ledger = CollectorLedger::default();
    let shutdown =
        ShutdownConfig { lame_duck: Duration::ZERO, quiet: Duration::ZERO, deadline: Duration::from_secs(20) };
    let lifecycle = Lifecycle::new(shutdown, Health::new());
    let server = Server::new(config, store, ledger.clone());
    let serving = tokio::spawn({
        let (server, lifecycle) = (server.clone(), lifecycle.clone());
        async move { server.serve(listener, lifecycle).await.expect("served") }
    });
    Running { address, server, ledger, lifecycle, serving }
}

impl Running {
    pub(crate) fn client(&self) -> RemoteStore {
        client(&self.address.to_string())
    }

    /// Stops in good order and gives the last ledger, which must balance.
    pub(crate) async fn stop(self) -> CollectorSnapshot {
        self.lifecycle.stop("test");
        tokio::time::timeout(Duration::from_secs(30), self.serving).await.expect("stopped in time").expect("no panic");
        self.lifecycle.finish();
        let last = self.ledger.snapshot();
        assert!(last.balanced && last.in_flight == 0, "{last:?}");
        assert_eq!(self.server.bytes_in_hand(), 0, "all is given back");
        last
    }

    /// Ends at once, as by SIGKILL: nobody is told anything.
    pub(crate) async fn kill(self) {
        self.serving.abort();
        self.lifecycle.stop("test");
        // Connections are tasks of their own: the deadline ends them.
        self.lifecycle.deadline().cancel();
        drop(self.serving.await);
    }
}

pub(crate) fn client(address: &str) -> RemoteStore {
    let config = RemoteConfig { server: address.to_owned(), connection_timeout: Duration::from_secs(5), tls: None };
    RemoteStore::connect(config).expect("an address")
}

pub(crate) fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(MemoryConfig::default()))
}

/// Waits for a condition, at most 20 s.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    let seen = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), seen).await.expect("the condition comes true");
}

/// What a write is answered, made of the batch.
pub(crate) type Answer = Box<dyn Fn(&Batch) -> Option<Written> + Send + Sync>;

/// A memory store with an archive, whose writes can be refused and held up.
pub(crate) struct TestStore {
    memory: MemoryStore,
    archive: Option<Arc<dyn Store>>,
    answer: Mutex<Option<Answer>>,
    held_up: Mutex<Option<Arc<Notify>>>,
    pub(crate) writes: AtomicUsize,
}

impl TestStore {
    pub(crate) fn new() -> Arc<Self> {
        Self::with_archive(Some(memory()))
    }

    pub(crate) fn with_archive(archive: Option<Arc<dyn Store>>) -> Arc<Self> {
        Arc::new(Self {
            memory: MemoryStore::new(MemoryConfig::default()),
            archive,
            answer: Mutex::default(),
            held_up: Mutex::default(),
            writes: AtomicUsize::new(0),
        })
    }

    /// Writes are answered so where that gives an answer, and stored else.
    pub(crate) fn answer(&self, answer: impl Fn(&Batch) -> Option<Written> + Send + Sync + 'static) {
        *self.answer.lock() = Some(Box::new(answer));
    }

    /// Writes wait until they are told to go on.
    pub(crate) fn hold_up(&self) -> Arc<Notify> {
        let notify = Arc::new(Notify::new());
        *self.held_up.lock() = Some(Arc::clone(&notify));
        notify
    }
}

impl SpanWriter for TestStore {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(async move {
            self.writes.fetch_add(1, Ordering::SeqCst);
            let held_up = self.held_up.lock().clone();
            if let Some(notify) = held_up {
                notify.notified().await;
            }
            let answer = self.answer.lock().as_ref().and_then(|answer| answer(&batch));
            match answer {
                Some(written) => written,
                None => self.memory.write(batch).await,
            }
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        self.memory.flush()
    }
}

impl SpanReader for TestStore {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        self.memory.get_trace(id)
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        self.memory.find_traces(query)
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        self.memory.find_trace_ids(query)
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        self.memory.services()
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        self.memory.operations(service, kind)
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        self.memory.dependencies(range)
    }

    fn calls<'a>(&'a self, query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        self.memory.calls(query)
    }
}

impl Store for TestStore {
    fn name(&self) -> &'static str {
        "test"
    }

    fn capabilities(&self) -> Capabilities {
        self.memory.capabilities()
    }

    fn status(&self) -> StoreStatus {
        self.memory.status()
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        self.archive.clone()
    }
}
