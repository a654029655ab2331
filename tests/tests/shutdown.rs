//! Start and stop lose nothing, under load too.
//!
//! Guarantees: what a sender was told is stored is stored, whenever SIGTERM comes; what an agent has received is delivered;
//! agent and collector agree on every span between them; order of start and restarts of the collector don't matter; a stop
//! with nothing to do is short, and a second signal ends at once and counts what it cost.
//!
//! `STOP_ROUNDS` says how often each stop under load is done: 5 unless it is set, 50 in `make chaos`.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::hop::{
    DEADLINE, Ports, check_received, send_packets, start_agent, start_collector, wait_for_delivery, wait_for_held,
    wait_for_load,
};
use jaeger_tests::ledger::{Ledger, check_hop, total};
use jaeger_tests::load::Load;
use jaeger_tests::port;
use jaeger_tests::server::Server;
use jaeger_tests::wait::wait_for;
use nix::sys::signal::Signal;

const STOP: [&str; 3] = ["--shutdown.deadline=5s", "--shutdown.lame-duck=500ms", "--shutdown.quiet=500ms"];
/// A stop that gives up soon.
const SHORT_STOP: [&str; 3] = ["--shutdown.deadline=1s", "--shutdown.lame-duck=0s", "--shutdown.quiet=100ms"];
/// One of `--shutdown.*` as it is anyway, so that the others are too.
const DEFAULT_STOP: [&str; 1] = ["--shutdown.deadline=25s"];
/// The exit code that a shell gives a process that SIGTERM has ended.
const TERMINATED: i32 = 143;

