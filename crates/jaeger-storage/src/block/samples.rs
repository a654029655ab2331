//! Random spans out of small pools, so that they meet, for the tests of blocks.

use std::sync::Arc;

use jaeger_model::{
    Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, SpanView, Timestamp, TraceId, ValueIn,
};

use super::{Block, Piece, Scratch, build};

pub(super) struct Samples {
    pub(super) random: fastrand::Rng,
    /// How many different keys there are: many make shapes too rare for columns.
    pub(super) keys: usize,
}

impl Samples {
    pub(super) fn new(seed: u64, keys: usize) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), keys }
    }

    /// A block, and the batches that it was built of.
    pub(super) fn block(&mut self, batches: usize) -> (Block, Vec<Arc<Batch>>) {
        loop {
            let batches: Vec<Arc<Batch>> = (0..batches).map(|_| Arc::new(self.batch())).collect();
            let mut first = 0;
            let piece = |batch| {
                let piece = Piece { batch, first, spans: 0..batch.len() };
                first += batch.len() as u64;
                piece
            };
            let pieces: Vec<Piece<'_>> = batches.iter().map(piece).collect();
            if let Some(built) = build(&pieces, |_, _| true, &mut Scratch::default()) {
                return (built.block, batches);
            }
        }
    }

    fn text(&mut self) -> String {
        let random = &mut self.random;
        let n = random.u32(..4);
        match random.u32(..10) {
            0 => format!("http://svc-{n:03}/orders/{}", random.u32(..20)),
            1 => format!("{:08x}-1234-4567-89ab-{:012x}", random.u32(..3), random.u64(..1 << 48)),
            2 => format!("{:016x}{n:016x}", random.u64(..)),
            3 => ["", "käse", "true", "200"][n as usize].into(),
            4 => "long ".repeat(300 * n as usize + 1),
            5 => "x".repeat(20_000 * n as usize),
            6 => (0..10).map(|_| char::from(random.u8(b'a'..=b'z'))).collect(),
            7 => format!("1 2 3 4 5 6 7 {}", random.u32(..)),
            _ => ["GET", "POST", "0", "00"][n as usize].into(),
        }
    }

    /// Gives `with` a tag.
    fn tag(&mut self, with: impl FnOnce(&[u8], ValueIn<'_>)) {
        let key = match self.random.u32(..8) {
            0 => "span.kind".into(),
            1 => "error".into(),
            2 => "peer.service".into(),
            _ => format!("key-{}", self.random.usize(..self.keys)),
        };
        let (key, n) = (key.as_bytes(), self.random.u32(..4));
        match (key, self.random.u32(..12)) {
            (b"span.kind", 0..10) => {
                with(key, ValueIn::Str([&b"client"[..], b"server", b"producer", b"x"][n as usize]));
            }
            (b"error", 0..10) => with(key, ValueIn::Bool(n == 0)),
            (_, 0) => with(key, ValueIn::Bool(n == 0)),
            (_, 1) => with(key, ValueIn::I64(i64::from(n))),
            (_, 2) => with(key, ValueIn::I64([i64::MIN, i64::MAX, -1, 1 << 40][n as usize])),
            (_, 3) => with(key, ValueIn::F64([0.5, -0.0, f64::INFINITY, f64::NAN][n as usize])),
            (_, 4) => with(key, ValueIn::F64(self.random.f64())),
            (_, 5) => with(key, ValueIn::Bytes(&vec![n.to_le_bytes()[0]; 200 * n as usize])),
            _ => with(key, ValueIn::Str(self.text().as_bytes())),
        }
    }

    fn trace(&mut self) -> TraceId {
        let low = self.random.u128(1..=12);
        TraceId(if self.random.u8(..4) == 0 { low << 64 | 7 } else { low })
    }

    fn time(&mut self) -> Timestamp {
        Timestamp::from_nanos(match self.random.u8(..60) {
            0 => i64::MIN,
            1 => i64::MAX,
            2 => self.random.i64(..),
            _ => self.random.i64(0..2000) * 1000,
        })
    }

    pub(super) fn batch(&mut self) -> Batch {
        let mut builder = BatchBuilder::new();
        let mut processes = Vec::new();
        for _ in 0..self.random.usize(1..4) {
            for _ in 0..self.random.usize(..3) {
                self.tag(|key, value| builder.process_tag(key, value));
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
                self.tag(|key, value| builder.span_tag(key, value));
            }
            for _ in 0..self.random.usize(..3) {
                let time = if self.random.bool() { start } else { self.time() };
                builder.begin_log(time);
                for _ in 0..self.random.usize(..3) {
                    self.tag(|key, value| builder.log_field(key, value));
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
}

/// Keys and texts of all tags of a span, its process and its logs.
pub(super) fn all_tags(span: SpanView<'_>) -> Vec<(String, String)> {
    let process = span.process().into_iter().flat_map(|process| process.tags());
    let logs = span.logs().flat_map(|log| log.fields());
    span.tags().chain(process).chain(logs).map(|tag| (tag.key.into(), tag.value.text().into())).collect()
}
