//! The memory store answers as a plain list of spans would, whatever the spans and however they are cut into blocks.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use jaeger_model::{
    Batch, BatchBuilder, Duration, Reference, ReferenceKind, SpanId, SpanView, Timestamp, TraceId, Value, ValueIn,
    dependency,
};
use jaeger_storage::{
    CallsQuery, LATENCY_BOUNDS_MICROS, MemoryConfig, MemoryStore, MinuteCalls, SpanReader, SpanWriter, Store,
    TimeRange, TraceQuery,
};
use proptest::prelude::*;

/// Random spans out of small pools, so that they meet.
struct Pool {
    random: fastrand::Rng,
    /// How many different keys there are: many make shapes too rare for columns.
    keys: usize,
}

const MINUTE: i64 = 60_000_000_000;

impl Pool {
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

    fn time(&mut self) -> Timestamp {
        Timestamp::from_nanos(match self.random.u8(..30) {
            0 => i64::MIN,
            1 => i64::MAX,
            2 => Timestamp::UNSET.as_nanos(),
            3 => self.random.i64(0..5 * MINUTE),
            _ => self.random.i64(0..20) * MINUTE / 4,
        })
    }

    fn batch(&mut self) -> Batch {
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

    fn query(&mut self, spans: &[SpanView<'_>]) -> TraceQuery {
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
}

fn all_tags(span: SpanView<'_>) -> Vec<(String, String)> {
    let process = span.process().into_iter().flat_map(|process| process.tags());
    let logs = span.logs().flat_map(|log| log.fields());
    span.tags().chain(process).chain(logs).map(|tag| (tag.key.into(), tag.value.text().into())).collect()
}

enum Owned {
    Str(String),
    Bool(bool),
    I64(i64),
    F64(f64),
    Bytes(Vec<u8>),
}

impl Owned {
    fn value(&self) -> ValueIn<'_> {
        match self {
            Self::Str(text) => ValueIn::Str(text.as_bytes()),
            Self::Bool(value) => ValueIn::Bool(*value),
            Self::I64(value) => ValueIn::I64(*value),
            Self::F64(value) => ValueIn::F64(*value),
            Self::Bytes(bytes) => ValueIn::Bytes(bytes),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Str(text) => text.clone(),
            Self::Bool(value) => Value::Bool(*value).text().into(),
            Self::I64(value) => Value::I64(*value).text().into(),
            Self::F64(value) => Value::F64(*value).text().into(),
            Self::Bytes(bytes) => Value::Bytes(bytes).text().into(),
        }
    }
}

/// Everything of a span, floats by their bits.
fn show(span: SpanView<'_>) -> String {
    fn tags<'a>(tags: impl Iterator<Item = jaeger_model::TagView<'a>>, out: &mut String) {
        for tag in tags {
            match tag.value {
                Value::F64(value) => write!(out, "{}=f{:x} ", tag.key, value.to_bits()),
                value => write!(out, "{}={value:?} ", tag.key),
            }
            .expect("a string");
        }
    }
    let mut out = format!(
        "{} {} {:?} {:?} {} {:?} {:?} ",
        span.trace_id(),
        span.span_id(),
        span.start(),
        span.duration(),
        span.flags(),
        span.operation(),
        span.references().collect::<Vec<_>>()
    );
    match span.process() {
        Some(process) => {
            out += process.service();
            out.push('(');
            tags(process.tags(), &mut out);
        }
        None => out += "none(",
    }
    out += ") tags ";
    tags(span.tags(), &mut out);
    for log in span.logs() {
        write!(out, "log {:?} ", log.time()).expect("a string");
        tags(log.fields(), &mut out);
    }
    write!(out, "warnings {:?}", span.warnings().collect::<Vec<_>>()).expect("a string");
    out
}

/// Spans in order of arrival, each once.
fn unique(batches: &[Arc<Batch>]) -> Vec<SpanView<'_>> {
    let mut known = HashSet::new();
    batches.iter().flat_map(|batch| batch.spans()).filter(|span| known.insert(span.identity())).collect()
}

fn by_trace<'a>(spans: &[SpanView<'a>]) -> BTreeMap<TraceId, Vec<SpanView<'a>>> {
    let mut traces: BTreeMap<TraceId, Vec<SpanView<'_>>> = BTreeMap::new();
    for span in spans {
        traces.entry(span.trace_id()).or_default().push(*span);
    }
    traces
}

