//! The memory store does what the contract says, whatever is hot, waiting or sealed.

use std::sync::Arc;

use jaeger_model::{TraceId, Value};
use jaeger_storage::{MemoryConfig, MemoryStore, SpanReader, SpanWriter, Store, TimeRange, TraceQuery, conformance};

async fn conforms(config: MemoryConfig) {
    let make = || -> jaeger_storage::BoxFuture<'_, Arc<dyn Store>> {
        let config = config.clone();
        Box::pin(async move { Arc::new(MemoryStore::new(config)) as Arc<dyn Store> })
    };
    conformance::run_all(&make).await;
}

#[tokio::test]
async fn conforms_while_everything_is_hot() {
    conforms(MemoryConfig::default()).await;
}

#[tokio::test]
async fn conforms_with_a_block_for_every_span() {
    let make = || -> jaeger_storage::BoxFuture<'_, Arc<dyn Store>> {
        let config = MemoryConfig { block_spans: 1, background: false, ..MemoryConfig::default() };
        Box::pin(async move { Arc::new(MemoryStore::new(config)) as Arc<dyn Store> })
    };
    // Each block looks at the trace's others: a trace in 10,000 blocks takes minutes, and never happens.
    for case in conformance::cases().iter().filter(|case| !case.name.contains("10,000")) {
        conformance::run(case, &make).await;
    }
}

#[tokio::test]
async fn conforms_with_small_blocks() {
    conforms(MemoryConfig { block_spans: 97, background: false, ..MemoryConfig::default() }).await;
}

#[tokio::test]
async fn conforms_while_blocks_are_being_sealed() {
    conforms(MemoryConfig { block_spans: 512, ..MemoryConfig::default() }).await;
}

#[tokio::test]
async fn conforms_with_large_blocks() {
    conforms(MemoryConfig { block_spans: 16_384, block_bytes: 40_000, background: false, ..MemoryConfig::default() })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_is_found_at_once_whatever_is_being_sealed() {
    let config = MemoryConfig { block_spans: 50, waiting_blocks: 2, ..MemoryConfig::default() };
    let store = Arc::new(MemoryStore::new(config));
    let writers = (0..4u128).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for n in 0..300u128 {
                let trace = writer << 64 | (n + 1);
                let mut spans = conformance::Spans::new();
                for id in 1..=10 {
                    spans = spans.span(trace, id, "busy", "op", i64::from(u32::try_from(n).expect("small")));
                }
                let written = store.write(Arc::new(spans.batch())).await;
                assert_eq!(written.stored, 10);
                let found = store.get_trace(TraceId(trace)).await.expect("it was written");
                assert_eq!(found.len(), 10);
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("a writer");
    }
    let all = TraceQuery { service: Some("busy".into()), limit: 10_000, ..TraceQuery::default() };
    let (ids, truncated) = store.find_trace_ids(&all).await.expect("a search");
    assert_eq!((ids.len(), truncated), (1200, false));
    assert_eq!(store.status().spans, Some(12_000));
}

#[tokio::test]
async fn spans_that_all_share_an_id_are_counted_once_each() {
    let kinds = ["client", "server"];
    for block_spans in [8_000, 1_000_000] {
        let store = MemoryStore::new(MemoryConfig { block_spans, background: false, ..MemoryConfig::default() });
        for part in 0..30i64 {
            let mut spans = conformance::Spans::new();
            for n in 0..1000 {
                let side = usize::from(n % 2 == 1);
                spans = spans.span(1, 7, ["front", "back"][side], "op", part * 1000 + n).child_of(7);
                spans = spans.tag("span.kind", Value::Str(kinds[side]));
            }
            store.write(Arc::new(spans.batch())).await;
        }
        let links = store.dependencies(TimeRange::ALL).await.expect("links");
        let links: Vec<_> = links.iter().map(|l| (&*l.parent, &*l.child, l.call_count)).collect();
        assert_eq!(links, [("back", "front", 15_000), ("front", "back", 15_000)]);
    }
}
