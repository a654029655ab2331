//! An agent and its collectors: starting them, sending through them, and waiting until what was sent has arrived.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use tokio::net::UdpSocket;

use crate::binaries::Binary;
use crate::ledger::{Agent, Ledger};
use crate::load::{self, Datagrams};
use crate::port;
use crate::server::Server;
use crate::wait::wait_for;

/// How long anything may take that a test of the hop waits for.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Where one collector listens after the other.
pub struct Ports {
    pub grpc: String,
    otlp_grpc: String,
    otlp_http: String,
}

impl Ports {
    /// Three that nobody else is likely to ask for.
    pub fn free() -> Result<Self> {
        Ok(Self { grpc: port::free()?, otlp_grpc: port::free()?, otlp_http: port::free()? })
    }
}

/// Starts a collector that stops with `flags`.
pub async fn start_collector(ports: &Ports, flags: &[&str]) -> Result<Server> {
    let own = [
        format!("--collector.grpc-server.host-port={}", ports.grpc),
        format!("--collector.otlp.grpc.host-port={}", ports.otlp_grpc),
        format!("--collector.otlp.http.host-port={}", ports.otlp_http),
    ];
    let all: Vec<&str> = own.iter().map(String::as_str).chain(flags.iter().copied()).collect();
    Server::start(Binary::Collector, &all).await
}

/// Starts an agent that stops with `flags`.
pub async fn start_agent(collector: &str, flags: &[&str]) -> Result<Server> {
    let own = format!("--reporter.grpc.host-port={collector}");
    let all: Vec<&str> = std::iter::once(own.as_str()).chain(flags.iter().copied()).collect();
    Server::start(Binary::Agent, &all).await
}

/// Until spans of every way are stored.
pub async fn wait_for_load(collector: &Server) -> Result<()> {
    wait_for("the load to be stored", DEADLINE, async || {
        let ledger = Ledger::of(collector).await?;
        let ledger = ledger.collector()?;
        let direct = ledger.stored - ledger.stored_from_agents;
        ensure!(ledger.stored_from_agents >= 200 && direct >= 1_000, "stored: {ledger:?}");
        Ok(())
    })
    .await
}

/// Each packet is counted, also the last ones, or its sender was told that nobody listens.
pub fn check_received(agent: &Agent, sent: Datagrams) -> Result<()> {
    let came = agent.packets.received + agent.packets.kernel_dropped;
    ensure!(came == sent.packets, "{sent:?} were sent, {came} packets are counted: {agent:?}");
    Ok(())
}

/// Until the agent has read all packets and a collector has acknowledged all their spans.
pub async fn wait_for_delivery(agent: &Server, sent: Datagrams) -> Result<()> {
    wait_for("the agent to deliver everything", DEADLINE, async || {
        let ledger = Ledger::of(agent).await?;
        let ledger = ledger.agent()?;
        check_received(ledger, sent)?;
        ledger.check_delivered()
    })
    .await
}

/// Until the agent has decoded so many spans that no collector has acknowledged.
pub async fn wait_for_held(agent: &Server, spans: u64) -> Result<()> {
    wait_for("the agent to hold the spans", DEADLINE, async || {
        let ledger = Ledger::of(agent).await?;
        let held = ledger.agent()?.spans.in_flight;
        ensure!(held == spans, "the agent holds {held} of {spans}");
        Ok(())
    })
    .await
}

/// Sends packets to an agent, each once, and no faster than it reads them: the smallest socket buffer holds what is under way.
pub async fn send(agent: &Server, packets: &[Bytes]) -> Result<()> {
    const UNDER_WAY: usize = 60_000;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let to = agent.address("agent.jaeger-compact")?;
    let before = Ledger::of(agent).await?.agent()?.packets.received;
    let (mut sent, mut bytes) = (before, 0);
    for packet in packets {
        socket.send_to(packet, to).await?;
        sent += 1;
        bytes += packet.len();
        if bytes > UNDER_WAY {
            wait_for_received(agent, sent).await?;
            bytes = 0;
        }
    }
    wait_for_received(agent, sent).await
}

async fn wait_for_received(agent: &Server, packets: u64) -> Result<()> {
    wait_for("the agent to read its packets", DEADLINE, async || {
        let ledger = Ledger::of(agent).await?;
        let received = ledger.agent()?.packets.received;
        ensure!(received == packets, "it has read {received} of {packets}");
        Ok(())
    })
    .await
}

/// Sends a few packets of the load.
pub async fn send_packets(agent: &Server, packets: usize) -> Result<Datagrams> {
    let payloads = load::packets(packets)?;
    send(agent, &payloads.bodies).await?;
    Ok(Datagrams { packets: payloads.bodies.len() as u64, spans: payloads.spans() as u64 })
}
