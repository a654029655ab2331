//! Reads: a trace out of everything that has spans of it, names, links and calls.

use std::collections::BTreeSet;
use std::sync::Arc;

use jaeger_model::{Trace, TraceId};
use jaeger_storage::block::Reading;
use jaeger_storage::{Operation, SpanReader};

use crate::engine::{Engine, Snapshot};
use crate::partition::{Partition, PartitionError};

impl Engine {
    /// The trace, oldest partition first, copies dropped; empty where there is none.
    pub(crate) fn whole_trace(&self, id: TraceId) -> Trace {
        let snapshot = self.snapshot();
        let hot = snapshot.generations.iter().map(|generation| generation.store.spans_of(id).unwrap_or_default());
        self.trace(&snapshot, id, hot)
    }

    /// The trace, of which generations have `hot`.
    pub(crate) fn trace(&self, snapshot: &Snapshot, id: TraceId, hot: impl Iterator<Item = Trace>) -> Trace {
        let mut trace = Trace::new();
        let mut sources = 0;
        for partition in snapshot.partitions.iter() {
            match self.push_partition(partition, id, &mut trace) {
                Ok(found) => sources += found,
                Err(error) => self.damaged(&error),
            }
        }
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
        trace
    }

    /// In how many blocks it was.
    fn push_partition(&self, partition: &Partition, id: TraceId, trace: &mut Trace) -> Result<usize, PartitionError> {
        let mut found = 0;
        for number in partition.blocks_of(id)? {
            let block = self.cache.block(partition, number)?;
            let Some(place) = block.find_trace(id) else { continue };
            if let Ok(batch) = block.decode(place, &mut Reading::default()) {
                let spans = batch.len();
                trace.push_spans(Arc::new(batch), 0..spans);
                found += 1;
            }
        }
        Ok(found)
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
