//! Thrift over HTTP and Zipkin: what is answered, what is stored, and what is counted.

mod support;

use std::io::Write;

use jaeger_model::Value;
use jaeger_service::ledger::CollectorRefused;
use jaeger_storage::ErrorKind;
use support::spans::thrift;
use support::store::Mood;
use support::{http, start, until};

const THRIFT: (&str, &str) = ("content-type", "application/x-thrift");
const JSON: (&str, &str) = ("content-type", "application/json");

/// Two spans of one id, as Envoy's two sides report a call; `shared` is the server's.
const ENVOY: &str = r#"[
    {"traceId":"5af7183fb1d4cf5f","id":"352bff9a74ca9ad2","kind":"CLIENT","name":"egress","timestamp":1700000000000010,
     "duration":200,"localEndpoint":{"serviceName":"front"}},
    {"traceId":"5af7183fb1d4cf5f","id":"352bff9a74ca9ad2","kind":"SERVER","name":"ingress","timestamp":1700000000000020,
     "duration":100,"localEndpoint":{"serviceName":"back"},"shared":true}]"#;

#[tokio::test]
async fn a_batch_in_thrift_is_accepted_when_it_is_stored() {
    let running = start(&[]).await;
    for content_type in ["application/x-thrift", "application/vnd.apache.thrift.binary", "APPLICATION/X-THRIFT; a=b"] {
        let header = ("content-type", content_type);
        let got =
            http(running.http, "POST", "/api/traces?format=jaeger.thrift", &[header], &thrift("shop", 1, 3)).await;
        assert_eq!((got.status, got.body.as_str()), (202, ""), "{content_type}");
    }
    let got =
        http(running.http, "POST", "/api/traces", &[THRIFT], &[&thrift("shop", 1, 1)[..], b"more"].concat()).await;
    assert_eq!(got.status, 202);
    let stored = running.store.batches();
    assert_eq!(running.store.spans(), 10);
    let format = stored[0].span(0).and_then(|span| span.tag("internal.span.format"));
    assert_eq!(format, Some(Value::Str("jaeger")));
    let series = r#"jaeger_collector_spans_received_total{debug="false",format="jaeger",svc="shop",transport="http"}"#;
    assert_eq!(running.metric(series), 10.0);
    let last = running.stop().await;
    assert_eq!((last.received, last.stored), (10, 10));
}

#[tokio::test]
async fn a_body_that_is_no_batch_stores_nothing() {
    let running = start(&[("collector.http-server.max-body-size", "1000")]).await;
    for body in [&b""[..], b"\0", b"garbage", &thrift("shop", 1, 3)[..50]] {
        let got = http(running.http, "POST", "/api/traces", &[THRIFT], body).await;
        assert_eq!(got.status, 400, "{body:?}");
        assert!(got.body.starts_with("Unable to process request body: ") && got.body.ends_with('\n'), "{}", got.body);
    }
    let packed = ("content-encoding", "gzip");
    let got = http(running.http, "POST", "/api/traces", &[THRIFT, packed], &gzip(&thrift("shop", 1, 3))).await;
    assert_eq!(got.status, 400, "nothing is inflated here, as in Go");
    let got = http(running.http, "POST", "/api/traces", &[THRIFT], &thrift("shop", 1, 100)).await;
    assert_eq!(got.status, 413);
    assert!(got.body.contains("--collector.http-server.max-body-size, 1000 bytes"), "{}", got.body);
    let last = running.stop().await;
    assert_eq!((last.received, last.stored, last.requests_refused.total()), (0, 0, 6));
}

#[tokio::test]
async fn each_format_of_zipkin_is_taken_at_its_path() {
    let running = start(&[]).await;
    let v1 = r#"[{"traceId":"0000000000000001","id":"0000000000000001","name":"n","timestamp":1700000000000000,
        "annotations":[{"timestamp":1700000000000000,"value":"sr","endpoint":{"serviceName":"back"}}]}]"#;
    // A list of one span: trace_id 1, name n, id 2, and its end.
    let v1_thrift = b"\x0c\0\0\0\x01\x0a\0\x01\0\0\0\0\0\0\0\x01\x0b\0\x03\0\0\0\x01n\x0a\0\x04\0\0\0\0\0\0\0\x02\0";
    let v2_protobuf = [&b"\x0a\x1f\x0a\x10"[..], &[7; 16], b"\x1a\x08", &[8; 8], b"\x2a\x01n"].concat();
    for (path, header, body) in [
        ("/api/v1/spans", JSON, v1.as_bytes()),
        ("/zipkin/api/v1/spans", ("x", "y"), v1.as_bytes()),
        ("/api/v1/spans", THRIFT, v1_thrift),
        ("/api/v2/spans", JSON, ENVOY.as_bytes()),
        ("/anything", ("content-type", "text/plain"), ENVOY.as_bytes()),
        ("/api/v2/spans", ("content-type", "application/x-protobuf"), &v2_protobuf),
        ("/api/v2/spans", JSON, b"[]"),
    ] {
        let got = http(running.zipkin, "POST", path, &[header], body).await;
        assert_eq!((got.status, got.body.as_str()), (202, ""), "{path} {header:?}");
        assert!(!got.headers.contains_key("vary"));
    }
    assert_eq!(running.store.spans(), 8);
    for span in running.store.batches().iter().flat_map(|batch| batch.spans()) {
        assert_eq!(span.tag("internal.span.format"), Some(Value::Str("zipkin")));
    }
    let series =
        r#"jaeger_collector_spans_received_total{debug="false",format="zipkin",svc="back",transport="unknown"}"#;
    assert_eq!(running.metric(series), 4.0);
    let last = running.stop().await;
    assert_eq!((last.received, last.stored), (8, 8));
}

