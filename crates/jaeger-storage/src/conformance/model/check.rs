//! Whether a store answers as the list does.

use std::collections::{BTreeMap, BTreeSet};

use jaeger_model::{SpanView, Timestamp, TraceId, dependency};

use super::{MINUTE, Pool, by_trace, search, show};
use crate::{CallsQuery, LATENCY_BOUNDS_MICROS, MinuteCalls, Store, TimeRange};

fn minute(time: Timestamp) -> i64 {
    time.as_nanos().div_euclid(MINUTE)
}

/// Traces by id and by search.
///
/// # Panics
/// Where they are not the list's.
pub async fn check_reads(store: &dyn Store, spans: &[SpanView<'_>], pool: &mut Pool) {
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
}

/// Links and calls.
///
/// # Panics
/// Where they are not the list's.
pub async fn check_counts(store: &dyn Store, spans: &[SpanView<'_>], pool: &mut Pool) {
    let traces = by_trace(spans);
    let (start, end) = (pool.time(), pool.time());
    for range in [TimeRange::ALL, TimeRange { start, end }] {
        check_links(store, &traces, range).await;
        check_calls(store, spans, range, pool).await;
    }
}

/// Calls by the minute.
///
/// # Panics
/// Where they are not the list's.
pub async fn check_calls(store: &dyn Store, spans: &[SpanView<'_>], range: TimeRange, pool: &mut Pool) {
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

/// Links between services.
///
/// # Panics
/// Where they are not the list's.
pub async fn check_links(store: &dyn Store, traces: &BTreeMap<TraceId, Vec<SpanView<'_>>>, range: TimeRange) {
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

/// Services and their operations.
///
/// # Panics
/// Where they are not the list's.
pub async fn check_names(store: &dyn Store, spans: &[SpanView<'_>]) {
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
