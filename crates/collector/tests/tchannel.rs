//! TChannel on 14267: what agents up to 1.17 ask and what they are told, right and wrong.

mod support;

use std::time::Duration;

use bytes::Bytes;
use jaeger_service::ledger::{CollectorRefused, RequestRefused};
use jaeger_storage::ErrorKind;
use jaeger_wire::sampling::SamplingStrategyType;
use jaeger_wire::tchannel::{
    CONNECTION, ChecksumKind, ErrorCode, Frame, FrameKind, Init, decode_submitted, meta, sampling,
};
use support::store::{Mood, TestStore};
use support::tchannel::{Answer, Client, SUBMIT, SUBMIT_ZIPKIN, call, call_with, head, submit};
use support::{start, start_over, until};

const RECEIVED: &str =
    "jaeger_collector_spans_received_total{debug=\"false\",format=\"jaeger\",svc=\"shop\",transport=\"tchannel\"}";

fn stored(answer: &Answer) -> bool {
    matches!(answer, Answer::Result { code: 0, body, .. } if decode_submitted(body) == Ok(true))
}

#[tokio::test]
async fn batches_are_answered_when_they_are_stored() {
    let running = start(&[]).await;
    let mut client = Client::connect(running.tchannel).await;
    running.store.set(Mood::Blocks);
    client.send(&call(2, "jaeger-collector", SUBMIT, &submit("shop", 1, 3))).await;
    until(|| running.store.writes_begun() == 1).await;
    // Another call of the same connection does not wait for it.
    assert!(matches!(client.call(3, "Meta::health", &[0]).await, Answer::Result { .. }));
    running.store.set(Mood::Takes);
    let (id, answer) = client.answer().await;
    assert!(id == 2 && stored(&answer), "{answer:?}");
    let batch = &running.store.batches()[0];
    let span = batch.span(0).expect("a span");
    assert_eq!(span.process().expect("a process").service(), "shop");
    assert_eq!(span.tag("internal.span.format"), Some(jaeger_model::Value::Str("jaeger")));
    assert_eq!(running.metric(RECEIVED), 3.0);
    let last = running.stop().await;
    assert_eq!((last.received, last.stored), (3, 3));
}

#[tokio::test]
async fn a_call_of_a_megabyte_comes_in_fragments_under_every_checksum() {
    let running = start(&[]).await;
    let mut client = Client::connect(running.tchannel).await;
    let body = submit("shop", 1, 13_000);
    assert!(body.len() > 1 << 20, "{}", body.len());
    let kinds = [ChecksumKind::Crc32, ChecksumKind::Crc32c, ChecksumKind::None, ChecksumKind::Farmhash];
    for (id, kind) in (2..).zip(kinds) {
        client.send(&call_with(id, &head("jaeger-collector"), kind, SUBMIT, &body)).await;
        let (_, answer) = client.answer().await;
        assert!(stored(&answer), "{answer:?}");
        let Answer::Result { kind: of_answer, .. } = answer else { unreachable!() };
        assert_eq!(of_answer, kind.of_answer(), "checked as it was asked");
    }
    assert_eq!(running.store.spans(), 52_000);
    running.stop().await;
}

#[tokio::test]
async fn fragments_of_several_calls_may_be_mixed() {
    let running = start(&[]).await;
    let mut client = Client::connect(running.tchannel).await;
    let [one, two] =
        [(2, 1), (3, 20_000)].map(|(id, first)| call(id, "jaeger-collector", SUBMIT, &submit("shop", first, 2_000)));
    // Frames of 65,535 bytes, the last shorter.
    let (mut one, mut two) = (one.chunks(65_535), two.chunks(65_535));
    loop {
        let (a, b) = (one.next(), two.next());
        if a.is_none() && b.is_none() {
            break;
        }
        for frame in [a, b].into_iter().flatten() {
            client.send(frame).await;
        }
    }
    for _ in 0..2 {
        assert!(stored(&client.answer().await.1));
    }
    assert_eq!(running.store.spans(), 4_000);
    running.stop().await;
}

