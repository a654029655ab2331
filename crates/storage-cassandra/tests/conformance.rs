//! Cassandra does what the contract says.

mod common;

use std::sync::Arc;

use jaeger_storage::{BoxFuture, Store, conformance};
use jaeger_test_servers::cassandra::Cassandra;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conforms() {
    let node = Cassandra::shared().expect("a node");
    let config = common::keyspace(node, "conforms", &[]).await;
    let archive = common::keyspace(node, "conforms_archive", &[]).await;
    let session = common::session(node).await;
    let (config, archive, session) = (&config, &archive, &session);
    let make = || -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async move {
            common::empty(session, "conforms").await;
            common::empty(session, "conforms_archive").await;
            common::store(config, Some(archive)).await as Arc<dyn Store>
        })
    };
    conformance::run_all(&make).await;
}
