//! Searches by service, operation, duration and time.

use jaeger_model::{Batch, Duration};

use super::Case;
use super::spans::{Spans, at, find, ids, query};
use crate::{BoxFuture, Store, TimeRange, TraceQuery};

pub(super) const CASES: &[Case] = &[
    Case { name: "one span satisfies everything", batches: mixed, check: one_span_check, ordered: false },
    Case { name: "bounds of time are included", batches: mixed, check: time_check, ordered: false },
    Case { name: "bounds of duration are included", batches: mixed, check: duration_check, ordered: false },
    Case { name: "a search needs no service", batches: mixed, check: no_service_check, ordered: false },
    Case { name: "a trace comes whole", batches: mixed, check: whole_check, ordered: false },
    Case { name: "names are compared whole and by case", batches: mixed, check: name_check, ordered: false },
];

fn mixed() -> Vec<Batch> {
    vec![
        Spans::new()
            .span(1, 1, "front", "GET /", 1000)
            .took(50_000)
            .span(1, 2, "back", "query", 2000)
            .took(3000)
            .child_of(1)
            .batch(),
        Spans::new().span(2, 1, "front", "POST /", 5000).took(100).batch(),
        Spans::new().span(3, 1, "back", "query", 9000).took(7000).batch(),
        Spans::new().span(2, 2, "front", "GET /", 60_000_000).took(100_000).child_of(1).batch(),
    ]
}

fn operation(service: &str, operation: &str) -> TraceQuery {
    TraceQuery { operation: Some(operation.into()), ..query(service) }
}

fn one_span_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        assert_eq!(ids(store, &query("front")).await, [2, 1]);
        assert_eq!(ids(store, &query("back")).await, [3, 1]);
        assert_eq!(ids(store, &operation("front", "GET /")).await, [2, 1]);
        assert_eq!(ids(store, &operation("front", "POST /")).await, [2]);
        // The service is one span's and the operation another's.
        assert_eq!(ids(store, &operation("front", "query")).await, []);
        let long = |micros| Some(Duration::from_micros(micros));
        let slow_query = TraceQuery { duration_min: long(10_000), ..operation("back", "query") };
        assert_eq!(ids(store, &slow_query).await, []);
        let early = TimeRange { start: at(0), end: at(1_000_000) };
        let early_get = TraceQuery { start: early, ..operation("front", "GET /") };
        assert_eq!(ids(store, &early_get).await, [1]);
    })
}

fn time_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let within = |start, end| TraceQuery { start: TimeRange { start: at(start), end: at(end) }, ..query("front") };
        assert_eq!(ids(store, &within(1000, 5000)).await, [2, 1]);
        assert_eq!(ids(store, &within(1000, 4999)).await, [1]);
        assert_eq!(ids(store, &within(1001, 5000)).await, [2]);
        assert_eq!(ids(store, &within(5000, 5000)).await, [2]);
        assert_eq!(ids(store, &within(1001, 4999)).await, []);
        assert_eq!(ids(store, &within(5000, 1000)).await, []);
        let always = TraceQuery { start: TimeRange::ALL, ..query("front") };
        assert_eq!(ids(store, &always).await, [2, 1]);
    })
}

fn duration_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let between = |min: Option<i64>, max: Option<i64>| TraceQuery {
            duration_min: min.map(Duration::from_micros),
            duration_max: max.map(Duration::from_micros),
            ..query("front")
        };
        assert_eq!(ids(store, &between(Some(50_000), None)).await, [2, 1]);
        assert_eq!(ids(store, &between(Some(50_001), None)).await, [2]);
        assert_eq!(ids(store, &between(None, Some(50_000))).await, [2, 1]);
        assert_eq!(ids(store, &between(None, Some(99))).await, []);
        assert_eq!(ids(store, &between(Some(100), Some(100))).await, [2]);
        assert_eq!(ids(store, &between(Some(101), Some(49_999))).await, []);
    })
}

fn no_service_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        if !store.capabilities().search_without_service {
            return;
        }
        let any = TraceQuery { service: None, ..query("") };
        assert_eq!(ids(store, &any).await, [2, 3, 1]);
        let of_operation = TraceQuery { operation: Some("query".into()), ..any.clone() };
        assert_eq!(ids(store, &of_operation).await, [3, 1]);
        let two = TraceQuery { limit: 2, ..any };
        let (found, truncated) = find(store, &two).await;
        assert_eq!((found.len(), truncated), (2, true));
    })
}

fn whole_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        // One span lies in the range, the other a minute later.
        let narrow = TraceQuery { start: TimeRange { start: at(5000), end: at(5000) }, ..query("front") };
        let (found, _) = find(store, &narrow).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].len(), 2);
    })
}

fn name_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let empty_names = store.capabilities().search_without_service;
        let can = |name: &&str| empty_names || !name.is_empty();
        for service in ["Front", "fron", "front ", "", "query"].into_iter().filter(can) {
            assert_eq!(ids(store, &query(service)).await, [], "service {service:?}");
        }
        for name in ["GET", "get /", "GET / ", "", "front"].into_iter().filter(can) {
            assert_eq!(ids(store, &operation("front", name)).await, [], "operation {name:?}");
        }
    })
}
