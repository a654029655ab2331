//! Writes: what is answered is stored, what is refused says so with its kind, and what is not answered can be written again.

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jaeger_model::{Batch, TraceId};
use jaeger_remote_storage::{Config, Offers};
use jaeger_storage::conformance::Spans;
use jaeger_storage::{ErrorKind, Refused, SpanReader as _, SpanWriter as _, StorageError, Store, Written};
use support::{GOS, OLD, OURS, TestStore, client, start, start_at, until};

fn batch(spans: u64) -> Arc<Batch> {
    let mut all = Spans::new();
    for id in 1..=spans {
        all = all.span(1, id, "a", "op", i64::try_from(id).expect("few"));
    }
    Arc::new(all.batch())
}

const KINDS: [ErrorKind; 4] = [ErrorKind::Unavailable, ErrorKind::Throttled, ErrorKind::Invalid, ErrorKind::Corrupt];

#[tokio::test]
async fn every_kind_of_refusal_arrives_as_itself() {
    for offers in [OURS, GOS, OLD] {
        let store = TestStore::new();
        let server = start(Arc::clone(&store) as _, offers).await;
        let remote = server.client();
        for kind in KINDS {
            store.answer(move |batch| Some(Written::none(batch.len(), &StorageError::new(kind, "the disk is full"))));
            let written = remote.write(batch(3)).await;
            assert_eq!(written.stored, 0, "{offers:?}");
            let spans: usize = written.refused.iter().map(|refused| refused.spans.len()).sum();
            assert_eq!(spans, 3, "{offers:?} {kind:?}");
            for refused in &written.refused {
                assert_eq!(refused.kind, kind, "{offers:?}");
                assert!(refused.message.contains("the disk is full"), "{}", refused.message);
            }
        }
        let last = server.stop().await;
        assert_eq!((last.received, last.stored, last.refused.total()), (12, 0, 12), "{offers:?}");
    }
}

#[tokio::test]
async fn a_refusal_of_some_spans_names_them_in_our_own_service_and_is_for_all_in_a_stream() {
    let some = |_: &Batch| {
        let refused = Refused { kind: ErrorKind::Invalid, message: "too long".into(), spans: vec![1] };
        Some(Written { stored: 2, refused: vec![refused] })
    };
    for (offers, stored, refused) in [(OURS, 2, vec![1]), (GOS, 0, vec![0, 1, 2])] {
        let store = TestStore::new();
        store.answer(some);
        let server = start(Arc::clone(&store) as _, offers).await;
        let written = server.client().write(batch(3)).await;
        assert_eq!((written.stored, written.refused[0].spans.clone()), (stored, refused), "{offers:?}");
        let last = server.stop().await;
        assert_eq!((last.stored, last.refused.total()), (2, 1), "the server counts what its store said");
    }
}

#[tokio::test]
async fn a_batch_over_the_servers_limit_goes_in_parts() {
    let store = TestStore::new();
    let config = Config { max_message_bytes: 4 << 20, offers: OURS, ..Config::default() };
    let server = start_at("127.0.0.1:0".parse().expect("an address"), Arc::clone(&store) as _, config).await;
    let long = "x".repeat(1 << 20);
    let mut spans = Spans::new();
    for id in 1..=10 {
        spans = spans.span(1, id, "a", &long, 1);
    }
    let written = server.client().write(Arc::new(spans.batch())).await;
    assert_eq!((written.stored, written.refused.len()), (10, 0), "{:?}", written.refused);
    assert!(store.writes.load(Ordering::SeqCst) > 1);
    let trace = server.client().get_trace(TraceId(1)).await.expect("the trace");
    assert_eq!(trace.len(), 10);
    server.stop().await;
}

#[tokio::test]
async fn a_stream_longer_than_a_batch_is_answered_when_all_of_it_is_stored() {
    for offers in [GOS, OURS] {
        let store = TestStore::new();
        let server = start(Arc::clone(&store) as _, offers).await;
        let written = server.client().write(batch(20_000)).await;
        assert_eq!(written.stored, 20_000, "{:?}", written.refused);
        assert_eq!(server.client().get_trace(TraceId(1)).await.expect("the trace").len(), 20_000);
        let last = server.stop().await;
        assert_eq!((last.received, last.stored), (20_000, 20_000));
    }
}

#[tokio::test]
async fn before_the_server_is_there_writes_name_its_address_and_then_they_go_through() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let remote = client(&address.to_string());
    let written = remote.write(batch(2)).await;
    assert_eq!((written.stored, written.refused[0].kind), (0, ErrorKind::Unavailable));
    assert!(written.refused[0].message.contains(&address.to_string()), "{}", written.refused[0].message);
    assert!(remote.status().description.contains("not reached yet"));
    let store = TestStore::new();
    let server = start_at(address, Arc::clone(&store) as _, Config::default()).await;
    stored_at_last(&remote, 2).await;
    assert!(remote.capabilities().search_without_service, "asked once the server was there");
    server.stop().await;
}

