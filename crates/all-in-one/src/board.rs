//! What a terminal shows first: where to look, where to send, and what bounds the store.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use jaeger_query::Surroundings;
use jaeger_service::health::{Health, State};
use jaeger_service::ledger::Ledgers;
use jaeger_service::ports;
use jaeger_storage::Store;
use tokio::sync::watch;

/// The board of one process.
pub(crate) struct Board {
    page: String,
    /// What can be sent where.
    send: Vec<(&'static str, String)>,
    admin: Option<String>,
    store: Arc<dyn Store>,
    health: Health,
}

impl Board {
    pub(crate) fn new(surroundings: &Surroundings, base_path: &str, store: Arc<dyn Store>, health: Health) -> Self {
        let at = |name: &str| {
            let found = surroundings.addresses.iter().find(|(listener, _)| listener == name);
            found.map(|(_, address)| reachable(*address))
        };
        let page =
            at(ports::QUERY_HTTP.name).map_or_else(String::new, |address| format!("http://{address}{base_path}"));
        let ways: [(&str, ports::Port); 9] = [
            ("Jaeger clients, UDP compact", ports::AGENT_JAEGER_COMPACT),
            ("Jaeger client for Node.js, UDP binary", ports::AGENT_JAEGER_BINARY),
            ("OpenTelemetry, OTLP over gRPC", ports::COLLECTOR_OTLP_GRPC),
            ("OpenTelemetry, OTLP over HTTP", ports::COLLECTOR_OTLP_HTTP),
            ("Jaeger clients, Thrift over HTTP", ports::COLLECTOR_HTTP),
            // Where --collector.zipkin.host-port opens it.
            ("Zipkin, HTTP", ports::COLLECTOR_ZIPKIN),
            ("jaeger-agent, gRPC", ports::COLLECTOR_GRPC),
            ("jaeger-agent up to 1.17, TChannel", ports::COLLECTOR_TCHANNEL),
            ("sampling strategies, HTTP", ports::AGENT_HTTP),
        ];
        let send = ways.into_iter().filter_map(|(what, port)| at(port.name).map(|address| (what, address))).collect();
        Self { page, send, admin: at(ports::ADMIN.name), store, health }
    }

    /// Each change of the process's health.
    pub(crate) fn subscribe(&self) -> watch::Receiver<State> {
        self.health.subscribe()
    }

    /// The lines that stay.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("\n  Jaeger-compatible tracing, version {}\n\n", jaeger_service::version::VERSION);
        // Writing to a String cannot fail.
        let _infallible = writeln!(text, "  Look at traces   {}", self.page);
        for (place, (what, address)) in self.send.iter().enumerate() {
            let head = if place == 0 { "Send spans to" } else { "" };
            let _infallible = writeln!(text, "  {head:<16} {address:<22} {what}");
        }
        if let Some(admin) = &self.admin {
            let state = if self.health.state().is_ready() { "ready" } else { "starting" };
            let _infallible = writeln!(text, "  Health           http://{admin}/ ({state}), /metrics, /ledger");
        }
        let _infallible = writeln!(text, "  Store            {}", self.store.status().description);
        let _infallible = writeln!(text, "\n  No traces yet? In another terminal: make demo\n");
        text
    }

    /// The line that is rewritten.
    pub(crate) fn line(&self, ledgers: &Ledgers) -> String {
        let (mut lost, mut received, mut stored, mut refused) = (0, 0, 0, 0);
        if let Some(collector) = &ledgers.collector {
            let now = collector.snapshot();
            received = now.received;
            stored = now.stored;
            refused = now.refused.total();
            lost += now.dropped.total();
        }
        let mut packets = 0;
        if let Some(agent) = &ledgers.agent {
            let now = agent.snapshot();
            lost += now.spans.dropped.total();
            packets = now.packets.dropped.total();
        }
        let mut line = format!("  received {received}   stored {stored}   dropped {lost}");
        if refused > 0 {
            let _infallible = write!(line, "   refused {refused} (their senders were told)");
        }
        if packets > 0 {
            let _infallible = write!(line, "   dropped packets {packets} (see /ledger)");
        }
        if matches!(self.health.state(), State::Stopping) {
            line.push_str("   stopping, what is on its way is taken; Ctrl-C again ends at once");
        }
        line
    }
}

/// An address that can be typed: "all addresses" is this machine.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}
