//! The collector's ledger, in spans: received = stored + in flight + refused + dropped.
//!
//! A receiver calls [`CollectorLedger::receive`] once a request and gets [`InFlight`], which travels with the request and is settled where its fate
//! is known. Whatever of it is not settled when it is dropped counts as dropped{abandoned}, so no path can lose spans silently.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;

use super::reasons::{CollectorDropped, CollectorRefused, Reason, RequestRefused};
use super::tally::Tally;
use crate::metrics::{Counter, Page};

/// Who sent the spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// One of our agents: its request carries the gRPC metadata key [`AGENT_KEY`].
    Agent,
    /// Anything else.
    Other,
}

/// The gRPC metadata key by which our agent makes itself known to the collector. Its value is the number of spans in the request, so that
/// they can be counted where the request is refused before it was read.
pub const AGENT_KEY: &str = "jaeger-agent";

#[derive(Clone, Debug, Default)]
struct Columns {
    received: u64,
    stored: u64,
    in_flight: u64,
    received_from_agents: u64,
    stored_from_agents: u64,
    refused: Tally<CollectorRefused>,
    dropped: Tally<CollectorDropped>,
    requests_refused: Tally<RequestRefused>,
    /// Set once what is in flight was written off.
    written_off: Option<CollectorDropped>,
}

impl Columns {
    /// Takes spans out of flight to move them into another column; after a write-off they stand in its column.
    fn take(&mut self, spans: u64) -> u64 {
        match self.written_off {
            None => {
                let taken = spans.min(self.in_flight);
                self.in_flight -= taken;
                taken
            }
            Some(reason) => self.dropped.take(reason, spans),
        }
    }
}

/// The collector's ledger; clones are the same ledger.
#[derive(Clone, Debug, Default)]
pub struct CollectorLedger {
    columns: Arc<Mutex<Columns>>,
    /// Go Jaeger's `jaeger_collector_spans_dropped_total`, which counts what alerts call dropped whether the sender was told or not.
    spans_dropped: Counter,
}

impl CollectorLedger {
    /// A ledger that counts into Go Jaeger's dropped counter too.
    #[must_use]
    pub fn new(spans_dropped: Counter) -> Self {
        CollectorLedger { columns: Arc::default(), spans_dropped }
    }

    /// Counts a request's spans as received and in flight.
    #[must_use = "spans that are not settled count as abandoned"]
    pub fn receive(&self, spans: u64, origin: Origin) -> InFlight {
        let mut columns = self.columns.lock();
        columns.received += spans;
        columns.in_flight += spans;
        if origin == Origin::Agent {
            columns.received_from_agents += spans;
        }
        if let Some(reason) = columns.written_off {
            columns.in_flight -= spans;
            columns.dropped.add(reason, spans, None);
            if reason.go_metric() == SPANS_DROPPED {
                self.spans_dropped.increment(spans);
            }
        }
        drop(columns);
        InFlight { ledger: self.clone(), origin, spans }
    }

    /// Counts a request that was refused before its spans were known.
    pub fn refuse_request(&self, reason: RequestRefused) {
        self.columns.lock().requests_refused.add(reason, 1, None);
    }

    /// Writes off what is in flight: at the shutdown deadline, or at a second signal. What the store still answers afterwards moves to stored.
    pub fn write_off(&self, reason: CollectorDropped) -> u64 {
        let mut columns = self.columns.lock();
        if columns.written_off.is_some() {
            return 0;
        }
        let spans = std::mem::take(&mut columns.in_flight);
        columns.dropped.add(reason, spans, None);
        columns.written_off = Some(reason);
        drop(columns);
        if reason.go_metric() == SPANS_DROPPED {
            self.spans_dropped.increment(spans);
        }
        spans
    }

    /// All columns at one moment.
    #[must_use]
    pub fn snapshot(&self) -> CollectorSnapshot {
        let columns = self.columns.lock().clone();
        CollectorSnapshot {
            balanced: columns.received
                == columns.stored + columns.in_flight + columns.refused.total() + columns.dropped.total(),
            received: columns.received,
            stored: columns.stored,
            in_flight: columns.in_flight,
            refused: columns.refused,
            dropped: columns.dropped,
            received_from_agents: columns.received_from_agents,
            stored_from_agents: columns.stored_from_agents,
            requests_refused: columns.requests_refused,
        }
    }

    /// Writes the `jaeger_ledger_remote_storage_*` metrics of one snapshot, where this is the ledger of a process that serves a store.
    pub fn sample_remote_storage(&self, page: &mut Page) {
        let now = self.snapshot();
        let spans = "jaeger_ledger_remote_storage_spans_total";
        let help = "Spans that came to be stored by column: received = stored + in flight + refused + dropped.";
        page.counter(spans, help, &[("column", "received"), ("reason", "")], now.received);
        page.counter(spans, help, &[("column", "stored"), ("reason", "")], now.stored);
        for (reason, count) in now.refused.rows() {
            page.counter(spans, help, &[("column", "refused"), ("reason", reason)], count);
        }
        for (reason, count) in now.dropped.rows() {
            page.counter(spans, help, &[("column", "dropped"), ("reason", reason)], count);
        }
        page.gauge(
            "jaeger_ledger_remote_storage_spans_in_flight",
            "Spans received that the store has not answered yet.",
            &[],
            now.in_flight,
        );
        for (reason, count) in now.requests_refused.rows() {
            page.counter(
                "jaeger_ledger_remote_storage_requests_refused_total",
                "Requests refused before their spans were known.",
                &[("reason", reason)],
                count,
            );
        }
    }

