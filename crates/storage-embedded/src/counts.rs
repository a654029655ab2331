//! Links and calls: what partitions counted when they were made, and what generations count as spans come in.

use jaeger_storage::minutes::{CallSums, Delta, LinkSums};
use jaeger_storage::{CallsQuery, DependencyLink, MinuteCalls, StoreStatus, TimeRange};

use crate::engine::{Engine, Snapshot};
use crate::partition::{Partition, Wrong};

impl Engine {
    /// The links between services.
    pub(crate) fn dependencies(&self, range: TimeRange) -> Vec<DependencyLink> {
        let mut sums = LinkSums::new(range);
        let snapshot = self.snapshot();
        // Oldest first: a later one may take away what an earlier one counted.
        self.each_delta(&snapshot, |delta| sums.add(delta));
        for generation in &snapshot.generations {
            generation.store.sum_links(&mut sums);
        }
        sums.finish()
    }

    /// The calls by minute.
    pub(crate) fn calls(&self, query: &CallsQuery) -> Vec<MinuteCalls> {
        let mut sums = CallSums::new(query.clone());
        let snapshot = self.snapshot();
        self.each_delta(&snapshot, |delta| sums.add(delta));
        for generation in &snapshot.generations {
            generation.store.sum_calls(&mut sums);
        }
        sums.finish()
    }

    fn each_delta(&self, snapshot: &Snapshot, mut each: impl FnMut(&Delta)) {
        for partition in snapshot.partitions.iter() {
            match delta_of(partition) {
                Ok(delta) => each(&delta),
                Err(error) => self.damaged(&error),
            }
        }
    }

    pub(crate) fn status(&self, max_bytes: u64, description: String) -> StoreStatus {
        let bytes = self.disk_bytes();
        let state = self.state.lock();
        let partitions: u64 = state.partitions.iter().map(|partition| partition.footer.spans).sum();
        let generations = state.generations.iter();
        let hot: u64 =
            generations.map(|generation| jaeger_storage::Store::status(&generation.store).spans.unwrap_or(0)).sum();
        StoreStatus {
            spans: Some(partitions + hot),
            bytes: Some(bytes),
            max_bytes: Some(max_bytes),
            evicted_spans: state.evicted_spans,
            description,
        }
    }

    /// Ends the thread that works beside, after what it does now.
    pub(crate) fn end(&self) {
        self.state.lock().ends = true;
        self.work.notify_all();
    }
}

pub(crate) fn delta_of(partition: &Partition) -> Result<Delta, crate::partition::PartitionError> {
    let bytes = partition.minutes()?;
    let damaged = || partition.error(Wrong::Damaged { part: "minutes", offset: 0, len: bytes.len() as u64 });
    Delta::decode(&bytes).map_err(|_| damaged())
}
