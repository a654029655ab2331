//! Which store a process uses, by its name in SPAN_STORAGE_TYPE. The one place that knows all of them.

use std::sync::Arc;

use crate::{MemoryConfig, MemoryStore, Store};

/// The bounds of a memory store as settings say them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MemoryBounds {
    /// `--memory.max-bytes`; 0 is `default_bytes`.
    pub max_bytes: u64,
    /// What this machine can give, a quarter of its memory.
    pub default_bytes: u64,
    /// `--memory.max-traces`; 0 is any number.
    pub max_traces: usize,
}

/// Why there is no store.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenError {
    /// A store that Jaeger has and this project not yet.
    #[error("{0} is not there yet, set SPAN_STORAGE_TYPE=memory")]
    NotYet(String),
    /// Several stores at once.
    #[error("SPAN_STORAGE_TYPE={0} names several stores, which is not there yet; set SPAN_STORAGE_TYPE=memory")]
    Several(String),
    /// A name that nobody knows.
    #[error("SPAN_STORAGE_TYPE={0} is no kind of storage, set SPAN_STORAGE_TYPE=memory")]
    Unknown(String),
}

/// Opens the store of this name, empty where it keeps nothing between two runs.
///
/// # Errors
/// [`OpenError`], to be shown to whoever set the name.
pub fn open(name: &str, memory: MemoryBounds) -> Result<Arc<dyn Store>, OpenError> {
    match name {
        "memory" => Ok(Arc::new(MemoryStore::new(memory.into()))),
        "cassandra" | "elasticsearch" | "opensearch" | "badger" | "kafka" | "grpc" | "blackhole" | "embedded" => {
            Err(OpenError::NotYet(name.to_owned()))
        }
        _ if name.contains(',') => Err(OpenError::Several(name.to_owned())),
        _ => Err(OpenError::Unknown(name.to_owned())),
    }
}

impl From<MemoryBounds> for MemoryConfig {
    fn from(bounds: MemoryBounds) -> Self {
        let max_bytes = if bounds.max_bytes == 0 { bounds.default_bytes } else { bounds.max_bytes };
        let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        Self { max_bytes, max_traces: (bounds.max_traces > 0).then_some(bounds.max_traces), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_not_there_says_what_to_set() {
        for (name, error) in [
            ("cassandra", "cassandra is not there yet, set SPAN_STORAGE_TYPE=memory"),
            (
                "memory,kafka",
                "SPAN_STORAGE_TYPE=memory,kafka names several stores, which is not there yet; set SPAN_STORAGE_TYPE=memory",
            ),
            ("x", "SPAN_STORAGE_TYPE=x is no kind of storage, set SPAN_STORAGE_TYPE=memory"),
        ] {
            assert_eq!(open(name, MemoryBounds::default()).err().map(|e| e.to_string()), Some(error.to_owned()));
        }
    }

    #[test]
    fn zero_bytes_are_what_the_machine_can_give() {
        let bounds = MemoryBounds { default_bytes: 250, ..MemoryBounds::default() };
        let config = MemoryConfig::from(bounds);
        assert_eq!((config.max_bytes, config.max_traces), (250, None));
        let config = MemoryConfig::from(MemoryBounds { max_bytes: 10, max_traces: 2, ..bounds });
        assert_eq!((config.max_bytes, config.max_traces), (10, Some(2)));
    }
}
