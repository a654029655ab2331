//! The embedded store does what the contract says, whatever is in the log, in a partition or in both, and after a start.

use std::sync::Arc;

use jaeger_storage::{BoxFuture, Store, conformance};
use jaeger_storage_embedded::{EmbeddedConfig, EmbeddedStore};

async fn conforms(change: impl Fn(EmbeddedConfig) -> EmbeddedConfig + Sync) {
    let folder = tempfile::tempdir().expect("a folder");
    let number = std::sync::atomic::AtomicU32::new(0);
    let make = || -> BoxFuture<'_, Arc<dyn Store>> {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let config = EmbeddedConfig::in_directory(folder.path().join(number.to_string()));
        let config = change(EmbeddedConfig { max_bytes: u64::MAX, ..config });
        Box::pin(async move { Arc::new(EmbeddedStore::open(config, &|_| {}).expect("a store")) as Arc<dyn Store> })
    };
    conformance::run_all(&make).await;
}

#[tokio::test]
async fn conforms_while_everything_is_in_the_log() {
    conforms(|config| config).await;
}

#[tokio::test]
async fn conforms_with_a_partition_for_every_write() {
    conforms(|config| EmbeddedConfig { log_bytes: 1, background: false, ..config }).await;
}

#[tokio::test]
async fn conforms_with_a_block_for_nearly_every_trace() {
    conforms(|config| EmbeddedConfig { log_bytes: 1, block_spans: 1, background: false, ..config }).await;
}

#[tokio::test]
async fn conforms_with_some_partitions_and_some_log() {
    conforms(|config| EmbeddedConfig { log_bytes: 2_000, background: false, ..config }).await;
}
