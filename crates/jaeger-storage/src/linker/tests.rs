//! Links across collectors: several linkers over one store.

use std::sync::Arc;

use jaeger_model::dependency::DependencySpan;
use jaeger_model::{Batch, BatchBuilder, Reference, ReferenceKind, ValueIn};

use super::*;
use crate::ErrorKind;

/// What all collectors have stored, and the links that they wrote.
#[derive(Default)]
struct Store {
    spans: Mutex<Vec<Arc<Batch>>>,
    links: Mutex<Vec<(String, String, u64)>>,
    asked: Mutex<usize>,
    away: Mutex<bool>,
    others_write: Mutex<bool>,
}

impl Store {
    fn links(&self) -> Vec<(String, String, u64)> {
        let mut links = self.links.lock().clone();
        links.sort_unstable();
        links
    }
}

impl LinkStore for Store {
    fn around<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Vec<Known>, StorageError>> {
        Box::pin(async move {
            *self.asked.lock() += wanted.len();
            let spans = self.spans.lock();
            let mut found = Vec::new();
            for span in spans.iter().flat_map(|batch| batch.spans()) {
                let of = DependencySpan::of(span);
                let is = |one: &Wanted| {
                    one.trace_id == span.trace_id()
                        && (one.span_id == of.span_id || one.children && of.parents.contains(&one.span_id))
                };
                if wanted.iter().any(is) {
                    found.push(Known::of(span));
                }
            }
            Ok(found)
        })
    }

    fn write<'a>(&'a self, increments: &'a [Increment]) -> BoxFuture<'a, Result<(), StorageError>> {
        Box::pin(async move {
            if *self.away.lock() {
                return Err(StorageError::new(ErrorKind::Unavailable, "away"));
            }
            let links = increments.iter().flat_map(|increment| &increment.links);
            self.links.lock().extend(links.map(|link| (link.parent.clone(), link.child.clone(), link.call_count)));
            Ok(())
        })
    }

    fn others_write(&self, _since: Timestamp) -> BoxFuture<'_, Result<bool, StorageError>> {
        Box::pin(async move { Ok(*self.others_write.lock()) })
    }
}

fn linker() -> Linker {
    Linker::new(Mode::Auto)
}

/// A span of trace 1.
fn span(id: u64, parent: u64, service: &str, tags: &[(&str, &str)]) -> Arc<Batch> {
    let mut builder = BatchBuilder::new();
    let process = builder.process(service.as_bytes()).unwrap();
    builder.begin_span();
    builder.span_ids(TraceId(1), SpanId(id));
    builder.span_process(process);
    if parent > 0 {
        let reference = Reference { kind: ReferenceKind::ChildOf, trace_id: TraceId(1), span_id: SpanId(parent) };
        builder.span_reference(reference);
    }
    for (key, value) in tags {
        builder.span_tag(key.as_bytes(), ValueIn::from(*value));
    }
    builder.end_span().unwrap();
    Arc::new(builder.finish())
}

fn stored(store: &Store, linker: &Linker, batch: &Arc<Batch>) {
    store.spans.lock().push(Arc::clone(batch));
    linker.observe(batch, |_| true);
}

fn link(parent: &str, child: &str, calls: u64) -> (String, String, u64) {
    (parent.to_owned(), child.to_owned(), calls)
}

#[tokio::test(start_paused = true)]
async fn each_span_at_another_collector_and_each_link_once() {
    let (store, collectors) = (Store::default(), [linker(), linker(), linker()]);
    stored(&store, &collectors[0], &span(3, 2, "db", &[("peer.service", "disk")]));
    stored(&store, &collectors[1], &span(2, 1, "back", &[("peer.service", "not a leaf")]));
    stored(&store, &collectors[2], &span(1, 0, "front", &[]));
    for collector in &collectors {
        collector.settle(&store, false).await.unwrap();
    }
    assert_eq!(store.links(), [], "a span waits for those around it");
    tokio::time::advance(SETTLES).await;
    for _ in 0..2 {
        for collector in &collectors {
            collector.settle(&store, false).await.unwrap();
        }
    }
    assert_eq!(store.links(), [link("back", "db", 1), link("db", "disk", 1), link("front", "back", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_comes_late_is_asked_for_again_and_one_that_never_comes_is_given_up() {
    let (store, child, parent) = (Store::default(), linker(), linker());
    stored(&store, &child, &span(2, 1, "back", &[]));
    stored(&store, &child, &span(9, 8, "lonely", &[]));
    for _ in 0..3 {
        tokio::time::advance(SETTLES).await;
        child.settle(&store, false).await.unwrap();
    }
    stored(&store, &parent, &span(1, 0, "front", &[]));
    tokio::time::advance(SETTLES).await;
    child.settle(&store, false).await.unwrap();
    assert_eq!(store.links(), [link("front", "back", 1)]);
    tokio::time::advance(PATIENCE).await;
    child.settle(&store, false).await.unwrap();
    let asked = *store.asked.lock();
    tokio::time::advance(SETTLES).await;
    child.settle(&store, false).await.unwrap();
    assert_eq!(*store.asked.lock(), asked, "nobody asks for it any more");
}

#[tokio::test(start_paused = true)]
async fn a_shared_id_links_client_to_server_wherever_they_are() {
    let (store, one, other) = (Store::default(), linker(), linker());
    stored(&store, &one, &span(1, 0, "front", &[]));
    stored(&store, &one, &span(2, 1, "front", &[("span.kind", "client")]));
    stored(&store, &other, &span(2, 1, "back", &[("span.kind", "server")]));
    tokio::time::advance(SETTLES).await;
    one.settle(&store, false).await.unwrap();
    other.settle(&store, false).await.unwrap();
    assert_eq!(store.links(), [link("front", "back", 1), link("front", "front", 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_gets_the_links_later_and_once() {
    let (store, linker) = (Store::default(), linker());
    stored(&store, &linker, &span(1, 0, "a", &[]));
    let child = span(2, 1, "b", &[]);
    stored(&store, &linker, &child);
    linker.observe(&child, |_| true);
    *store.away.lock() = true;
    assert!(linker.settle(&store, true).await.is_err());
    *store.away.lock() = false;
    linker.settle(&store, true).await.unwrap();
    linker.settle(&store, true).await.unwrap();
    assert_eq!(store.links(), [link("a", "b", 1)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_held_has_a_bound_and_what_is_given_up_is_counted() {
    let (store, linker) = (Store::default(), Linker::holding(Mode::Auto, 10));
    for id in 1..=100 {
        tokio::time::advance(Duration::from_millis(1)).await;
        stored(&store, &linker, &span(id, 1000, "a", &[]));
        assert!(linker.held.lock().spans <= 10);
    }
    let given_up = linker.held.lock().given_up;
    assert!(given_up >= 90, "{given_up}");
}

#[tokio::test(start_paused = true)]
async fn beside_another_writer_only_who_is_told_to_writes() {
    for (mode, others, written) in
        [(Mode::Auto, true, 0), (Mode::On, true, 1), (Mode::Off, false, 0), (Mode::Auto, false, 1)]
    {
        let (store, linker) = (Store::default(), Linker::new(mode));
        *store.others_write.lock() = others;
        stored(&store, &linker, &span(2, 1, "back", &[]));
        stored(&store, &linker, &span(1, 0, "front", &[]));
        linker.settle(&store, true).await.unwrap();
        assert_eq!(store.links().len(), written, "{mode:?}, others {others}");
    }
}
