//! queue(packets) -> **decode** -> hold: worker threads that read packets into batches, several packets into one.

use std::sync::Arc;

use jaeger_model::{Batch, BatchBuilder, BatchEdit, TagView, Value};
use jaeger_service::ledger::{AgentDropped, AgentLedger, PacketDropped};
use jaeger_service::logs::Repeats;
use jaeger_service::metrics::{ProcessorMetrics, ReporterMetrics};
use jaeger_wire::jaeger::{self, Message};
use jaeger_wire::thrift::Protocol;

use crate::hold::{Hold, Parcel};
use crate::packets::PacketQueue;

/// Packets that are decoded into one batch hold this many bytes at most, so that a request stays far under a
/// collector's message limit.
const RUN_BYTES: usize = 256 << 10;

static MALFORMED: Repeats = Repeats::new();
static HOLD_FULL: Repeats = Repeats::new();

/// What the workers of one port need.
pub(crate) struct Decoder {
    pub(crate) protocol: Protocol,
    pub(crate) port: &'static str,
    pub(crate) queue: Arc<PacketQueue>,
    pub(crate) hold: Arc<Hold>,
    pub(crate) ledger: AgentLedger,
    pub(crate) metrics: ProcessorMetrics,
    pub(crate) reporter: ReporterMetrics,
    /// `internal.span.format`, where the collector is in this process and would have added it.
    pub(crate) format: Option<&'static str>,
    pub(crate) tags: Arc<[(String, String)]>,
}

impl Decoder {
    /// Decodes until the queue is closed and empty.
    pub(crate) fn run(&self) {
        while let Some(runs) = self.queue.pop(RUN_BYTES) {
            self.metrics.queue_size.set_count(self.queue.len() as u64);
            let mut builder = BatchBuilder::new();
            if let Some(format) = self.format {
                builder = builder.with_format(format);
            }
            let (mut decoded, mut malformed) = (0, 0);
            for packet in runs.iter().flat_map(|run| run.iter()) {
                if self.decode(packet, &mut builder) {
                    decoded += 1;
                } else {
                    malformed += 1;
                }
            }
            if malformed > 0 {
                self.ledger.drop_packets(PacketDropped::Malformed, malformed);
                self.metrics.handler_errors.increment(malformed);
            }
            if decoded > 0 {
                self.hold(self.tagged(builder.finish()), decoded);
            }
        }
    }

    /// Decodes one packet; a malformed one leaves nothing behind.
    fn decode(&self, packet: &[u8], builder: &mut BatchBuilder) -> bool {
        let mark = builder.mark();
        match jaeger::decode_message(packet, self.protocol, builder) {
            Ok(Message::EmitBatch(_) | Message::EmitZipkinBatch { .. }) => true,
            Err(error) => {
                builder.rollback(mark);
                if let Some(times) = MALFORMED.hit(1) {
                    let (port, bytes) = (self.port, packet.len());
                    tracing::warn!(port, bytes, times, error = %error, "dropped a packet that does not decode; nobody has its spans");
                }
                false
            }
        }
    }

    /// With `--agent.tags` on every process.
    fn tagged(&self, batch: Batch) -> Batch {
        if self.tags.is_empty() {
            return batch;
        }
        let mut edit = BatchEdit::of(batch);
        let processes = edit.batch().processes().len();
        for process in 0..processes {
            let tags = self.tags.iter().map(|(key, value)| TagView { key, value: Value::Str(value) });
            edit.push_process_tags(process, tags);
        }
        edit.into_batch()
    }

    fn hold(&self, batch: Batch, packets: u64) {
        let spans = batch.len() as u64;
        let held = self.ledger.decode(packets, spans);
        self.reporter.batch_size.set_count(spans / packets.max(1));
        if batch.is_empty() {
            return;
        }
        if let Err(mut parcel) = self.hold.push(Parcel::new(batch, held, packets)) {
            parcel.held.drop_spans(AgentDropped::HoldFull, spans, None);
            self.reporter.batches_failures.increment(packets);
            self.reporter.spans_failures.increment(spans);
            self.metrics.handler_errors.increment(packets);
            if let Some(times) = HOLD_FULL.hit(spans) {
                tracing::error!(
                    spans = times,
                    held_bytes = self.hold.bytes(),
                    "dropped spans: no collector takes them and --reporter.queue-size-memory is full; see why the collector does not answer, or raise it"
                );
            }
        }
    }
}
