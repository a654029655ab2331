//! The ledger balances at every moment, under load.
//!
//! Guarantees: in 1,000 snapshots of the agent and of the collector, taken while spans come in over UDP, api_v2 and OTLP at
//! once, every span stands in exactly one column; and at rest agent and collector agree on what went over the hop, also where
//! the collector had no room for it or takes no request of that size.

use std::io::Write;

use anyhow::{Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::hop::{DEADLINE, Ports, check_received, send, start_agent, start_collector, wait_for_held};
use jaeger_tests::http;
use jaeger_tests::ledger::{Ledger, check_hop, total};
use jaeger_tests::load::{self, Load};
use jaeger_tests::server::Server;
use jaeger_tests::wait::wait_for;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const SNAPSHOTS: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_balances_in_a_thousand_snapshots_under_load() -> Result<()> {
    let collector = Server::start(Binary::Collector, &[]).await?;
    let agent = start_agent(&collector.address("collector.grpc")?.to_string(), &[]).await?;
    let load = Load::new().udp(&agent).await?.direct(&collector)?;
    wait_for("the first spans of each way to be stored", DEADLINE, async || {
        let ledger = Ledger::of(&collector).await?;
        let ledger = ledger.collector()?;
        ensure!(ledger.stored_from_agents > 0 && ledger.stored > ledger.stored_from_agents, "stored: {ledger:?}");
        Ok(())
    })
    .await?;

    let (agents, collectors) = tokio::try_join!(snapshots(&agent), snapshots(&collector))?;
    let in_flight = collectors.iter().filter(|one| one.collector().is_ok_and(|c| c.in_flight > 0)).count();
    check_growth(&agents, |ledger| Ok(ledger.agent()?.spans.decoded))?;
    check_growth(&collectors, |ledger| Ok(ledger.collector()?.received))?;

    let (told, sent) = load.stop().await?;
    wait_for("the agent to have delivered everything", DEADLINE, async || {
        let ledger = Ledger::of(&agent).await?;
        let ledger = ledger.agent()?;
        check_received(ledger, sent)?;
        ledger.check_delivered()
    })
    .await?;
    let agent = Ledger::last(&agent.stop().await?)?;
    let collector = Ledger::last(&collector.stop().await?)?;
    let (agent, collector) = (agent.agent()?, collector.collector()?);
    check_hop(agent, &[collector])?;
    told.check(&[collector])?;
    ensure!(told.not_ok == 0 && told.unanswered == 0, "requests failed: {told:?}");
    ensure!(agent.packets.kernel_dropped == 0, "the kernel dropped packets: {agent:?}");
    ensure!(collector.stored == told.ok + sent.spans, "{told:?} and {sent:?} were sent: {collector:?}");
    ensure!(total(&collector.refused) == 0, "spans were refused: {collector:?}");
    let text = format!(
        "{} snapshots balance, {in_flight} of the collector's with spans in flight; {} spans stored\n",
        agents.len() + collectors.len(),
        collector.stored
    );
    Ok(std::io::stderr().write_all(text.as_bytes())?)
}

/// Each is checked where it is read.
async fn snapshots(server: &Server) -> Result<Vec<Ledger>> {
    let mut all = Vec::with_capacity(SNAPSHOTS);
    for _ in 0..SNAPSHOTS {
        all.push(Ledger::of(server).await?);
    }
    Ok(all)
}

/// They were taken while spans came in, and no column of what came goes back.
fn check_growth(all: &[Ledger], of: impl Fn(&Ledger) -> Result<u64>) -> Result<()> {
    let counts = all.iter().map(of).collect::<Result<Vec<_>>>()?;
    ensure!(counts.is_sorted(), "spans that had come in were gone again");
    ensure!(counts.first() < counts.last(), "nothing came in while {} snapshots were taken", counts.len());
    Ok(())
}

/// Somebody else's request, half sent, holds nearly all of the collector's memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_collector_has_no_room_for_is_counted_on_both_sides() -> Result<()> {
    const HELD: usize = 1_000_000;
    let collector = Server::start(Binary::Collector, &["--collector.queue-size-memory=1"]).await?;
    let agent = start_agent(&collector.address("collector.grpc")?.to_string(), &[]).await?;

    let mut other = TcpStream::connect(collector.address("collector.otlp.http")?).await?;
    let head = "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n";
    other.write_all(format!("{head}content-length: {}\r\n\r\n", HELD + 1).as_bytes()).await?;
    other.write_all(&vec![0; HELD]).await?;

    let packets = load::packets(100)?;
    send(&agent, &packets.bodies).await?;
    wait_for("the collector to say that it has no room", DEADLINE, async || {
        let ledger = Ledger::of(&agent).await?;
        ensure!(ledger.agent()?.spans.answered_not_ok > 0, "{ledger:?}");
        Ok(())
    })
    .await?;
    drop(other);
    let (agent, collector) = check_all_arrive(agent, collector, packets.spans() as u64).await?;
    let (agent, collector) = (agent.agent()?, collector.collector()?);
    let refused = collector.refused.get("queue_full").copied().unwrap_or(0);
    ensure!(refused == agent.spans.answered_not_ok, "{refused} were refused: {agent:?}");
    Ok(())
}

