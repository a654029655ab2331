//! The store as others see it: the storage contract over the engine, reads on threads that may wait for the disk.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::memory::Several;
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};
use parking_lot::Mutex;

use crate::archive::Archive;
use crate::engine::{Engine, EngineConfig, Snapshot};
use crate::folder::Lock;
use crate::{EmbeddedConfig, OpenError, Progress};

/// Keeps spans in one folder, durable before a write returns, bounded by age and bytes.
///
/// Reading and writing need a tokio runtime. Dropping it leaves everything as it is: what was written is on the disk.
pub struct EmbeddedStore {
    shared: Arc<Shared>,
}

/// What works beside, for one engine.
type Worker = std::thread::JoinHandle<()>;

/// The spans, and the archive as soon as there is one.
pub(crate) struct Shared {
    pub(crate) config: EmbeddedConfig,
    pub(crate) main: Arc<Engine>,
    archive: Mutex<Option<Arc<Engine>>>,
    workers: Mutex<Vec<Worker>>,
    _lock: Lock,
}

impl EmbeddedStore {
    /// Opens the folder, alone, and recovers what was written; `progress` hears how far that is.
    ///
    /// # Errors
    /// Why there is no store. A damaged file is no reason: it is reported and left out.
    pub fn open(config: EmbeddedConfig, progress: &dyn Fn(Progress)) -> Result<Self, OpenError> {
        // A folder of a later version is left untouched, the lock included.
        crate::offline::refuse_newer(&config.directory)?;
        let lock = Lock::take(&config.directory)?;
        let main = Engine::open(engine_config(&config, true), "spans", progress)?;
        let archive = if engine_config(&config, false).folder.exists() {
            Some(Engine::open(engine_config(&config, false), "archive", progress)?)
        } else {
            None
        };
        if let Some(archive) = &archive {
            main.beside.store(archive.disk_bytes(), Ordering::Relaxed);
        }
        let engines = archive.iter().chain([&main]).filter(|_| config.background);
        let workers = Mutex::new(engines.filter_map(maintain).collect());
        Ok(Self { shared: Arc::new(Shared { config, main, archive: Mutex::new(archive), workers, _lock: lock }) })
    }

    /// Closes the generation that spans arrive in, as its length or age would do.
    ///
    /// # Errors
    /// Why there is no new log.
    pub fn close_generation(&self) -> Result<(), StorageError> {
        self.shared.main.close_generation().map_err(unavailable)
    }

    /// Does everything that is due, as the background thread does: closed generations become partitions, old ones go.
    ///
    /// # Errors
    /// Why a generation stays as it is for now.
    pub fn maintain(&self) -> Result<(), StorageError> {
        self.shared.main.maintain().map(|_| ()).map_err(unavailable)
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        self.shared.main.end();
        if let Some(archive) = self.shared.archive() {
            archive.end();
        }
        // The folder is free for the next when they no longer change files.
        for worker in std::mem::take(&mut *self.shared.workers.lock()) {
            drop(worker.join());
        }
    }
}

fn unavailable(error: crate::compact::CompactError) -> StorageError {
    StorageError::new(ErrorKind::Unavailable, error.to_string()).caused_by(error)
}

/// Does for an engine what goes on beside.
fn maintain(engine: &Arc<Engine>) -> Option<Worker> {
    let worker = Arc::clone(engine);
    let thread = std::thread::Builder::new().name("embedded-work".into());
    let spawned = thread.spawn(move || worker.maintain_until_end());
    spawned
        .inspect_err(|error| {
            tracing::error!(%error, "no thread for partitions: logs grow until the store is opened again");
        })
        .ok()
}

fn engine_config(config: &EmbeddedConfig, main: bool) -> EngineConfig {
    EngineConfig {
        folder: config.directory.join(if main { "spans" } else { "archive" }),
        max_age: main.then_some(config.max_age),
        max_bytes: config.max_bytes,
        generation_bytes: config.generation_bytes(),
        // Archived traces are few: nothing is gained by many small partitions.
        generation_age: if main { config.generation_age() } else { std::time::Duration::MAX },
        max_trace_bytes: config.max_trace_bytes,
        cache_bytes: if main { config.cache_bytes } else { config.cache_bytes / 8 },
        block_spans: config.block_spans,
    }
}

impl Shared {
    pub(crate) fn archive(&self) -> Option<Arc<Engine>> {
        self.archive.lock().clone()
    }

    /// The archive, made where there is none. Waits for the disk.
    pub(crate) fn archive_or_new(&self) -> Result<Arc<Engine>, OpenError> {
        let mut archive = self.archive.lock();
        if let Some(engine) = &*archive {
            return Ok(Arc::clone(engine));
        }
        let engine = Engine::open(engine_config(&self.config, false), "archive", &|_| {})?;
        if self.config.background {
            self.workers.lock().extend(maintain(&engine));
        }
        *archive = Some(Arc::clone(&engine));
        Ok(engine)
    }
}

