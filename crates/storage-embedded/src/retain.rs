//! Retention: whole partitions go, the oldest first, when they are too old or too much is on the disk.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::compact::remove;
use crate::engine::Engine;
use crate::fail_point::kill_point;
use crate::generation::now_ms;
use crate::partition::Partition;

impl Engine {
    /// Drops what has to go; says how many partitions went.
    pub(crate) fn retain(&self) -> usize {
        let mut gone = 0;
        let beside = self.log_file_bytes() + self.beside.load(Ordering::Relaxed);
        while let Some(partition) = self.due(beside) {
            self.drop_partition(&partition);
            gone += 1;
        }
        gone
    }

    /// The oldest partition, if it has to go; `beside` is what else is on the disk.
    fn due(&self, beside: u64) -> Option<Arc<Partition>> {
        let state = self.state.lock();
        let oldest = state.partitions.first()?;
        let age_ms = now_ms().saturating_sub(oldest.footer.last_arrival_ms);
        let too_old = self.config.max_age.is_some_and(|max| i128::from(age_ms) > max.as_millis().cast_signed());
        // There is to be room for what the log grows until the next look, and for a log that is kept to be used again.
        let bytes = state.partition_bytes + beside + 2 * self.config.generation_bytes;
        let too_much = self.config.max_age.is_some() && bytes > self.config.max_bytes;
        (too_old || too_much).then(|| Arc::clone(oldest))
    }

    fn drop_partition(&self, partition: &Partition) {
        kill_point!("retain.before");
        {
            let mut state = self.state.lock();
            Arc::make_mut(&mut state.partitions).retain(|other| other.number != partition.number);
            state.partition_bytes = state.partition_bytes.saturating_sub(partition.bytes);
            state.evicted_spans += partition.footer.spans;
        }
        self.cache.forget(partition.number);
        self.figures.evicted.increment(partition.footer.spans);
        partition.drop_soon();
        kill_point!("retain.before_remove");
        // A file that stays is tried again at the next start.
        if let Err(error) = remove(&partition.path) {
            tracing::error!(%error, "a partition that is over its age or too much cannot be removed");
        }
        kill_point!("retain.after_remove");
    }
}
