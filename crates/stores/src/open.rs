//! Opens what the settings name. A store that reads files first is opened on a thread of its own, and is "recovering" meanwhile.

use std::io;
use std::sync::Arc;

use jaeger_service::health::Health;
use jaeger_service::settings::Note;
use jaeger_storage::{MemoryStore, Several, StorageError, Store};
use jaeger_storage_cassandra::{CassandraStore, Denied};
use jaeger_storage_embedded::{EmbeddedConfig, EmbeddedStore, Progress};
use jaeger_storage_es::ElasticsearchStore;
use jaeger_storage_remote::RemoteStore;
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::blackhole::Blackhole;
use crate::opening::{Opener, Opening};
use crate::{CassandraSettings, ElasticsearchSettings, EmbeddedSettings, StoreKind, StoreSettings, figures};

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No store is named.
    #[error("SPAN_STORAGE_TYPE names no store; write embedded, memory or grpc")]
    None,
    /// The remote store's address.
    #[error("--grpc-storage.server: {0}")]
    Remote(#[from] jaeger_storage_remote::AddressError),
    /// A server of Elasticsearch, or a file that is read for it.
    #[error("--es.*: {0}")]
    Elasticsearch(#[from] jaeger_storage_es::ConnectError),
    /// Elasticsearch takes nothing from us.
    #[error("{0}")]
    Denied(StorageError),
    /// Cassandra takes nothing from us.
    #[error(transparent)]
    Cassandra(Denied),
    /// The embedded store's folder.
    #[error(transparent)]
    Embedded(#[from] jaeger_storage_embedded::OpenError),
    /// No folder for a store that is gone at exit.
    #[error("no temporary folder can be made in {}: {source}; set TMPDIR to a folder that can be written", folder.display())]
    Temporary {
        /// Where it was to be made.
        folder: std::path::PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// No thread to open it on.
    #[error("cannot start a thread to open the store: {0}; raise the limit on threads")]
    Thread(io::Error),
}

/// The stores of a process.
pub struct Opened {
    /// Takes and gives spans, and says that it is unavailable until it can.
    pub store: Arc<dyn Store>,
    failures: mpsc::Receiver<OpenError>,
    /// Gone with this value.
    _temporary: Vec<TempDir>,
}

impl Opened {
    /// Runs a service until it ends, or until a store turns out to be one that cannot be opened.
    ///
    /// # Errors
    /// The service's own, or why there is no store.
    pub async fn serve<E: From<OpenError>>(mut self, service: impl Future<Output = Result<(), E>>) -> Result<(), E> {
        let failed = async {
            match self.failures.recv().await {
                Some(error) => error,
                // Everything is open.
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            result = service => result,
            error = failed => Err(error.into()),
        }
    }
}

/// Opens the stores; `health` gets a part that is ready when they are.
///
/// # Errors
/// A store that is known at once not to be there; what takes longer fails in [`Opened::serve`].
pub fn open(settings: &StoreSettings, health: &Health) -> Result<Opened, OpenError> {
    for note in &settings.notes {
        match note {
            Note::Info(text) => tracing::info!("{text}"),
            Note::Warning(text) => tracing::warn!("{text}"),
        }
    }
    let (failed, failures) = mpsc::channel(settings.stores.len().max(1));
    let mut temporary = Vec::new();
    let mut stores: Vec<Arc<dyn Store>> = Vec::new();
    for kind in &settings.stores {
        stores.push(match kind {
            StoreKind::Memory(bounds) => Arc::new(MemoryStore::new((*bounds).into())),
            StoreKind::Blackhole => Arc::new(Blackhole),
            StoreKind::Embedded(embedded) => open_embedded(embedded, health, failed.clone(), &mut temporary)?,
            StoreKind::Elasticsearch(settings) => open_elasticsearch(settings, failed.clone())?,
            StoreKind::Cassandra(settings) => open_cassandra(settings, failed.clone()),
            StoreKind::Remote(remote) => Arc::new(RemoteStore::connect(remote.clone().into())?),
        });
    }
    let mut stores = stores.into_iter();
    let first = stores.next().ok_or(OpenError::None)?;
    let others: Vec<_> = stores.collect();
    let store = if others.is_empty() { first } else { Arc::new(Several::new(first, others)) };
    Ok(Opened { store, failures, _temporary: temporary })
}

/// It answers from the first call on; who turns out not to be let in ends the process.
fn open_elasticsearch(
    settings: &ElasticsearchSettings,
    failed: mpsc::Sender<OpenError>,
) -> Result<Arc<dyn Store>, OpenError> {
    let store = Arc::new(ElasticsearchStore::connect(&settings.store, settings.archive.as_ref())?);
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let asks = Arc::clone(&store);
        runtime.spawn(async move {
            if let Some(denied) = asks.denied().await {
                // A process that has ended meanwhile needs no reason.
                drop(failed.try_send(OpenError::Denied(denied)));
            }
        });
    }
    Ok(store)
}

/// It answers from the first call on; a keyspace that is not there or a password that is wrong ends the process.
fn open_cassandra(settings: &CassandraSettings, failed: mpsc::Sender<OpenError>) -> Arc<dyn Store> {
    let store = Arc::new(CassandraStore::new(settings.store.clone(), settings.archive.clone()));
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let asks = Arc::clone(&store);
        runtime.spawn(async move {
            if let Some(denied) = asks.denied().await {
                // A process that has ended meanwhile needs no reason.
                drop(failed.try_send(OpenError::Cassandra(denied)));
            }
        });
    }
    store
}

fn open_embedded(
    settings: &EmbeddedSettings,
    health: &Health,
    failed: mpsc::Sender<OpenError>,
    temporary: &mut Vec<TempDir>,
) -> Result<Arc<dyn Store>, OpenError> {
    let mut config = EmbeddedConfig::in_directory(&settings.directory);
    config.max_trace_bytes = settings.max_trace_bytes;
    if settings.temporary {
        let made = tempfile::Builder::new().prefix("jaeger-").tempdir_in(&settings.directory);
        let folder = made.map_err(|source| OpenError::Temporary { folder: settings.directory.clone(), source })?;
        config.directory = folder.path().to_owned();
        temporary.push(folder);
    }
    config.max_age = settings.max_age;
    config.max_bytes = settings.max_bytes;
    let (store, opener) = Opening::new("embedded", settings.about());
    let health = health.part("store");
    health.waiting_for("the embedded store: opening");
    // A thread that nobody waits for: a stop in the middle of a recovery leaves the files as they are.
    let thread = std::thread::Builder::new().name("open-store".to_owned());
    thread.spawn(move || open_files(config, opener, &health, &failed)).map_err(OpenError::Thread)?;
    Ok(store)
}

fn open_files(config: EmbeddedConfig, opener: Opener, health: &Health, failed: &mpsc::Sender<OpenError>) {
    let recovering = |progress: Progress| {
        let line = figures::progress(&progress);
        health.waiting_for(&format!("the embedded store: recovering, {line}"));
        opener.at(&line);
    };
    match EmbeddedStore::open(config, &recovering) {
        Ok(store) => {
            opener.opened(Arc::new(store));
            health.ready();
        }
        // A process that has ended meanwhile needs no reason.
        Err(error) => drop(failed.try_send(error.into())),
    }
}

#[cfg(test)]
mod tests;
