//! The agent's settings, resolved once.

use std::net::UdpSocket;

use jaeger_service::listen::{Bound, Listeners};
use jaeger_service::settings::{Component, Problem, SettingError, Settings};
use jaeger_service::tls::ClientConfig;

use crate::reporter::TchannelSettings;

/// One UDP port.
#[derive(Clone, Debug)]
pub struct PortConfig {
    /// Which of the three it is.
    pub kind: PortKind,
    /// `host:port` to listen on.
    pub address: String,
    /// Threads that decode, at most; more than there are processors would only wait.
    pub workers: usize,
    /// Packets that may wait to be decoded.
    pub queue_packets: usize,
    /// The largest packet, in bytes.
    pub max_packet_bytes: usize,
    /// The receive buffer to ask for, in bytes; 0 is the agent's own choice.
    pub buffer_bytes: usize,
}

/// The agent's UDP ports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PortKind {
    /// 6831.
    JaegerCompact,
    /// 6832.
    JaegerBinary,
    /// 5775.
    ZipkinCompact,
}

impl PortKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::JaegerCompact, Self::JaegerBinary, Self::ZipkinCompact];

    /// Its name in flags and in logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::JaegerCompact => "jaeger-compact",
            Self::JaegerBinary => "jaeger-binary",
            Self::ZipkinCompact => "zipkin-compact",
        }
    }

    /// Its name in the ports file.
    #[must_use]
    pub fn listener(self) -> &'static str {
        match self {
            Self::JaegerCompact => "agent.jaeger-compact",
            Self::JaegerBinary => "agent.jaeger-binary",
            Self::ZipkinCompact => "agent.zipkin-compact",
        }
    }

    /// The flag that moves it, without dashes.
    #[must_use]
    pub fn flag(self) -> String {
        format!("processor.{}.server-host-port", self.name())
    }
}

/// Everything that an agent needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// The UDP ports.
    pub ports: Vec<PortConfig>,
    /// `host:port` of the sampling pages.
    pub http: String,
    /// Tags for every process.
    pub tags: Vec<(String, String)>,
    /// The collectors, and how to talk to them. All-in-one has its own.
    pub collectors: Collectors,
    /// What may be held while no collector takes spans, in bytes.
    pub hold_bytes: usize,
}

/// The collectors, `host:port` each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Collectors {
    /// Over gRPC, with TLS where it is wanted.
    Grpc(Vec<String>, Option<ClientConfig>),
    /// Over TChannel.
    Tchannel(TchannelSettings),
}

impl Collectors {
    /// The word of `--reporter.type`, which metrics have as their label `protocol`.
    #[must_use]
    pub fn protocol(&self) -> &'static str {
        match self {
            Self::Grpc(..) => "grpc",
            Self::Tchannel(_) => "tchannel",
        }
    }

    /// Their addresses.
    #[must_use]
    pub fn addresses(&self) -> &[String] {
        match self {
            Self::Grpc(addresses, _) => addresses,
            Self::Tchannel(settings) => &settings.collectors,
        }
    }

    fn from_settings(settings: &Settings) -> Result<Self, Problem> {
        if settings.component() != Component::Agent {
            return Ok(Self::Grpc(Vec::new(), None));
        }
        let addresses = |flag: &str| -> Result<Vec<String>, SettingError> {
            Ok(settings.list(flag)?.into_iter().map(str::to_owned).collect())
        };
        let (grpc, tchannel) = (addresses(GRPC_TARGETS)?, addresses(TCHANNEL_TARGETS)?);
        let none = |flag: &str, example: &str| {
            let next = format!("write its address, such as {example}");
            Err(settings.problem(flag, "no collector is named", &next))
        };
        if !by_tchannel(settings, &grpc, &tchannel)? {
            if grpc.is_empty() {
                return none(GRPC_TARGETS, "jaeger-collector:14250");
            }
            return Ok(Self::Grpc(grpc, ClientConfig::from_settings(settings, "reporter.grpc")?));
        }
        if tchannel.is_empty() {
            return none(TCHANNEL_TARGETS, "jaeger-collector:14267");
        }
        if tchannel.iter().any(|address| address.contains("://")) {
            let next = "write host:port; several addresses behind a name are found anew with each connection";
            return Err(settings.problem(TCHANNEL_TARGETS, "an address with a scheme, which only gRPC has", next));
        }
        Ok(Self::Tchannel(TchannelSettings {
            collectors: tchannel,
            min_peers: settings.integer("reporter.tchannel.discovery.min-peers")?,
            connect_timeout: settings.duration("reporter.tchannel.discovery.conn-check-timeout")?,
            report_timeout: settings.duration("reporter.tchannel.report-timeout")?,
        }))
    }
}

const GRPC_TARGETS: &str = "reporter.grpc.host-port";
const TCHANNEL_TARGETS: &str = "reporter.tchannel.host-port";

/// What `--reporter.type` says; where it says nothing, what the names of the collectors say. Up to 1.8 there was
/// `--collector.host-port` alone and nothing but TChannel.
fn by_tchannel(settings: &Settings, grpc: &[String], tchannel: &[String]) -> Result<bool, SettingError> {
    if settings.is_set("reporter.type") {
        return Ok(settings.string("reporter.type")? == "tchannel");
    }
    let of_old = settings.is_given_as(TCHANNEL_TARGETS, "collector.host-port");
    Ok(!tchannel.is_empty() && (of_old || grpc.is_empty()))
}

