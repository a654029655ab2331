//! Every listener of the binaries: its name in the ports file, the flag that moves it, and what comes in there.

use crate::listen::Listeners;
use crate::settings::{Component, SettingError, Settings, Table};

/// The transport of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// Connections.
    Tcp,
}

/// One listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// The name in the file of `--ports-file`, such as `collector.otlp.grpc`.
    pub name: &'static str,
    /// The flag that says where it listens, without dashes.
    pub flag: &'static str,
    /// UDP or TCP.
    pub transport: Transport,
    /// What is sent or asked there, for people.
    pub what: &'static str,
}

impl Port {
    /// Adds the listener at the address that the settings give it; at an empty one there is none.
    ///
    /// # Errors
    /// If the flag's value is no address.
    pub fn want(self, listeners: &mut Listeners, settings: &Settings) -> Result<(), SettingError> {
        if settings.string(self.flag)?.is_empty() {
            return Ok(());
        }
        let address = settings.host_port(self.flag)?.to_string();
        match self.transport {
            Transport::Udp => listeners.udp(self.name, self.flag, &address),
            Transport::Tcp => listeners.tcp(self.name, self.flag, &address),
        }
        Ok(())
    }
}

const fn udp(name: &'static str, flag: &'static str, what: &'static str) -> Port {
    Port { name, flag, transport: Transport::Udp, what }
}

const fn tcp(name: &'static str, flag: &'static str, what: &'static str) -> Port {
    Port { name, flag, transport: Transport::Tcp, what }
}

/// UDP 6831.
pub const AGENT_JAEGER_COMPACT: Port =
    udp("agent.jaeger-compact", "processor.jaeger-compact.server-host-port", "Jaeger clients, Thrift compact");
/// UDP 6832.
pub const AGENT_JAEGER_BINARY: Port =
    udp("agent.jaeger-binary", "processor.jaeger-binary.server-host-port", "Jaeger clients, Thrift binary");
/// UDP 5775.
pub const AGENT_ZIPKIN_COMPACT: Port =
    udp("agent.zipkin-compact", "processor.zipkin-compact.server-host-port", "old Jaeger and Zipkin clients");
/// TCP 5778.
pub const AGENT_HTTP: Port = tcp("agent.http", "http-server.host-port", "sampling strategies for clients");
/// TCP 14250.
pub const COLLECTOR_GRPC: Port = tcp("collector.grpc", "collector.grpc-server.host-port", "agents, gRPC");
/// TCP 14267.
pub const COLLECTOR_TCHANNEL: Port =
    tcp("collector.tchannel", "collector.tchan-server.host-port", "agents up to 1.17, TChannel");
/// TCP 14268.
pub const COLLECTOR_HTTP: Port =
    tcp("collector.http", "collector.http-server.host-port", "Jaeger clients, Thrift over HTTP");
/// TCP 4317.
pub const COLLECTOR_OTLP_GRPC: Port =
    tcp("collector.otlp.grpc", "collector.otlp.grpc.host-port", "OpenTelemetry, gRPC");
/// TCP 4318.
pub const COLLECTOR_OTLP_HTTP: Port =
    tcp("collector.otlp.http", "collector.otlp.http.host-port", "OpenTelemetry, HTTP");
/// TCP 9411.
pub const COLLECTOR_ZIPKIN: Port = tcp("collector.zipkin", "collector.zipkin.host-port", "Zipkin senders, HTTP");
/// TCP 16686.
pub const QUERY_HTTP: Port = tcp("query.http", "query.http-server.host-port", "search and API");
/// TCP 16685.
pub const QUERY_GRPC: Port = tcp("query.grpc", "query.grpc-server.host-port", "search and API, gRPC");
/// TCP 17271.
pub const REMOTE_STORAGE: Port = tcp("remote-storage.grpc", "grpc.host-port", "collectors and queries, gRPC");
/// TCP 14269, 14271, 16687 or 17270.
pub const ADMIN: Port = tcp("admin", "admin.http.host-port", "health, metrics, ledger");

/// All of them, in the order of a span's way.
pub const ALL: [Port; 14] = [
    AGENT_JAEGER_COMPACT,
    AGENT_JAEGER_BINARY,
    AGENT_ZIPKIN_COMPACT,
    AGENT_HTTP,
    COLLECTOR_GRPC,
    COLLECTOR_TCHANNEL,
    COLLECTOR_HTTP,
    COLLECTOR_OTLP_GRPC,
    COLLECTOR_OTLP_HTTP,
    COLLECTOR_ZIPKIN,
    QUERY_HTTP,
    QUERY_GRPC,
    REMOTE_STORAGE,
    ADMIN,
];

/// The listeners of a component.
pub fn of(component: Component) -> impl Iterator<Item = Port> {
    let table = Table::of(component);
    ALL.into_iter().filter(|port| table.get(port.flag).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Kind;

    #[test]
    fn each_listener_is_bound_where_its_flag_says() {
        let settings = Settings::for_test(Component::Query, &[("query.http-server.host-port", "127.0.0.1:0")]);
        let mut listeners = Listeners::new();
        QUERY_HTTP.want(&mut listeners, &settings).unwrap();
        let bound = listeners.bind().unwrap();
        assert!(bound.address("query.http").unwrap().ip().is_loopback());
    }

    #[test]
    fn every_listener_that_is_served_stands_here() {
        for component in Component::ALL {
            let mut here: Vec<&str> = of(component).map(|port| port.flag).collect();
            let served = Table::of(component).flags().iter().filter(|flag| flag.kind == Kind::Listener && flag.works());
            let mut served: Vec<&str> = served.map(|flag| flag.name.as_str()).collect();
            here.sort_unstable();
            served.sort_unstable();
            assert_eq!(here, served, "{component}");
        }
    }
}
