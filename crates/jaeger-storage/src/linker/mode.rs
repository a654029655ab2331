//! Whether links are written at all: not beside another writer, such as a Spark job, whose counts they would double.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use jaeger_model::Timestamp;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::LinkStore;
use crate::StorageError;

/// For how long another writer's links keep ours out.
const YIELDS: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long it is known whether there is another writer.
const LOOKS: Duration = Duration::from_secs(600);

/// Whether links between services are counted and written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// Unless another writer wrote some within seven days.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// Whether there is another writer.
#[derive(Default)]
pub(super) struct Others {
    /// As of when.
    known: Mutex<Option<(Instant, bool)>>,
    told: AtomicBool,
}

impl Others {
    pub(super) async fn write(&self, store: &dyn LinkStore) -> Result<bool, StorageError> {
        if let Some((asked, known)) = *self.known.lock()
            && asked.elapsed() < LOOKS
        {
            return Ok(known);
        }
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().saturating_sub(YIELDS);
        let since = Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
        let others = store.others_write(since).await?;
        *self.known.lock() = Some((Instant::now(), others));
        if others && !self.told.swap(true, Ordering::Relaxed) {
            tracing::info!(
                "Another writer keeps the links between services, such as a Spark job; none are written here (--collector.dependencies=auto)"
            );
        }
        Ok(others)
    }
}
