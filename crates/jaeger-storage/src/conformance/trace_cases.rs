//! Traces by their id.

use jaeger_model::{Batch, ReferenceKind, TraceId, Value};

use super::Case;
use super::spans::{Spans, assert_same_spans, find, query};
use crate::{BoxFuture, ErrorKind, Store};

pub(super) const CASES: &[Case] = &[
    Case { name: "everything of a span comes back", batches: rich, check: rich_check, ordered: false },
    Case { name: "spans come in order of arrival", batches: two_parts, check: arrival_check, ordered: true },
    Case { name: "a trace is merged from several batches", batches: two_parts, check: merge_check, ordered: false },
    Case { name: "an unknown trace is not found", batches: rich, check: unknown_check, ordered: false },
    Case { name: "ids of 64 and 128 bits are told apart", batches: widths, check: width_check, ordered: false },
    Case { name: "copies of a span are one span", batches: copies, check: copy_check, ordered: true },
    Case { name: "two spans that share an id are two", batches: shared, check: shared_check, ordered: false },
    Case { name: "a trace of 10,000 spans comes back whole", batches: large, check: large_check, ordered: false },
    Case { name: "a batch without spans is stored", batches: nothing, check: nothing_check, ordered: false },
];

const BINARY: &[u8] = &[0, 1, 254, 255];

fn rich() -> Vec<Batch> {
    let process = [("hostname", Value::Str("web-1")), ("cores", Value::I64(8)), ("spot", Value::Bool(false))];
    let spans = Spans::new()
        .span_in(0xfeed_0001, 1, "shop", &process, "GET /cart", 10)
        .took(250_000)
        .flags(3)
        .tag("text", Value::Str("käse"))
        .tag("empty", Value::Str(""))
        .tag("yes", Value::Bool(true))
        .tag("no", Value::Bool(false))
        .tag("small", Value::I64(-1))
        .tag("large", Value::I64(i64::MAX))
        .tag("half", Value::F64(0.5))
        .tag("tiny", Value::F64(1e-9))
        .tag("binary", Value::Bytes(BINARY))
        .tag("twice", Value::Str("a"))
        .tag("twice", Value::Str("b"))
        .log(11, &[("event", Value::Str("retry")), ("attempt", Value::I64(2))])
        .log(12, &[("event", Value::Str("retry")), ("attempt", Value::I64(3)), ("last", Value::Bool(true))])
        .span_in(0xfeed_0001, 2, "shop", &process, "call db", 20)
        .child_of(1)
        .refers(ReferenceKind::FollowsFrom, 0xfeed_0002, 9)
        .span(0xfeed_0001, 3, "db", "select", 30)
        .took(0)
        .flags(0)
        .child_of(2);
    vec![spans.batch()]
}

fn rich_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let trace = store.get_trace(TraceId(0xfeed_0001)).await.expect("it was written");
        let expected = rich();
        assert_same_spans(&trace, expected[0].spans());
        let (found, _) = find(store, &query("db")).await;
        assert_eq!(found.len(), 1);
        assert_same_spans(&found[0], expected[0].spans());
    })
}

fn two_parts() -> Vec<Batch> {
    vec![
        Spans::new().span(7, 3, "a", "three", 30).span(8, 9, "a", "other", 0).span(7, 1, "a", "one", 10).batch(),
        Spans::new().span(7, 4, "b", "four", 5).batch(),
        Spans::new().span(7, 2, "a", "two", 20).batch(),
    ]
}

fn arrival_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        if !store.capabilities().arrival_order {
            return;
        }
        let trace = store.get_trace(TraceId(7)).await.expect("it was written");
        assert_eq!(trace.spans().map(|span| span.span_id().0).collect::<Vec<_>>(), [3, 1, 4, 2]);
    })
}

fn merge_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let trace = store.get_trace(TraceId(7)).await.expect("it was written");
        let batches = two_parts();
        let all = batches.iter().flat_map(Batch::spans);
        assert_same_spans(&trace, all.filter(|span| span.trace_id() == TraceId(7)));
    })
}

fn unknown_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        for id in [TraceId(0), TraceId(0xfeed), TraceId::new(1, 0xfeed_0001), TraceId(u128::MAX)] {
            let error = store.get_trace(id).await.expect_err("there is no such trace");
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        }
    })
}

