//! The store: the contract's calls over a keyspace, and the archive's keyspace beside it. It is there before the cluster is: until
//! the first connection every call says what is waited for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::linker::{Linker, Mode};
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};
use tokio::sync::watch;

use crate::config::CassandraConfig;
use crate::connect::{self, ConnectError};
use crate::links::is_stored;
use crate::read::Reader;
use crate::write::Writer;

/// How long a call waits for a cluster that is just being connected to.
const MOMENT: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A keyspace that spans are written to and read from.
pub struct CassandraStore {
    inner: Arc<Inner>,
    archive: Option<Arc<CassandraStore>>,
}

pub(crate) struct Inner {
    config: CassandraConfig,
    connected: OnceLock<Connected>,
    /// Why it is not connected; empty once it is.
    state: watch::Sender<State>,
    begun: AtomicBool,
    pub(crate) linker: Linker,
}

/// A session with everything prepared.
pub(crate) struct Connected {
    pub(crate) writer: Writer,
    pub(crate) reader: Reader,
}

/// Between the start and the first connection.
#[derive(Clone, Debug)]
enum State {
    Waits(String),
    Denied { flag: &'static str, reason: String },
    Connected,
}

/// A setting with which the cluster will never take us.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("--{prefix}.{flag}: {reason}")]
pub struct Denied {
    /// `cassandra` or `cassandra-archive`.
    pub prefix: &'static str,
    /// The setting's name after the prefix.
    pub flag: &'static str,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl CassandraStore {
    /// A store, and its archive where one is kept. Nothing is asked of the cluster before the first call.
    #[must_use]
    pub fn new(config: CassandraConfig, archive: Option<CassandraConfig>) -> Self {
        let of_archive = |config| CassandraConfig { links: Mode::Off, is_archive: true, ..config };
        let archive = archive.map(|config| Arc::new(Self::new(of_archive(config), None)));
        let inner = Inner {
            connected: OnceLock::new(),
            state: watch::Sender::new(State::Waits("connecting".to_owned())),
            begun: AtomicBool::new(false),
            linker: Linker::new(config.links),
            config,
        };
        Self { inner: Arc::new(inner), archive }
    }

    /// Waits until the cluster has taken us: the reason, where that is one that waiting does not change.
    pub async fn denied(&self) -> Option<Denied> {
        let of = async |store: &Self, prefix| {
            store.inner.begin();
            let mut state = store.inner.state.subscribe();
            let settled = state.wait_for(|state| !matches!(state, State::Waits(_))).await.ok()?.clone();
            match settled {
                State::Denied { flag, reason } => Some(Denied { prefix, flag, reason }),
                _ => None,
            }
        };
        if let Some(denied) = of(self, "cassandra").await {
            return Some(denied);
        }
        match &self.archive {
            Some(archive) => of(archive, "cassandra-archive").await,
            None => None,
        }
    }
}

impl Inner {
    /// The session, where there is one; else what is waited for.
    pub(crate) async fn connected(self: &Arc<Self>) -> Result<&Connected, StorageError> {
        if let Some(connected) = self.connected.get() {
            return Ok(connected);
        }
        self.begin();
        let mut state = self.state.subscribe();
        // Only time can end this wait otherwise, since the sender lives as long as we do.
        drop(tokio::time::timeout(MOMENT, state.wait_for(|state| matches!(state, State::Connected))).await);
        self.connected.get().ok_or_else(|| {
            let reason = match &*self.state.borrow() {
                State::Waits(reason) => format!("{reason}; it is tried again every few seconds"),
                State::Denied { flag, reason } => format!("{flag}: {reason}"),
                State::Connected => "connecting".to_owned(),
            };
            StorageError::new(ErrorKind::Unavailable, format!("cassandra is not reached: {reason}"))
        })
    }

    /// The first call begins to connect, again and again until it succeeds.
    fn begin(self: &Arc<Self>) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            tokio::spawn(connect_until(Arc::downgrade(self)));
        }
    }
}

async fn connect_until(inner: Weak<Inner>) {
    let mut pause = FIRST_PAUSE;
    while let Some(inner) = inner.upgrade() {
        match connect::connect(&inner.config).await {
            Ok(connected) => {
                // Nobody else connects.
                drop(inner.connected.set(connected));
                inner.state.send_replace(State::Connected);
                return;
            }
            Err(ConnectError::Setting { flag, reason }) => inner.state.send_replace(State::Denied { flag, reason }),
            Err(ConnectError::Unavailable(reason)) => inner.state.send_replace(State::Waits(reason)),
        };
        drop(inner);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl SpanWriter for CassandraStore {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        let inner = Arc::downgrade(&self.inner);
        self.inner.linker.begin(move || {
            let inner = inner.upgrade()?;
            Some(async move { inner.settle_links(inner.connected().await?, false).await })
        });
        Box::pin(async move {
            match self.inner.connected().await {
                Ok(connected) => {
                    let written = connected.writer.write(&batch).await;
                    self.inner.linker.observe(&batch, is_stored(&written));
                    written
                }
                Err(error) => Written::none(batch.len(), &error),
            }
        })
    }

    /// Spans never wait here, links do.
    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async move {
            match self.inner.connected.get() {
                Some(connected) => self.inner.settle_links(connected, true).await,
                None => Ok(()),
            }
        })
    }
}

impl SpanReader for CassandraStore {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(async move { self.inner.connected().await?.reader.get_trace(id).await })
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(async move {
            let reader = &self.inner.connected().await?.reader;
            let (ids, truncated) = reader.find_trace_ids(query).await?;
            let traces = stream::iter(ids).then(|id| reader.get_trace(id)).filter(|found| {
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
        Box::pin(async move { self.inner.connected().await?.reader.find_trace_ids(query).await })
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        Box::pin(async move { self.inner.connected().await?.reader.services().await })
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        Box::pin(async move { self.inner.connected().await?.reader.operations(service, kind).await })
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        Box::pin(async move { self.inner.connected().await?.reader.dependencies(range).await })
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
            search_without_service: false,
            max_tag_value_bytes: Some(crate::tables::INDEXED_BYTES - 1),
            dependencies: self.inner.linker.counts(),
            link_errors: false,
            minute_calls: false,
            arrival_order: false,
            equal_starts: false,
            ..Capabilities::ALL
        }
    }

    fn status(&self) -> StoreStatus {
        let CassandraConfig { keyspace, servers, .. } = &self.inner.config;
        let description = format!("cassandra: keyspace {keyspace} on {}", servers.join(", "));
        StoreStatus { description, ..StoreStatus::default() }
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        self.archive.clone().map(|archive| -> Arc<dyn Store> { archive })
    }
}
