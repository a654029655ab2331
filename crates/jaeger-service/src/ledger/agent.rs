//! The agent's ledger, in packets and in spans.
//!
//! Packets: received + kernel_dropped = decoded + queued + dropped. Spans: decoded = acknowledged + in flight + dropped.
//! The receiving thread counts once a `recvmmsg` call, a worker once a packet, the sender once a request.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;

use super::reasons::{AgentDropped, PacketDropped};
use super::tally::Tally;
use crate::metrics::Page;

#[derive(Clone, Debug, Default)]
struct Columns {
    packets: PacketColumns,
    spans: SpanColumns,
}

#[derive(Clone, Debug, Default)]
struct PacketColumns {
    received: u64,
    kernel_dropped: u64,
    decoded: u64,
    queued: u64,
    dropped: Tally<PacketDropped>,
}

#[derive(Clone, Debug, Default)]
struct SpanColumns {
    decoded: u64,
    acknowledged: u64,
    in_flight: u64,
    dropped: Tally<AgentDropped>,
    answered_not_ok: u64,
    unanswered: u64,
    /// Spans of attempts under way, which a write-off makes unanswered.
    attempted: u64,
    written_off: Option<AgentDropped>,
}

impl SpanColumns {
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

/// What became of the packets of one `recvmmsg` call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Receipt {
    /// Put on the packet queue.
    pub queued: u64,
    /// The queue was full.
    pub queue_full: u64,
    /// Longer than `server-max-packet-size`.
    pub too_large: u64,
    /// Dropped by the kernel since the last call.
    pub kernel: u64,
}

/// The agent's ledger; clones are the same ledger.
#[derive(Clone, Debug, Default)]
pub struct AgentLedger {
    columns: Arc<Mutex<Columns>>,
}

impl AgentLedger {
    /// An empty ledger.
    #[must_use]
    pub fn new() -> Self {
        AgentLedger::default()
    }

    /// Counts what one `recvmmsg` call brought. Call it BEFORE the packets are put on the queue (with what is about to be queued), so that no
    /// worker settles a packet that the ledger has not seen; see [`AgentLedger::queue_refused`] for those that then do not fit.
    pub fn receive(&self, receipt: Receipt) {
        let packets = &mut self.columns.lock().packets;
        packets.received += receipt.queued + receipt.queue_full + receipt.too_large;
        packets.queued += receipt.queued;
        packets.kernel_dropped += receipt.kernel;
        let dropped = &mut packets.dropped;
        dropped.add(PacketDropped::QueueFull, receipt.queue_full, None);
        dropped.add(PacketDropped::TooLarge, receipt.too_large, None);
        dropped.add(PacketDropped::Kernel, receipt.kernel, None);
    }

    /// Counts packets that [`AgentLedger::receive`] took for queued but that found the queue full.
    pub fn queue_refused(&self, packets: u64) {
        self.drop_packets(PacketDropped::QueueFull, packets);
    }

    /// Counts queued packets that nobody will decode.
    pub fn drop_packets(&self, reason: PacketDropped, packets: u64) {
        let columns = &mut self.columns.lock().packets;
        let packets = packets.min(columns.queued);
        columns.queued -= packets;
        columns.dropped.add(reason, packets, None);
    }

    /// Counts queued packets as decoded, with the spans that were in them.
    #[must_use = "spans that are not settled count as abandoned"]
    pub fn decode(&self, packets: u64, spans: u64) -> Held {
        let mut columns = self.columns.lock();
        let packets = packets.min(columns.packets.queued);
        columns.packets.queued -= packets;
        columns.packets.decoded += packets;
        columns.spans.decoded += spans;
        match columns.spans.written_off {
            None => columns.spans.in_flight += spans,
            Some(reason) => columns.spans.dropped.add(reason, spans, None),
        }
        drop(columns);
        Held { ledger: self.clone(), spans }
    }