/// What an agent held while no collector was there is far more than one request may be: for its large spans, and for its many
/// processes, which stand once in a packet but with each span in a request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_cuts_what_it_holds_into_requests_that_a_collector_takes() -> Result<()> {
    let ports = Ports::free()?;
    let agent = start_agent(&ports.grpc, &[]).await?;
    let mut packets = Vec::new();
    for number in 0..60 {
        let large = load::Shape { process_bytes: 0, spans: 2, span_bytes: 25_000 };
        let many = load::Shape { process_bytes: 10_000, spans: 500, span_bytes: 0 };
        packets.extend([load::packet(number, large)?, load::packet(number, many)?]);
    }
    let spans = 60 * 502;
    send(&agent, &packets).await?;
    wait_for_held(&agent, spans).await?;
    let collector = start_collector(&ports, &[]).await?;
    check_all_arrive(agent, collector, spans).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_span_that_alone_is_over_the_collectors_limit_is_lost() -> Result<()> {
    let limit = "--collector.grpc-server.max-message-size=20000";
    let collector = Server::start(Binary::Collector, &[limit]).await?;
    let agent = start_agent(&collector.address("collector.grpc")?.to_string(), &[]).await?;
    let mut packets = load::packets(50)?.bodies;
    packets.push(load::packet(0, load::Shape { process_bytes: 0, spans: 1, span_bytes: 25_000 })?);
    send(&agent, &packets).await?;
    wait_for("each span to have its fate", DEADLINE, async || {
        let ledger = Ledger::of(&agent).await?;
        let spans = &ledger.agent()?.spans;
        ensure!((spans.decoded, spans.in_flight) == (1_001, 0), "{ledger:?}");
        Ok(())
    })
    .await?;
    let agent = Ledger::last(&agent.stop().await?)?;
    let collector = Ledger::last(&collector.stop().await?)?;
    let (agent, collector) = (agent.agent()?, collector.collector()?);
    let lost = agent.spans.dropped.get("too_large").copied();
    ensure!(lost == Some(1) && total(&agent.spans.dropped) == 1, "one span is too large: {agent:?}");
    ensure!(collector.stored == 1_000, "1,000 spans are not: {collector:?}");
    check_hop(agent, &[collector])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_agent_has_no_room_for_is_counted_under_its_reason() -> Result<()> {
    let ports = Ports::free()?;
    let agent = start_agent(&ports.grpc, &["--reporter.queue-size-memory=1"]).await?;
    let packets = load::packets(500)?;
    send(&agent, &packets.bodies).await?;
    let sent = packets.spans() as u64;
    let lost = wait_for("the agent to have decoded everything", DEADLINE, async || {
        let ledger = Ledger::of(&agent).await?;
        let spans = &ledger.agent()?.spans;
        ensure!(spans.decoded == sent, "{sent} were sent: {spans:?}");
        Ok(total(&spans.dropped))
    })
    .await?;
    ensure!(lost > 0 && lost < sent, "{lost} of {sent} spans found no room in 1 MiB");
    let metrics = http::get_text(agent.address("admin")?, "/metrics").await?;
    let counted = metrics.lines().filter(|line| line.starts_with("jaeger_agent_reporter_spans_failures_total{"));
    let counted: u64 = counted.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum();
    ensure!(counted == lost, "the metric that alerts watch has {counted} of {lost}");

    let collector = start_collector(&ports, &[]).await?;
    wait_for_held(&agent, 0).await?;
    let agent = Ledger::last(&agent.stop().await?)?;
    let collector = Ledger::last(&collector.stop().await?)?;
    let (agent, collector) = (agent.agent()?, collector.collector()?);
    ensure!(agent.spans.dropped.get("hold_full") == Some(&lost), "{lost} found no room: {agent:?}");
    ensure!(collector.stored == sent - lost, "{lost} of {sent} were lost: {collector:?}");
    check_hop(agent, &[collector])
}

async fn check_all_arrive(agent: Server, collector: Server, spans: u64) -> Result<(Ledger, Ledger)> {
    wait_for("the agent to have delivered everything", DEADLINE, async || {
        let ledger = Ledger::of(&agent).await?;
        ensure!(ledger.agent()?.spans.acknowledged == spans, "{ledger:?}");
        Ok(())
    })
    .await?;
    let agent = Ledger::last(&agent.stop().await?)?;
    let collector = Ledger::last(&collector.stop().await?)?;
    agent.agent()?.check_delivered()?;
    collector.collector()?.check_settled()?;
    check_hop(agent.agent()?, &[collector.collector()?])?;
    ensure!(collector.collector()?.stored == spans, "{spans} were sent: {collector:?}");
    Ok((agent, collector))
}