impl Config {
    /// The agent's part of the settings. All-in-one has no collectors to name.
    ///
    /// # Errors
    /// Every setting that is wrong.
    pub fn from_settings(settings: &Settings) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut ports = Vec::new();
        for kind in PortKind::ALL {
            match port(settings, kind) {
                Ok(port) => ports.push(port),
                Err(error) => problems.push(error.into()),
            }
        }
        let config = rest(settings, ports).map_err(|problem| problems.push(problem));
        match config {
            Ok(config) if problems.is_empty() => Ok(config),
            _ => Err(problems),
        }
    }
}

fn rest(settings: &Settings, ports: Vec<PortConfig>) -> Result<Config, Problem> {
    let own = settings.component() == Component::Agent;
    Ok(Config {
        ports,
        http: settings.host_port("http-server.host-port")?.to_string(),
        tags: if own { settings.tags("agent.tags")? } else { Vec::new() },
        collectors: Collectors::from_settings(settings)?,
        hold_bytes: settings.integer::<usize>("reporter.queue-size-memory")?.saturating_mul(1 << 20),
    })
}

fn port(settings: &Settings, kind: PortKind) -> Result<PortConfig, SettingError> {
    let name = |setting: &str| format!("processor.{}.{setting}", kind.name());
    Ok(PortConfig {
        kind,
        address: settings.host_port(&name("server-host-port"))?.to_string(),
        workers: settings.integer(&name("workers"))?,
        queue_packets: settings.integer(&name("server-queue-size"))?,
        max_packet_bytes: settings.integer::<usize>(&name("server-max-packet-size"))?.min(65_535),
        buffer_bytes: settings.integer(&name("server-socket-buffer-size"))?,
    })
}

/// The name of the sampling pages' listener in the ports file.
pub const HTTP_LISTENER: &str = "agent.http";

impl Config {
    /// Names every listener.
    pub fn listeners(&self, listeners: &mut Listeners) {
        for port in &self.ports {
            listeners.udp(port.kind.listener(), &port.kind.flag(), &port.address);
        }
        listeners.tcp(HTTP_LISTENER, "http-server.host-port", &self.http);
    }

    /// Takes the UDP sockets out of what was bound.
    #[must_use]
    pub fn take_sockets(&self, bound: &mut Bound) -> Vec<(PortKind, UdpSocket)> {
        let kinds = self.ports.iter().map(|port| port.kind);
        kinds.filter_map(|kind| bound.take_udp(kind.listener()).map(|socket| (kind, socket))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collectors(flags: &[(&str, &str)]) -> Result<Collectors, String> {
        let config = Config::from_settings(&Settings::for_test(Component::Agent, flags));
        config.map(|config| config.collectors).map_err(|problems| problems[0].to_string())
    }

    #[test]
    fn the_names_of_the_collectors_say_how_to_talk_to_them_where_nothing_else_does() {
        let (old, grpc, tchannel) = ("collector.host-port", "reporter.grpc.host-port", "reporter.tchannel.host-port");
        for (flags, protocol) in [
            (&[(old, "c:14267")][..], "tchannel"),
            (&[(tchannel, "c:14267")], "tchannel"),
            (&[(grpc, "c:14250")], "grpc"),
            // From 1.11 on both could be named, and it was gRPC; before 1.9 there was one name alone.
            (&[(tchannel, "c:14267"), (grpc, "c:14250")], "grpc"),
            (&[(old, "c:14267"), (grpc, "c:14250")], "tchannel"),
            (&[(old, "c:14267"), (grpc, "c:14250"), ("reporter.type", "grpc")], "grpc"),
            (&[(tchannel, "c:14267"), (grpc, "c:14250"), ("reporter.type", "tchannel")], "tchannel"),
        ] {
            assert_eq!(collectors(flags).expect("good flags").protocol(), protocol, "{flags:?}");
        }
    }

    #[test]
    fn the_settings_of_tchannel_are_those_of_its_time() {
        let wanted = TchannelSettings {
            collectors: vec!["a:14267".to_owned(), "b:14267".to_owned()],
            min_peers: 3,
            connect_timeout: std::time::Duration::from_millis(250),
            report_timeout: std::time::Duration::from_secs(1),
        };
        let flags = [("collector.host-port", "a:14267, b:14267")];
        assert_eq!(collectors(&flags), Ok(Collectors::Tchannel(wanted.clone())));
        let flags = [flags[0], ("discovery.min-peers", "1"), ("reporter.tchannel.report-timeout", "2s")];
        let wanted = TchannelSettings { min_peers: 1, report_timeout: std::time::Duration::from_secs(2), ..wanted };
        assert_eq!(collectors(&flags), Ok(Collectors::Tchannel(wanted)));
    }

    #[test]
    fn a_collector_must_be_named_for_the_way_that_is_asked_for() {
        for (flags, words) in [
            (&[][..], "--reporter.grpc.host-port: wrong value"),
            (&[("reporter.type", "tchannel"), ("reporter.grpc.host-port", "c:1")], "--reporter.tchannel.host-port"),
            (&[("reporter.type", "grpc"), ("collector.host-port", "c:1")], "--reporter.grpc.host-port"),
            (&[("collector.host-port", "dns:///c:1")], "--collector.host-port"),
        ] {
            let problem = collectors(flags).expect_err("no collector");
            assert!(problem.starts_with(words), "{problem}");
        }
    }
}
