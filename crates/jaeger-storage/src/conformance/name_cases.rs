//! Services and their operations.

use jaeger_model::{Batch, Value};

use super::Case;
use super::spans::Spans;
use crate::{BoxFuture, Operation, Store};

pub(super) const CASES: &[Case] = &[
    Case { name: "services are listed once, sorted", batches: names, check: service_check, ordered: false },
    Case { name: "operations are listed by kind", batches: names, check: operation_check, ordered: false },
];

fn names() -> Vec<Batch> {
    vec![
        Spans::new()
            .span(1, 1, "shop", "GET /", 1)
            .tag("span.kind", Value::Str("server"))
            .span(1, 2, "shop", "call db", 2)
            .tag("span.kind", Value::Str("client"))
            .span(1, 3, "shop", "work", 3)
            .span(1, 4, "Zoo", "work", 4)
            .batch(),
        Spans::new().span(2, 1, "shop", "GET /", 5).tag("span.kind", Value::Str("client")).batch(),
        Spans::new().span(3, 1, "bank", "GET /", 6).batch(),
    ]
}

fn service_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        assert_eq!(store.services().await.expect("services"), ["Zoo", "bank", "shop"]);
    })
}

fn operation_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        if !store.capabilities().operation_kinds {
            // A store that cannot be relied on to tell them may do so.
            let mut found: Vec<String> = Vec::new();
            found.extend(store.operations("shop", None).await.expect("operations").into_iter().map(|found| found.name));
            found.dedup();
            assert_eq!(found, ["GET /", "call db", "work"]);
            return;
        }
        for (service, kind, expected) in [
            ("shop", None, &[("GET /", "client"), ("GET /", "server"), ("call db", "client"), ("work", "")][..]),
            ("shop", Some("client"), &[("GET /", "client"), ("call db", "client")]),
            ("shop", Some(""), &[("work", "")]),
            ("shop", Some("producer"), &[]),
            ("bank", None, &[("GET /", "")]),
            ("nobody", None, &[]),
        ] {
            let found = store.operations(service, kind).await.expect("operations");
            let operation = |(name, kind): &(&str, &str)| Operation { name: (*name).into(), kind: (*kind).into() };
            assert_eq!(found, expected.iter().map(operation).collect::<Vec<_>>(), "{service} {kind:?}");
        }
    })
}
