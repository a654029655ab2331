//! A store in the shared node, empty.

#![allow(dead_code, reason = "each test uses some of it")]

use std::sync::Arc;
use std::time::Duration;

use jaeger_storage_cassandra::schema::{SchemaSettings, create};
use jaeger_storage_cassandra::{CassandraConfig, CassandraStore};
use jaeger_test_servers::cassandra::Cassandra;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;

/// A keyspace with Go's schema, made where it is not there yet.
pub(crate) async fn keyspace(node: &Cassandra, name: &str, variables: &[(&str, &str)]) -> CassandraConfig {
    let (host, port) = (node.address().ip().to_string(), node.address().port().to_string());
    let all = [("CQLSH_HOST", host.as_str()), ("CQLSH_PORT", &port), ("KEYSPACE", name)];
    let variable = |wanted: &'static str| {
        let mut all = all.iter().chain(variables);
        all.find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
    };
    let settings = SchemaSettings::from_variables(variable).expect("settings");
    create(&settings).await.expect("a schema");
    config(node, name)
}

/// What a store in a keyspace is made from.
pub(crate) fn config(node: &Cassandra, keyspace: &str) -> CassandraConfig {
    CassandraConfig {
        servers: vec![node.address().to_string()],
        keyspace: keyspace.to_owned(),
        timeout: Duration::from_secs(30),
        ..CassandraConfig::default()
    }
}

/// A session of the test's own.
pub(crate) async fn session(node: &Cassandra) -> Session {
    SessionBuilder::new().known_node_addr(node.address()).build().await.expect("a session")
}

/// Removes every row of a keyspace.
pub(crate) async fn empty(session: &Session, keyspace: &str) {
    const TABLES: [&str; 8] = [
        "traces",
        "service_names",
        "operation_names_v2",
        "service_name_index",
        "service_operation_index",
        "duration_index",
        "tag_index",
        "dependencies_v2",
    ];
    let truncated = TABLES.iter().map(|table| session.query_unpaged(format!("TRUNCATE {keyspace}.{table}"), &[]));
    futures_util::future::try_join_all(truncated).await.expect("truncated");
}

/// A store that is connected.
pub(crate) async fn store(config: &CassandraConfig, archive: Option<&CassandraConfig>) -> Arc<CassandraStore> {
    let store = CassandraStore::new(config.clone(), archive.cloned());
    assert_eq!(store.denied().await, None);
    Arc::new(store)
}
