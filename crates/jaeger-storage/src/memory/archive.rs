//! Archived traces: a second memory store, which takes its bytes from the first.

use std::sync::{Arc, OnceLock, Weak};

use super::state::Shared;
use super::{MemoryConfig, MemoryStore};

/// What a store is to the other one.
#[derive(Clone)]
pub(super) enum Archive {
    /// It has an archive, from the first time that somebody asks for it.
    Has(OnceLock<Arc<MemoryStore>>),
    /// It is the archive of this one, and has none itself.
    Is(Weak<Shared>),
}

impl Default for Archive {
    fn default() -> Self {
        Self::Has(OnceLock::new())
    }
}

impl Archive {
    /// The archive of `shared`, whose own this is.
    pub(super) fn store(&self, shared: &Arc<Shared>) -> Option<Arc<MemoryStore>> {
        let Self::Has(store) = self else { return None };
        let new = || {
            let config = MemoryConfig {
                max_bytes: shared.config.max_bytes / 4,
                max_traces: None,
                // Archived by hand, a trace at a time: no thread waits for that.
                background: false,
                ..shared.config.clone()
            };
            Arc::new(MemoryStore { shared: Shared::start(config, Self::Is(Arc::downgrade(shared))) })
        };
        Some(Arc::clone(store.get_or_init(new)))
    }

    /// Something was written to the store that this belongs to.
    pub(super) fn was_written(&self) {
        if let Self::Is(main) = self
            && let Some(main) = main.upgrade()
        {
            main.make_room();
        }
    }
}

impl Shared {
    /// The bytes that the archive holds, which this store must do without.
    pub(super) fn archive_bytes(&self) -> usize {
        let Archive::Has(store) = &self.archive else { return 0 };
        store.get().map_or(0, |archive| archive.shared.bytes(&archive.shared.state.lock()))
    }
}
