//! Spans over gRPC: what is stored, what is refused, and in which words.

mod support;

use std::io::Write;
use std::time::Duration;

use support::spans::{otlp_protobuf, post};
use support::{EXPORT, GrpcClient, POST_SPANS, start};

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test]
async fn spans_are_stored_before_the_answer_and_carry_their_format() {
    let running = start(&[("collector.tags", "zone=east")]).await;
    let client = GrpcClient::connect(running.grpc).await;
    let answer = client.post_spans(&post("shop", 1, 100)).await;
    assert_eq!((answer.code, answer.body.as_ref()), (0, &b""[..]), "{answer:?}");
    assert_eq!(running.store.spans(), 100);
    let batches = running.store.batches();
    let span = batches[0].span(0).expect("a span");
    assert_eq!(span.service(), "shop");
    assert_eq!(
        span.tags().last().map(|tag| (tag.key, tag.value.text().into_owned())),
        Some(("internal.span.format", "proto".into()))
    );
    assert_eq!(span.process().and_then(|process| process.tags().next()).map(|tag| tag.key), Some("zone"));
    assert_eq!(
        running.metric(
            "jaeger_collector_spans_received_total{debug=\"false\",format=\"proto\",svc=\"shop\",transport=\"grpc\"}"
        ),
        100.0
    );
    assert_eq!(
        running.metric("jaeger_collector_spans_saved_by_svc_total{debug=\"false\",result=\"ok\",svc=\"shop\"}"),
        100.0
    );
    assert_eq!(running.metric("jaeger_collector_queue_capacity{host=\"test-host\"}"), 100_000.0);
    let last = running.stop().await;
    assert_eq!((last.received, last.stored), (100, 100));
}

#[tokio::test]
async fn odd_messages_are_answered_as_go_does() {
    let running = start(&[]).await;
    let client = GrpcClient::connect(running.grpc).await;
    let one_span = |operation: usize| {
        let ids = [&[0x0a, 16][..], &1_u128.to_be_bytes(), &[0x12, 8], &1_u64.to_be_bytes()].concat();
        let mut varint = Vec::new();
        let push = |mut value: usize, out: &mut Vec<u8>| {
            while value > 127 {
                out.push(u8::try_from(value & 127).expect("7 bits") | 128);
                value >>= 7;
            }
            out.push(u8::try_from(value).expect("7 bits"));
        };
        varint.push(0x1a);
        push(operation, &mut varint);
        let span = [&ids[..], &varint, &vec![b'x'; operation]].concat();
        let mut batch = vec![0x0a];
        push(span.len(), &mut batch);
        batch.extend_from_slice(&span);
        let mut request = vec![0x0a];
        push(batch.len(), &mut request);
        request.extend_from_slice(&batch);
        request
    };
    let exact = one_span(4_194_261);
    assert_eq!(exact.len(), 4 << 20);
    for (what, message, code, text) in [
        ("an empty message", vec![], 0, ""),
        ("an empty batch", vec![0x0a, 0], 0, ""),
        ("exactly 4 MiB", exact, 0, ""),
        ("over 4 MiB", one_span(4_194_304), 8, "grpc: received message larger than max (4194347 vs. 4194304)"),
        ("not protobuf", vec![255; 3], 13, "grpc: error unmarshalling request: unexpected EOF"),
        (
            "a trace id of 3 bytes",
            b"\x0a\x07\x0a\x05\x0a\x03abc".to_vec(),
            13,
            "grpc: error unmarshalling request: invalid length for TraceID",
        ),
    ] {
        let answer = client.post_spans(&message).await;
        assert_eq!((answer.code, answer.message.as_str()), (code, text), "{what}");
    }
    for (path, text) in [
        ("/jaeger.api_v2.CollectorService/Nope", "unknown method Nope for service jaeger.api_v2.CollectorService"),
        ("/nope.Nope/Nope", "unknown service nope.Nope"),
    ] {
        let answer = client.call(path, &[], 0, &[]).await;
        assert_eq!((answer.code, answer.message.as_str()), (12, text));
    }
    let last = running.stop().await;
    assert_eq!((last.stored, last.requests_refused.total()), (1, 3));
}

