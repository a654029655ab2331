//! The memory store's bounds as settings say them.

use jaeger_service::machine;
use jaeger_service::settings::{SettingError, Settings};
use jaeger_storage::MemoryConfig;

/// The bounds of a memory store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemoryBounds {
    /// Bytes held: `--memory.max-bytes`, or what this machine can give.
    pub max_bytes: u64,
    /// `--memory.max-traces`; 0 is any number.
    pub max_traces: usize,
}

impl MemoryBounds {
    pub(crate) fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let max_bytes = match settings.integer("memory.max-bytes")? {
            0 => machine::default_store_bytes(),
            bytes => bytes,
        };
        Ok(Self { max_bytes, max_traces: settings.integer("memory.max-traces")? })
    }
}

impl From<MemoryBounds> for MemoryConfig {
    fn from(bounds: MemoryBounds) -> Self {
        let max_bytes = usize::try_from(bounds.max_bytes).unwrap_or(usize::MAX);
        Self { max_bytes, max_traces: (bounds.max_traces > 0).then_some(bounds.max_traces), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use jaeger_service::settings::Component;

    use super::*;

    #[test]
    fn zero_bytes_are_what_the_machine_can_give() {
        let bounds = |flags: &[(&str, &str)]| {
            MemoryBounds::from_settings(&Settings::for_test(Component::AllInOne, flags)).unwrap()
        };
        let config = MemoryConfig::from(bounds(&[]));
        assert_eq!((config.max_bytes as u64, config.max_traces), (machine::default_store_bytes(), None));
        let config = MemoryConfig::from(bounds(&[("memory.max-bytes", "10"), ("memory.max-traces", "2")]));
        assert_eq!((config.max_bytes, config.max_traces), (10, Some(2)));
    }
}