#[tokio::test]
async fn a_wrong_checksum_costs_its_call_alone() {
    let running = start(&[]).await;
    let mut client = Client::connect(running.tchannel).await;
    let mut wrong = call(2, "jaeger-collector", SUBMIT, &submit("shop", 1, 3)).to_vec();
    *wrong.last_mut().expect("bytes") ^= 1;
    client.send(&wrong).await;
    let (id, answer) = client.answer().await;
    assert_eq!((id, answer.code()), (2, Some(ErrorCode::BadRequest)), "{answer:?}");
    assert!(format!("{answer:?}").contains("the checksum is"), "{answer:?}");
    assert!(stored(&client.call(3, SUBMIT, &submit("shop", 1, 3)).await));
    let last = running.stop().await;
    assert_eq!((last.stored, last.requests_refused.of(RequestRefused::Malformed)), (3, 1));
}

#[tokio::test]
async fn a_wrong_version_is_told_and_the_connection_ends() {
    let running = start(&[]).await;
    let mut client = Client::open(running.tchannel).await;
    let old = Init { version: 1, ..Init::ours(None, "test") };
    client.send(&old.frame(FrameKind::InitRequest, 1).to_bytes()).await;
    let (id, answer) = client.answer().await;
    let message = "unsupported protocol version 1 from peer, expected 2".to_owned();
    assert_eq!((id, answer), (1, Answer::Error { code: ErrorCode::Protocol, message }));
    assert_eq!(client.frame().await, None);
    running.stop().await;
}

