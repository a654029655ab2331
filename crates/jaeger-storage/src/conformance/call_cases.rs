//! Calls by the minute.

use jaeger_model::{Batch, Timestamp, Value};

use super::Case;
use super::spans::{Spans, at, base};
use crate::{BoxFuture, CallsQuery, LATENCY_BOUNDS_MICROS, Latencies, MinuteCalls, Store, TimeRange};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "calls are counted by minute, service, operation and kind",
        batches: calls,
        check: all_check,
        ordered: false,
    },
    Case { name: "calls are found by minute, service and kind", batches: calls, check: some_check, ordered: false },
    Case {
        name: "calls of one trace in many batches count once each",
        batches: chain,
        check: chain_check,
        ordered: false,
    },
    Case { name: "every latency has one bucket", batches: latencies, check: latencies_check, ordered: false },
    Case { name: "calls of any time have a minute", batches: times, check: times_check, ordered: false },
];

const MINUTE: i64 = 60_000_000;

fn calls() -> Vec<Batch> {
    let (client, server) = (Value::Str("client"), Value::Str("server"));
    vec![
        Spans::new()
            .span(1, 1, "front", "get", 0)
            .tag("span.kind", server)
            .span(1, 2, "front", "get", MINUTE - 1)
            .tag("span.kind", server)
            .tag("error", Value::Bool(true))
            .child_of(1)
            .span(1, 3, "front", "get", 1)
            .tag("span.kind", client)
            .tag("error", Value::Str("true"))
            .span(1, 4, "back", "get", 1)
            .tag("error", Value::Bool(false))
            .batch(),
        Spans::new()
            .span(2, 1, "front", "get", MINUTE)
            .tag("span.kind", server)
            .tag("error", Value::Bool(true))
            .span(2, 2, "front", "put", MINUTE)
            .tag("span.kind", server)
            // The last one says it.
            .tag("error", Value::Bool(true))
            .tag("error", Value::Bool(false))
            .span(2, 3, "back", "put", 5 * MINUTE)
            .tag("span.kind", Value::I64(1))
            .batch(),
    ]
}

/// Rows of spans that took 1 ms.
fn row(minute: i64, service: &str, operation: &str, kind: &str, calls: u64, errors: u64) -> MinuteCalls {
    let mut latencies = Latencies::default();
    latencies[0] = calls;
    MinuteCalls {
        minute: base().as_nanos() / 60_000_000_000 + minute,
        service: service.into(),
        operation: operation.into(),
        kind: kind.into(),
        calls,
        errors,
        latencies,
    }
}

fn all_rows() -> [MinuteCalls; 6] {
    [
        row(0, "back", "get", "", 1, 0),
        row(0, "front", "get", "client", 1, 1),
        row(0, "front", "get", "server", 2, 1),
        row(1, "front", "get", "server", 1, 1),
        row(1, "front", "put", "server", 1, 0),
        row(5, "back", "put", "", 1, 0),
    ]
}

/// None where the store counts no calls.
async fn found(store: &dyn Store, range: TimeRange, services: &[&str], kinds: &[&str]) -> Option<Vec<MinuteCalls>> {
    let texts = |of: &[&str]| of.iter().map(|text| String::from(*text)).collect();
    let query = CallsQuery { range, services: texts(services), kinds: texts(kinds) };
    let found = store.calls(&query).await;
    if !store.capabilities().minute_calls {
        assert!(found.is_err(), "a store that counts no calls says so");
        return None;
    }
    Some(found.expect("calls"))
}

fn all_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let Some(all) = found(store, TimeRange::ALL, &[], &[]).await else { return };
        assert_eq!(all, all_rows());
    })
}

fn some_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let range = |start, end| TimeRange { start: at(start), end: at(end) };
        let check = async |range, services: &[&str], kinds: &[&str], expected: &[usize]| {
            let Some(found) = found(store, range, services, kinds).await else { return };
            let expected: Vec<_> = expected.iter().map(|at| all_rows()[*at].clone()).collect();
            assert_eq!(found, expected, "{range:?} {services:?} {kinds:?}");
        };
        let hour = range(0, 60 * MINUTE);
        check(hour, &["front"], &[], &[1, 2, 3, 4]).await;
        check(hour, &["back", "front", "none"], &["client", ""], &[0, 1, 5]).await;
        check(hour, &[], &["server"], &[2, 3, 4]).await;
        check(hour, &["none"], &[], &[]).await;
        check(hour, &[], &["none"], &[]).await;
        // A minute counts whole where the range touches it.
        check(range(MINUTE - 1, MINUTE - 1), &[], &[], &[0, 1, 2]).await;
        check(range(MINUTE - 1, MINUTE), &["front"], &[], &[1, 2, 3, 4]).await;
        check(range(2 * MINUTE, 5 * MINUTE - 1), &[], &[], &[]).await;
        check(range(5 * MINUTE, 5 * MINUTE), &[], &[], &[5]).await;
        check(range(MINUTE, 0), &[], &[], &[]).await;
    })
}

fn chain() -> Vec<Batch> {
    (1..=9).map(|id| Spans::new().span(1, id, "a", "op", 0).child_of(id - 1).batch()).collect()
}

fn chain_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let Some(all) = found(store, TimeRange::ALL, &[], &[]).await else { return };
        assert_eq!(all, [row(0, "a", "op", "", 9, 0)]);
    })
}

fn latencies() -> Vec<Batch> {
    let mut spans = Spans::new().span(1, 1, "a", "op", 0).took(-5).span(1, 2, "a", "op", 0).took(0);
    // A trace each: a long one need not be counted whole.
    for (trace, bound) in (2..).zip(LATENCY_BOUNDS_MICROS) {
        spans = spans.span(trace, 1, "a", "op", 0).took(bound).span(trace, 2, "a", "op", 0).took(bound + 1);
    }
    vec![spans.batch()]
}

fn latencies_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let Some(all) = found(store, TimeRange::ALL, &[], &[]).await else { return };
        let mut latencies = [2; LATENCY_BOUNDS_MICROS.len() + 1];
        latencies[0] = 3;
        latencies[LATENCY_BOUNDS_MICROS.len()] = 1;
        let calls = latencies.iter().sum();
        assert_eq!(all, [MinuteCalls { calls, latencies, ..row(0, "a", "op", "", 0, 0) }]);
    })
}

fn times() -> Vec<Batch> {
    let second_before_1970 = Timestamp::from_micros(-1_000_000);
    let spans = Spans::new().span(1, 1, "a", "unset", 0).begins(Timestamp::UNSET);
    let spans = spans.span(1, 2, "a", "before", 0).begins(second_before_1970);
    vec![spans.span(2, 1, "a", "zero", 0).begins(Timestamp::from_nanos(0)).batch()]
}

fn times_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let Some(all) = found(store, TimeRange::ALL, &[], &[]).await else { return };
        let of = |minute, operation| MinuteCalls { minute, ..row(0, "a", operation, "", 1, 0) };
        let unset = Timestamp::UNSET.as_nanos().div_euclid(60_000_000_000);
        assert_eq!(all, [of(unset, "unset"), of(-1, "before"), of(0, "zero")]);
        let only = |time| TimeRange { start: time, end: time };
        let unset = found(store, only(Timestamp::UNSET), &[], &[]).await.unwrap_or_default();
        assert_eq!(unset, all[..1]);
        let before = found(store, only(Timestamp::from_nanos(-1)), &[], &[]).await.unwrap_or_default();
        assert_eq!(before, all[1..2]);
    })
}
