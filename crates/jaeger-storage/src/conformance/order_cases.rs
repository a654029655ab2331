//! Which traces a search gives where there are more than its limit, and in which order.

use jaeger_model::Batch;

use super::Case;
use super::spans::{Spans, find, ids, query};
use crate::{BoxFuture, Store, TraceQuery};

pub(super) const CASES: &[Case] = &[
    Case { name: "the newest matching span decides the order", batches: newest, check: newest_check, ordered: false },
    Case { name: "equal starts are in order of their ids", batches: ties, check: tie_check, ordered: false },
    Case { name: "the limit is the newest, exactly", batches: many, check: limit_check, ordered: false },
];

fn newest() -> Vec<Batch> {
    vec![
        Spans::new().span(1, 1, "a", "op", 10).span(1, 2, "b", "op", 1000).batch(),
        Spans::new().span(2, 1, "a", "op", 20).span(2, 2, "a", "op", 5).batch(),
        Spans::new().span(1, 3, "a", "op", 15).batch(),
    ]
}

fn newest_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        // Trace 1 has the newest span of all, but not of those that match.
        assert_eq!(ids(store, &query("a")).await, [2, 1]);
        let one = TraceQuery { limit: 1, ..query("a") };
        let (found, truncated) = find(store, &one).await;
        assert_eq!((found[0].trace_id().map(|id| id.0), found[0].len(), truncated), (Some(2), 2, true));
    })
}

const HIGH: u128 = 1 << 64;

fn ties() -> Vec<Batch> {
    let at = |trace, micros| Spans::new().span(trace, 1, "a", "op", micros).batch();
    vec![at(3, 100), at(HIGH, 100), at(1, 100), at(9, 99), at(4, 101), at(2, 100)]
}

fn tie_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        if !store.capabilities().equal_starts {
            return;
        }
        let all = [4, 1, 2, 3, HIGH, 9];
        for limit in 0..8 {
            let (found, truncated) = find(store, &TraceQuery { limit, ..query("a") }).await;
            let found: Vec<_> = found.iter().filter_map(|trace| trace.trace_id().map(|id| id.0)).collect();
            assert_eq!(found, all[..limit.min(all.len())], "limit {limit}");
            assert_eq!(truncated, limit > 0 && limit < all.len(), "limit {limit}");
        }
    })
}

fn many() -> Vec<Batch> {
    // Trace n begins at a place that jumps about; three spans each, of which two match.
    let batch = |batch: u32| {
        let mut spans = Spans::new();
        for n in 0..50 {
            let number = batch * 50 + n;
            let micros = i64::from(number * 7919 % 300);
            let trace = u128::from(number) + 1;
            spans = spans
                .span(trace, 1, "a", "op", micros)
                .span(trace, 2, "a", "op", micros * 1000)
                .span(trace, 3, "b", "op", 500_000);
        }
        spans.batch()
    };
    (0..6).map(batch).collect()
}

fn limit_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let mut expected: Vec<(u32, u128)> = (0..300u32).map(|n| (n * 7919 % 300, u128::from(n) + 1)).collect();
        expected.sort_by_key(|(micros, id)| (std::cmp::Reverse(*micros), *id));
        let expected: Vec<u128> = expected.into_iter().map(|(_, id)| id).collect();
        for limit in [1, 20, 299, 300, 301] {
            let (found, truncated) = find(store, &TraceQuery { limit, ..query("a") }).await;
            let found_ids: Vec<_> = found.iter().filter_map(|trace| trace.trace_id().map(|id| id.0)).collect();
            assert_eq!(found_ids, expected[..limit.min(300)], "limit {limit}");
            assert!(found.iter().all(|trace| trace.len() == 3));
            assert_eq!(truncated, limit < 300, "limit {limit}");
        }
    })
}
