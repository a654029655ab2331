//! The memory store answers as a plain list of spans would, whatever the spans and however they are cut into blocks.

use std::collections::HashSet;
use std::sync::Arc;

use jaeger_model::{Batch, SpanView, TraceId};
use jaeger_storage::conformance::model::{
    Pool, by_trace, check_calls, check_counts, check_links, check_names, check_reads, unique,
};
use jaeger_storage::{MemoryConfig, MemoryStore, SpanReader, SpanWriter, Store, TimeRange, TraceQuery};
use proptest::prelude::*;

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_as_a_list_would(
        seed: u64, block_spans in prop::sample::select(vec![1usize, 3, 20, 1000]), keys in prop::sample::select(vec![3usize, 400]),
        background: bool,
    ) {
        run(async move {
            let mut pool = Pool::new(seed, keys);
            let batches = pool.batches(30);
            let store = MemoryStore::new(MemoryConfig { block_spans, background, ..MemoryConfig::default() });
            for batch in &batches {
                let written = store.write(Arc::clone(batch)).await;
                assert_eq!(written.stored, batch.len());
            }
            let spans = unique(&batches);
            check_reads(&store, &spans, &mut pool).await;
            check_counts(&store, &spans, &mut pool).await;
            check_names(&store, &spans).await;
            // Sealed it answers the same.
            store.settle();
            check_reads(&store, &spans, &mut pool).await;
            check_counts(&store, &spans, &mut pool).await;
        });
    }

    #[test]
    fn keeps_exactly_the_traces_that_arrived_last(
        seed: u64, block_spans in prop::sample::select(vec![1usize, 3, 20, 1000]), max in 1usize..6,
    ) {
        run(async move {
            let mut pool = Pool::new(seed, 3);
            let batches = pool.batches(30);
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
            check_counts(&store, &kept, &mut pool).await;
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
            let mut pool = Pool::new(seed, 3);
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