#[tokio::test]
async fn a_peer_that_does_not_introduce_itself_is_told_why_it_is_left() {
    let running = start(&[]).await;
    let nameless = Init { version: 2, headers: Vec::new() }.frame(FrameKind::InitRequest, 1).to_bytes();
    let call = call(1, "jaeger-collector", SUBMIT, &submit("shop", 1, 1));
    let unknown = [&[0, 16, 0x55, 0][..], &[0; 12]].concat();
    for (bytes, id, words) in [
        (nameless, 1, "header host_port is required"),
        (call, 1, "expected message type InitRequest, got CallRequest"),
        (unknown.into(), CONNECTION, "a frame of the unknown kind 0x55"),
        (Bytes::from_static(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"), CONNECTION, "a frame of"),
    ] {
        let mut client = Client::open(running.tchannel).await;
        // "GE" is a size of 18,245 bytes: whatever follows belongs to that frame.
        client.send(&[&bytes[..], &vec![0; 20_000]].concat()).await;
        let (of, answer) = client.answer().await;
        let Answer::Error { code: ErrorCode::Protocol, message } = answer else { panic!("{answer:?}") };
        assert!(of == id && message.starts_with(words), "{of} {message}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_full_queue_is_busy_and_the_ledger_counts_who_was_told() {
    let running = start(&[("collector.num-workers", "1"), ("collector.queue-size", "10")]).await;
    running.store.set(Mood::Blocks);
    let mut client = Client::connect(running.tchannel).await;
    client.send(&call(2, "jaeger-collector", SUBMIT, &submit("shop", 1, 5))).await;
    until(|| running.store.writes_begun() == 1).await;
    client.send(&call(3, "jaeger-collector", SUBMIT, &submit("shop", 10, 9))).await;
    until(|| running.ledger.snapshot().in_flight == 14).await;
    let busy = client.call(4, SUBMIT, &submit("shop", 50, 2)).await;
    assert_eq!(busy.code(), Some(ErrorCode::Busy), "{busy:?}");
    running.store.set(Mood::Takes);
    for _ in 0..2 {
        assert!(stored(&client.answer().await.1));
    }
    let last = running.stop().await;
    assert_eq!((last.received, last.stored, last.refused.of(CollectorRefused::QueueFull)), (16, 14, 2));
}

#[tokio::test]
async fn calls_of_one_connection_have_a_bound() {
    let running = start(&[]).await;
    running.store.set(Mood::Blocks);
    let mut client = Client::connect(running.tchannel).await;
    let calls: Vec<u8> = (2..=1_026)
        .flat_map(|id| call(id, "jaeger-collector", SUBMIT, &submit("shop", u64::from(id), 1)).to_vec())
        .collect();
    client.send(&calls).await;
    let (id, busy) = client.answer().await;
    assert_eq!((id, busy.code()), (1_026, Some(ErrorCode::Busy)), "{busy:?}");
    running.store.set(Mood::Takes);
    for _ in 0..1_024 {
        assert!(stored(&client.answer().await.1));
    }
    running.stop().await;
}

#[tokio::test]
async fn the_bound_in_bytes_holds_while_a_call_comes_in() {
    let running = start(&[("collector.queue-size-memory", "1")]).await;
    let mut first = Client::connect(running.tchannel).await;
    let whole = call(2, "jaeger-collector", SUBMIT, &submit("shop", 1, 12_000));
    // All but the last frame: these bytes are held, and nobody else's fit beside them.
    let last_frame = whole.len() - whole.len() % 65_535;
    first.send(&whole[..last_frame]).await;
    let mut other = Client::connect(running.tchannel).await;
    let refused = tokio::time::timeout(Duration::from_secs(20), async {
        let mut id = 2;
        loop {
            let answer = other.call(id, SUBMIT, &submit("shop", 1, 3_000)).await;
            if answer.code() == Some(ErrorCode::Busy) {
                return answer;
            }
            id += 1;
        }
    });
    let refused = refused.await.expect("the bytes arrive");
    assert!(format!("{refused:?}").contains("--collector.queue-size-memory is 1048576 bytes"), "{refused:?}");
    drop(first);
    running.stop().await;
}

#[tokio::test]
async fn a_call_over_the_limit_names_the_flag() {
    let running = start(&[("collector.tchan-server.max-message-size", "1000")]).await;
    let mut client = Client::connect(running.tchannel).await;
    let answer = client.call(2, SUBMIT, &submit("shop", 1, 100)).await;
    assert_eq!(answer.code(), Some(ErrorCode::BadRequest));
    assert!(format!("{answer:?}").contains("--collector.tchan-server.max-message-size, 1000 bytes"), "{answer:?}");
    assert!(stored(&client.call(3, SUBMIT, &submit("shop", 1, 2)).await));
    running.stop().await;
}

#[tokio::test]
async fn a_cancelled_call_is_answered_so_and_its_spans_are_stored_all_the_same() {
    let running = start(&[]).await;
    running.store.set(Mood::Blocks);
    let mut client = Client::connect(running.tchannel).await;
    client.send(&call(2, "jaeger-collector", SUBMIT, &submit("shop", 1, 4))).await;
    until(|| running.store.writes_begun() == 1).await;
    client.send(&Frame { kind: FrameKind::Cancel, id: 2, body: Bytes::from_static(&[0; 31]) }.to_bytes()).await;
    let (id, answer) = client.answer().await;
    assert_eq!((id, answer.code()), (2, Some(ErrorCode::Cancelled)));
    // One whose last frame has not come holds nothing any more; cancelled twice it is nobody's.
    let half = call(3, "jaeger-collector", SUBMIT, &submit("shop", 1, 2_000));
    client.send(&half[..65_535]).await;
    let cancel = Frame { kind: FrameKind::Cancel, id: 3, body: Bytes::from_static(&[0; 31]) }.to_bytes();
    client.send(&[&cancel[..], &cancel, &half[65_535..]].concat()).await;
    assert_eq!(client.answer().await.1.code(), Some(ErrorCode::Cancelled));
    running.store.set(Mood::Takes);
    until(|| running.ledger.snapshot().stored == 4).await;
    let last = running.stop().await;
    assert_eq!((last.received, last.stored, last.requests_refused.of(RequestRefused::Unfinished)), (4, 4, 1));
}

#[tokio::test]
async fn a_call_has_the_time_that_it_says() {
    let running = start(&[]).await;
    running.store.set(Mood::Blocks);
    let mut client = Client::connect(running.tchannel).await;
    let short = jaeger_wire::tchannel::CallRequest { ttl: Duration::from_millis(50), ..head("jaeger-collector") };
    let body = submit("shop", 1, 4);
    client.send(&call_with(2, &short, ChecksumKind::Crc32, SUBMIT, &body)).await;
    let (_, late) = client.answer().await;
    assert_eq!(late.code(), Some(ErrorCode::Timeout), "{late:?}");
    // The same where its last frame never comes.
    let half = call_with(3, &short, ChecksumKind::Crc32, SUBMIT, &submit("shop", 1, 2_000));
    client.send(&half[..65_535]).await;
    let (id, late) = client.answer().await;
    assert_eq!((id, late.code()), (3, Some(ErrorCode::Timeout)), "{late:?}");
    running.store.set(Mood::Takes);
    until(|| running.ledger.snapshot().stored == 4).await;
    assert_eq!(running.stop().await.refused.total(), 0);
}

#[tokio::test]
async fn each_kind_of_refusal_has_its_code() {
    let running = start(&[]).await;
    let mut client = Client::connect(running.tchannel).await;
    for (id, (kind, code)) in (2..).zip([
        (ErrorKind::Unavailable, ErrorCode::Declined),
        (ErrorKind::Throttled, ErrorCode::Busy),
        (ErrorKind::Invalid, ErrorCode::BadRequest),
    ]) {
        running.store.set(Mood::Refuses(kind));
        let answer = client.call(id, SUBMIT, &submit("shop", 1, 2)).await;
        assert_eq!(answer.code(), Some(code), "{answer:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn before_the_store_has_answered_and_after_the_close_calls_are_declined() {
    let store = std::sync::Arc::new(TestStore::default());
    store.set_away(true);
    let running = start_over(std::sync::Arc::clone(&store), &[]).await;
    let mut client = Client::connect(running.tchannel).await;
    let declined = client.call(2, SUBMIT, &submit("shop", 1, 2)).await;
    assert_eq!(declined.code(), Some(ErrorCode::Declined), "{declined:?}");
    // Asked about traffic it is not well, asked about the process it is.
    let traffic = [0x0c, 0, 1, 8, 0, 1, 0, 0, 0, 1, 0, 0];
    for (id, question, well) in [(3, &traffic[..], false), (4, &[0], true)] {
        let Answer::Result { body, .. } = client.call(id, "Meta::health", question).await else { panic!("no answer") };
        assert_eq!(meta::decode_health(&body), Ok(well));
    }
    store.set_away(false);
    until(|| running.health.state().is_ready()).await;
    store.set(Mood::Blocks);
    client.send(&call(5, "jaeger-collector", SUBMIT, &submit("shop", 1, 2))).await;
    until(|| store.writes_begun() == 1).await;
    let lifecycle = running.lifecycle.clone();
    lifecycle.stop("test");
    lifecycle.close().cancelled().await;
    // What came before the close is finished; what comes behind it goes elsewhere.
    let declined = client.call(6, SUBMIT, &submit("shop", 9, 2)).await;
    assert_eq!(declined.code(), Some(ErrorCode::Declined), "{declined:?}");
    store.set(Mood::Takes);
    let (id, answer) = client.answer().await;
    assert!(id == 5 && stored(&answer), "{answer:?}");
    assert_eq!(client.frame().await, None, "then the connection ends");
    let last = running.stop().await;
    assert_eq!(last.stored, 2);
}

#[tokio::test]
async fn what_nobody_serves_is_told_in_gos_words() {
    let running = start(&[]).await;
    let mut client = Client::connect(running.tchannel).await;
    let restrictions = "BaggageRestrictionManager::getBaggageRestrictions";
    for (id, service, method) in [(2, "jaeger-collector", restrictions), (3, "other", SUBMIT), (4, "tchannel", SUBMIT)]
    {
        client.send(&call(id, service, method, &[0])).await;
        let (_, answer) = client.answer().await;
        let message = format!("no handler for service {service:?} and method {method:?}");
        assert_eq!(answer, Answer::Error { code: ErrorCode::BadRequest, message });
    }
    let mut json = head("jaeger-collector");
    json.headers[0].1 = "json".to_owned();
    client.send(&call_with(5, &json, ChecksumKind::None, SUBMIT, b"{}")).await;
    assert_eq!(client.answer().await.1.code(), Some(ErrorCode::BadRequest));
    let garbage = client.call(6, SUBMIT, &[0x0f, 0, 1, 0x0c, 0x7f, 0xff, 0xff, 0xff]).await;
    assert_eq!(garbage.code(), Some(ErrorCode::BadRequest), "{garbage:?}");
    running.stop().await;
}

#[tokio::test]
async fn meta_and_ping_are_answered_under_both_names() {
    let running = start(&[]).await;
    let mut client = Client::connect(running.tchannel).await;
    let mut id = 2;
    for service in ["jaeger-collector", "tchannel"] {
        for method in ["Meta::health", "Meta::thriftIDL", "Meta::versionInfo"] {
            client.send(&call(id, service, method, &[0])).await;
            let (_, answer) = client.answer().await;
            assert!(matches!(answer, Answer::Result { code: 0, .. }), "{service} {method} {answer:?}");
            id += 1;
        }
    }
    client.send(&Frame::empty(FrameKind::PingRequest, 77).to_bytes()).await;
    assert_eq!(client.frame().await, Some(Frame::empty(FrameKind::PingResponse, 77)));
    running.stop().await;
}

#[tokio::test]
async fn strategies_are_asked_over_the_same_connection() {
    let running = start(&[]).await;
    let mut client = Client::connect(running.tchannel).await;
    let mut question = Vec::new();
    sampling::encode_question("shop", &mut question);
    let answer = client.call(2, "SamplingManager::getSamplingStrategy", &question).await;
    let Answer::Result { body, .. } = answer else { panic!("{answer:?}") };
    let strategy = sampling::decode_answer(&body).expect("a strategy");
    assert_eq!(strategy.strategy_type, SamplingStrategyType::Probabilistic as i32);
    assert_eq!(strategy.probabilistic_sampling.map(|sampling| sampling.sampling_rate), Some(0.001));
    running.stop().await;
}

#[tokio::test]
async fn zipkin_spans_become_jaegers() {
    let running = start(&[]).await;
    let mut client = Client::connect(running.tchannel).await;
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/tchannel/submit-v1-spans");
    client.send(&std::fs::read(corpus).expect("the corpus is committed")).await;
    let (_, answer) = client.answer().await;
    assert!(stored(&answer), "{answer:?}");
    let batch = &running.store.batches()[0];
    let span = batch.span(0).expect("a span");
    assert_eq!(span.process().expect("a process").service(), "front");
    assert_eq!(span.tag("internal.span.format"), Some(jaeger_model::Value::Str("zipkin")));
    let received =
        "jaeger_collector_spans_received_total{debug=\"false\",format=\"zipkin\",svc=\"front\",transport=\"tchannel\"}";
    assert_eq!(running.metric(received), 1.0);
    assert_eq!(client.call(9, SUBMIT_ZIPKIN, &[7]).await.code(), Some(ErrorCode::BadRequest));
    running.stop().await;
}

#[tokio::test]
async fn an_empty_address_listens_nowhere() {
    use jaeger_service::settings::{Component, Settings};
    for name in ["collector.tchan-server.host-port", "collector.port"] {
        let value = if name == "collector.port" { "0" } else { "" };
        let settings = Settings::for_test(Component::Collector, &[(name, value)]);
        assert_eq!(jaeger_collector::Config::from_settings(&settings).expect("good flags").tchannel, None);
    }
}
