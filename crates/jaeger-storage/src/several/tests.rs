//! Several stores, of which one fails, is slow, or has a mind of its own about some spans.

use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::*;
use crate::{ErrorKind, MemoryConfig, MemoryStore, Refused};

fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(MemoryConfig::default()))
}

/// A memory store that answers as it is told.
struct Odd {
    memory: MemoryStore,
    refuses: Mutex<Vec<(ErrorKind, Vec<u32>)>>,
    waits: Option<Notify>,
    writes: AtomicUsize,
}

impl Odd {
    fn refusing(refuses: &[(ErrorKind, &[u32])]) -> Arc<Self> {
        let refuses = refuses.iter().map(|(kind, spans)| (*kind, spans.to_vec())).collect();
        Self::with(refuses, None)
    }

    fn slow() -> Arc<Self> {
        Self::with(Vec::new(), Some(Notify::new()))
    }

    fn with(refuses: Vec<(ErrorKind, Vec<u32>)>, waits: Option<Notify>) -> Arc<Self> {
        let memory = MemoryStore::new(MemoryConfig::default());
        Arc::new(Self { memory, refuses: Mutex::new(refuses), waits, writes: AtomicUsize::new(0) })
    }
}

impl SpanWriter for Odd {
    fn write(&self, batch: Arc<Batch>) -> BoxFuture<'_, Written> {
        Box::pin(async move {
            self.writes.fetch_add(1, Ordering::SeqCst);
            if let Some(waits) = &self.waits {
                waits.notified().await;
            }
            let refuses = self.refuses.lock().clone();
            if refuses.is_empty() {
                return self.memory.write(batch).await;
            }
            let refused = |(kind, spans): (ErrorKind, Vec<u32>)| Refused { kind, message: kind.label().into(), spans };
            let refused: Vec<Refused> = refuses.into_iter().map(refused).collect();
            let stored = batch.len() - refused.iter().map(|refused| refused.spans.len()).sum::<usize>();
            Written { stored, refused }
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async { Err(StorageError::new(ErrorKind::Unavailable, "no flush")) })
    }
}

impl SpanReader for Odd {
    fn get_trace(&self, id: TraceId) -> BoxFuture<'_, Result<Trace, StorageError>> {
        self.memory.get_trace(id)
    }
    fn find_traces<'a>(&'a self, query: &'a TraceQuery) -> BoxFuture<'a, Result<FoundTraces<'a>, StorageError>> {
        self.memory.find_traces(query)
    }
    fn find_trace_ids<'a>(
        &'a self,
        query: &'a TraceQuery,
    ) -> BoxFuture<'a, Result<(Vec<TraceId>, bool), StorageError>> {
        self.memory.find_trace_ids(query)
    }
    fn services(&self) -> BoxFuture<'_, Result<Vec<String>, StorageError>> {
        self.memory.services()
    }
    fn operations<'a>(
        &'a self,
        service: &'a str,
        kind: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Vec<Operation>, StorageError>> {
        self.memory.operations(service, kind)
    }
    fn dependencies(&self, range: TimeRange) -> BoxFuture<'_, Result<Vec<DependencyLink>, StorageError>> {
        self.memory.dependencies(range)
    }
    fn calls<'a>(&'a self, query: &'a CallsQuery) -> BoxFuture<'a, Result<Vec<MinuteCalls>, StorageError>> {
        self.memory.calls(query)
    }
}

impl Store for Odd {
    fn name(&self) -> &'static str {
        "odd"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities { dependencies: false, ..Capabilities::ALL }
    }
    fn status(&self) -> StoreStatus {
        StoreStatus { bytes: Some(5), description: "odd".into(), ..StoreStatus::default() }
    }
    fn archive(&self) -> Option<Arc<dyn Store>> {
        None
    }
}

fn batch(spans: u64) -> Arc<Batch> {
    let mut builder = jaeger_model::BatchBuilder::new();
    let service = builder.process(b"a").expect("room");
    for id in 1..=spans {
        builder.begin_span();
        builder.span_ids(TraceId(1), jaeger_model::SpanId(id));
        builder.span_process(service);
        builder.end_span().expect("room");
    }
    Arc::new(builder.finish())
}

fn refused(written: &Written) -> Vec<(ErrorKind, Vec<u32>)> {
    written.refused.iter().map(|refused| (refused.kind, refused.spans.clone())).collect()
}

fn part(several: &Several, place: usize) -> PartCounts {
    let part = several.parts().swap_remove(place);
    let refused: u64 = part.refused.iter().map(|(_, count)| count).sum();
    assert_eq!(part.offered, part.stored + part.in_flight + part.unanswered + refused, "{part:?}");
    part
}

