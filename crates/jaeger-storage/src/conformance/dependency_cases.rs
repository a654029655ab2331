//! Links between services.

use jaeger_model::{Batch, ReferenceKind, Value};

use super::Case;
use super::spans::{Spans, at};
use crate::{BoxFuture, DependencyLink, Store, TimeRange};

pub(super) const CASES: &[Case] = &[
    Case { name: "links follow the one rule", batches: calls, check: rule_check, ordered: false },
    Case { name: "links have the time of the called side", batches: hours, check: range_check, ordered: false },
];

fn calls() -> Vec<Batch> {
    let (client, server) = (Value::Str("client"), Value::Str("server"));
    vec![
        // A child arrives before its parent, and in another batch.
        Spans::new().span(1, 2, "back", "op", 2).tag("error", Value::Bool(true)).child_of(1).batch(),
        Spans::new().span(1, 3, "back", "op", 3).child_of(2).tag("peer.service", Value::Str("mysql")).batch(),
        Spans::new().span(1, 1, "front", "op", 1).tag("peer.service", Value::Str("not a leaf")).batch(),
        // Zipkin's shared id.
        Spans::new()
            .span(2, 1, "front", "op", 1)
            .span(2, 2, "front", "op", 2)
            .tag("span.kind", client)
            .child_of(1)
            .span(2, 2, "back", "op", 3)
            .tag("span.kind", server)
            .child_of(1)
            .batch(),
        Spans::new().span(2, 3, "db", "op", 4).refers(ReferenceKind::FollowsFrom, 2, 2).batch(),
        // A parent that never comes, and one of another trace.
        Spans::new().span(3, 1, "lonely", "op", 1).child_of(77).batch(),
        Spans::new().span(4, 2, "lonely", "op", 1).refers(ReferenceKind::ChildOf, 1, 1).batch(),
    ]
}

async fn links(store: &dyn Store, range: TimeRange) -> Vec<DependencyLink> {
    store.dependencies(range).await.expect("dependencies")
}

fn link(parent: &str, child: &str, call_count: u64, error_count: u64) -> DependencyLink {
    DependencyLink { parent: parent.into(), child: child.into(), call_count, error_count }
}

fn rule_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        if !store.capabilities().dependencies {
            return;
        }
        let expected = [
            link("back", "back", 1, 0),
            link("back", "db", 1, 0),
            link("back", "mysql", 1, 0),
            link("front", "back", 2, u64::from(store.capabilities().link_errors)),
            link("front", "front", 1, 0),
        ];
        assert_eq!(links(store, TimeRange::ALL).await, expected);
        assert_eq!(links(store, TimeRange { start: at(0), end: at(1_000_000) }).await, expected);
    })
}

const HOUR: i64 = 3_600_000_000;

fn hours() -> Vec<Batch> {
    vec![
        Spans::new().span(1, 1, "a", "op", 0).span(1, 2, "b", "op", HOUR).child_of(1).batch(),
        Spans::new().span(2, 1, "a", "op", 2 * HOUR).span(2, 2, "b", "op", 3 * HOUR).child_of(1).batch(),
    ]
}

fn range_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        if !store.capabilities().dependencies {
            return;
        }
        let range = |start, end| TimeRange { start: at(start), end: at(end) };
        assert_eq!(links(store, range(0, 4 * HOUR)).await, [link("a", "b", 2, 0)]);
        assert_eq!(links(store, range(HOUR / 2, HOUR * 3 / 2)).await, [link("a", "b", 1, 0)]);
        assert_eq!(links(store, range(HOUR, HOUR)).await, [link("a", "b", 1, 0)]);
        assert_eq!(links(store, range(0, HOUR / 2)).await, []);
        assert_eq!(links(store, range(4 * HOUR, 5 * HOUR)).await, []);
    })
}
