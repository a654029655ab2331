//! The server's parts put together.

use std::sync::Arc;

use jaeger_grpc::Status;
use jaeger_service::ledger::CollectorLedger;
use jaeger_storage::{StorageError, Store};
use jaeger_storage_remote::wire;
use tokio_util::task::TaskTracker;

use crate::Config;
use crate::room::Room;

/// A server over a store; clones are the same.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ledger: CollectorLedger,
    pub(crate) room: Room,
    /// Writes that did not end at once. They go on whoever hangs up, and are waited for at the end.
    pub(crate) writes: TaskTracker,
}

impl Server {
    /// A server over `store`, which keeps `ledger`.
    #[must_use]
    pub fn new(config: Config, store: Arc<dyn Store>, ledger: CollectorLedger) -> Self {
        let room = Room::new(config.max_bytes_in_hand);
        Self(Arc::new(Inner { config, store, ledger, room, writes: TaskTracker::new() }))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Bytes of requests in hand.
    #[must_use]
    pub fn bytes_in_hand(&self) -> u64 {
        self.0.room.held()
    }
}

/// A store's error as a status.
pub(crate) fn refusal(error: &StorageError) -> Status {
    Status::new(wire::code_of(error.kind()), error.to_string())
}
