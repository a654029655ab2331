//! queue(packets) -> **decode** -> hold: worker threads that read packets into batches, several packets into one.

use std::sync::Arc;
use std::time::Instant;

use jaeger_model::{Batch, BatchBuilder, BatchEdit, TagView, Value};
use jaeger_service::ledger::{AgentDropped, AgentLedger, PacketDropped};
use jaeger_service::logs::Repeats;
use jaeger_service::metrics::ProcessorMetrics;
use jaeger_wire::jaeger::{self, BatchMeta, Message};
use jaeger_wire::thrift::Protocol;

use crate::clients::Clients;
use crate::format::{Format, Reporters};
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
    pub(crate) reporters: Reporters,
    /// `internal.span.format`, where the collector is in this process and would have added it.
    pub(crate) format: Option<&'static str>,
    pub(crate) tags: Arc<[(String, String)]>,
    pub(crate) clients: Arc<Clients>,
}

/// Packets of one format that are decoded into one batch.
struct Run {
    builder: BatchBuilder,
    format: Format,
    packets: u64,
    /// What clients say beside their spans, and where in the batch those begin.
    said: Vec<(usize, BatchMeta)>,
}

impl Decoder {
    /// Decodes until the queue is closed and empty.
    pub(crate) fn run(&self) {
        while let Some(runs) = self.queue.pop(RUN_BYTES) {
            self.metrics.queue_size.set_count(self.queue.len() as u64);
            let mut jaeger = self.run_of(Format::Jaeger);
            let mut zipkin = None;
            let mut malformed = 0;
            for packet in runs.iter().flat_map(|run| run.iter()) {
                let run = if jaeger::calls_zipkin(packet) {
                    zipkin.get_or_insert_with(|| self.run_of(Format::Zipkin))
                } else {
                    &mut jaeger
                };
                if self.decode(packet, run) {
                    run.packets += 1;
                } else {
                    malformed += 1;
                }
            }
            if malformed > 0 {
                self.ledger.drop_packets(PacketDropped::Malformed, malformed);
                self.metrics.handler_errors.increment(malformed);
            }
            for run in [Some(jaeger), zipkin].into_iter().flatten().filter(|run| run.packets > 0) {
                let batch = run.builder.finish();
                for (first, meta) in run.said {
                    self.clients.said(&batch, first, meta, Instant::now());
                }
                self.hold(self.tagged(batch), run.packets, run.format);
            }
        }
    }

    fn run_of(&self, format: Format) -> Run {
        let builder = BatchBuilder::new();
        let builder = match self.format {
            Some(format) => builder.with_format(format),
            None => builder,
        };
        Run { builder, format, packets: 0, said: Vec::new() }
    }

    /// Decodes one packet; a malformed one leaves nothing behind.
    fn decode(&self, packet: &[u8], run: &mut Run) -> bool {
        let builder = &mut run.builder;
        let (mark, first) = (builder.mark(), builder.len());
        match jaeger::decode_message(packet, self.protocol, builder) {
            Ok(Message::EmitBatch(meta)) => {
                if meta.seq_no.is_some() {
                    run.said.push((first, meta));
                }
                true
            }
            Ok(Message::EmitZipkinBatch { .. }) => true,
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

    fn hold(&self, batch: Batch, packets: u64, format: Format) {
        let reporter = self.reporters.of(format);
        let spans = batch.len() as u64;
        let held = self.ledger.decode(packets, spans);
        reporter.batch_size.set_count(spans / packets.max(1));
        if batch.is_empty() {
            return;
        }
        if let Err(mut parcel) = self.hold.push(Parcel::new(batch, held, packets, format)) {
            parcel.held.drop_spans(AgentDropped::HoldFull, spans, None);
            reporter.batches_failures.increment(packets);
            reporter.spans_failures.increment(spans);
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