fn rounds() -> Result<usize> {
    match std::env::var("STOP_ROUNDS") {
        Ok(text) => text.parse().with_context(|| format!("STOP_ROUNDS={text} is no number")),
        Err(_) => Ok(5),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_is_stopped_under_load_has_delivered_what_it_received() -> Result<()> {
    for round in 0..rounds()? {
        stop_agent_under_load().await.with_context(|| format!("in round {round}"))?;
    }
    Ok(())
}

async fn stop_agent_under_load() -> Result<()> {
    let collector = Server::start(Binary::Collector, &STOP).await?;
    let agent = start_agent(&collector.address("collector.grpc")?.to_string(), &STOP).await?;
    let load = Load::new().udp(&agent).await?.direct(&collector)?;
    wait_for_load(&collector).await?;
    let sent_before = load.datagrams();
    agent.signal(Signal::SIGTERM)?;
    // The load goes on until the agent has gone, and beyond.
    let ended = agent.ended().await?;
    ensure!(ended.status.success(), "the agent ended with {}; its log: {}", ended.status, ended.stopped.log);
    let (told, sent) = load.stop().await?;

    let agent = Ledger::last(&ended.stopped)?;
    let collector = Ledger::last(&collector.stop().await?)?;
    let (agent, collector) = (agent.agent()?, collector.collector()?);
    agent.check_delivered()?;
    collector.check_settled()?;
    check_hop(agent, &[collector])?;
    told.check(&[collector])?;
    ensure!(sent.packets > sent_before.packets, "nothing was taken after the signal");
    check_received(agent, sent)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_replaced_under_load_has_stored_what_it_acknowledged() -> Result<()> {
    for round in 0..rounds()? {
        replace_collector_under_load().await.with_context(|| format!("in round {round}"))?;
    }
    Ok(())
}

async fn replace_collector_under_load() -> Result<()> {
    let ports = Ports::free()?;
    let first = start_collector(&ports, &STOP).await?;
    let agent = start_agent(&ports.grpc, &STOP).await?;
    let load = Load::new().udp(&agent).await?.direct(&first)?;
    wait_for_load(&first).await?;
    first.signal(Signal::SIGTERM)?;
    let ended = first.ended().await?;
    ensure!(ended.status.success(), "the collector ended with {}; its log: {}", ended.status, ended.stopped.log);
    let first = Ledger::last(&ended.stopped)?;
    let told_by_first = load.told();

    // The agent holds what comes meanwhile.
    let decoded = Ledger::of(&agent).await?.agent()?.spans.decoded;
    wait_for("more spans to come while no collector is there", DEADLINE, async || {
        let now = Ledger::of(&agent).await?.agent()?.spans.decoded;
        ensure!(now > decoded, "{now} spans are decoded");
        Ok(())
    })
    .await?;
    let second = start_collector(&ports, &STOP).await?;
    wait_for("the agent to deliver to the new collector", DEADLINE, async || {
        ensure!(Ledger::of(&second).await?.collector()?.stored_from_agents > 0, "nothing is stored yet");
        Ok(())
    })
    .await?;
    wait_for("other senders to reach the new collector", DEADLINE, async || {
        ensure!(load.told().ok > told_by_first.ok, "nobody was told OK again");
        Ok(())
    })
    .await?;
    let (told, sent) = load.stop().await?;
    wait_for_delivery(&agent, sent).await?;

    let agent = Ledger::last(&agent.stop().await?)?;
    let second = Ledger::last(&second.stop().await?)?;
    let (agent, first, second) = (agent.agent()?, first.collector()?, second.collector()?);
    first.check_settled()?;
    second.check_settled()?;
    agent.check_delivered()?;
    check_hop(agent, &[first, second])?;
    told.check(&[first, second])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agent_and_collector_that_are_stopped_together_account_for_every_span() -> Result<()> {
    for round in 0..rounds()?.div_ceil(5) {
        stop_both_under_load().await.with_context(|| format!("in round {round}"))?;
    }
    Ok(())
}

/// Where the collector goes first the agent cannot deliver what comes later: that is lost, and must be counted.
async fn stop_both_under_load() -> Result<()> {
    let collector = Server::start(Binary::Collector, &STOP).await?;
    let agent = start_agent(&collector.address("collector.grpc")?.to_string(), &STOP).await?;
    let load = Load::new().udp(&agent).await?.direct(&collector)?;
    wait_for_load(&collector).await?;
    agent.signal(Signal::SIGTERM)?;
    collector.signal(Signal::SIGTERM)?;
    let (agent, collector) = tokio::try_join!(agent.ended(), collector.ended())?;
    let (told, sent) = load.stop().await?;
    ensure!(collector.status.success(), "the collector ended with {}", collector.status);

    let (agent, collector) = (Ledger::last(&agent.stopped)?, Ledger::last(&collector.stopped)?);
    let (agent, collector) = (agent.agent()?, collector.collector()?);
    ensure!(agent.packets.queued == 0 && agent.spans.in_flight == 0, "something has no fate: {agent:?}");
    let lost = total(&agent.spans.dropped);
    let at_deadline = agent.spans.dropped.get("shutdown_deadline").copied().unwrap_or(0);
    ensure!(lost == at_deadline, "spans were lost for another reason than the deadline: {agent:?}");
    check_received(agent, sent)?;
    collector.check_settled()?;
    check_hop(agent, &[collector])?;
    told.check(&[collector])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_in_one_that_is_stopped_under_load_has_stored_what_it_received() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &STOP).await?;
    let load = Load::new().udp(&server).await?.direct(&server)?;
    wait_for_load(&server).await?;
    server.signal(Signal::SIGTERM)?;
    let ended = server.ended().await?;
    ensure!(ended.status.success(), "all-in-one ended with {}; its log: {}", ended.status, ended.stopped.log);
    let (told, sent) = load.stop().await?;
    let ledger = Ledger::last(&ended.stopped)?;
    let (agent, collector) = (ledger.agent()?, ledger.collector()?);
    check_received(agent, sent)?;
    agent.check_delivered()?;
    collector.check_settled()?;
    check_hop(agent, &[collector])?;
    told.check(&[collector])
}

/// In a pod both get the signal at once, and the application flushes last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_that_the_application_sends_for_five_seconds_after_sigterm_are_stored() -> Result<()> {
    const GOES_ON: Duration = Duration::from_secs(5);
    let collector = Server::start(Binary::Collector, &[]).await?;
    let agent = start_agent(&collector.address("collector.grpc")?.to_string(), &DEFAULT_STOP).await?;
    let load = Load::new().udp(&agent).await?;
    wait_for("the first spans to be stored", DEADLINE, async || {
        ensure!(Ledger::of(&collector).await?.collector()?.stored_from_agents > 0, "nothing is stored yet");
        Ok(())
    })
    .await?;
    agent.signal(Signal::SIGTERM)?;
    let before = load.datagrams();
    // The application's own time, not a wait for anything.
    tokio::time::sleep(GOES_ON).await;
    let (_told, sent) = load.stop().await?;
    ensure!(sent.packets > before.packets, "the application sent nothing after the signal");

    let ended = agent.ended().await?;
    ensure!(ended.status.success(), "the agent ended with {}; its log: {}", ended.status, ended.stopped.log);
    let agent = Ledger::last(&ended.stopped)?;
    let collector = Ledger::last(&collector.stop().await?)?;
    let (agent, collector) = (agent.agent()?, collector.collector()?);
    check_hop(agent, &[collector])?;
    ensure!(agent.spans.acknowledged == sent.spans, "{sent:?} were sent: {agent:?}");
    ensure!(collector.stored == sent.spans, "{sent:?} were sent: {collector:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_with_nothing_to_do_is_short() -> Result<()> {
    let all_in_one = Server::start(Binary::AllInOne, &DEFAULT_STOP).await?;
    let collector = Server::start(Binary::Collector, &DEFAULT_STOP).await?;
    let agent = start_agent(&collector.address("collector.grpc")?.to_string(), &DEFAULT_STOP).await?;
    let query = Server::start(Binary::Query, &DEFAULT_STOP).await?;
    tokio::try_join!(
        stop_idle("all-in-one", all_in_one),
        stop_idle("agent", agent),
        stop_idle("collector", collector),
        stop_idle("query", query)
    )?;
    Ok(())
}

async fn stop_idle(name: &str, server: Server) -> Result<()> {
    // 4 s is the goal; a machine that is busy with other tests gets twice that.
    const MOST: Duration = Duration::from_secs(8);
    let began = Instant::now();
    server.stop().await?;
    let took = began.elapsed();
    let text = format!("SIGTERM to exit of {name} with nothing to do: {} ms\n", took.as_millis());
    std::io::stderr().write_all(text.as_bytes())?;
    ensure!(took <= MOST, "{text}");
    Ok(())
}

#[tokio::test]
async fn a_second_signal_ends_at_once_and_counts_what_it_cost() -> Result<()> {
    let agent = start_agent(&port::free()?, &DEFAULT_STOP).await?;
    let sent = send_packets(&agent, 50).await?;
    wait_for_held(&agent, sent.spans).await?;
    agent.signal(Signal::SIGTERM)?;
    let ledger = end_by_second_signal(agent).await?;
    let dropped = &ledger.agent()?.spans.dropped;
    ensure!(dropped.get("second_signal") == Some(&sent.spans), "{sent:?} were held: {dropped:?}");
    ensure!(total(dropped) == sent.spans, "{sent:?} were held: {dropped:?}");
    Ok(())
}

#[tokio::test]
async fn a_second_signal_ends_a_collector_in_its_lame_duck_time() -> Result<()> {
    let collector = Server::start(Binary::Collector, &["--shutdown.lame-duck=20s"]).await?;
    collector.signal(Signal::SIGTERM)?;
    let ledger = end_by_second_signal(collector).await?;
    ensure!(total(&ledger.collector()?.dropped) == 0, "nothing was there to lose: {ledger:?}");
    Ok(())
}

/// The first one is on its way already.
async fn end_by_second_signal(server: Server) -> Result<Ledger> {
    wait_for("the server to hear the first signal", DEADLINE, async || {
        ensure!(server.log().contains("\"msg\":\"Stopping\""), "its log: {}", server.log());
        Ok(())
    })
    .await?;
    server.signal(Signal::SIGTERM)?;
    let ended = server.ended().await?;
    ensure!(ended.status.code() == Some(TERMINATED), "it ended with {}: {}", ended.status, ended.stopped.log);
    Ledger::last(&ended.stopped)
}

#[tokio::test]
async fn what_is_held_at_the_deadline_counts_as_lost_to_it() -> Result<()> {
    let agent = start_agent(&port::free()?, &SHORT_STOP).await?;
    let sent = send_packets(&agent, 50).await?;
    wait_for_held(&agent, sent.spans).await?;
    agent.signal(Signal::SIGTERM)?;
    let ended = agent.ended().await?;
    let ledger = Ledger::last(&ended.stopped)?;
    let dropped = &ledger.agent()?.spans.dropped;
    ensure!(dropped.get("shutdown_deadline") == Some(&sent.spans), "{sent:?} were held: {dropped:?}");
    ensure!(ended.stopped.log.contains("\"level\":\"error\""), "the loss is not in the log: {}", ended.stopped.log);
    Ok(())
}

/// A collector that hangs has got the spans all the same, and stores them when it goes on.
#[tokio::test]
async fn what_the_end_of_an_agent_cuts_off_may_have_reached_the_collector() -> Result<()> {
    let collector = Server::start(Binary::Collector, &[]).await?;
    let agent = start_agent(&collector.address("collector.grpc")?.to_string(), &SHORT_STOP).await?;
    wait_for_delivery(&agent, send_packets(&agent, 10).await?).await?;
    collector.freeze().await?;
    let cut_off = send_packets(&agent, 20).await?;
    wait_for_held(&agent, cut_off.spans).await?;
    agent.signal(Signal::SIGTERM)?;
    let ended = agent.ended().await?;
    collector.signal(Signal::SIGCONT)?;
    let agent = Ledger::last(&ended.stopped)?;
    let collector = Ledger::last(&collector.stop().await?)?;
    let spans = &agent.agent()?.spans;
    ensure!(spans.dropped.get("shutdown_deadline") == Some(&cut_off.spans), "{cut_off:?} were held: {spans:?}");
    ensure!(spans.unanswered == cut_off.spans, "{cut_off:?} were sent and not answered: {spans:?}");
    check_hop(agent.agent()?, &[collector.collector()?])?;
    let reached = collector.collector()?.received_from_agents - spans.acknowledged;
    let text = format!("{reached} of {} spans that the agent's end cut off had reached the collector\n", cut_off.spans);
    Ok(std::io::stderr().write_all(text.as_bytes())?)
}

#[tokio::test]
async fn an_agent_that_starts_first_holds_spans_until_its_collector_is_there() -> Result<()> {
    let ports = Ports::free()?;
    let agent = start_agent(&ports.grpc, &STOP).await?;
    let sent = send_packets(&agent, 100).await?;
    wait_for_held(&agent, sent.spans).await?;
    let collector = start_collector(&ports, &STOP).await?;
    wait_for_delivery(&agent, sent).await?;
    let agent = Ledger::last(&agent.stop().await?)?;
    let collector = Ledger::last(&collector.stop().await?)?;
    check_hop(agent.agent()?, &[collector.collector()?])?;
    ensure!(collector.collector()?.stored == sent.spans, "{sent:?} were sent: {collector:?}");
    Ok(())
}

#[tokio::test]
async fn an_agent_with_two_collectors_delivers_to_the_one_that_is_there() -> Result<()> {
    let ports = Ports::free()?;
    let collector = start_collector(&ports, &STOP).await?;
    let agent = start_agent(&format!("{},{}", port::free()?, ports.grpc), &STOP).await?;
    let sent = send_packets(&agent, 100).await?;
    wait_for_delivery(&agent, sent).await?;
    let agent = Ledger::last(&agent.stop().await?)?;
    let collector = Ledger::last(&collector.stop().await?)?;
    check_hop(agent.agent()?, &[collector.collector()?])?;
    ensure!(collector.collector()?.stored == sent.spans, "{sent:?} were sent: {collector:?}");
    Ok(())
}
