//! The ledger balances at every moment, under load.
//!
//! Guarantees: in 1,000 snapshots of the agent and of the collector, taken while spans come in over UDP, api_v2 and OTLP at
//! once, every span stands in exactly one column; and at rest agent and collector agree on what went over the hop.

use std::io::Write;
use std::time::Duration;

use anyhow::{Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::ledger::{Ledger, check_hop, total};
use jaeger_tests::load::Load;
use jaeger_tests::server::Server;
use jaeger_tests::wait::wait_for;

const SNAPSHOTS: usize = 1_000;
const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_balances_in_a_thousand_snapshots_under_load() -> Result<()> {
    let collector = Server::start(Binary::Collector, &[]).await?;
    let flag = format!("--reporter.grpc.host-port={}", collector.address("collector.grpc")?);
    let agent = Server::start(Binary::Agent, &[&flag]).await?;
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
        ensure!(ledger.packets.received + ledger.packets.kernel_dropped == sent.packets, "{sent:?}: {ledger:?}");
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
