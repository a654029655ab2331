//! Spans like those of the two load profiles: `plain`, short and uniform, and `real`, with the tags that hurt a store.
//! And `odd`: plain ones with five more tags of random keys and values, as somebody sends who means no good.

use std::collections::VecDeque;

use jaeger_model::{Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, Timestamp, TraceId, ValueIn};

const HOUR_US: i64 = 3_600_000_000;

pub(crate) struct Load {
    random: fastrand::Rng,
    now: Timestamp,
    real: bool,
    odd: bool,
    batches: usize,
    waiting: Vec<VecDeque<Spec>>,
    trace: (TraceId, SpanId, usize),
    /// Some of what was sent, to ask for: a tag, its service, its trace.
    seen: Vec<((String, String), String, TraceId)>,
}

struct Spec {
    trace: TraceId,
    id: SpanId,
    parent: Option<SpanId>,
    start_us: i64,
    duration_us: i64,
}

pub(crate) fn operation(profile: &str, n: usize) -> String {
    if profile == "real" {
        format!("/shop/v2/orders/{{id}}/route-{:02}", n % 40)
    } else {
        format!("HTTP GET /api/v1/resource-{:02}", n % 10)
    }
}

impl Load {
    pub(crate) fn new(profile: &str, seed: u64, now: Timestamp) -> Self {
        let real = profile == "real";
        Self {
            random: fastrand::Rng::with_seed(seed),
            now,
            real,
            odd: profile == "odd",
            batches: 0,
            waiting: (0..if real { 50 } else { 20 }).map(|_| VecDeque::new()).collect(),
            trace: (TraceId(0), SpanId(0), 0),
            seen: Vec::new(),
        }
    }

    pub(crate) fn rare_tag(&self, n: usize) -> (String, String) {
        self.seen[n * 7919 % self.seen.len()].0.clone()
    }

    pub(crate) fn rare_service(&self, n: usize) -> String {
        self.seen[n * 7919 % self.seen.len()].1.clone()
    }

    pub(crate) fn trace_id(&self, n: usize) -> TraceId {
        self.seen[n * 7919 % self.seen.len()].2
    }

    pub(crate) fn batch(&mut self, spans: usize) -> Batch {
        let service = if self.real { self.fill(spans) } else { self.batches % self.waiting.len() };
        self.batches += 1;
        let mut builder = BatchBuilder::new();
        let name = format!("load-service-{service:03}");
        builder.process_tag(b"hostname", format!("host-{service:03}").as_str().into());
        builder.process_tag(b"ip", format!("10.1.{}.{}", service / 250, service % 250 + 1).as_str().into());
        builder.process_tag(b"jaeger.version", "Go-2.30.0".into());
        builder.process_tag(b"client-uuid", format!("5c1e6f{service:010x}").as_str().into());
        let process = builder.process(name.as_bytes()).expect("room");
        for _ in 0..spans {
            builder.begin_span();
            builder.span_process(process);
            if self.real {
                let Some(spec) = self.waiting[service].pop_front() else { break };
                self.real_span(&mut builder, &spec, service, &name);
            } else {
                self.plain_span(&mut builder, service, &name);
            }
            builder.span_tag(b"internal.span.format", "proto".into());
            builder.end_span().expect("room");
        }
        builder.finish()
    }

    fn see(&mut self, tag: (&str, &str), service: &str, trace: TraceId) {
        if self.random.u32(..500) == 0 {
            self.seen.push(((tag.0.into(), tag.1.into()), service.into(), trace));
        }
    }

    fn plain_span(&mut self, builder: &mut BatchBuilder, service: usize, name: &str) {
        let id = SpanId(self.random.u64(1..));
        if self.trace.2.is_multiple_of(10) {
            self.trace = (TraceId(self.random.u128(1..)), id, 0);
        } else {
            child_of(builder, self.trace.0, self.trace.1);
        }
        self.trace.2 += 1;
        let start = self.now.as_micros() - self.random.i64(0..HOUR_US);
        let duration = self.random.i64(0..2_000_000);
        builder.span_ids(self.trace.0, id);
        builder.span_flags(1);
        builder.span_operation(format!("HTTP GET /api/v1/resource-{:02}", self.random.u8(..10)).as_bytes());
        builder.span_start(Timestamp::from_micros(start));
        builder.span_duration(Duration::from_micros(duration));
        let url = format!("http://load-service-{service:03}/api/v1/resource/{}", self.random.u32(..100_000));
        self.see(("http.url", &url), name, self.trace.0);
        builder.span_tag(b"span.kind", "server".into());
        builder.span_tag(b"http.method", "GET".into());
        builder.span_tag(b"http.url", url.as_str().into());
        builder.span_tag(b"http.status_code", ValueIn::I64(200));
        builder.span_tag(b"component", "net/http".into());
        builder.span_tag(b"peer.ipv4", format!("10.2.0.{}", service + 1).as_str().into());
        if self.random.u32(..50) == 0 {
            builder.span_tag(b"error", ValueIn::Bool(true));
        }
        if self.odd {
            for _ in 0..5 {
                let (key, value) = (self.word(), self.word());
                builder.span_tag(key.as_bytes(), value.as_str().into());
            }
        }
        self.log(builder, start + duration / 2);
    }

