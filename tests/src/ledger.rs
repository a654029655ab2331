//! `/ledger` as a test sees it: the columns read from JSON and the equations computed anew, not taken on the server's word.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::http;
use crate::server::{Server, Stopped};

/// Counts by reason.
pub type Reasons = BTreeMap<String, u64>;

/// One snapshot of a process.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Ledger {
    balanced: bool,
    agent: Option<Agent>,
    collector: Option<Collector>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Agent {
    balanced: bool,
    pub packets: Packets,
    pub spans: Spans,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Packets {
    pub received: u64,
    pub kernel_dropped: u64,
    pub decoded: u64,
    pub queued: u64,
    pub dropped: Reasons,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Spans {
    pub decoded: u64,
    pub acknowledged: u64,
    pub in_flight: u64,
    pub dropped: Reasons,
    pub answered_not_ok: u64,
    pub unanswered: u64,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Collector {
    balanced: bool,
    pub received: u64,
    pub stored: u64,
    pub in_flight: u64,
    pub refused: Reasons,
    pub dropped: Reasons,
    pub received_from_agents: u64,
    pub stored_from_agents: u64,
    pub requests_refused: Reasons,
}

/// The sum over all reasons.
pub fn total(reasons: &Reasons) -> u64 {
    reasons.values().sum()
}

impl Ledger {
    /// The snapshot of this moment, checked.
    pub async fn of(server: &Server) -> Result<Self> {
        let text = http::get_text(server.address("admin")?, "/ledger").await?;
        Self::parse(&text)
    }

    /// The last snapshot, which the log holds as one line, checked.
    pub fn last(stopped: &Stopped) -> Result<Self> {
        let lines = stopped.log.lines().filter(|line| line.contains("\"msg\":\"Last ledger\"")).count();
        ensure!(lines == 1, "the last ledger stands in {lines} lines of the log, not in one: {}", stopped.log);
        Self::parse(&stopped.ledger()?.to_string())
    }

    /// The last snapshot in a log, checked.
    pub fn in_log(log: &str) -> Result<Self> {
        let line =
            log.lines().find(|line| line.contains("\"msg\":\"Last ledger\"")).context("no last ledger in the log")?;
        let line: serde_json::Value = serde_json::from_str(line)?;
        // A document inside a log field is text.
        Self::parse(line["ledger"].as_str().context("the log's line has no ledger")?)
    }

    /// A snapshot, checked.
    pub fn parse(text: &str) -> Result<Self> {
        let ledger: Self = serde_json::from_str(text).with_context(|| format!("not a ledger: {text}"))?;
        let parts = (ledger.agent.as_ref().map(Agent::check), ledger.collector.as_ref().map(Collector::check));
        let parts = [parts.0.unwrap_or(Ok(())), parts.1.unwrap_or(Ok(()))];
        parts.into_iter().collect::<Result<()>>().with_context(|| text.to_owned())?;
        ensure!(ledger.balanced, "the ledger says that it does not balance: {text}");
        Ok(ledger)
    }

    pub fn agent(&self) -> Result<&Agent> {
        self.agent.as_ref().context("the ledger has no agent's part")
    }

    pub fn collector(&self) -> Result<&Collector> {
        self.collector.as_ref().context("the ledger has no collector's part")
    }
}

impl Agent {
    fn check(&self) -> Result<()> {
        let (packets, spans) = (&self.packets, &self.spans);
        let [came, went] =
            [packets.received + packets.kernel_dropped, packets.decoded + packets.queued + total(&packets.dropped)];
        ensure!(came == went, "packets: received + kernel_dropped = {came}, decoded + queued + dropped = {went}");
        let went = spans.acknowledged + spans.in_flight + total(&spans.dropped);
        ensure!(spans.decoded == went, "spans: decoded = {}, the rest = {went}", spans.decoded);
        ensure!(self.balanced, "the agent's part says that it does not balance");
        Ok(())
    }

    /// Nothing waits any more, and nothing was lost after it had reached the agent.
    pub fn check_delivered(&self) -> Result<()> {
        ensure!(self.packets.queued == 0 && self.spans.in_flight == 0, "the agent still holds something: {self:?}");
        let lost = total(&self.packets.dropped) - self.packets.kernel_dropped;
        ensure!(lost == 0, "the agent dropped packets: {self:?}");
        ensure!(total(&self.spans.dropped) == 0, "the agent dropped spans: {self:?}");
        Ok(())
    }
}

impl Collector {
    fn check(&self) -> Result<()> {
        let went = self.stored + self.in_flight + total(&self.refused) + total(&self.dropped);
        ensure!(self.received == went, "spans: received = {}, the rest = {went}", self.received);
        ensure!(self.stored_from_agents <= self.received_from_agents, "more stored than received from agents");
        ensure!(self.received_from_agents <= self.received, "more received from agents than from all");
        ensure!(self.balanced, "the collector's part says that it does not balance");
        Ok(())
    }

    /// Nothing waits any more, and nothing was lost.
    pub fn check_settled(&self) -> Result<()> {
        ensure!(self.in_flight == 0, "the collector still holds something: {self:?}");
        ensure!(total(&self.dropped) == 0, "the collector dropped spans: {self:?}");
        Ok(())
    }
}

/// Agent and its collectors, one after the other, at rest: what left the one reached the others.
pub fn check_hop(agent: &Agent, collectors: &[&Collector]) -> Result<()> {
    check_hops(&[agent], collectors)
}

/// The same for several agents.
pub fn check_hops(agents: &[&Agent], collectors: &[&Collector]) -> Result<()> {
    let of_agents = |of: fn(&Spans) -> u64| agents.iter().map(|agent| of(&agent.spans)).sum::<u64>();
    let acknowledged = of_agents(|spans| spans.acknowledged);
    let not_ok = of_agents(|spans| spans.answered_not_ok);
    let unanswered = of_agents(|spans| spans.unanswered);
    let received: u64 = collectors.iter().map(|collector| collector.received_from_agents).sum();
    let stored: u64 = collectors.iter().map(|collector| collector.stored_from_agents).sum();
    let answered = acknowledged + not_ok;
    let fits = received >= answered && received - answered <= unanswered;
    ensure!(
        fits,
        "received from agents {received} is not acknowledged {acknowledged} + answered not OK {not_ok} + at most {unanswered} unanswered"
    );
    ensure!(
        acknowledged <= stored,
        "{acknowledged} spans were acknowledged to agents but only {stored} of agents are stored"
    );
    Ok(())
}
