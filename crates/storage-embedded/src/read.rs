//! Reads: a trace out of everything that has spans of it, names, links and calls.

use std::collections::BTreeSet;
use std::sync::Arc;

use jaeger_model::{Trace, TraceId};
use jaeger_storage::block::Reading;
use jaeger_storage::{ErrorKind, Operation, SpanReader, StorageError};

use crate::engine::{Engine, Snapshot};
use crate::partition::{Partition, PartitionError};

/// What is there of a trace so far.
#[derive(Default)]
struct Gathered {
    trace: Trace,
    bytes: usize,
    /// In how many blocks it was.
    sources: usize,
}

impl Engine {
    /// The trace, oldest partition first, copies dropped; empty where there is none.
    ///
    /// # Errors
    /// `Corrupt` where it takes more memory than one trace may.
    pub(crate) fn whole_trace(&self, id: TraceId) -> Result<Trace, StorageError> {
        let snapshot = self.snapshot();
        let hot = snapshot.generations.iter().map(|generation| generation.store.spans_of(id).unwrap_or_default());
        self.trace(&snapshot, id, hot)
    }

    /// The trace, of which generations have `hot`.
    ///
    /// # Errors
    /// As [`whole_trace`](Self::whole_trace).
    pub(crate) fn trace(
        &self,
        snapshot: &Snapshot,
        id: TraceId,
        hot: impl Iterator<Item = Trace>,
    ) -> Result<Trace, StorageError> {
        let mut gathered = Gathered::default();
        for partition in snapshot.partitions.iter() {
            if let Err(error) = self.push_partition(partition, id, &mut gathered) {
                self.damaged(&error);
            }
            if gathered.bytes > self.config.max_trace_bytes {
                return Err(self.too_large(id, &gathered));
            }
        }
        let Gathered { mut trace, mut sources, .. } = gathered;
        for hot in hot {
            if !hot.is_empty() {
                sources += 1;
                trace.append(hot);
            }
        }
        // One source alone has no copies.
        if sources > 1 {
            trace.drop_copies();
        }
        Ok(trace)
    }

    fn push_partition(
        &self,
        partition: &Partition,
        id: TraceId,
        gathered: &mut Gathered,
    ) -> Result<(), PartitionError> {
        for number in partition.blocks_of(id)? {
            if gathered.bytes > self.config.max_trace_bytes {
                break;
            }
            let block = self.cache.block(partition, number)?;
            let Some(place) = block.find_trace(id) else { continue };
            if let Ok(batch) = block.decode(place, &mut Reading::default()) {
                let spans = batch.len();
                gathered.bytes += batch.size_bytes();
                gathered.trace.push_spans(Arc::new(batch), 0..spans);
                gathered.sources += 1;
            }
        }
        Ok(())
    }

    /// The kind says that the other traces can be read.
    fn too_large(&self, id: TraceId, gathered: &Gathered) -> StorageError {
        let message = format!(
            "trace {id} has more than {} spans, which take over {} bytes of memory: its spans are all kept, and it is not \
             read whole; raise --query.max-trace-bytes, or stop what sends all its spans in one trace",
            gathered.trace.len(),
            self.config.max_trace_bytes
        );
        StorageError::new(ErrorKind::Corrupt, message)
    }

    /// All services, sorted.
    pub(crate) async fn services(&self) -> Vec<String> {
        // What becomes a partition meanwhile is in both, not in neither.
        let snapshot = self.snapshot();
        let mut all = BTreeSet::new();
        for generation in &snapshot.generations {
            all.extend(generation.store.services().await.unwrap_or_default());
        }
        all.extend(self.names.read().services().filter(|name| !name.is_empty()).map(String::from));
        all.into_iter().collect()
    }

    /// The operations of a service, sorted.
    pub(crate) async fn operations(&self, service: &str, kind: Option<&str>) -> Vec<Operation> {
        let snapshot = self.snapshot();
        let mut all = BTreeSet::new();
        for generation in &snapshot.generations {
            all.extend(generation.store.operations(service, kind).await.unwrap_or_default());
        }
        let names = self.names.read();
        all.extend(names.operations(service).filter(|operation| kind.is_none_or(|kind| kind == operation.kind)));
        all.into_iter().collect()
    }
}
