//! Profile plain: ten spans a trace of one service, each a server's span of an HTTP request.

use jaeger_model::{Batch, BatchBuilder, Duration, SpanId, Timestamp, TraceId, ValueIn, keys};

use super::{child_of, process};

const SERVICES: usize = 20;
const SPANS_PER_TRACE: usize = 10;
const HOUR_US: i64 = 3_600_000_000;
const LONGEST_US: i64 = 2_000_000;

pub(super) struct Plain {
    random: fastrand::Rng,
    now: Timestamp,
    batches: usize,
    trace: TraceId,
    root: SpanId,
    spans: usize,
}

impl Plain {
    pub(super) fn new(random: fastrand::Rng, now: Timestamp) -> Self {
        Self { random, now, batches: 0, trace: TraceId::default(), root: SpanId::default(), spans: 0 }
    }

    pub(super) fn batch(&mut self, spans: usize) -> Batch {
        let mut builder = BatchBuilder::new();
        let service = self.batches % SERVICES;
        self.batches += 1;
        let process = process(&mut builder, service);
        for _ in 0..spans {
            builder.begin_span();
            if let Some(process) = process {
                builder.span_process(process);
            }
            self.span(&mut builder, service);
        }
        builder.finish()
    }

    fn span(&mut self, builder: &mut BatchBuilder, service: usize) {
        let id = SpanId(self.random.u64(1..));
        if self.spans.is_multiple_of(SPANS_PER_TRACE) {
            self.trace = TraceId(self.random.u128(1..));
            self.root = id;
        } else {
            builder.span_reference(child_of(self.trace, self.root));
        }
        self.spans += 1;
        builder.span_ids(self.trace, id);
        builder.span_flags(keys::FLAG_SAMPLED);
        builder.span_operation(format!("HTTP GET /api/v1/resource-{:02}", self.random.u8(..10)).as_bytes());
        let start = Timestamp::from_micros(self.now.as_micros() - self.random.i64(0..HOUR_US));
        let duration = Duration::from_micros(self.random.i64(0..LONGEST_US));
        builder.span_start(start);
        builder.span_duration(duration);
        let url = format!("http://load-service-{service:03}/api/v1/resource/{}", self.random.u32(..100_000));
        builder.span_tag(b"span.kind", "server".into());
        builder.span_tag(b"http.method", "GET".into());
        builder.span_tag(b"http.url", url.as_str().into());
        builder.span_tag(b"http.status_code", ValueIn::I64(200));
        builder.span_tag(b"component", "net/http".into());
        builder.span_tag(b"peer.ipv4", format!("10.2.0.{}", service + 1).as_str().into());
        if self.random.u32(..50) == 0 {
            builder.span_tag(b"error", ValueIn::Bool(true));
        }
        builder.begin_log(Timestamp::from_micros(start.as_micros() + duration.as_micros() / 2));
        builder.log_field(b"event", "acquired connection".into());
        builder.log_field(b"waited_us", ValueIn::I64(self.random.i64(0..5000)));
        // A batch of the load is far under a batch's bounds.
        builder.end_span().unwrap_or_default();
    }
}