fn search(traces: &BTreeMap<TraceId, Vec<SpanView<'_>>>, query: &TraceQuery) -> (Vec<TraceId>, bool) {
    let newest = |spans: &Vec<SpanView<'_>>| spans.iter().filter(|s| query.matches(**s)).map(SpanView::start).max();
    let mut found: Vec<_> = traces.iter().filter_map(|(id, spans)| Some((newest(spans)?, *id))).collect();
    found.sort_by_key(|(start, id)| (std::cmp::Reverse(*start), *id));
    let truncated = query.limit > 0 && found.len() > query.limit;
    (found.into_iter().take(query.limit).map(|(_, id)| id).collect(), truncated)
}

fn minute(time: Timestamp) -> i64 {
    time.as_nanos().div_euclid(MINUTE)
}

async fn check_reads(store: &MemoryStore, spans: &[SpanView<'_>], pool: &mut Pool) {
    let traces = by_trace(spans);
    for (id, expected) in &traces {
        let trace = store.get_trace(*id).await.expect("it was written");
        let expected: Vec<_> = expected.iter().map(|span| show(*span)).collect();
        assert_eq!(trace.spans().map(show).collect::<Vec<_>>(), expected);
    }
    assert!(store.get_trace(TraceId(99)).await.is_err());
    for _ in 0..12 {
        let query = pool.query(spans);
        let expected = search(&traces, &query);
        assert_eq!(store.find_trace_ids(&query).await.expect("a search"), expected, "{query:?}");
        let mut found = store.find_traces(&query).await.expect("a search");
        assert_eq!(found.truncated, expected.1);
        for id in expected.0 {
            let trace = std::future::poll_fn(|context| found.traces.as_mut().poll_next(context)).await;
            let trace = trace.expect("one more").expect("a trace");
            let expected: Vec<_> = traces[&id].iter().map(|span| show(*span)).collect();
            assert_eq!(trace.spans().map(show).collect::<Vec<_>>(), expected);
        }
    }
    let (start, end) = (pool.time(), pool.time());
    for range in [TimeRange::ALL, TimeRange { start, end }] {
        check_links(store, &traces, range).await;
        check_calls(store, spans, range, pool).await;
    }
}

async fn check_calls(store: &MemoryStore, spans: &[SpanView<'_>], range: TimeRange, pool: &mut Pool) {
    let services: Vec<_> = spans.iter().filter(|_| pool.random.u32(..10) == 0).map(|s| s.service().into()).collect();
    let kinds = if pool.random.bool() { vec![String::new(), String::from("server")] } else { Vec::new() };
    let query = CallsQuery { range, services, kinds };
    let mut expected: BTreeMap<(i64, &str, &str, &str), MinuteCalls> = BTreeMap::new();
    let any = |wanted: &[String], of: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == of);
    for span in spans {
        let (minute_of, kind) = (minute(span.start()), span.kind().unwrap_or(""));
        let touches = range.start <= range.end && minute(range.start) <= minute_of && minute_of <= minute(range.end);
        if !touches || !any(&query.services, span.service()) || !any(&query.kinds, kind) {
            continue;
        }
        let row = expected.entry((minute_of, span.service(), span.operation(), kind)).or_default();
        let failed = span.tags().filter(|tag| tag.key == "error").last().is_some_and(|tag| tag.value.text_is("true"));
        let nanos = span.duration().as_nanos();
        row.calls += 1;
        row.errors += u64::from(failed);
        row.latencies[LATENCY_BOUNDS_MICROS.iter().filter(|bound| nanos > **bound * 1000).count()] += 1;
    }
    let expected: Vec<_> = expected
        .into_iter()
        .map(|((minute, service, operation, kind), row)| MinuteCalls {
            minute,
            service: service.into(),
            operation: operation.into(),
            kind: kind.into(),
            ..row
        })
        .collect();
    assert_eq!(store.calls(&query).await.expect("calls"), expected, "{query:?}");
}

async fn check_links(store: &MemoryStore, traces: &BTreeMap<TraceId, Vec<SpanView<'_>>>, range: TimeRange) {
    let mut expected: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for spans in traces.values() {
        dependency::links_of_trace(spans.iter().copied(), |link| {
            let touches = minute(range.start) <= minute(link.start) && minute(link.start) <= minute(range.end);
            if range.start <= range.end && touches {
                let count = expected.entry((link.parent, link.child)).or_default();
                count.0 += 1;
                count.1 += u64::from(link.error);
            }
        });
    }
    let found = store.dependencies(range).await.expect("links");
    let found: Vec<_> = found.iter().map(|l| ((&*l.parent, &*l.child), (l.call_count, l.error_count))).collect();
    assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
}

async fn check_names(store: &MemoryStore, spans: &[SpanView<'_>]) {
    let services: BTreeSet<&str> = spans.iter().map(SpanView::service).filter(|name| !name.is_empty()).collect();
    assert_eq!(store.services().await.expect("services"), services.iter().copied().collect::<Vec<_>>());
    for service in services {
        let of = spans.iter().filter(|span| span.service() == service);
        let expected: BTreeSet<_> = of.map(|span| (span.operation(), span.kind().unwrap_or(""))).collect();
        let found = store.operations(service, None).await.expect("operations");
        let found: Vec<_> = found.iter().map(|operation| (&*operation.name, &*operation.kind)).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(test);
}

fn batches(pool: &mut Pool, most: usize) -> Vec<Arc<Batch>> {
    let mut batches: Vec<Arc<Batch>> = (0..pool.random.usize(1..most)).map(|_| Arc::new(pool.batch())).collect();
    // Some come twice.
    for _ in 0..pool.random.usize(..3) {
        let again = Arc::clone(&batches[pool.random.usize(..batches.len())]);
        batches.insert(pool.random.usize(..=batches.len()), again);
    }
    batches
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_as_a_list_would(
        seed: u64, block_spans in prop::sample::select(vec![1usize, 3, 20, 1000]), keys in prop::sample::select(vec![3usize, 400]),
        background: bool,
    ) {
        run(async move {
            let mut pool = Pool { random: fastrand::Rng::with_seed(seed), keys };
            let batches = batches(&mut pool, 30);
            let store = MemoryStore::new(MemoryConfig { block_spans, background, ..MemoryConfig::default() });
            for batch in &batches {
                let written = store.write(Arc::clone(batch)).await;
                assert_eq!(written.stored, batch.len());
            }
            let spans = unique(&batches);
            check_reads(&store, &spans, &mut pool).await;
            check_names(&store, &spans).await;
            // Sealed it answers the same.
            store.settle();
            check_reads(&store, &spans, &mut pool).await;
        });
    }

    #[test]
    fn keeps_exactly_the_traces_that_arrived_last(
        seed: u64, block_spans in prop::sample::select(vec![1usize, 3, 20, 1000]), max in 1usize..6,
    ) {
        run(async move {
            let mut pool = Pool { random: fastrand::Rng::with_seed(seed), keys: 3 };
            let batches = batches(&mut pool, 30);
            let config = MemoryConfig { block_spans, max_traces: Some(max), background: false, ..MemoryConfig::default() };
            let store = MemoryStore::new(config);
            // The model: ids in order of first arrival, and the spans of those that are there.
            let mut order: Vec<TraceId> = Vec::new();
            let mut kept: Vec<SpanView<'_>> = Vec::new();
            for batch in &batches {
                store.write(Arc::clone(batch)).await;
                for span in batch.spans() {
                    if !order.contains(&span.trace_id()) {
                        order.push(span.trace_id());
                        if order.len() > max {
                            let gone = order.remove(0);
                            kept.retain(|span| span.trace_id() != gone);
                        }
                    }
                    kept.push(span);
                }
            }
            let mut known = HashSet::new();
            kept.retain(|span| known.insert(span.identity()));
            check_reads(&store, &kept, &mut pool).await;
            for id in 1..=12u128 {
                for id in [TraceId(id), TraceId(id << 64 | 7)] {
                    assert_eq!(store.get_trace(id).await.is_ok(), order.contains(&id));
                }
            }
        });
    }

    #[test]
    fn holds_no_more_bytes_than_it_may(seed: u64, block_spans in prop::sample::select(vec![3usize, 50])) {
        run(async move {
            let mut pool = Pool { random: fastrand::Rng::with_seed(seed), keys: 3 };
            let batches: Vec<Arc<Batch>> = (0..60).map(|_| Arc::new(pool.batch())).collect();
            let config =
                MemoryConfig { block_spans, max_bytes: 150_000, background: false, ..MemoryConfig::default() };
            let store = MemoryStore::new(config);
            let mut written = 0;
            for batch in &batches {
                store.write(Arc::clone(batch)).await;
                written += batch.len() as u64;
                let status = store.status();
                assert!(status.bytes.unwrap() <= 150_000, "{status:?}");
            }
            let status = store.status();
            // What went is gone from the counts too: they are those of the spans that can be read.
            let all = TraceQuery { limit: 1000, ..TraceQuery::default() };
            let (ids, _) = store.find_trace_ids(&all).await.expect("a search");
            let mut left = Vec::new();
            for id in &ids {
                left.push(store.get_trace(*id).await.expect("it was found"));
            }
            let spans: Vec<SpanView<'_>> = left.iter().flat_map(|trace| trace.spans()).collect();
            assert!(status.spans.unwrap() >= spans.len() as u64);
            assert!(status.spans.unwrap() + status.evicted_spans <= written);
            check_links(&store, &by_trace(&spans), TimeRange::ALL).await;
            check_calls(&store, &spans, TimeRange::ALL, &mut pool).await;
        });
    }
}
