//! A line of the ledger for each of several stores.

use std::sync::Arc;

use jaeger_service::ledger::{StoreLine, StoreLines};
use jaeger_storage::{PartCounts, Store};

/// From now on the ledger has the lines of this store, if it is several.
pub fn watch(lines: &StoreLines, store: &Arc<dyn Store>) {
    let store = Arc::clone(store);
    lines.set(move || store.parts().into_iter().map(line).collect());
}

fn line(part: PartCounts) -> StoreLine {
    StoreLine {
        store: part.store,
        offered: part.offered,
        stored: part.stored,
        in_flight: part.in_flight,
        unanswered: part.unanswered,
        refused: part.refused.iter().map(|(kind, spans)| (kind.label(), *spans)).collect(),
    }
}