fn widths() -> Vec<Batch> {
    let high = 1u128 << 64;
    let spans = Spans::new().span(5, 1, "short", "op", 1).span(high | 5, 1, "long", "op", 2);
    vec![spans.span(u128::MAX, u64::MAX, "max", "op", 3).batch()]
}

fn width_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        for (id, service) in [(5, "short"), ((1 << 64) | 5, "long"), (u128::MAX, "max")] {
            let trace = store.get_trace(TraceId(id)).await.expect("it was written");
            assert_eq!(trace.spans().map(|span| span.service()).collect::<Vec<_>>(), [service]);
            let (found, _) = find(store, &query(service)).await;
            assert_eq!(found.iter().filter_map(jaeger_model::Trace::trace_id).collect::<Vec<_>>(), [TraceId(id)]);
        }
    })
}

fn copies() -> Vec<Batch> {
    // The same span over two ways: a collector has added a tag to one of them.
    let span = || Spans::new().span(1, 1, "a", "op", 1).tag("span.kind", Value::Str("server")).child_of(9);
    vec![
        span().tag("way", Value::Str("first")).batch(),
        span().tag("way", Value::Str("second")).span(1, 2, "a", "op", 2).span(1, 2, "a", "op", 2).batch(),
    ]
}

fn copy_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let trace = store.get_trace(TraceId(1)).await.expect("it was written");
        let mut ids: Vec<u64> = trace.spans().map(|span| span.span_id().0).collect();
        ids.sort_unstable();
        assert_eq!(ids, [1, 2]);
        let (found, _) = find(store, &query("a")).await;
        assert_eq!(found.iter().map(jaeger_model::Trace::len).collect::<Vec<_>>(), [2]);
    })
}

fn shared() -> Vec<Batch> {
    let kind = |kind| ("span.kind", Value::Str(kind));
    let (client, server) = (kind("client"), kind("server"));
    vec![
        Spans::new().span(1, 1, "front", "call", 1).tag(client.0, client.1).batch(),
        // Another service, another kind, another start, another operation, other references: each is another span.
        Spans::new().span(1, 1, "back", "call", 1).tag(server.0, server.1).batch(),
        Spans::new().span(1, 1, "front", "call", 1).tag(server.0, server.1).batch(),
        Spans::new().span(1, 1, "front", "call", 2).tag(client.0, client.1).batch(),
        Spans::new().span(1, 1, "front", "other", 1).tag(client.0, client.1).batch(),
        Spans::new().span(1, 1, "front", "call", 1).took(2).tag(client.0, client.1).batch(),
        Spans::new().span(1, 1, "front", "call", 1).tag(client.0, client.1).child_of(5).batch(),
    ]
}

fn shared_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let trace = store.get_trace(TraceId(1)).await.expect("it was written");
        let expected = shared();
        assert_same_spans(&trace, expected.iter().flat_map(Batch::spans));
    })
}

fn large() -> Vec<Batch> {
    let mut batches = Vec::new();
    for part in 0..10u64 {
        let mut spans = Spans::new();
        for n in 0..1000u64 {
            let id = part * 1000 + n + 1;
            let url = format!("http://svc/{id}");
            let micros = i64::try_from(id).expect("small");
            spans = spans.span(0xb16, id, "fan-out", "op", micros).tag("url", Value::Str(&url)).child_of(id / 2);
        }
        batches.push(spans.batch());
    }
    batches
}

fn large_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let trace = store.get_trace(TraceId(0xb16)).await.expect("it was written");
        assert_eq!(trace.len(), 10_000);
        let mut spans: Vec<_> = trace.spans().collect();
        spans.sort_by_key(jaeger_model::SpanView::span_id);
        let expected = large();
        for (span, expected) in spans.iter().zip(expected.iter().flat_map(Batch::spans)) {
            assert!(*span == expected, "{} came back otherwise", expected.span_id());
        }
        let (found, truncated) = find(store, &query("fan-out")).await;
        assert_eq!((found.len(), truncated), (1, false));
        assert_eq!(found[0].len(), 10_000);
    })
}

fn nothing() -> Vec<Batch> {
    vec![Batch::default()]
}

fn nothing_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        assert_eq!(store.services().await.expect("services"), Vec::<String>::new());
        let (found, truncated) = find(store, &query("a")).await;
        assert_eq!((found.len(), truncated), (0, false));
    })
}