    fn word(&mut self) -> String {
        (0..12).map(|_| self.random.lowercase()).collect()
    }

    fn log(&mut self, builder: &mut BatchBuilder, micros: i64) {
        builder.begin_log(Timestamp::from_micros(micros));
        builder.log_field(b"event", "acquired connection".into());
        builder.log_field(b"waited_us", ValueIn::I64(self.random.i64(0..5000)));
    }

    /// Makes traces until a service has enough spans for a batch.
    fn fill(&mut self, spans: usize) -> usize {
        loop {
            if let Some(full) = self.waiting.iter().position(|waiting| waiting.len() >= spans) {
                return full;
            }
            self.real_trace();
        }
    }

    fn real_trace(&mut self) {
        let services = self.waiting.len();
        let large = self.random.u32(..20) == 0;
        let count = if large { self.random.usize(100..=2000) } else { self.random.usize(1..=20) };
        let trace = TraceId(self.random.u128(1..));
        let start = self.now.as_micros() - self.random.i64(0..HOUR_US);
        let mut made = vec![(
            SpanId(self.random.u64(1..)),
            start,
            self.log_normal(11.0, 1.2),
            self.random.usize(..services),
            None,
        )];
        while made.len() < count {
            let (parent, from, length, of, _) = made[self.random.usize(made.len().saturating_sub(30)..made.len())];
            let duration = self.log_normal(8.0, 1.5).min(length.max(1));
            let start = from + self.random.i64(0..=(length - duration).max(0));
            let service = if self.random.bool() { of } else { (of + 1 + self.random.usize(..3)) % services };
            made.push((SpanId(self.random.u64(1..)), start, duration, service, Some(parent)));
        }
        for (id, start_us, duration_us, service, parent) in made {
            self.waiting[service].push_back(Spec { trace, id, parent, start_us, duration_us });
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "saturates, and is cut to an hour")]
    fn log_normal(&mut self, mean: f64, deviation: f64) -> i64 {
        let (a, b) = (self.random.f64().max(1e-12), self.random.f64());
        let normal = (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos();
        ((mean + deviation * normal).exp() as i64).clamp(1, HOUR_US)
    }

    fn real_span(&mut self, builder: &mut BatchBuilder, span: &Spec, service: usize, name: &str) {
        builder.span_ids(span.trace, span.id);
        builder.span_flags(1);
        if let Some(parent) = span.parent {
            child_of(builder, span.trace, parent);
        }
        let random = &mut self.random;
        builder.span_operation(format!("/shop/v2/orders/{{id}}/route-{:02}", random.u32(..40)).as_bytes());
        builder.span_start(Timestamp::from_micros(span.start_us));
        builder.span_duration(Duration::from_micros(span.duration_us));
        let failed = random.u32(..100) == 0;
        let url =
            format!("https://shop.example.com/v2/orders/{}/items/{}", random.u32(..10_000_000), random.u32(..500));
        let statement = random.u32(..2000);
        let sql = format!(
            "SELECT o.id, o.state, o.total_{:02} FROM orders_{statement:04} o JOIN items i ON i.order_id = o.id WHERE o.customer = {}",
            statement % 37,
            random.u32(..1_000_000)
        );
        let hex = format!("{:032x}", random.u128(..));
        let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        let kind = if span.parent.is_none() || random.bool() { "server" } else { "client" };
        builder.span_tag(b"span.kind", kind.into());
        builder.span_tag(b"http.method", if random.bool() { "GET" } else { "POST" }.into());
        builder.span_tag(b"http.url", url.as_str().into());
        builder.span_tag(b"http.status_code", ValueIn::I64(if failed { 500 } else { 200 }));
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
            self.log(builder, span.start_us + span.duration_us / 3);
        }
        self.see(("request.id", &uuid), name, span.trace);
    }
}

fn child_of(builder: &mut BatchBuilder, trace: TraceId, span: SpanId) {
    builder.span_reference(Reference { kind: ReferenceKind::ChildOf, trace_id: trace, span_id: span });
}
