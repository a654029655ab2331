//! `SPAN_STORAGE_TYPE=a,b`: several stores as one.
//!
//! ```text
//!              /-> a --\
//! write(batch) --> b ----> stored where all have it, else refused
//!              \-> c --/
//! read -> a
//! ```
//!
//! A span that one store has and another refused is refused, by the kind that may be tried again if there is one: writing a span twice is
//! one span, so the second try only adds what is missing.

mod counts;
mod merge;

use std::sync::Arc;

use futures_util::future::join_all;
use jaeger_model::{Batch, Trace, TraceId};

pub use counts::PartCounts;
use counts::{Counts, names};
use merge::merge;

use crate::{
    BoxFuture, CallsQuery, Capabilities, DependencyLink, FoundTraces, MinuteCalls, Operation, SpanReader, SpanWriter,
    StorageError, Store, StoreStatus, TimeRange, TraceQuery, Written,
};

/// Writes to all of several stores, reads from the first.
pub struct Several {
    first: Arc<dyn Store>,
    parts: Vec<Part>,
}

struct Part {
    store: Arc<dyn Store>,
    counts: Counts,
}

impl Several {
    /// `first` is read from and written to, `others` are written to.
    #[must_use]
    pub fn new(first: Arc<dyn Store>, others: Vec<Arc<dyn Store>>) -> Self {
        let stores: Vec<Arc<dyn Store>> = std::iter::once(Arc::clone(&first)).chain(others).collect();
        let names = names(stores.iter().map(|store| store.name()));
        let part = |(store, name)| Part { store, counts: Counts::new(name) };
        Self { first, parts: stores.into_iter().zip(names).map(part).collect() }
    }

    async fn write_all(&self, batch: Arc<Batch>) -> Written {
        let spans = batch.len();
        let answers = join_all(self.parts.iter().map(|part| {
            let batch = Arc::clone(&batch);
            async move {
                let under_way = part.counts.begin(spans);
                let written = part.store.write(batch).await;
                under_way.end(&written);
                (part.counts.store(), written)
            }
        }));
        merge(spans, &answers.await)
    }
}

impl SpanWriter for Several {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(self.write_all(batch))
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async {
            // All are flushed, also behind one that could not be.
            let flushed = join_all(self.parts.iter().map(|part| part.store.flush())).await;
            flushed.into_iter().collect()
        })
    }
}

impl SpanReader for Several {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        self.first.get_trace(id)
    }

    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        self.first.find_traces(query)
    }

    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        self.first.find_trace_ids(query)
    }

    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        self.first.services()
    }

    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        self.first.operations(service, kind)
    }

    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        self.first.dependencies(range)
    }

    fn calls<'a>(&'a self, query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        self.first.calls(query)
    }
}

impl Store for Several {
    /// Which they are is in [`status`](Store::status) and [`parts`](Store::parts).
    fn name(&self) -> &'static str {
        "several"
    }

    /// Those of the store that is read from.
    fn capabilities(&self) -> Capabilities {
        self.first.capabilities()
    }

    /// Bytes of all together; spans of the first, since the others hold the same.
    fn status(&self) -> StoreStatus {
        let all: Vec<StoreStatus> = self.parts.iter().map(|part| part.store.status()).collect();
        let sum = |bytes: fn(&StoreStatus) -> Option<u64>| all.iter().map(bytes).sum::<Option<u64>>();
        let described = self.parts.iter().zip(&all).map(|(part, status)| {
            let role = if Arc::ptr_eq(&part.store, &self.first) { "read from" } else { "written to" };
            format!("{} ({role}): {}", part.counts.store(), status.description)
        });
        StoreStatus {
            spans: all.first().and_then(|first| first.spans),
            bytes: sum(|status| status.bytes),
            max_bytes: sum(|status| status.max_bytes),
            evicted_spans: all.first().map_or(0, |first| first.evicted_spans),
            description: described.collect::<Vec<_>>().join("; "),
        }
    }

    /// That of the first store that has one.
    /// All of them, since each span is written to all.
    fn answers(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async {
            for part in &self.parts {
                part.store.answers().await?;
            }
            Ok(())
        })
    }

    fn archive(&self) -> Option<Arc<dyn Store>> {
        self.parts.iter().find_map(|part| part.store.archive())
    }

    fn parts(&self) -> Vec<PartCounts> {
        self.parts.iter().map(|part| part.counts.now()).collect()
    }
}

#[cfg(test)]
mod tests;
