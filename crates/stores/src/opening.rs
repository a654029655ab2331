//! A store that is still being opened: until it is there it says for what it waits, then it is that store.
//!
//! ```text
//! a call --> not there yet: wait a moment --> still not: unavailable, "recovering, 12.0 of 256.0 MB"
//!        '-> there: the store's own call, nothing in between
//! ```

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jaeger_model::{Batch, Trace, TraceId};
use jaeger_storage::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, ErrorKind, FoundTraces, MinuteCalls, Operation, SpanReader,
    SpanWriter, StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};
use parking_lot::Mutex;
use tokio::sync::watch;

/// How long a call waits for a store that opens at once, as one does that holds little.
const MOMENT: Duration = Duration::from_millis(500);

/// What a process holds while its store is opened.
pub(crate) struct Opening {
    shared: Arc<Shared>,
    opened: Arc<OnceLock<Arc<dyn Store>>>,
    archive: Option<Arc<Opening>>,
}

struct Shared {
    name: &'static str,
    about: String,
    waits_for: Mutex<String>,
    is_open: watch::Sender<bool>,
}

/// The other end, for who opens it.
pub(crate) struct Opener {
    shared: Arc<Shared>,
    opened: Arc<OnceLock<Arc<dyn Store>>>,
    archive: Arc<OnceLock<Arc<dyn Store>>>,
}

impl Opening {
    /// A store of this name; `about` is its line for people.
    pub(crate) fn new(name: &'static str, about: String) -> (Arc<Self>, Opener) {
        let shared = Arc::new(Shared {
            name,
            about,
            waits_for: Mutex::new("opening".to_owned()),
            is_open: watch::Sender::new(false),
        });
        let side = |archive| {
            let opened = Arc::new(OnceLock::new());
            (Arc::new(Self { shared: Arc::clone(&shared), opened: Arc::clone(&opened), archive }), opened)
        };
        let (archive, archive_opened) = side(None);
        let (store, opened) = side(Some(archive));
        (store, Opener { shared, opened, archive: archive_opened })
    }

    async fn store(&self) -> Result<&Arc<dyn Store>, StorageError> {
        let mut is_open = self.shared.is_open.subscribe();
        // The sender lives as long as we do; only time can end this wait.
        drop(tokio::time::timeout(MOMENT, is_open.wait_for(|open| *open)).await);
        self.opened.get().ok_or_else(|| self.unavailable())
    }

    fn unavailable(&self) -> StorageError {
        let Shared { name, waits_for, is_open, .. } = &*self.shared;
        let message = match *is_open.borrow() {
            true => format!("the {name} store keeps no archive"),
            false => format!("the {name} store is recovering ({}), try again in a moment", waits_for.lock()),
        };
        StorageError::new(ErrorKind::Unavailable, message)
    }
}

impl Opener {
    /// How far it is.
    pub(crate) fn at(&self, progress: &str) {
        progress.clone_into(&mut self.shared.waits_for.lock());
    }

    /// It is there.
    pub(crate) fn opened(self, store: Arc<dyn Store>) {
        if let Some(archive) = store.archive() {
            drop(self.archive.set(archive));
        }
        // An opener opens once, since it is gone by that.
        drop(self.opened.set(store));
        self.shared.is_open.send_replace(true);
    }
}

impl SpanWriter for Opening {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        if let Some(store) = self.opened.get() {
            return store.write(batch);
        }
        Box::pin(async move {
            match self.store().await {
                Ok(store) => store.write(batch).await,
                Err(error) => Written::none(batch.len(), &error),
            }
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        match self.opened.get() {
            Some(store) => store.flush(),
            // Nothing was written yet.
            None => Box::pin(std::future::ready(Ok(()))),
        }
    }
}

impl SpanReader for Opening {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        Box::pin(async move { self.store().await?.get_trace(id).await })
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        Box::pin(async move { self.store().await?.find_traces(query).await })
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        Box::pin(async move { self.store().await?.find_trace_ids(query).await })
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        Box::pin(async move { self.store().await?.services().await })
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        Box::pin(async move { self.store().await?.operations(service, kind).await })
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        Box::pin(async move { self.store().await?.dependencies(range).await })
    }

    fn calls<'a>(&'a self, query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        Box::pin(async move { self.store().await?.calls(query).await })
    }
}

impl Store for Opening {
    fn name(&self) -> &'static str {
        self.shared.name
    }

    fn capabilities(&self) -> Capabilities {
        self.opened.get().map_or(Capabilities::ALL, |store| store.capabilities())
    }

    fn status(&self) -> StoreStatus {
        self.opened.get().map_or_else(
            || StoreStatus { description: self.shared.about.clone(), ..StoreStatus::default() },
            |store| store.status(),
        )
    }

    fn answers(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async move { self.store().await?.answers().await })
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        match self.opened.get() {
            Some(store) => store.archive(),
            None => self.archive.clone().map(|archive| -> Arc<dyn Store> { archive }),
        }
    }
}

#[cfg(test)]
mod tests {
    use jaeger_storage::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn a_store_that_opens_says_what_it_waits_for_and_then_is_the_store() {
        let (store, opener) = Opening::new("embedded", "a store".to_owned());
        opener.at("replaying the log, 1.0 of 2.0 MB, 7 spans");
        let error = store.services().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(
            error.to_string(),
            "the embedded store is recovering (replaying the log, 1.0 of 2.0 MB, 7 spans), try again in a moment"
        );
        assert_eq!(store.status().description, "a store");
        let archive = store.archive().unwrap();
        assert_eq!(archive.services().await.unwrap_err().kind(), ErrorKind::Unavailable);
        store.flush().await.unwrap();

        let asked = {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.services().await })
        };
        opener.opened(Arc::new(MemoryStore::new(jaeger_storage::MemoryConfig::default())));
        assert_eq!(asked.await.unwrap().unwrap(), [""; 0], "who asked before gets the answer of the store");
        assert!(store.status().spans.is_some());
    }
}
