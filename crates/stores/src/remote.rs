//! Where a remote store is: the settings of `grpc-storage.*`.

use std::time::Duration;

use jaeger_service::settings::{Problem, Settings};
use jaeger_service::tls::ClientConfig;
use jaeger_storage_remote::RemoteConfig;

/// A store that another process serves over gRPC.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteSettings {
    /// `host:port` of the server.
    pub server: String,
    /// The longest time to connect.
    pub connection_timeout: Duration,
    /// TLS, where it is wanted.
    pub tls: Option<ClientConfig>,
}

impl From<RemoteSettings> for RemoteConfig {
    fn from(settings: RemoteSettings) -> Self {
        let RemoteSettings { server, connection_timeout, tls } = settings;
        Self { server, connection_timeout, tls }
    }
}

impl RemoteSettings {
    pub(crate) fn from_settings(settings: &Settings) -> Result<Self, Problem> {
        let servers = settings.list("grpc-storage.server")?;
        let [server] = servers.as_slice() else {
            let reason = if servers.is_empty() { "no address" } else { "several addresses" };
            return Err(settings.problem(
                "grpc-storage.server",
                reason,
                "name the host:port of one storage server, such as jaeger-remote-storage:17271",
            ));
        };
        let connection_timeout = settings.duration("grpc-storage.connection-timeout")?;
        let tls = ClientConfig::from_settings(settings, "grpc-storage")?;
        Ok(Self { server: (*server).to_owned(), connection_timeout, tls })
    }
}