    /// Begins an attempt to deliver `spans`.
    #[must_use = "an attempt that is dropped counts as unanswered"]
    pub fn attempt(&self, spans: u64) -> Attempt {
        self.columns.lock().spans.attempted += spans;
        Attempt { ledger: self.clone(), spans }
    }

    /// Writes off what is queued or in flight: at the shutdown deadline, or at a second signal. Gives (packets, spans).
    pub fn write_off(&self, packets: PacketDropped, spans: AgentDropped) -> (u64, u64) {
        let mut columns = self.columns.lock();
        let queued = std::mem::take(&mut columns.packets.queued);
        columns.packets.dropped.add(packets, queued, None);
        if columns.spans.written_off.is_some() {
            return (queued, 0);
        }
        let in_flight = std::mem::take(&mut columns.spans.in_flight);
        columns.spans.dropped.add(spans, in_flight, None);
        columns.spans.written_off = Some(spans);
        columns.spans.unanswered += std::mem::take(&mut columns.spans.attempted);
        (queued, in_flight)
    }

    /// All columns at one moment.
    #[must_use]
    pub fn snapshot(&self) -> AgentSnapshot {
        let Columns { packets, spans } = self.columns.lock().clone();
        AgentSnapshot {
            balanced: packets.received + packets.kernel_dropped
                == packets.decoded + packets.queued + packets.dropped.total()
                && spans.decoded == spans.acknowledged + spans.in_flight + spans.dropped.total(),
            packets: Packets {
                received: packets.received,
                kernel_dropped: packets.kernel_dropped,
                decoded: packets.decoded,
                queued: packets.queued,
                dropped: packets.dropped,
            },
            spans: Spans {
                decoded: spans.decoded,
                acknowledged: spans.acknowledged,
                in_flight: spans.in_flight,
                dropped: spans.dropped,
                answered_not_ok: spans.answered_not_ok,
                unanswered: spans.unanswered,
            },
        }
    }

    /// Writes the `jaeger_ledger_agent_*` metrics of one snapshot.
    pub fn sample(&self, page: &mut Page) {
        let now = self.snapshot();
        let packets = "jaeger_ledger_agent_packets_total";
        let help = "Packets of the agent's ledger by column: received + kernel_dropped = decoded + queued + dropped.";
        page.counter(packets, help, &[("column", "received"), ("reason", "")], now.packets.received);
        page.counter(packets, help, &[("column", "kernel_dropped"), ("reason", "")], now.packets.kernel_dropped);
        page.counter(packets, help, &[("column", "decoded"), ("reason", "")], now.packets.decoded);
        for (reason, count) in now.packets.dropped.rows() {
            page.counter(packets, help, &[("column", "dropped"), ("reason", reason)], count);
        }
        page.gauge(
            "jaeger_ledger_agent_packets_queued",
            "Packets received and not decoded yet.",
            &[],
            now.packets.queued,
        );
        let spans = "jaeger_ledger_agent_spans_total";
        let help = "Spans of the agent's ledger by column: decoded = acknowledged + in flight + dropped.";
        page.counter(spans, help, &[("column", "decoded"), ("reason", "")], now.spans.decoded);
        page.counter(spans, help, &[("column", "acknowledged"), ("reason", "")], now.spans.acknowledged);
        for (reason, count) in now.spans.dropped.rows() {
            page.counter(spans, help, &[("column", "dropped"), ("reason", reason)], count);
        }
        page.gauge(
            "jaeger_ledger_agent_spans_in_flight",
            "Spans decoded and not acknowledged by a collector yet.",
            &[],
            now.spans.in_flight,
        );
        let attempts = "jaeger_ledger_agent_attempts_spans_total";
        let help = "Spans of attempts that were answered with an error, or not answered at all; one span may count several times.";
        page.counter(attempts, help, &[("answer", "not_ok")], now.spans.answered_not_ok);
        page.counter(attempts, help, &[("answer", "none")], now.spans.unanswered);
    }
}