#[tokio::test]
async fn the_two_sides_of_a_call_are_two_spans_of_one_id_however_often_they_come() {
    let running = start(&[]).await;
    for _ in 0..2 {
        assert_eq!(http(running.zipkin, "POST", "/api/v2/spans", &[JSON], ENVOY.as_bytes()).await.status, 202);
    }
    let batches = running.store.batches();
    let identities = |at: usize| batches[at].spans().map(|span| span.identity()).collect::<Vec<_>>();
    assert_eq!(identities(0), identities(1));
    assert_ne!(identities(0)[0], identities(0)[1]);
    assert_eq!(batches[0].span(0).map(|span| span.span_id()), batches[0].span(1).map(|span| span.span_id()));
    running.stop().await;
}

#[tokio::test]
async fn zipkin_bodies_may_be_compressed_and_none_may_be_over_the_limit() {
    let running = start(&[("collector.zipkin.max-body-size", "10000")]).await;
    let post = |encoding: &'static str, body: Vec<u8>| async move {
        http(running.zipkin, "POST", "/api/v2/spans", &[JSON, ("content-encoding", encoding)], &body).await
    };
    let post = &post;
    for (encoding, body) in
        [("gzip", gzip(ENVOY.as_bytes())), ("deflate", zlib(ENVOY.as_bytes())), ("zlib", zlib(ENVOY.as_bytes()))]
    {
        assert_eq!(post(encoding, body).await.status, 202, "{encoding}");
    }
    for (encoding, body, status, text) in [
        ("gzip", b"[]".to_vec(), 400, "unexpected EOF\n"),
        ("br", b"[]".to_vec(), 400, "unsupported Content-Encoding: br\n"),
        ("gzip", gzip(&vec![b' '; 1 << 20]), 413, "the body is over --collector.zipkin.max-body-size, 10000 bytes"),
    ] {
        let got = post(encoding, body).await;
        assert_eq!(got.status, status, "{encoding}: {}", got.body);
        assert!(got.body.starts_with(text), "{}", got.body);
    }
    let last = running.stop().await;
    assert_eq!((last.stored, last.requests_refused.total()), (6, 3));
}

#[tokio::test]
async fn a_browser_of_an_allowed_origin_may_send() {
    let running = start(&[("collector.zipkin.cors.allowed-origins", "http://shop.example")]).await;
    let origin = ("origin", "http://shop.example");
    let asks = ("access-control-request-method", "POST");
    let got = http(running.zipkin, "OPTIONS", "/api/v2/spans", &[origin, asks], b"").await;
    assert_eq!((got.status, got.headers["access-control-allow-origin"].as_bytes()), (204, &b"http://shop.example"[..]));
    for (origin, allowed) in [("http://shop.example", true), ("http://other.example", false)] {
        let got = http(running.zipkin, "POST", "/api/v2/spans", &[JSON, ("origin", origin)], b"[]").await;
        assert_eq!((got.status, got.headers.contains_key("access-control-allow-origin")), (202, allowed));
    }
    running.stop().await;
}

#[tokio::test]
async fn without_keep_alive_each_answer_closes_its_connection() {
    let running = start(&[("collector.zipkin.keep-alive", "false")]).await;
    let got = http(running.zipkin, "POST", "/api/v2/spans", &[JSON], b"[]").await;
    assert_eq!((got.status, got.headers["connection"].as_bytes()), (202, &b"close"[..]));
    running.stop().await;
}

#[tokio::test]
async fn a_sender_is_told_when_nobody_stores_its_spans() {
    let running = start(&[("collector.num-workers", "1"), ("collector.queue-size", "1")]).await;
    running.store.set(Mood::Refuses(ErrorKind::Unavailable));
    for (address, path, header, body) in [
        (running.zipkin, "/api/v2/spans", JSON, ENVOY.as_bytes()),
        (running.http, "/api/traces", THRIFT, &thrift("shop", 1, 2)),
    ] {
        let got = http(address, "POST", path, &[header], body).await;
        assert_eq!((got.status, got.headers["retry-after"].as_bytes()), (503, &b"1"[..]), "{}", got.body);
    }
    running.store.set(Mood::RefusesFirst(ErrorKind::Invalid));
    let got = http(running.zipkin, "POST", "/api/v2/spans", &[JSON], ENVOY.as_bytes()).await;
    assert_eq!(got.status, 400, "one of two is not stored: {}", got.body);
    assert!(got.body.starts_with("1 of 2 spans were refused"), "{}", got.body);

    running.store.set(Mood::Blocks);
    let address = running.zipkin;
    let waits =
        tokio::spawn(async move { http(address, "POST", "/api/v2/spans", &[JSON], ENVOY.as_bytes()).await.status });
    until(|| running.ledger.snapshot().in_flight == 2).await;
    let more = tokio::spawn(async move { http(address, "POST", "/", &[JSON], ENVOY.as_bytes()).await.status });
    until(|| running.ledger.snapshot().in_flight == 4).await;
    let got = http(address, "POST", "/", &[JSON], ENVOY.as_bytes()).await;
    assert_eq!(got.status, 503, "{}", got.body);
    running.store.set(Mood::Takes);
    assert_eq!((waits.await.expect("sent"), more.await.expect("sent")), (202, 202));
    let last = running.stop().await;
    assert_eq!((last.stored, last.refused.of(CollectorRefused::QueueFull)), (5, 2));
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}
