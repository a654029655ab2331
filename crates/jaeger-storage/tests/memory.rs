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
    conforms(MemoryConfig { block_spans: 1, background: false, ..MemoryConfig::default() }).await;
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

/// A chain of calls in one trace, one to three spans a batch: `first..end` of its spans.
fn chain(first: u64, end: u64) -> Vec<Arc<jaeger_model::Batch>> {
    let mut batches = Vec::new();
    let mut id = first;
    while id < end {
        let mut spans = conformance::Spans::new();
        for _ in 0..=id % 3 {
            spans = spans.span(1, id, "self", "op", 0).child_of(id - 1);
            id += 1;
        }
        batches.push(Arc::new(spans.batch()));
    }
    batches
}

async fn calls(store: &MemoryStore) -> u64 {
    store.dependencies(TimeRange::ALL).await.expect("links").iter().map(|link| link.call_count).sum()
}

#[tokio::test]
async fn a_trace_in_thousands_of_blocks_is_counted_whole_at_first_and_then_block_by_block() {
    let config = MemoryConfig { block_spans: 1, background: false, ..MemoryConfig::default() };
    let store = MemoryStore::new(config);
    for batch in chain(1, 10_000) {
        store.write(batch).await;
    }
    assert!(store.get_trace(TraceId(1)).await.expect("it was written").len() >= 9_999);
    // The first has no parent, 64 more are whole; a later block has one span, and no reference within.
    assert_eq!(calls(&store).await, 64);
}

#[tokio::test]
async fn what_a_trace_in_very_many_blocks_added_to_the_links_goes_with_it() {
    // Blocks of two or three spans: those alone have references within.
    let config = MemoryConfig { block_spans: 2, max_bytes: 1 << 20, background: false, ..MemoryConfig::default() };
    let store = MemoryStore::new(config);
    for batch in chain(1, 3_000) {
        store.write(batch).await;
    }
    assert!(calls(&store).await > 70);
    // Other spans push them out.
    let mut spans = 3_000u64;
    while store.get_trace(TraceId(1)).await.is_ok() {
        store.write(Arc::new(conformance::Spans::new().span(u128::from(spans), 1, "other", "op", 0).batch())).await;
        spans += 1;
    }
    assert_eq!(calls(&store).await, 0);
}

#[tokio::test]
async fn hot_spans_of_a_trace_in_very_many_blocks_only_add_links() {
    let store = MemoryStore::new(MemoryConfig { block_spans: 7, background: false, ..MemoryConfig::default() });
    let mut before = 0;
    for batch in chain(1, 2_000) {
        store.write(batch).await;
        let now = calls(&store).await;
        assert!(now >= before, "{now} after {before}");
        before = now;
    }
    // All within a block but for its first span, those of the first 65 blocks too.
    assert!((1_700..1_990).contains(&before), "{before}");
}
