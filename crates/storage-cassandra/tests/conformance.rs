//! Cassandra does what the contract says.

mod common;

use std::sync::Arc;

use jaeger_storage::{BoxFuture, Store, conformance};
use jaeger_test_servers::cassandra::{Cassandra, Setup};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cassandra_5_conforms() {
    conforms(Cassandra::shared().expect("a node")).await;
}

/// The version besides: `make test-stores` asks for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cassandra_4_conforms_where_every_store_is_asked_for() {
    if std::env::var_os("EVERY_STORE").is_some() {
        conforms(&Cassandra::start(Setup::V4).expect("a node")).await;
    }
}

async fn conforms(node: &Cassandra) {
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