/// Writes until it is stored, as a collector's sender does.
async fn stored_at_last(remote: &impl Store, spans: u64) {
    let all = async {
        loop {
            let written = remote.write(batch(spans)).await;
            if written.refused.is_empty() {
                return;
            }
            assert_eq!(written.refused[0].kind, ErrorKind::Unavailable, "{}", written.refused[0].message);
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), all).await.expect("stored in time");
}

async fn killed_within_a_write(offers: Offers) {
    let store = TestStore::new();
    let go_on = store.hold_up();
    let server = start(Arc::clone(&store) as _, offers).await;
    let address = server.address;
    let remote = server.client();
    let writing = tokio::spawn({
        let remote = remote.clone();
        async move { remote.write(batch(100)).await }
    });
    until(|| store.writes.load(Ordering::SeqCst) > 0).await;
    server.kill().await;
    let written = writing.await.expect("no panic");
    assert_eq!(written.stored, 0, "nobody said that they are stored");
    assert!(written.refused.iter().all(|refused| refused.kind == ErrorKind::Unavailable), "{:?}", written.refused);
    // The write that nobody waits for is stored all the same: written again it is still one.
    let server = start_at(address, Arc::clone(&store) as _, Config { offers, ..Config::default() }).await;
    let again = tokio::spawn({
        let remote = remote.clone();
        async move { stored_at_last(&remote, 100).await }
    });
    let mut again = again;
    loop {
        go_on.notify_waiters();
        tokio::select! {
            done = &mut again => break done.expect("no panic"),
            () = tokio::time::sleep(std::time::Duration::from_millis(5)) => {}
        }
    }
    assert_eq!(remote.get_trace(TraceId(1)).await.expect("the trace").len(), 100);
    go_on.notify_waiters();
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_is_killed_within_a_write_leaves_an_error_and_writing_again_stores_once() {
    killed_within_a_write(OURS).await;
    killed_within_a_write(GOS).await;
}

#[tokio::test]
async fn a_write_whose_caller_hangs_up_is_settled_and_waited_for_at_the_end() {
    let store = TestStore::new();
    let go_on = store.hold_up();
    let server = start(Arc::clone(&store) as _, OURS).await;
    let remote = server.client();
    let writing = tokio::spawn(async move { remote.write(batch(5)).await });
    until(|| store.writes.load(Ordering::SeqCst) > 0).await;
    writing.abort();
    drop(writing.await);
    let ledger = server.ledger.clone();
    let stopping = tokio::spawn(server.stop());
    assert_eq!(ledger.snapshot().in_flight, 5);
    go_on.notify_one();
    let last = stopping.await.expect("stopped");
    assert_eq!((last.received, last.stored), (5, 5));
}

#[tokio::test]
async fn what_is_over_the_room_is_throttled_and_the_room_is_given_back() {
    let store = TestStore::new();
    let go_on = store.hold_up();
    let config = Config { max_bytes_in_hand: 1_000, offers: OURS, ..Config::default() };
    let server = start_at("127.0.0.1:0".parse().expect("an address"), Arc::clone(&store) as _, config).await;
    let remote = server.client();
    let first = tokio::spawn({
        let remote = remote.clone();
        async move { remote.write(batch(50)).await }
    });
    until(|| store.writes.load(Ordering::SeqCst) > 0).await;
    let second = remote.write(batch(50)).await;
    assert_eq!((second.stored, second.refused[0].kind), (0, ErrorKind::Throttled), "{:?}", second.refused);
    go_on.notify_one();
    assert_eq!(first.await.expect("no panic").stored, 50);
    server.stop().await;
}

#[tokio::test]
async fn the_archive_is_written_and_read_apart() {
    for offers in [OURS, GOS, OLD] {
        let store = TestStore::new();
        let server = start(Arc::clone(&store) as _, offers).await;
        let remote = server.client();
        remote.services().await.expect("an answer");
        let archive = remote.archive().expect("the server has an archive");
        assert_eq!(archive.write(batch(3)).await.stored, 3, "{offers:?}");
        assert_eq!(archive.get_trace(TraceId(1)).await.expect("archived").len(), 3);
        let missing = remote.get_trace(TraceId(1)).await.expect_err("not in the store itself");
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        assert!(missing.to_string().contains("trace not found"), "{missing}");
        server.stop().await;
    }
    let without = start(TestStore::with_archive(None) as _, OURS).await;
    let remote = without.client();
    remote.services().await.expect("an answer");
    assert!(remote.archive().is_none());
    without.stop().await;
}
