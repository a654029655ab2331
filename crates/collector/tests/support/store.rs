//! A store whose answers a test decides: it may be away, refuse, or make its writers wait.

use std::sync::Arc;

use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::{
    BoxFuture, Capabilities, DependencyLink, ErrorKind, FoundTraces, Operation, Refused, SpanReader, SpanWriter,
    StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};
use parking_lot::Mutex;
use tokio::sync::watch;

/// What the store says of the next writes.
#[derive(Clone, Debug, Default)]
pub enum Mood {
    #[default]
    Takes,
    /// Writers wait until the mood changes.
    Blocks,
    /// Refuses every span.
    Refuses(ErrorKind),
    /// Refuses the first span of each batch, as this kind.
    RefusesFirst(ErrorKind),
}

#[derive(Debug)]
pub struct TestStore {
    mood: watch::Sender<Mood>,
    /// Whether reads are answered.
    away: Mutex<bool>,
    batches: Mutex<Vec<Arc<Batch>>>,
    /// Writes begun.
    begun: watch::Sender<usize>,
}

impl Default for TestStore {
    fn default() -> Self {
        Self {
            mood: watch::Sender::new(Mood::Takes),
            away: Mutex::new(false),
            batches: Mutex::default(),
            begun: watch::Sender::new(0),
        }
    }
}

impl TestStore {
    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    pub fn set_away(&self, away: bool) {
        *self.away.lock() = away;
    }

    pub fn batches(&self) -> Vec<Arc<Batch>> {
        self.batches.lock().clone()
    }

    /// Spans stored.
    pub fn spans(&self) -> usize {
        self.batches.lock().iter().map(|batch| batch.len()).sum()
    }

    pub fn writes_begun(&self) -> usize {
        *self.begun.borrow()
    }

    fn away<T>(&self, answer: T) -> BoxFuture<'_, Result<T, StorageError>>
    where
        T: Send + 'static,
    {
        let away = *self.away.lock();
        let error = || StorageError::new(ErrorKind::Unavailable, "the test store is away, wait for it");
        Box::pin(std::future::ready(if away { Err(error()) } else { Ok(answer) }))
    }
}

impl SpanWriter for TestStore {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        self.begun.send_modify(|begun| *begun += 1);
        Box::pin(async move {
            let mut mood = self.mood.subscribe();
            let mood = mood.wait_for(|mood| !matches!(mood, Mood::Blocks)).await.expect("the store lives").clone();
            match mood {
                Mood::Refuses(kind) => Written::none(batch.len(), &StorageError::new(kind, "the test store says no")),
                Mood::RefusesFirst(kind) => Written {
                    stored: batch.len() - 1,
                    refused: vec![Refused { kind, message: "the test store says no".into(), spans: vec![0] }],
                },
                Mood::Takes | Mood::Blocks => {
                    let spans = batch.len();
                    self.batches.lock().push(batch);
                    Written::all(spans)
                }
            }
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        self.away(())
    }
}

impl SpanReader for TestStore {
    fn get_trace(&self, _: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(std::future::ready(Err(StorageError::new(ErrorKind::NotFound, "the test store finds nothing"))))
    }

    fn find_traces<'a>(&'a self, _: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(std::future::ready(Err(StorageError::new(ErrorKind::Invalid, "the test store does not search"))))
    }

    fn find_trace_ids<'a>(&'a self, _: &'a TraceQuery) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        self.away((Vec::new(), false))
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        self.away(Vec::new())
    }

    fn operations<'a>(&'a self, _: &'a str, _: Option<&'a str>) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        self.away(Vec::new())
    }

    fn dependencies(&self, _: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        self.away(Vec::new())
    }

    fn calls<'a>(
        &'a self,
        _: &'a jaeger_storage::CallsQuery,
    ) -> BoxFuture<'a, Result<Vec<jaeger_storage::MinuteCalls>, StorageError>> {
        self.away(Vec::new())
    }
}

impl Store for TestStore {
    fn name(&self) -> &'static str {
        "test"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL
    }

    fn status(&self) -> StoreStatus {
        StoreStatus::default()
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        None
    }
}
