//! The contract, over the wire: with our own service, and with v1 alone.

mod support;

use std::sync::Arc;

use jaeger_remote_storage::Offers;
use jaeger_storage::{Store, conformance};

async fn conforms(offers: Offers) {
    conformance::run_all(&|| {
        Box::pin(async move {
            let server = support::start(support::memory(), offers).await;
            Arc::new(server.client()) as Arc<dyn Store>
        })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_memory_store_behind_our_own_service_keeps_the_contract() {
    conforms(support::OURS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_memory_store_behind_v1_with_streams_keeps_what_its_capabilities_say() {
    conforms(support::GOS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_memory_store_behind_v1_without_streams_keeps_what_its_capabilities_say() {
    conforms(support::OLD).await;
}
