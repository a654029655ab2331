//! No silent loss: what the sender is told, what the ledger says, and what the store has, under a store that is slow, away or says no.

mod support;

use std::sync::Arc;
use std::time::Duration;

use jaeger_collector::{Refused, Source};
use jaeger_service::ledger::{CollectorDropped, CollectorRefused};
use jaeger_storage::ErrorKind;
use support::spans::{otlp_json, post, shared};
use support::store::{Mood, TestStore};
use support::{GrpcClient, POST_SPANS, http, start, start_over, start_with_deadline, until};

const RETRY_INFO: &str = "grpc-status-details-bin";

#[tokio::test]
async fn a_full_queue_pushes_back_and_says_when_to_come_again() {
    let running = start(&[("collector.num-workers", "1"), ("collector.queue-size", "10")]).await;
    running.store.set(Mood::Blocks);
    let client = GrpcClient::connect(running.grpc).await;
    let send = |first, count| {
        let client = client.clone();
        tokio::spawn(async move { client.post_spans(&post("shop", first, count)).await })
    };
    let written = send(1, 5);
    until(|| running.store.writes_begun() == 1).await;
    // Alone over the bound: taken, since nothing waits.
    let waiting = send(10, 30);
    until(|| running.ledger.snapshot().in_flight == 35).await;
    let refused = client.post_spans(&post("shop", 50, 1)).await;
    assert_eq!(refused.code, 8, "{refused:?}");
    assert!(refused.headers.contains_key(RETRY_INFO));
    let json = otlp_json("shop", &["0000000000000001"]);
    let answer =
        http(running.otlp_http, "POST", "/v1/traces", &[("content-type", "application/json")], json.as_bytes()).await;
    assert_eq!(
        (answer.status, answer.headers.get("retry-after").map(|value| value.as_bytes())),
        (503, Some(&b"1"[..])),
        "{answer:?}"
    );
    assert_eq!(running.metric("jaeger_collector_spans_dropped_total{host=\"test-host\"}"), 2.0);
    assert_eq!(running.metric("jaeger_collector_queue_length{host=\"test-host\"}"), 30.0);
    running.store.set(Mood::Takes);
    assert_eq!((written.await.expect("sent").code, waiting.await.expect("sent").code), (0, 0));
    let last = running.stop().await;
    assert_eq!((last.received, last.stored, last.refused.of(CollectorRefused::QueueFull)), (37, 35, 2));
}

#[tokio::test]
async fn the_bound_in_bytes_counts_what_is_written_too() {
    let running = start(&[("collector.num-workers", "1"), ("collector.queue-size-memory", "1")]).await;
    running.store.set(Mood::Blocks);
    let client = GrpcClient::connect(running.grpc).await;
    let big = client.clone();
    let sent = tokio::spawn(async move { big.post_spans(&post("shop", 1, 20_000)).await });
    until(|| running.store.writes_begun() == 1).await;
    let refused = client.post_spans(&post("shop", 1, 1)).await;
    assert_eq!(refused.code, 8);
    assert!(refused.message.contains("--collector.queue-size-memory is 1048576 bytes"), "{}", refused.message);
    running.store.set(Mood::Takes);
    assert_eq!(sent.await.expect("sent").code, 0);
    assert_eq!(client.post_spans(&post("shop", 1, 1)).await.code, 0);
    running.stop().await;
}

#[tokio::test]
async fn a_late_batch_is_stored_once_and_never_counts_as_refused() {
    let running = start(&[]).await;
    running.store.set(Mood::Blocks);
    let client = GrpcClient::connect(running.grpc).await;
    let late = client.call(POST_SPANS, &[("grpc-timeout", "50m")], 0, &post("shop", 1, 4)).await;
    assert_eq!(late.code, 14, "{late:?}");
    assert!(late.headers.contains_key(RETRY_INFO));
    assert_eq!(running.ledger.snapshot().in_flight, 4);
    running.store.set(Mood::Takes);
    until(|| running.ledger.snapshot().stored == 4).await;
    assert_eq!(running.store.batches().len(), 1);

    running.store.set(Mood::Blocks);
    assert_eq!(client.call(POST_SPANS, &[("grpc-timeout", "50m")], 0, &post("shop", 5, 3)).await.code, 14);
    running.store.set(Mood::Refuses(ErrorKind::Unavailable));
    let last = running.stop().await;
    assert_eq!((last.stored, last.refused.total()), (4, 0));
    assert_eq!(last.dropped.of_service(CollectorDropped::StoreUnavailable, "shop"), 3);
}

