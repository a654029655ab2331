//! Profile real: traces over fifty services, nested in time, some of them large, with the tags that hurt a store.

use std::collections::VecDeque;

use jaeger_model::{Batch, BatchBuilder, Duration, SpanId, Timestamp, TraceId, ValueIn, keys};

use super::{child_of, process};

const SERVICES: usize = 50;
const STATEMENTS: u32 = 2000;
const HOUR_US: i64 = 3_600_000_000;
/// One trace in this many is large.
const LARGE_ONE_IN: u32 = 20;

struct Span {
    trace: TraceId,
    id: SpanId,
    parent: Option<SpanId>,
    start_us: i64,
    duration_us: i64,
}

pub(super) struct Real {
    random: fastrand::Rng,
    now: Timestamp,
    /// Spans waiting to fill a batch of their service.
    waiting: Vec<VecDeque<Span>>,
}

impl Real {
    pub(super) fn new(random: fastrand::Rng, now: Timestamp) -> Self {
        Self { random, now, waiting: (0..SERVICES).map(|_| VecDeque::new()).collect() }
    }

    pub(super) fn batch(&mut self, spans: usize) -> Batch {
        let service = loop {
            if let Some(full) = self.waiting.iter().position(|waiting| waiting.len() >= spans) {
                break full;
            }
            self.trace();
        };
        let mut builder = BatchBuilder::new();
        let process = process(&mut builder, service);
        for _ in 0..spans {
            let Some(span) = self.waiting.get_mut(service).and_then(VecDeque::pop_front) else { break };
            builder.begin_span();
            if let Some(process) = process {
                builder.span_process(process);
            }
            self.span(&mut builder, &span, service);
        }
        builder.finish()
    }

    /// Makes one trace: each span lies inside its parent, and calls lead to the next services.
    fn trace(&mut self) {
        let large = self.random.u32(..LARGE_ONE_IN) == 0;
        let count = if large { self.random.usize(100..=2000) } else { self.random.usize(1..=20) };
        let trace = TraceId(self.random.u128(1..));
        let mut made: Vec<(SpanId, i64, i64, usize)> = Vec::with_capacity(count);
        let start = self.now.as_micros() - self.random.i64(0..HOUR_US);
        let duration = self.log_normal(11.0, 1.2);
        let service = self.random.usize(..SERVICES);
        let root = SpanId(self.random.u64(1..));
        made.push((root, start, duration, service));
        self.wait(service, Span { trace, id: root, parent: None, start_us: start, duration_us: duration });
        while made.len() < count {
            // Parents among the last few: traces are deep as well as wide.
            let newest = made.len().saturating_sub(30);
            let Some(&(parent, from, length, service)) = made.get(self.random.usize(newest..made.len())) else { break };
            let id = SpanId(self.random.u64(1..));
            let duration = self.log_normal(8.0, 1.5).min(length.max(1));
            let start = from + self.random.i64(0..=(length - duration).max(0));
            let service = if self.random.bool() { service } else { (service + 1 + self.random.usize(..3)) % SERVICES };
            made.push((id, start, duration, service));
            self.wait(service, Span { trace, id, parent: Some(parent), start_us: start, duration_us: duration });
        }
    }

    fn wait(&mut self, service: usize, span: Span) {
        if let Some(waiting) = self.waiting.get_mut(service) {
            waiting.push_back(span);
        }
    }

    /// A duration in microseconds around `e^mean`.
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and is cut to an hour")]
    fn log_normal(&mut self, mean: f64, deviation: f64) -> i64 {
        let (a, b) = (self.random.f64().max(1e-12), self.random.f64());
        let normal = (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos();
        ((mean + deviation * normal).exp() as i64).clamp(1, HOUR_US)
    }

    fn span(&mut self, builder: &mut BatchBuilder, span: &Span, service: usize) {
        let random = &mut self.random;
        builder.span_ids(span.trace, span.id);
        builder.span_flags(keys::FLAG_SAMPLED);
        if let Some(parent) = span.parent {
            builder.span_reference(child_of(span.trace, parent));
        }
        let route = random.u32(..40);
        builder.span_operation(format!("/shop/v2/orders/{{id}}/route-{route:02}").as_bytes());
        builder.span_start(Timestamp::from_micros(span.start_us));
        builder.span_duration(Duration::from_micros(span.duration_us));
        let kind = if span.parent.is_none() || random.bool() { "server" } else { "client" };
        let failed = random.u32(..100) == 0;
        let status = if failed { 500 } else { 200 };
        let url =
            format!("https://shop.example.com/v2/orders/{}/items/{}", random.u32(..10_000_000), random.u32(..500));
        let statement = random.u32(..STATEMENTS);
        let sql = format!(
            "SELECT o.id, o.state, o.total_{:02} FROM orders_{statement:04} o JOIN items i ON i.order_id = o.id WHERE o.customer = {}",
            statement % 37,
            random.u32(..1_000_000)
        );
        let uuid = uuid(random.u128(..));
        builder.span_tag(b"span.kind", kind.into());
        builder.span_tag(b"http.method", if random.bool() { "GET" } else { "POST" }.into());
        builder.span_tag(b"http.url", url.as_str().into());
        builder.span_tag(b"http.status_code", ValueIn::I64(status));
        builder.span_tag(b"component", "grpc-gateway".into());
        builder.span_tag(b"request.id", uuid.as_str().into());
        builder.span_tag(b"db.type", "postgresql".into());
        builder.span_tag(b"db.statement", sql.as_str().into());
        builder.span_tag(b"net.peer.name", format!("orders-{:02}.svc.cluster.local", random.u32(..20)).as_str().into());
        builder.span_tag(b"net.peer.port", ValueIn::I64(5432));
        builder.span_tag(b"k8s.pod.name", format!("shop-{service:02}-{:04x}", random.u16(..16)).as_str().into());
        builder.span_tag(b"customer.tier", ["free", "pro", "enterprise"][random.usize(..3)].into());
        builder.span_tag(b"retry.count", ValueIn::I64(random.i64(0..3)));
        builder.span_tag(b"cache.hit", ValueIn::Bool(random.bool()));
        builder.span_tag(b"payload.ratio", ValueIn::F64(f64::from(random.u32(..1000)) / 1000.0));
        if failed {
            builder.span_tag(b"error", ValueIn::Bool(true));
        }
        if random.u32(..4) == 0 {
            builder.begin_log(Timestamp::from_micros(span.start_us + span.duration_us / 3));
            builder.log_field(b"event", "acquired connection".into());
            builder.log_field(b"waited_us", ValueIn::I64(random.i64(0..5000)));
        }
        // A batch of the load is far under a batch's bounds.
        builder.end_span().unwrap_or_default();
    }
}

fn uuid(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}
