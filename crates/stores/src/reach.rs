//! What `check --connect` tries: each store that is not inside the process.

use std::net::TcpStream;

use jaeger_service::command::Reach;
use jaeger_service::settings::{HostPort, Settings};

use crate::{RemoteSettings, StoreKind, StoreSettings};

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

fn reach_remote(remote: &RemoteSettings) -> Result<String, String> {
    let address = remote.server.rsplit('/').next().unwrap_or(&remote.server);
    let mut last = "the name has no address".to_owned();
    for address in HostPort::parse(address)?.resolve().map_err(|error| error.to_string())? {
        match TcpStream::connect_timeout(&address, remote.connection_timeout) {
            Ok(_) => return Ok(address.to_string()),
            Err(error) => last = error.to_string(),
        }
    }
    Err(last)
}
