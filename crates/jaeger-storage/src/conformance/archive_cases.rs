//! Archived traces: a store of its own beside the first.

use std::sync::Arc;

use jaeger_model::{Batch, TraceId};

use super::Case;
use super::spans::{Spans, assert_same_spans, ids, query};
use crate::{BoxFuture, ErrorKind, Store};

pub(super) const CASES: &[Case] = &[Case {
    name: "the archive and the store know nothing of each other's traces",
    batches: one_trace,
    check: apart_check,
    ordered: false,
}];

fn one_trace() -> Vec<Batch> {
    vec![Spans::new().span(1, 1, "a", "op", 1).batch()]
}

fn archived() -> Batch {
    Spans::new().span(2, 1, "a", "op", 2).span(2, 2, "b", "op", 3).child_of(1).batch()
}

fn apart_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let Some(archive) = store.archive() else { return };
        let not_found = async |store: &dyn Store, id| {
            let found = store.get_trace(TraceId(id)).await;
            assert_eq!(found.err().map(|error| error.kind()), Some(ErrorKind::NotFound), "trace {id}");
        };
        not_found(&*archive, 1).await;
        // As one does who archives again.
        for _ in 0..2 {
            let written = archive.write(Arc::new(archived())).await;
            assert_eq!((written.stored, written.refused.len()), (2, 0));
        }
        archive.flush().await.expect("a flush");
        let again = store.archive().expect("it has one");
        for archive in [&archive, &again] {
            let trace = archive.get_trace(TraceId(2)).await.expect("it was archived");
            assert_same_spans(&trace, archived().spans());
            not_found(&**archive, 1).await;
        }
        not_found(store, 2).await;
        assert_eq!(ids(store, &query("a")).await, [1]);
        if archive.capabilities().search {
            assert_eq!(ids(&*archive, &query("a")).await, [2]);
        }
        let services = store.services().await.expect("services");
        assert_eq!(services, ["a"], "b is in the archive alone");
    })
}
