//! What a store in Cassandra is made from.

use std::time::Duration;

use jaeger_storage::linker::Mode;

use crate::tls::Tls;

/// One keyspace of a cluster, and how it is talked to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CassandraConfig {
    /// `host` or `host:port` of nodes to ask first.
    pub servers: Vec<String>,
    /// The port of every node that is named without one.
    pub port: u16,
    /// The keyspace.
    pub keyspace: String,
    /// User and password, where the cluster asks for them.
    pub login: Option<(String, String)>,
    /// Authenticators that are given the password; any where none is named.
    pub authenticators: Vec<String>,
    /// TLS, where the nodes speak it.
    pub tls: Option<Tls>,
    /// The data centre to prefer.
    pub local_dc: Option<String>,
    /// Consistency of reads and writes by Cassandra's name, such as `LOCAL_ONE`.
    pub consistency: String,
    /// Connections to each node.
    pub connections_per_host: usize,
    /// Attempts again after a failure that may pass.
    pub retries: u32,
    /// The longest time of one statement.
    pub timeout: Duration,
    /// The longest time to connect to a node.
    pub connect_timeout: Duration,
    /// How often an idle connection's TCP asks whether the other side is there.
    pub keep_alive: Option<Duration>,
    /// Frames are compressed by Snappy.
    pub compression: bool,
    /// How long a service or operation that was written is not written again.
    pub names_ttl: Duration,
    /// Which tags become searchable.
    pub index: IndexFilter,
    /// Links between services.
    pub links: Mode,
    /// Whether archived traces are kept here, which are counted apart.
    pub is_archive: bool,
    /// Bytes of memory that one trace takes at most when it is read.
    pub max_trace_bytes: usize,
}

impl CassandraConfig {
    /// `host:port` of the nodes to ask first.
    #[must_use]
    pub fn nodes(&self) -> Vec<String> {
        self.servers.iter().map(|server| with_port(server, self.port)).collect()
    }
}

impl Default for CassandraConfig {
    fn default() -> Self {
        Self {
            servers: vec!["127.0.0.1".to_owned()],
            port: 9042,
            keyspace: "jaeger_v1_test".to_owned(),
            login: None,
            authenticators: Vec::new(),
            tls: None,
            local_dc: None,
            consistency: "LOCAL_ONE".to_owned(),
            connections_per_host: 2,
            retries: 3,
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            keep_alive: None,
            compression: true,
            names_ttl: Duration::from_secs(12 * 3600),
            index: IndexFilter::default(),
            links: Mode::Auto,
            is_archive: false,
            max_trace_bytes: 1 << 30,
        }
    }
}

/// Which tags get rows in the tag index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IndexFilter {
    /// Tags of spans.
    pub tags: bool,
    /// Fields of logs.
    pub logs: bool,
    /// Tags of processes.
    pub process_tags: bool,
    /// By key.
    pub keys: Keys,
}

/// Which keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Keys {
    /// Every key.
    All,
    /// Every key but these.
    Without(Vec<String>),
    /// These alone.
    Only(Vec<String>),
}

impl Default for IndexFilter {
    fn default() -> Self {
        Self { tags: true, logs: true, process_tags: true, keys: Keys::All }
    }
}

impl IndexFilter {
    /// Whether tags with this key become searchable.
    pub(crate) fn takes(&self, key: &str) -> bool {
        match &self.keys {
            Keys::All => true,
            Keys::Without(keys) => !keys.iter().any(|other| other == key),
            Keys::Only(keys) => keys.iter().any(|other| other == key),
        }
    }
}

fn with_port(server: &str, port: u16) -> String {
    // An IPv6 address has colons of its own.
    let named = server.rsplit_once(':').is_some_and(|(host, port)| {
        port.parse::<u16>().is_ok() && (!host.contains(':') || host.starts_with('[') && host.ends_with(']'))
    });
    match (named, server.contains(':') && !server.starts_with('[')) {
        (true, _) => server.to_owned(),
        (false, true) => format!("[{server}]:{port}"),
        (false, false) => format!("{server}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_gets_the_port_that_it_does_not_name() {
        for (server, address) in [
            ("cassandra", "cassandra:9042"),
            ("10.0.0.1", "10.0.0.1:9042"),
            ("cassandra:9999", "cassandra:9999"),
            ("::1", "[::1]:9042"),
            ("[::1]", "[::1]:9042"),
            ("[::1]:9999", "[::1]:9999"),
        ] {
            assert_eq!(with_port(server, 9042), address, "{server}");
        }
    }
}
