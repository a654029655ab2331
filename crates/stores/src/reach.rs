//! What `check --connect` tries: each store that is not inside the process.

use std::net::TcpStream;
use std::time::Duration;

use jaeger_service::command::Reach;
use jaeger_service::settings::{HostPort, Settings};
use jaeger_storage_cassandra::CassandraConfig;

use crate::{RemoteSettings, StoreKind, StoreSettings};

/// How long a server of Elasticsearch has to take a connection.
const ELASTICSEARCH_PATIENCE: Duration = Duration::from_secs(5);

/// Tries to reach the stores; what is wrong with their settings was told before.
#[must_use]
pub fn reach(settings: &Settings) -> Vec<Reach> {
    let Ok(stores) = StoreSettings::from_settings(settings) else { return Vec::new() };
    stores
        .stores()
        .iter()
        .filter_map(|kind| match kind {
            StoreKind::Memory(_) | StoreKind::Blackhole => None,
            StoreKind::Embedded(store) => {
                Some(Reach::Reached(format!("store: {}, which can be written", store.about())))
            }
            StoreKind::Elasticsearch(es) => Some(reach_elasticsearch(&es.store.servers).map_or_else(
                |reason| {
                    let next = "start Elasticsearch, or name another server";
                    Reach::Failed(settings.problem("es.server-urls", &reason, next))
                },
                |address| Reach::Reached(format!("store elasticsearch: {address}")),
            )),
            StoreKind::Cassandra(cassandra) => Some(reach_cassandra(&cassandra.store).map_or_else(
                |reason| {
                    let next = "start Cassandra, or name another server";
                    Reach::Failed(settings.problem("cassandra.servers", &reason, next))
                },
                |address| Reach::Reached(format!("store cassandra: {address}")),
            )),
            StoreKind::Remote(remote) => Some(reach_remote(remote).map_or_else(
                |reason| {
                    let next = "start jaeger-remote-storage, or name another address";
                    Reach::Failed(settings.problem("grpc-storage.server", &reason, next))
                },
                |address| Reach::Reached(format!("store grpc: {} at {address}", remote.server)),
            )),
        })
        .collect()
}

/// The first of the nodes that takes a connection.
fn reach_cassandra(config: &CassandraConfig) -> Result<String, String> {
    let mut last = "no server is named".to_owned();
    for node in config.nodes() {
        match reach_address(&node, config.connect_timeout) {
            Ok(_) => return Ok(node),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The first of the servers that takes a connection.
fn reach_elasticsearch(servers: &[String]) -> Result<String, String> {
    let mut last = "no server is named".to_owned();
    for server in servers {
        let (scheme, rest) = server.split_once("://").unwrap_or(("http", server));
        let host = rest.split('/').next().unwrap_or(rest);
        let host = host.rsplit('@').next().unwrap_or(host);
        let has_port = host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok()) && !host.ends_with(']');
        let port = if scheme == "https" { ":443" } else { ":80" };
        let address = if has_port { host.to_owned() } else { format!("{host}{port}") };
        match reach_address(&address, ELASTICSEARCH_PATIENCE) {
            Ok(_) => return Ok(server.clone()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn reach_remote(remote: &RemoteSettings) -> Result<String, String> {
    let address = remote.server.rsplit('/').next().unwrap_or(&remote.server);
    reach_address(address, remote.connection_timeout)
}

fn reach_address(address: &str, patience: Duration) -> Result<String, String> {
    let mut last = "the name has no address".to_owned();
    for address in HostPort::parse(address)?.resolve().map_err(|error| error.to_string())? {
        match TcpStream::connect_timeout(&address, patience) {
            Ok(_) => return Ok(address.to_string()),
            Err(error) => last = error.to_string(),
        }
    }
    Err(last)
}
