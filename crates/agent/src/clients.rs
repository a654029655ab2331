//! **decode** -> what clients say about themselves: clients that number their batches tell what they lost before it came here.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jaeger_model::{Batch, Value, keys};
use jaeger_service::metrics::{ClientStatsMetrics, Counter};
use jaeger_wire::jaeger::{BatchMeta, ClientStats};
use parking_lot::Mutex;

/// A client that says nothing for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3600);
/// How often that is looked for.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(15 * 60);
/// Clients that are followed at most: their names come from outside.
const MAX_CLIENTS: usize = 10_000;
/// A client's name is a number in hex; what is longer is none.
const MAX_NAME_BYTES: usize = 128;

/// The clients seen within the last hour.
pub(crate) struct Clients {
    metrics: ClientStatsMetrics,
    known: Mutex<HashMap<Box<str>, Client>>,
}

struct Client {
    number: i64,
    stats: ClientStats,
    seen: Instant,
}

impl Clients {
    pub(crate) fn new(metrics: ClientStatsMetrics) -> Self {
        Self { metrics, known: Mutex::default() }
    }

    /// Takes what stood beside the spans of one packet, the first of which is at `span` in the batch.
    pub(crate) fn said(&self, batch: &Batch, span: usize, meta: BatchMeta, now: Instant) {
        let Some(number) = meta.seq_no else { return };
        let process = batch.span(span).and_then(|span| span.process());
        let name = process.and_then(|process| process.tags().find(|tag| tag.key == keys::CLIENT_UUID));
        let Some(Value::Str(name)) = name.map(|tag| tag.value) else { return };
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return;
        }
        self.metrics.batches_received.increment(1);
        let mut known = self.known.lock();
        if let Some(client) = known.get_mut(name) {
            return client.goes_on(number, meta.stats, now, &self.metrics);
        }
        // The first batch is where counting begins: a client may have run for long before this agent.
        if known.len() < MAX_CLIENTS {
            let stats = meta.stats.unwrap_or_default();
            known.insert(name.into(), Client { number, stats, seen: now });
            self.metrics.connected_clients.set_count(known.len() as u64);
        }
    }

    /// Forgets clients that are gone.
    pub(crate) fn forget(&self, now: Instant) {
        let mut known = self.known.lock();
        known.retain(|_, client| now.saturating_duration_since(client.seen) < FORGOTTEN_AFTER);
        self.metrics.connected_clients.set_count(known.len() as u64);
    }
}

impl Client {
    fn goes_on(&mut self, number: i64, stats: Option<ClientStats>, now: Instant, metrics: &ClientStatsMetrics) {
        // A packet that another one overtook says nothing new.
        if number <= self.number {
            return;
        }
        grow(&metrics.batches_sent, self.number, number);
        if let Some(stats) = stats {
            let before = self.stats;
            grow(&metrics.dropped_full_queue, before.full_queue_dropped_spans, stats.full_queue_dropped_spans);
            grow(&metrics.dropped_too_large, before.too_large_dropped_spans, stats.too_large_dropped_spans);
            grow(&metrics.dropped_send_failure, before.failed_to_emit_spans, stats.failed_to_emit_spans);
            self.stats = stats;
        }
        (self.number, self.seen) = (number, now);
    }
}

/// Adds what a client's own count grew by.
fn grow(counter: &Counter, before: i64, after: i64) {
    counter.increment(u64::try_from(after.saturating_sub(before)).unwrap_or(0));
}

#[cfg(test)]
mod tests {
    use jaeger_model::{BatchBuilder, SpanId, TraceId, ValueIn};
    use jaeger_service::metrics::{AgentMetrics, Registry};

    use super::*;

    fn clients() -> (Clients, ClientStatsMetrics) {
        let metrics = AgentMetrics::new(&Registry::new()).client_stats;
        (Clients::new(metrics.clone()), metrics)
    }

    fn batch(uuid: ValueIn<'_>) -> Batch {
        let mut builder = BatchBuilder::new();
        builder.process_tag(keys::CLIENT_UUID.as_bytes(), uuid);
        let process = builder.process(b"shop").expect("room");
        builder.begin_span();
        builder.span_ids(TraceId(1), SpanId(1));
        builder.span_process(process);
        builder.end_span().expect("room");
        builder.finish()
    }

    fn meta(number: i64, lost: Option<[i64; 3]>) -> BatchMeta {
        let stats = lost.map(|[full_queue_dropped_spans, too_large_dropped_spans, failed_to_emit_spans]| ClientStats {
            full_queue_dropped_spans,
            too_large_dropped_spans,
            failed_to_emit_spans,
        });
        BatchMeta { seq_no: Some(number), stats }
    }

    #[test]
    fn the_first_batch_is_where_counting_begins() {
        let (clients, metrics) = clients();
        let (one, now) = (batch(ValueIn::Str(b"a1")), Instant::now());
        for meta in [
            meta(100, Some([50, 50, 50])),
            meta(103, Some([51, 52, 53])),
            // Overtaken.
            meta(102, Some([90, 90, 90])),
            meta(104, None),
            meta(105, Some([51, 53, 53])),
        ] {
            clients.said(&one, 0, meta, now);
        }
        let counted = [&metrics.batches_received, &metrics.batches_sent].map(Counter::get);
        assert_eq!(counted, [5, 5]);
        let lost = [&metrics.dropped_full_queue, &metrics.dropped_too_large, &metrics.dropped_send_failure];
        assert_eq!(lost.map(Counter::get), [1, 3, 3]);
        assert_eq!(metrics.connected_clients.get(), 1.0);
    }

    #[test]
    fn who_gives_no_name_or_number_does_not_count() {
        let (clients, metrics) = clients();
        let now = Instant::now();
        clients.said(&batch(ValueIn::I64(7)), 0, meta(1, None), now);
        clients.said(&batch(ValueIn::Str(b"")), 0, meta(1, None), now);
        clients.said(&batch(ValueIn::Str(b"a")), 0, BatchMeta::default(), now);
        clients.said(&batch(ValueIn::Str(b"a")), 1, meta(1, None), now);
        assert_eq!((metrics.batches_received.get(), metrics.connected_clients.get()), (0, 0.0));
    }

    #[test]
    fn clients_are_forgotten_after_an_hour_and_bounded() {
        let (clients, metrics) = clients();
        let now = Instant::now();
        clients.said(&batch(ValueIn::Str(b"old")), 0, meta(1, None), now);
        let later = now + FORGOTTEN_AFTER;
        clients.said(&batch(ValueIn::Str(b"new")), 0, meta(1, None), later);
        assert_eq!(metrics.connected_clients.get(), 2.0);
        clients.forget(later);
        assert_eq!(metrics.connected_clients.get(), 1.0);
        for number in 0..MAX_CLIENTS + 5 {
            clients.said(&batch(ValueIn::Str(format!("c{number}").as_bytes())), 0, meta(1, None), later);
        }
        assert_eq!(metrics.connected_clients.get(), MAX_CLIENTS as f64);
    }
}