#[tokio::test]
async fn a_sender_that_hangs_up_does_not_stop_its_batch() {
    let running = start(&[]).await;
    running.store.set(Mood::Blocks);
    let client = GrpcClient::connect(running.grpc).await;
    let call = tokio::spawn(async move { client.post_spans(&post("shop", 1, 2)).await });
    until(|| running.store.writes_begun() == 1).await;
    call.abort();
    running.store.set(Mood::Takes);
    until(|| running.ledger.snapshot().stored == 2).await;
    running.stop().await;
}

#[tokio::test]
async fn each_kind_of_refusal_has_its_answer() {
    let running = start(&[]).await;
    let client = GrpcClient::connect(running.grpc).await;
    let json = otlp_json("shop", &["0000000000000001", "0000000000000002"]);
    let headers = [("content-type", "application/json")];
    for (kind, grpc, status, again) in [
        (ErrorKind::Unavailable, 14, 503, true),
        (ErrorKind::Throttled, 8, 503, true),
        (ErrorKind::Invalid, 3, 400, false),
    ] {
        running.store.set(Mood::Refuses(kind));
        let answer = client.post_spans(&post("shop", 1, 2)).await;
        assert_eq!((answer.code, answer.headers.contains_key(RETRY_INFO)), (grpc, again), "{answer:?}");
        let answer = http(running.otlp_http, "POST", "/v1/traces", &headers, json.as_bytes()).await;
        assert_eq!((answer.status, answer.headers.contains_key("retry-after")), (status, again), "{answer:?}");
    }
    assert_eq!(
        running.metric("jaeger_collector_spans_saved_by_svc_total{debug=\"false\",result=\"err\",svc=\"shop\"}"),
        12.0
    );
    // Part of a request: retried whole where that helps, told as a partial success where it does not.
    running.store.set(Mood::RefusesFirst(ErrorKind::Throttled));
    assert_eq!(client.post_spans(&post("shop", 1, 2)).await.code, 8);
    running.store.set(Mood::RefusesFirst(ErrorKind::Invalid));
    let answer = http(running.otlp_http, "POST", "/v1/traces", &headers, json.as_bytes()).await;
    assert_eq!(answer.body, r#"{"partialSuccess":{"errorMessage":"the test store says no","rejectedSpans":"1"}}"#);
    let last = running.stop().await;
    assert_eq!((last.received, last.stored, last.dropped.total()), (16, 2, 0));
    assert_eq!(last.refused.of_service(CollectorRefused::StoreThrottled, "shop"), 5);
}

#[tokio::test]
async fn with_queued_a_sender_is_told_yes_at_once_and_a_loss_is_a_drop() {
    let running = start(&[("collector.acknowledge", "queued")]).await;
    running.store.set(Mood::Blocks);
    let client = GrpcClient::connect(running.grpc).await;
    assert_eq!(client.post_spans(&post("shop", 1, 2)).await.code, 0);
    assert_eq!(running.ledger.snapshot().in_flight, 2);
    running.store.set(Mood::Refuses(ErrorKind::Throttled));
    let last = running.stop().await;
    assert_eq!(last.dropped.of(CollectorDropped::StoreThrottled), 2);
}

#[tokio::test]
async fn until_its_store_has_answered_a_collector_is_not_ready_and_refuses() {
    let store = Arc::new(TestStore::default());
    store.set_away(true);
    let running = start_over(store, &[]).await;
    until(|| running.health.waits().iter().any(|wait| wait.contains("the test store is away"))).await;
    let client = GrpcClient::connect(running.grpc).await;
    let answer = client.post_spans(&post("shop", 1, 2)).await;
    assert_eq!((answer.code, answer.headers.contains_key(RETRY_INFO)), (14, true), "{answer:?}");
    running.store.set_away(false);
    until(|| running.health.state().is_ready()).await;
    assert_eq!(client.post_spans(&post("shop", 1, 2)).await.code, 0);
    let last = running.stop().await;
    assert_eq!((last.stored, last.refused.of(CollectorRefused::NotReady)), (2, 2));
}

#[tokio::test]
async fn a_part_of_the_same_process_meets_the_same_bounds() {
    let running = start(&[("collector.num-workers", "1"), ("collector.queue-size", "10")]).await;
    let patience = Duration::from_secs(10);
    let taken = running.collector.submit(shared("shop", 1, 20), Source::AGENT, patience).await.expect("stored");
    assert_eq!(taken.taken, 20);
    running.store.set(Mood::Blocks);
    let submit = |first| {
        let collector = running.collector.clone();
        tokio::spawn(async move { collector.submit(shared("shop", first, 8), Source::AGENT, patience).await })
    };
    let written = submit(21);
    until(|| running.store.writes_begun() == 2).await;
    let waiting = submit(31);
    until(|| running.ledger.snapshot().in_flight == 16).await;
    let refused = running.collector.submit(shared("shop", 41, 8), Source::AGENT, patience).await;
    assert_eq!(refused, Err(Refused::QueueFull { waiting: 8, bound: 10 }));
    running.store.set(Mood::Takes);
    assert!(written.await.expect("sent").is_ok() && waiting.await.expect("sent").is_ok());
    let last = running.stop().await;
    assert_eq!((last.received_from_agents, last.stored_from_agents), (44, 36));
}

#[tokio::test]
async fn what_waits_when_the_process_stops_is_stored() {
    let running = start(&[("collector.num-workers", "1")]).await;
    running.store.set(Mood::Blocks);
    let client = GrpcClient::connect(running.grpc).await;
    let calls: Vec<_> = (0..20)
        .map(|call| {
            let client = client.clone();
            tokio::spawn(async move { client.post_spans(&post("shop", call * 10, 10)).await })
        })
        .collect();
    until(|| running.ledger.snapshot().in_flight == 200).await;
    let store = Arc::clone(&running.store);
    running.lifecycle.stop("test");
    store.set(Mood::Takes);
    for call in calls {
        assert_eq!(call.await.expect("sent").code, 0);
    }
    assert_eq!(running.stop().await.stored, 200);
}

#[tokio::test]
async fn a_write_begun_by_whoever_brought_it_goes_on_when_its_sender_has_gone_and_is_waited_for() {
    let running = start(&[]).await;
    running.store.set(Mood::Blocks);
    let client = GrpcClient::connect(running.grpc).await;
    let send = |first| {
        let client = client.clone();
        tokio::spawn(async move { client.post_spans(&post("shop", first, 10)).await })
    };
    // Nothing waits: this one is written without a worker, and its sender gives up.
    let gone = send(1);
    until(|| running.store.writes_begun() == 1).await;
    gone.abort();
    assert!(gone.await.is_err_and(|error| error.is_cancelled()));
    let waiting = send(11);
    until(|| running.store.writes_begun() == 2).await;
    let store = Arc::clone(&running.store);
    running.lifecycle.stop("test");
    store.set(Mood::Takes);
    assert_eq!(waiting.await.expect("sent").code, 0);
    let last = running.stop().await;
    assert_eq!((last.received, last.stored, last.dropped.total()), (20, 20, 0));
}

#[tokio::test]
async fn what_still_waits_at_the_deadline_is_counted_as_dropped_and_its_senders_are_told() {
    let store = Arc::new(TestStore::default());
    let running = start_with_deadline(store, &[("collector.num-workers", "1")], Duration::from_millis(200)).await;
    until(|| running.health.state().is_ready()).await;
    running.store.set(Mood::Blocks);
    let client = GrpcClient::connect(running.grpc).await;
    let calls: Vec<_> = (0..3)
        .map(|call| {
            let client = client.clone();
            tokio::spawn(async move { client.post_spans(&post("shop", call * 10, 10)).await })
        })
        .collect();
    until(|| running.ledger.snapshot().in_flight == 30).await;
    let last = running.stop().await;
    // One is being written and may still be stored; two were waiting.
    assert_eq!(last.dropped.of(CollectorDropped::ShutdownDeadline), 30);
    drop(calls);
}