#[tokio::test]
async fn compressed_messages_are_taken_and_bombs_are_not() {
    let running = start(&[]).await;
    let client = GrpcClient::connect(running.grpc).await;
    let message = post("shop", 1, 500);
    let bomb = vec![0; 100 << 20];
    for (name, packed, bomb) in [
        ("gzip", gzip(&message), gzip(&bomb)),
        ("zstd", zstd::encode_all(&*message, 3).expect("memory"), zstd::encode_all(&*bomb, 3).expect("memory")),
    ] {
        let answer = client.call(POST_SPANS, &[("grpc-encoding", name)], 1, &packed).await;
        assert_eq!(answer.code, 0, "{name}: {answer:?}");
        let answer = client.call(POST_SPANS, &[("grpc-encoding", name)], 1, &bomb).await;
        assert_eq!(
            (answer.code, answer.message.as_str()),
            (8, "grpc: received message after decompression larger than max 4194304"),
            "{name}"
        );
    }
    let answer = client.call(POST_SPANS, &[("grpc-encoding", "snappy")], 1, &message).await;
    assert_eq!(answer.code, 12, "{answer:?}");
    let last = running.stop().await;
    assert_eq!(last.stored, 1000);
}

#[tokio::test]
async fn otlp_spans_with_wrong_ids_are_refused_one_by_one() {
    let running = start(&[]).await;
    let client = GrpcClient::connect(running.otlp_grpc).await;
    let (trace, span): (&[u8], &[u8]) = (&[1; 16], &[2; 8]);
    let answer = client.call(EXPORT, &[], 0, &otlp_protobuf("shop", &[(trace, span)])).await;
    assert_eq!((answer.code, answer.body.as_ref()), (0, &b"\n\0"[..]));
    let request = otlp_protobuf("shop", &[(trace, span), (&[0; 16], span), (trace, &[1; 3])]);
    let answer = client.call(EXPORT, &[], 0, &request).await;
    assert_eq!(answer.code, 0, "{answer:?}");
    assert_eq!(&answer.body[3..5], &[8, 2], "rejected_spans is 2: {answer:?}");
    let answer = client.call(EXPORT, &[], 0, &[255, 255]).await;
    assert_eq!((answer.code, answer.message.as_str()), (13, "grpc: error unmarshalling request: unexpected EOF"));
    let last = running.stop().await;
    assert_eq!((last.received, last.stored, last.refused.total()), (4, 2, 2));
}

#[tokio::test]
async fn spans_of_agents_are_counted_apart() {
    let running = start(&[]).await;
    let client = GrpcClient::connect(running.grpc).await;
    assert_eq!(client.call(POST_SPANS, &[("jaeger-agent", "0.1.0")], 0, &post("shop", 1, 3)).await.code, 0);
    assert_eq!(client.post_spans(&post("shop", 4, 2)).await.code, 0);
    let last = running.stop().await;
    assert_eq!((last.received_from_agents, last.stored_from_agents, last.stored), (3, 3, 5));
}

#[tokio::test]
async fn health_and_reflection_stand_beside_the_spans() {
    let running = start(&[]).await;
    let client = GrpcClient::connect(running.grpc).await;
    for service in ["", "jaeger.api_v2.CollectorService", "jaeger.api_v2.SamplingManager"] {
        let request = [&[0x0a, u8::try_from(service.len()).expect("short")], service.as_bytes()].concat();
        let answer = client.call("/grpc.health.v1.Health/Check", &[], 0, &request).await;
        assert_eq!((answer.code, answer.body.as_ref()), (0, &[8, 1][..]), "{service}");
    }
    for version in ["v1", "v1alpha"] {
        // list_services = ""
        let answer = client
            .call(&format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"), &[], 0, &[0x3a, 0])
            .await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(text.contains("jaeger.api_v2.CollectorService") && text.contains("grpc.health.v1.Health"), "{text:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn old_connections_are_told_to_go_and_lose_nothing() {
    let running = start(&[("collector.grpc-server.max-connection-age", "50ms")]).await;
    let client = GrpcClient::connect(running.grpc).await;
    assert_eq!(client.post_spans(&post("shop", 1, 1)).await.code, 0);
    tokio::time::timeout(Duration::from_secs(20), client.closed()).await.expect("the connection ends");
    let again = GrpcClient::connect(running.grpc).await;
    assert_eq!(again.post_spans(&post("shop", 2, 1)).await.code, 0);
    assert_eq!(running.stop().await.stored, 2);
}