    /// Writes the `jaeger_ledger_collector_*` metrics of one snapshot.
    pub fn sample(&self, page: &mut Page) {
        let now = self.snapshot();
        let spans = "jaeger_ledger_collector_spans_total";
        let help = "Spans of the collector's ledger by column: received = stored + in flight + refused + dropped.";
        page.counter(spans, help, &[("column", "received"), ("reason", "")], now.received);
        page.counter(spans, help, &[("column", "stored"), ("reason", "")], now.stored);
        for (reason, count) in now.refused.rows() {
            page.counter(spans, help, &[("column", "refused"), ("reason", reason)], count);
        }
        for (reason, count) in now.dropped.rows() {
            page.counter(spans, help, &[("column", "dropped"), ("reason", reason)], count);
        }
        page.gauge(
            "jaeger_ledger_collector_spans_in_flight",
            "Spans received whose fate is not known yet.",
            &[],
            now.in_flight,
        );
        let hop = "jaeger_ledger_collector_from_agents_spans_total";
        let help = "The part of received and stored that came from jaeger-agent.";
        page.counter(hop, help, &[("column", "received")], now.received_from_agents);
        page.counter(hop, help, &[("column", "stored")], now.stored_from_agents);
        for (reason, count) in now.requests_refused.rows() {
            page.counter(
                "jaeger_ledger_collector_requests_refused_total",
                "Requests refused before their spans were known.",
                &[("reason", reason)],
                count,
            );
        }
    }
}

const SPANS_DROPPED: &str = "jaeger_collector_spans_dropped_total";

/// Spans in flight: received, fate not known yet.
#[must_use = "spans that are not settled count as abandoned"]
pub struct InFlight {
    ledger: CollectorLedger,
    origin: Origin,
    spans: u64,
}

impl InFlight {
    /// Spans not settled yet.
    #[must_use]
    pub fn spans(&self) -> u64 {
        self.spans
    }

    /// Who sent them.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The store said that it has `spans` of them.
    pub fn store(&mut self, spans: u64) {
        let spans = self.claim(spans);
        let mut columns = self.ledger.columns.lock();
        let spans = columns.take(spans);
        columns.stored += spans;
        if self.origin == Origin::Agent {
            columns.stored_from_agents += spans;
        }
    }

    /// The sender is told that `spans` of them were not taken, and keeps them.
    pub fn refuse(&mut self, reason: CollectorRefused, spans: u64, service: Option<&str>) {
        let spans = self.claim(spans);
        let mut columns = self.ledger.columns.lock();
        let spans = columns.take(spans);
        columns.refused.add(reason, spans, service);
        drop(columns);
        if reason.go_metric() == SPANS_DROPPED {
            self.ledger.spans_dropped.increment(spans);
        }
    }

    /// Nobody has `spans` of them any more.
    pub fn drop_spans(&mut self, reason: CollectorDropped, spans: u64, service: Option<&str>) {
        let spans = self.claim(spans);
        let mut columns = self.ledger.columns.lock();
        let spans = columns.take(spans);
        columns.dropped.add(reason, spans, service);
        drop(columns);
        if reason.go_metric() == SPANS_DROPPED {
            self.ledger.spans_dropped.increment(spans);
        }
    }

    /// Splits off `spans` (at most what is left), for a request that goes on in parts.
    pub fn split(&mut self, spans: u64) -> InFlight {
        let spans = self.claim(spans);
        InFlight { ledger: self.ledger.clone(), origin: self.origin, spans }
    }

    fn claim(&mut self, spans: u64) -> u64 {
        let spans = spans.min(self.spans);
        self.spans -= spans;
        spans
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if self.spans > 0 {
            let written_off = self.ledger.columns.lock().written_off;
            // After a write-off they are counted already.
            if written_off.is_none() {
                self.drop_spans(CollectorDropped::Abandoned, self.spans, None);
            }
        }
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("spans", &self.spans).field("origin", &self.origin).finish()
    }
}

/// All columns of the collector's ledger at one moment. All numbers are spans, but `requests_refused`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CollectorSnapshot {
    /// Whether received = stored + in flight + refused + dropped.
    pub balanced: bool,
    /// Decoded from requests, of every sender.
    pub received: u64,
    /// Durable in the store's own sense.
    pub stored: u64,
    /// Received, fate not known yet.
    pub in_flight: u64,
    /// The sender was told and still has them.
    pub refused: Tally<CollectorRefused>,
    /// Nobody has them.
    pub dropped: Tally<CollectorDropped>,
    /// The part of `received` that came from our agents.
    pub received_from_agents: u64,
    /// The part of `stored` that came from our agents.
    pub stored_from_agents: u64,
    /// Requests refused before their spans were known.
    pub requests_refused: Tally<RequestRefused>,
}
