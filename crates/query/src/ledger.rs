//! `GET /api/ledger`: the totals of what the process around this service received, stored and lost, for the page's
//! foot. Reasons and services stand in `/ledger` on the admin port.

use jaeger_service::ledger::Ledgers;
use serde::Serialize;

use crate::error::ApiError;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Totals {
    received: u64,
    stored: u64,
    in_flight: u64,
    refused: u64,
    dropped: u64,
    dropped_packets: u64,
}

/// The totals, in one snapshot of each ledger.
pub(crate) fn totals(ledgers: &Ledgers) -> Result<Vec<u8>, ApiError> {
    let collector = ledgers.collector.as_ref().ok_or(ApiError::NoLedger)?.snapshot();
    let agent = ledgers.agent.as_ref().map(|agent| agent.snapshot());
    let by_agent = agent.as_ref().map_or((0, 0), |agent| (agent.spans.dropped.total(), agent.packets.dropped.total()));
    let totals = Totals {
        received: collector.received,
        stored: collector.stored,
        in_flight: collector.in_flight,
        refused: collector.refused.total(),
        dropped: collector.dropped.total().saturating_add(by_agent.0),
        dropped_packets: by_agent.1,
    };
    // Numbers alone cannot fail.
    Ok(serde_json::to_vec(&totals).unwrap_or_default())
}
