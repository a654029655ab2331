//! Archived traces: an engine of their own, which nothing is dropped from by age. It is made with the first trace.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};

use crate::fail_point::kill_point;
use crate::store::Shared;

/// The archive of an embedded store.
pub(crate) struct Archive {
    pub(crate) shared: Arc<Shared>,
}

impl Archive {
    /// An answer of what there is; `empty` where nothing was ever archived.
    async fn read<T: Send + 'static>(
        &self,
        empty: T,
        read: impl FnOnce(&crate::engine::Engine) -> T + Send + 'static,
    ) -> Result<T, StorageError> {
        match self.shared.archive() {
            Some(engine) => crate::store::blocking(&engine, read).await,
            None => Ok(empty),
        }
    }

    /// Why the archive takes nothing more.
    fn full(&self, engine: &crate::engine::Engine) -> Option<StorageError> {
        let (bytes, most) = (engine.disk_bytes(), self.shared.config.max_bytes / 2);
        (bytes >= most).then(|| {
            let message = format!(
                "the archive has {bytes} bytes, which is half of --embedded.max-bytes ({}): raise that, or remove {} \
                 while the store is stopped; the trace stays where it is until it expires",
                self.shared.config.max_bytes,
                engine.config.folder.display()
            );
            StorageError::new(ErrorKind::Throttled, message)
        })
    }
}

impl SpanWriter for Archive {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(async move {
            let spans = batch.len();
            let shared = Arc::clone(&self.shared);
            let opened = tokio::task::spawn_blocking(move || shared.archive_or_new()).await;
            let engine = match opened {
                Ok(Ok(engine)) => engine,
                Ok(Err(error)) => {
                    let error =
                        StorageError::new(ErrorKind::Unavailable, format!("the archive cannot be opened: {error}"));
                    return Written::none(spans, &error);
                }
                Err(error) => {
                    let error =
                        StorageError::new(ErrorKind::Unavailable, "the archive could not be opened").caused_by(error);
                    return Written::none(spans, &error);
                }
            };
            if let Some(error) = self.full(&engine) {
                engine.figures.refused.increment(spans as u64);
                return Written::none(spans, &error);
            }
            kill_point!("archive.before_write");
            let written = engine.write(batch).await;
            kill_point!("archive.written");
            self.shared.main.beside.store(engine.disk_bytes(), Ordering::Relaxed);
            written
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async { Ok(()) })
    }
}

impl SpanReader for Archive {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(async move {
            let trace = self.read(Ok(Trace::new()), move |engine| engine.whole_trace(id)).await??;
            if trace.is_empty() {
                return Err(StorageError::new(ErrorKind::NotFound, format!("trace {id} is not in the archive")));
            }
            Ok(trace)
        })
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(async move {
            match self.shared.archive() {
                Some(engine) => crate::store::find_traces(engine, query.clone()).await,
                None => Ok(FoundTraces { traces: Box::pin(futures_util::stream::empty()), truncated: false }),
            }
        })
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        Box::pin(async move {
            let query = query.clone();
            self.read((Vec::new(), false), move |engine| engine.find_ids(&engine.snapshot(), &query)).await
        })
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        Box::pin(async move {
            match self.shared.archive() {
                Some(engine) => Ok(engine.services().await),
                None => Ok(Vec::new()),
            }
        })
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        Box::pin(async move {
            match self.shared.archive() {
                Some(engine) => Ok(engine.operations(service, kind).await),
                None => Ok(Vec::new()),
            }
        })
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        Box::pin(async move { self.read(Vec::new(), move |engine| engine.dependencies(range)).await })
    }

    fn calls<'a>(&'a self, query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        let query = query.clone();
        Box::pin(async move { self.read(Vec::new(), move |engine| engine.calls(&query)).await })
    }
}

impl Store for Archive {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL
    }

    fn status(&self) -> StoreStatus {
        let most = self.shared.config.max_bytes / 2;
        match self.shared.archive() {
            Some(engine) => engine.status(most, format!("archive, at most {} MB", most / 1_000_000)),
            None => {
                StoreStatus { description: "archive, empty".into(), max_bytes: Some(most), ..StoreStatus::default() }
            }
        }
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        None
    }
}
