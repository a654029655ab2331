//! What came in so far, what was refused, what is stored.

use jaeger_service::ledger::Ledgers;
use jaeger_storage::StoreStatus;

use super::html::Html;

pub(super) fn write(page: &mut Html, ledgers: &Ledgers, store: &StoreStatus) {
    page.raw("<h2>So far</h2><table>");
    if let Some(agent) = ledgers.agent.as_ref().map(|ledger| ledger.snapshot()) {
        row(page, "UDP packets received", agent.packets.received, "");
        let lost = agent.packets.dropped.rows().filter(|(_, packets)| *packets > 0);
        for (reason, packets) in lost {
            row(page, "UDP packets dropped", packets, reason);
        }
        for (reason, spans) in agent.spans.dropped.rows().filter(|(_, spans)| *spans > 0) {
            row(page, "spans dropped by the agent", spans, reason);
        }
    }
    if let Some(collector) = ledgers.collector.as_ref().map(|ledger| ledger.snapshot()) {
        row(page, "spans received", collector.received, "");
        row(page, "spans stored", collector.stored, "");
        row(page, "spans in flight", collector.in_flight, "");
        row(page, "spans refused", collector.refused.total(), "the sender was told");
        for (reason, spans) in collector.refused.rows().filter(|(_, spans)| *spans > 0) {
            row(page, "of them", spans, reason);
        }
        row(page, "spans dropped", collector.dropped.total(), "");
        for (reason, spans) in collector.dropped.rows().filter(|(_, spans)| *spans > 0) {
            row(page, "of them", spans, reason);
        }
        for (reason, requests) in collector.requests_refused.rows().filter(|(_, requests)| *requests > 0) {
            row(page, "requests refused", requests, reason);
        }
    }
    if let Some(spans) = store.spans {
        row(page, "spans in the store", spans, &store.description);
    }
    if store.evicted_spans > 0 {
        row(page, "spans that gave way to newer ones", store.evicted_spans, "the store is at its bound");
    }
    page.raw("</table>");
}

fn row(page: &mut Html, what: &str, count: u64, note: &str) {
    page.raw("<tr><td>").text(what).raw("</td><td class=n>").show(count).raw("</td><td class=dim>");
    page.text(note).raw("</td></tr>");
}
