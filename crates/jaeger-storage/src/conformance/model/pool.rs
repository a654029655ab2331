//! Spans and searches made up by chance, out of small pools, so that they meet.

use std::sync::Arc;

use jaeger_model::{Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, SpanView, Timestamp, TraceId};

use super::MINUTE;
use super::value::Owned;
use crate::{TimeRange, TraceQuery};

/// Random spans out of small pools, so that they meet.
pub struct Pool {
    pub random: fastrand::Rng,
    /// How many different keys there are: many make shapes too rare for columns.
    pub(super) keys: usize,
}

impl Pool {
    /// The same spans for the same seed.
    #[must_use]
    pub fn new(seed: u64, keys: usize) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), keys }
    }

    fn value(&mut self) -> Owned {
        let random = &mut self.random;
        let n = random.u32(..4);
        match random.u32(..16) {
            0 => Owned::Bool(random.bool()),
            1 => Owned::I64(i64::from(n)),
            2 => Owned::I64([i64::MIN, i64::MAX, -1, 1 << 40][n as usize]),
            3 => Owned::F64([0.5, -0.0, f64::INFINITY, 1e21][n as usize]),
            4 => Owned::F64(f64::from_bits(0x7ff8_0000_0000_0000 + u64::from(n))),
            5 => Owned::F64(random.f64()),
            6 => Owned::Bytes(vec![n.to_le_bytes()[0]; n as usize]),
            7 => Owned::Str(format!("http://svc-{n:03}/orders/{}", random.u32(..20))),
            8 => Owned::Str(format!("{:08x}-1234-4567-89ab-{:012x}", random.u32(..3), n)),
            9 => Owned::Str(format!("{:016x}{n:016x}", 0xabcd_ef01_u64)),
            10 => Owned::Str(["", "käse", "true", "200"][n as usize].into()),
            11 => Owned::Str("long ".repeat(300 * n as usize + 1)),
            12 => Owned::Str((0..10).map(|_| char::from(random.u8(b'a'..=b'z'))).collect()),
            _ => Owned::Str(["GET", "POST", "0", "00"][n as usize].into()),
        }
    }

    fn key(&mut self) -> String {
        match self.random.u32(..8) {
            0 => "span.kind".into(),
            1 => "error".into(),
            2 => "peer.service".into(),
            _ => format!("key-{}", self.random.usize(..self.keys)),
        }
    }

    fn kind(&mut self) -> Owned {
        Owned::Str(["client", "server", "producer", "internal"][self.random.usize(..4)].into())
    }

    fn tag(&mut self) -> (String, Owned) {
        let key = self.key();
        let value = match &*key {
            "span.kind" if self.random.u8(..8) > 0 => self.kind(),
            "error" if self.random.u8(..8) > 0 => Owned::Bool(self.random.bool()),
            "peer.service" if self.random.u8(..8) > 0 => Owned::Str(format!("peer-{}", self.random.u8(..3))),
            _ => self.value(),
        };
        (key, value)
    }

    fn trace(&mut self) -> TraceId {
        let low = self.random.u128(1..=12);
        TraceId(if self.random.u8(..4) == 0 { low << 64 | 7 } else { low })
    }

    /// A time, mostly on the borders of minutes and quarters of them.
    pub fn time(&mut self) -> Timestamp {
        Timestamp::from_nanos(match self.random.u8(..30) {
            0 => i64::MIN,
            1 => i64::MAX,
            2 => Timestamp::UNSET.as_nanos(),
            3 => self.random.i64(0..5 * MINUTE),
            _ => self.random.i64(0..20) * MINUTE / 4,
        })
    }

    /// Some spans, or none, of traces that others have too.
    pub fn batch(&mut self) -> Batch {
        let mut builder = BatchBuilder::new();
        let mut processes = Vec::new();
        for _ in 0..self.random.usize(1..4) {
            for _ in 0..self.random.usize(..3) {
                let (key, value) = self.tag();
                builder.process_tag(key.as_bytes(), value.value());
            }
            let service = ["front", "back", "db", ""][self.random.usize(..4)];
            processes.push(builder.process(service.as_bytes()).expect("room"));
        }
        for _ in 0..self.random.usize(..12) {
            let trace = self.trace();
            builder.begin_span();
            builder.span_ids(trace, SpanId(self.random.u64(1..6)));
            if self.random.u8(..10) > 0 {
                builder.span_process(processes[self.random.usize(..processes.len())]);
            }
            builder.span_operation(["GET /", "query", ""][self.random.usize(..3)].as_bytes());
            builder.span_flags([1, 0, 3, u32::MAX][self.random.usize(..4)]);
            let start = self.time();
            builder.span_start(start);
            builder.span_duration(Duration::from_nanos([0, 1000, -5, i64::MAX, 1_000_001][self.random.usize(..5)]));
            for _ in 0..self.random.usize(..3) {
                let kind = if self.random.bool() { ReferenceKind::ChildOf } else { ReferenceKind::FollowsFrom };
                let of = if self.random.u8(..6) == 0 { self.trace() } else { trace };
                builder.span_reference(Reference { kind, trace_id: of, span_id: SpanId(self.random.u64(1..8)) });
            }
            for _ in 0..self.random.usize(..5) {
                let (key, value) = self.tag();
                builder.span_tag(key.as_bytes(), value.value());
            }
            for _ in 0..self.random.usize(..3) {
                let time = if self.random.bool() { start } else { self.time() };
                builder.begin_log(time);
                for _ in 0..self.random.usize(..3) {
                    let (key, value) = self.tag();
                    builder.log_field(key.as_bytes(), value.value());
                }
            }
            if self.random.u8(..10) == 0 {
                builder.span_warning("odd");
                builder.span_warning("");
            }
            builder.end_span().expect("room");
        }
        builder.finish()
    }

    /// A search, mostly for something that one of `spans` has.
    pub fn query(&mut self, spans: &[SpanView<'_>]) -> TraceQuery {
        let random = &mut self.random;
        let mut query = TraceQuery { limit: [0, 1, 2, 5, 100][random.usize(..5)], ..TraceQuery::default() };
        if random.u8(..3) > 0 {
            query.service = Some(["front", "back", "db", "", "nobody"][random.usize(..5)].into());
        }
        if random.u8(..4) == 0 {
            query.operation = Some(["GET /", "query", "", "no"][random.usize(..4)].into());
        }
        if random.u8(..4) == 0 {
            query.duration_min = Some(Duration::from_nanos([0, 1000, 1001][random.usize(..3)]));
        }
        if random.u8(..4) == 0 {
            query.duration_max = Some(Duration::from_nanos([0, 1000, 1_000_001][random.usize(..3)]));
        }
        if self.random.u8(..3) == 0 {
            let (start, end) = (self.time(), self.time());
            query.start = TimeRange { start, end };
        }
        // Mostly tags that a span has.
        for _ in 0..[0, 1, 1, 2][self.random.usize(..4)] {
            let span = self.random.choice(spans);
            let own: Vec<_> = span.into_iter().flat_map(|span| all_tags(*span)).collect();
            match self.random.choice(&own) {
                Some(tag) if self.random.u8(..8) > 0 => query.tags.push(tag.clone()),
                _ => {
                    let (key, value) = self.tag();
                    query.tags.push((key, value.text()));
                }
            }
        }
        query
    }

    /// At least one batch and fewer than `most`, some of them twice.
    pub fn batches(&mut self, most: usize) -> Vec<Arc<Batch>> {
        let mut batches: Vec<Arc<Batch>> = (0..self.random.usize(1..most)).map(|_| Arc::new(self.batch())).collect();
        // Some come twice.
        for _ in 0..self.random.usize(..3) {
            let again = Arc::clone(&batches[self.random.usize(..batches.len())]);
            batches.insert(self.random.usize(..=batches.len()), again);
        }
        batches
    }
}

fn all_tags(span: SpanView<'_>) -> Vec<(String, String)> {
    let process = span.process().into_iter().flat_map(|process| process.tags());
    let logs = span.logs().flat_map(|log| log.fields());
    span.tags().chain(process).chain(logs).map(|tag| (tag.key.into(), tag.value.text().into())).collect()
}
