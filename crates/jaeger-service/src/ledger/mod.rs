//! The ledger: what became of every packet and span. No silent loss is the first goal of the project, and this is where it is kept.
//!
//! *Refused* means that the sender was told and still has it; *dropped* that nobody has it. Each move between two columns takes the ledger's one
//! lock, once a batch, and a snapshot takes the same lock: so each snapshot balances. Served at `/ledger` on the admin port, as metrics
//! (`jaeger_ledger_*`), and as one log line when the process ends.

mod agent;
mod collector;
mod reasons;
mod stores;
mod tally;

pub use agent::{AgentLedger, AgentSnapshot, Attempt, Held, Packets, Receipt, Spans};
pub use collector::{AGENT_KEY, CollectorLedger, CollectorSnapshot, InFlight, Origin};
pub use reasons::{AgentDropped, CollectorDropped, CollectorRefused, PacketDropped, Reason, RequestRefused};
pub use stores::{StoreLine, StoreLines};
pub use tally::{ByService, Tally};

use serde::Serialize;

use crate::metrics::Registry;

/// The ledgers of one process: all-in-one has both.
#[derive(Clone, Debug, Default)]
pub struct Ledgers {
    /// The agent's, if the process has an agent.
    pub agent: Option<AgentLedger>,
    /// The collector's, if the process has a collector.
    pub collector: Option<CollectorLedger>,
    /// What came to be stored, if the process serves a store to others.
    pub remote_storage: Option<CollectorLedger>,
    /// Of each store, where spans are written to several.
    pub stores: StoreLines,
}

/// Why a process ends with work in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The shutdown deadline came.
    Deadline,
    /// A second stop signal came.
    SecondSignal,
}

#[derive(Serialize)]
struct Document {
    balanced: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<AgentDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    collector: Option<CollectorDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_storage: Option<CollectorSnapshot>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stores: Vec<StoreLine>,
}

#[derive(Serialize)]
struct AgentDocument {
    #[serde(flatten)]
    columns: AgentSnapshot,
    dropped_by_service: serde_json::Value,
}

#[derive(Serialize)]
struct CollectorDocument {
    #[serde(flatten)]
    columns: CollectorSnapshot,
    refused_by_service: serde_json::Value,
    dropped_by_service: serde_json::Value,
}

impl Ledgers {
    /// Whether the equations hold in a snapshot of each.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.agent.as_ref().is_none_or(|agent| agent.snapshot().balanced)
            && self.collector.as_ref().is_none_or(|collector| collector.snapshot().balanced)
            && self.remote_storage.as_ref().is_none_or(|served| served.snapshot().balanced)
            && self.stores.now().iter().all(StoreLine::balanced)
    }

    /// The page `/ledger` (see docs/metrics.md for its fields).
    #[must_use]
    pub fn json(&self) -> String {
        let agent = self.agent.as_ref().map(|ledger| {
            let columns = ledger.snapshot();
            AgentDocument { dropped_by_service: value(&columns.spans.dropped.by_service()), columns }
        });
        let collector = self.collector.as_ref().map(|ledger| {
            let columns = ledger.snapshot();
            CollectorDocument {
                refused_by_service: value(&columns.refused.by_service()),
                dropped_by_service: value(&columns.dropped.by_service()),
                columns,
            }
        });
        let remote_storage = self.remote_storage.as_ref().map(CollectorLedger::snapshot);
        let stores = self.stores.now();
        let document = Document {
            balanced: agent.as_ref().is_none_or(|agent| agent.columns.balanced)
                && collector.as_ref().is_none_or(|collector| collector.columns.balanced)
                && remote_storage.as_ref().is_none_or(|served| served.balanced)
                && stores.iter().all(StoreLine::balanced),
            agent,
            collector,
            remote_storage,
            stores,
        };
        // Numbers and text only: this cannot fail.
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// Puts the `jaeger_ledger_*` metrics on the admin page.
    pub fn register(&self, registry: &Registry) {
        if let Some(agent) = self.agent.clone() {
            registry.add_source(move |page| agent.sample(page));
        }
        if let Some(collector) = self.collector.clone() {
            registry.add_source(move |page| collector.sample(page));
        }
        if let Some(served) = self.remote_storage.clone() {
            registry.add_source(move |page| served.sample_remote_storage(page));
        }
        let stores = self.stores.clone();
        registry.add_source(move |page| stores.sample(page));
    }

    /// Writes off what is still in hand, so that the last snapshot says so. Gives the packets and spans written off.
    pub fn write_off(&self, cut: Cut) -> (u64, u64) {
        let (packet, agent, collector) = match cut {
            Cut::Deadline => {
                (PacketDropped::ShutdownDeadline, AgentDropped::ShutdownDeadline, CollectorDropped::ShutdownDeadline)
            }
            Cut::SecondSignal => {
                (PacketDropped::SecondSignal, AgentDropped::SecondSignal, CollectorDropped::SecondSignal)
            }
        };
        let (packets, held) = self.agent.as_ref().map_or((0, 0), |ledger| ledger.write_off(packet, agent));
        let in_flight = self.collector.as_ref().map_or(0, |ledger| ledger.write_off(collector));
        let served = self.remote_storage.as_ref().map_or(0, |ledger| ledger.write_off(collector));
        (packets, held + in_flight + served)
    }

    /// Logs the last snapshot as one line. Called once, when the process ends.
    pub fn log_last(&self) {
        tracing::info!(ledger = %self.json(), "Last ledger");
    }
}

fn value(rows: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(rows).unwrap_or_default()
}

#[cfg(test)]
mod tests;