#[tokio::test]
async fn what_all_have_is_stored_and_each_has_a_line() {
    let (first, second) = (memory(), memory());
    let several = Several::new(Arc::clone(&first), vec![Arc::clone(&second)]);
    assert_eq!(several.write(batch(3)).await.stored, 3);
    for store in [&first, &second] {
        assert_eq!(store.get_trace(TraceId(1)).await.expect("the trace").len(), 3);
    }
    assert_eq!((part(&several, 0).store, part(&several, 1).store), ("memory".into(), "memory-2".into()));
    assert_eq!((part(&several, 0).stored, part(&several, 1).stored), (3, 3));
    several.flush().await.expect("a flush");
}

#[tokio::test]
async fn what_one_refuses_is_refused_though_the_other_has_it() {
    let first = memory();
    let odd = Odd::refusing(&[(ErrorKind::Throttled, &[1])]);
    let several = Several::new(Arc::clone(&first), vec![Arc::clone(&odd) as _]);
    let written = several.write(batch(3)).await;
    assert_eq!((written.stored, refused(&written)), (2, vec![(ErrorKind::Throttled, vec![1])]));
    assert!(written.refused[0].message.starts_with("odd: "), "{}", written.refused[0].message);
    // Written again, as its sender does, it is one span in both.
    odd.refuses.lock().clear();
    assert_eq!(several.write(batch(3)).await.stored, 3);
    assert_eq!(several.get_trace(TraceId(1)).await.expect("the trace").len(), 3);
    assert_eq!(odd.get_trace(TraceId(1)).await.expect("the trace").len(), 3);
    let line = part(&several, 1);
    assert_eq!((line.offered, line.stored, line.refused[1]), (6, 5, (ErrorKind::Throttled, 1)));
}

#[tokio::test]
async fn a_span_is_refused_by_the_kind_that_may_be_tried_again() {
    let first = Odd::refusing(&[(ErrorKind::Invalid, &[0, 1, 2]), (ErrorKind::Throttled, &[3])]);
    let second = Odd::refusing(&[(ErrorKind::Unavailable, &[1, 3]), (ErrorKind::Corrupt, &[2])]);
    let several = Several::new(first, vec![second]);
    let written = several.write(batch(5)).await;
    let expected =
        vec![(ErrorKind::Invalid, vec![0]), (ErrorKind::Unavailable, vec![1, 3]), (ErrorKind::Corrupt, vec![2])];
    assert_eq!((written.stored, refused(&written)), (1, expected));
    let error = several.flush().await.expect_err("no flush");
    assert_eq!(error.to_string(), "no flush");
}

#[tokio::test]
async fn a_slow_store_holds_up_the_answer_and_not_the_other_store() {
    let (first, slow) = (memory(), Odd::slow());
    let several = Arc::new(Several::new(Arc::clone(&first), vec![Arc::clone(&slow) as _]));
    let writing = tokio::spawn({
        let several = Arc::clone(&several);
        async move { several.write(batch(2)).await }
    });
    let begun = async {
        while first.get_trace(TraceId(1)).await.is_err() || slow.writes.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), begun).await.expect("the first has it");
    assert!(!writing.is_finished());
    assert_eq!((part(&several, 0).stored, part(&several, 1).in_flight), (2, 2));
    slow.waits.as_ref().expect("slow").notify_one();
    assert_eq!(writing.await.expect("no panic").stored, 2);
    assert_eq!(part(&several, 1).stored, 2);
}

#[tokio::test]
async fn a_write_that_is_given_up_is_in_its_line_as_unanswered() {
    let slow = Odd::slow();
    let several = Several::new(memory(), vec![Arc::clone(&slow) as _]);
    let mut write = several.write(batch(2));
    let waker = std::task::Waker::noop();
    assert!(write.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    drop(write);
    let line = part(&several, 1);
    assert_eq!((line.in_flight, line.unanswered), (0, 2));
}

#[tokio::test]
async fn a_store_that_does_not_speak_of_each_span_makes_all_be_sent_again() {
    let odd = Odd::refusing(&[(ErrorKind::Invalid, &[])]);
    odd.refuses.lock()[0].1.clear();
    let several = Several::new(memory(), vec![odd]);
    assert_eq!(several.write(batch(2)).await.stored, 2, "nothing refused is all stored");
    let short = [("odd", Written { stored: 1, refused: Vec::new() })];
    let merged = merge(2, &short);
    assert_eq!((merged.stored, merged.refused[0].kind), (0, ErrorKind::Unavailable));
}

#[tokio::test]
async fn reads_and_capabilities_are_the_firsts_and_the_status_is_of_all() {
    let several = Several::new(Odd::refusing(&[]), vec![memory()]);
    assert!(!several.capabilities().dependencies);
    let status = several.status();
    assert!(status.description.contains("odd (read from): odd; memory (written to): "), "{}", status.description);
    assert!(status.bytes >= Some(5));
}