/// Reads on a thread that may wait for the disk.
pub(crate) async fn blocking<T: Send + 'static>(
    engine: &Arc<Engine>,
    read: impl FnOnce(&Engine) -> T + Send + 'static,
) -> Result<T, StorageError> {
    let engine = Arc::clone(engine);
    tokio::task::spawn_blocking(move || read(&engine)).await.map_err(|error| {
        StorageError::new(ErrorKind::Corrupt, "the embedded store failed to read; please report this").caused_by(error)
    })
}

/// Traces are put together at once until so many spans are.
const SPANS_AT_ONCE: usize = 2_000;

/// A search whose traces are put together as they are asked for.
struct Found {
    engine: Arc<Engine>,
    snapshot: Snapshot,
    ids: std::vec::IntoIter<TraceId>,
    hot: Vec<Several>,
}

impl Found {
    fn next(&mut self) -> Vec<Result<Trace, StorageError>> {
        let (mut traces, mut spans) = (Vec::new(), 0);
        while spans < SPANS_AT_ONCE
            && let Some(id) = self.ids.next()
        {
            let hot = self.hot.iter_mut().map(|hot| hot.spans_of(id).unwrap_or_default());
            match self.engine.trace(&self.snapshot, id, hot) {
                // It has expired meanwhile.
                Ok(trace) if trace.is_empty() => {}
                Ok(trace) => {
                    spans += trace.len();
                    traces.push(Ok(trace));
                }
                Err(error) => traces.push(Err(error)),
            }
        }
        traces
    }
}

/// The traces that match, a few at a time.
pub(crate) async fn find_traces(engine: Arc<Engine>, query: TraceQuery) -> Result<FoundTraces<'static>, StorageError> {
    let (found, truncated) = blocking(&engine, move |engine| {
        let snapshot = engine.snapshot();
        let (ids, truncated) = engine.find_ids(&snapshot, &query);
        let hot = snapshot.generations.iter().map(|generation| generation.store.several(&ids)).collect::<Vec<_>>();
        ((snapshot, ids, hot), truncated)
    })
    .await?;
    let (snapshot, ids, hot) = found;
    let found = Found { engine: Arc::clone(&engine), snapshot, ids: ids.into_iter(), hot };
    let pages = futures_util::stream::unfold(Some(found), move |found| {
        let engine = Arc::clone(&engine);
        async move {
            let mut found = found?;
            let next = blocking(&engine, move |_| {
                let traces = found.next();
                (traces, found)
            });
            match next.await {
                Ok((traces, _)) if traces.is_empty() => None,
                Ok((traces, found)) => Some((traces, Some(found))),
                Err(error) => Some((vec![Err(error)], None)),
            }
        }
    });
    let traces = pages.map(futures_util::stream::iter).flatten();
    Ok(FoundTraces { traces: Box::pin(traces), truncated })
}

impl SpanWriter for EmbeddedStore {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(async move {
            let written = self.shared.main.write(batch).await;
            if !self.shared.config.background {
                let done = blocking(&self.shared.main, |engine| engine.maintain().map(|_| ())).await;
                if let Err(error) | Ok(Err(error)) = done.map(|done| done.map_err(unavailable)) {
                    tracing::error!(%error, "a log cannot become a partition yet, it stays and is tried again");
                }
            }
            written
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        // What was reported as written is on the disk.
        Box::pin(async { Ok(()) })
    }
}

impl SpanReader for EmbeddedStore {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(async move {
            let trace = blocking(&self.shared.main, move |engine| engine.whole_trace(id)).await??;
            if trace.is_empty() {
                return Err(StorageError::new(ErrorKind::NotFound, format!("trace {id} is not in the embedded store")));
            }
            Ok(trace)
        })
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(async move { find_traces(Arc::clone(&self.shared.main), query.clone()).await })
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        let query = query.clone();
        Box::pin(
            async move { blocking(&self.shared.main, move |engine| engine.find_ids(&engine.snapshot(), &query)).await },
        )
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        Box::pin(async move { Ok(self.shared.main.services().await) })
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        Box::pin(async move { Ok(self.shared.main.operations(service, kind).await) })
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        Box::pin(blocking(&self.shared.main, move |engine| engine.dependencies(range)))
    }

    fn calls<'a>(&'a self, query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        let query = query.clone();
        Box::pin(blocking(&self.shared.main, move |engine| engine.calls(&query)))
    }
}

impl Store for EmbeddedStore {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL
    }

    fn status(&self) -> StoreStatus {
        let EmbeddedConfig { directory, max_age, max_bytes, .. } = &self.shared.config;
        let description = format!(
            "embedded in {}, at most {} MB and {} h, then the oldest spans go",
            directory.display(),
            max_bytes / 1_000_000,
            max_age.as_secs() / 3600
        );
        self.shared.main.status(*max_bytes, description)
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::new(Archive { shared: Arc::clone(&self.shared) }))
    }
}