/// An attempt to deliver spans, under way. Dropped, it ended without an answer: the collector may have received its spans or not.
#[must_use = "an attempt that is dropped counts as unanswered"]
pub struct Attempt {
    ledger: AgentLedger,
    spans: u64,
}

impl Attempt {
    /// The collector answered OK, or refused the request before it looked at a span.
    pub fn settled(mut self) {
        self.end(|_, _| {});
    }

    /// The collector answered, but not OK, and has counted the spans as received.
    pub fn answered_not_ok(mut self) {
        self.end(|columns, spans| columns.answered_not_ok += spans);
    }

    fn end(&mut self, count: impl FnOnce(&mut SpanColumns, u64)) {
        let columns = &mut self.ledger.columns.lock().spans;
        // After a write-off they are counted already.
        let spans = std::mem::take(&mut self.spans).min(columns.attempted);
        columns.attempted -= spans;
        count(columns, spans);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.spans > 0 {
            self.end(|columns, spans| columns.unanswered += spans);
        }
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("spans", &self.spans).finish()
    }
}

/// Spans that the agent holds: decoded, not delivered yet.
#[must_use = "spans that are not settled count as abandoned"]
pub struct Held {
    ledger: AgentLedger,
    spans: u64,
}

impl Held {
    /// Spans not settled yet.
    #[must_use]
    pub fn spans(&self) -> u64 {
        self.spans
    }

    /// Takes another packet's spans into the same request.
    pub fn merge(&mut self, mut other: Held) {
        if Arc::ptr_eq(&self.ledger.columns, &other.ledger.columns) {
            self.spans += std::mem::take(&mut other.spans);
        }
    }

    /// Splits off `spans` (at most what is left).
    pub fn split(&mut self, spans: u64) -> Held {
        let spans = self.claim(spans);
        Held { ledger: self.ledger.clone(), spans }
    }

    /// A collector answered OK for all that is left.
    pub fn acknowledge(mut self) {
        let spans = std::mem::take(&mut self.spans);
        let columns = &mut self.ledger.columns.lock().spans;
        columns.acknowledged += columns.take(spans);
    }

    /// Nobody has `spans` of them any more.
    pub fn drop_spans(&mut self, reason: AgentDropped, spans: u64, service: Option<&str>) {
        let spans = self.claim(spans);
        let columns = &mut self.ledger.columns.lock().spans;
        let spans = columns.take(spans);
        columns.dropped.add(reason, spans, service);
    }

    fn claim(&mut self, spans: u64) -> u64 {
        let spans = spans.min(self.spans);
        self.spans -= spans;
        spans
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.spans > 0 {
            let written_off = self.ledger.columns.lock().spans.written_off;
            // After a write-off they are counted already.
            if written_off.is_none() {
                self.drop_spans(AgentDropped::Abandoned, self.spans, None);
            }
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("spans", &self.spans).finish()
    }
}

/// All columns of the agent's ledger at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgentSnapshot {
    /// Whether both equations hold.
    pub balanced: bool,
    /// In packets.
    pub packets: Packets,
    /// In spans.
    pub spans: Spans,
}

/// The columns in packets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Packets {
    /// Read from the sockets.
    pub received: u64,
    /// Dropped by the kernel, from each socket's `SO_MEMINFO`.
    pub kernel_dropped: u64,
    /// Decoded into spans.
    pub decoded: u64,
    /// Received and not decoded yet.
    pub queued: u64,
    /// Lost.
    pub dropped: Tally<PacketDropped>,
}

/// The columns in spans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spans {
    /// Found in decoded packets.
    pub decoded: u64,
    /// A collector answered OK.
    pub acknowledged: u64,
    /// Decoded and not acknowledged yet.
    pub in_flight: u64,
    /// Lost.
    pub dropped: Tally<AgentDropped>,
    /// Spans of attempts that were answered with an error.
    pub answered_not_ok: u64,
    /// Spans of attempts that ended without an answer.
    pub unanswered: u64,
}
