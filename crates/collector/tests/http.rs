//! OTLP over HTTP and the old HTTP port, in Go's words.

mod support;

use std::io::Write;

use support::spans::otlp_json;
use support::{http, start};

type Pack = fn(&[u8]) -> Vec<u8>;

const JSON: (&str, &str) = ("content-type", "application/json");
const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");

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

#[tokio::test]
async fn otlp_answers_are_gos() {
    let running = start(&[]).await;
    let refused = "415 unsupported media type, supported: [application/json, application/x-protobuf]";
    for (method, path, header, body, status, answer) in [
        ("POST", "/v1/traces", JSON, "{}", 200, r#"{"partialSuccess":{}}"#),
        ("POST", "/v1/traces", JSON, r#"{"unknown":1}"#, 200, r#"{"partialSuccess":{}}"#),
        (
            "POST",
            "/v1/traces",
            ("content-type", "APPLICATION/JSON; charset=latin1"),
            "{}",
            200,
            r#"{"partialSuccess":{}}"#,
        ),
        ("POST", "/v1/traces", PROTOBUF, "", 200, "\n\0"),
        ("POST", "/v1/traces", PROTOBUF, "{}", 400, "\x08\x03\x12\x0eunexpected EOF"),
        ("POST", "/v1/traces", ("content-type", "text/plain"), "{}", 415, refused),
        ("POST", "/v1/traces", ("x", "y"), "{}", 415, refused),
        ("GET", "/v1/traces", JSON, "", 405, "405 method not allowed, supported: [POST]"),
        ("PUT", "/v1/traces", JSON, "{}", 405, "405 method not allowed, supported: [POST]"),
        ("POST", "/v1/metrics", JSON, "{}", 404, "404 page not found\n"),
        ("POST", "/v1/traces/", JSON, "{}", 404, "404 page not found\n"),
        ("OPTIONS", "/v1/traces", ("access-control-request-method", "POST"), "", 204, ""),
    ] {
        let got = http(running.otlp_http, method, path, &[header], body.as_bytes()).await;
        assert_eq!((got.status, got.body.as_str()), (status, answer), "{method} {path} {header:?} {body}");
        assert!(got.headers["vary"].as_bytes().starts_with(b"Origin"));
    }
    for body in ["", "{bad", "[]", r#"{"resourceSpans":5}"#] {
        let got = http(running.otlp_http, "POST", "/v1/traces", &[JSON], body.as_bytes()).await;
        assert_eq!((got.status, got.headers["content-type"].as_bytes()), (400, &b"application/json"[..]), "{body}");
        assert!(got.body.starts_with(r#"{"code":3,"message":""#), "{}", got.body);
    }
    for (encoding, body, message) in
        [("br", "{}", "unsupported Content-Encoding: br"), ("identity", "{}", "unsupported Content-Encoding: identity")]
    {
        let got =
            http(running.otlp_http, "POST", "/v1/traces", &[JSON, ("content-encoding", encoding)], body.as_bytes())
                .await;
        assert_eq!((got.status, got.body), (400, format!(r#"{{"code":3,"message":"{message}"}}"#)));
    }
    running.stop().await;
}

#[tokio::test]
async fn bodies_may_be_compressed_and_none_may_be_over_the_limit() {
    let running = start(&[("collector.otlp.http.max-body-size", "100000")]).await;
    let body = otlp_json("shop", &["0000000000000001", "0000000000000002"]);
    let body = body.as_bytes();
    let zeros = vec![b' '; 1 << 20];
    let packers: [(&str, Pack); 3] =
        [("gzip", gzip), ("deflate", zlib), ("zstd", |body| zstd::encode_all(body, 3).expect("memory"))];
    for (encoding, pack) in packers {
        let header = ("content-encoding", encoding);
        let got = http(running.otlp_http, "POST", "/v1/traces", &[JSON, header], &pack(body)).await;
        assert_eq!(got.status, 200, "{encoding}: {}", got.body);
        let got = http(running.otlp_http, "POST", "/v1/traces", &[JSON, header], &pack(&zeros)).await;
        assert_eq!(got.status, 413, "{encoding}: {}", got.body);
        let got = http(running.otlp_http, "POST", "/v1/traces", &[JSON, header], b"plain").await;
        assert_eq!(got.status, 400, "{encoding}: {}", got.body);
    }
    let got = http(running.otlp_http, "POST", "/v1/traces", &[JSON], &zeros).await;
    assert_eq!(got.status, 413);
    let last = running.stop().await;
    assert_eq!((last.stored, last.requests_refused.total()), (6, 7));
}

#[tokio::test]
async fn json_spans_with_wrong_ids_are_counted_in_the_answer() {
    let running = start(&[]).await;
    let body = otlp_json("shop", &["0000000000000001", "", "0000000000000000"]);
    let got = http(running.otlp_http, "POST", "/v1/traces", &[JSON], body.as_bytes()).await;
    assert_eq!(got.status, 200);
    let answer: serde_json::Value = serde_json::from_str(&got.body).expect("JSON");
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "2");
    let last = running.stop().await;
    assert_eq!((last.received, last.stored), (3, 1));
}

#[tokio::test]
async fn an_allowed_origin_is_told_so() {
    let running = start(&[("collector.otlp.http.cors.allowed-origins", "http://shop.example")]).await;
    for (origin, allowed) in [("http://shop.example", true), ("http://other.example", false)] {
        let got = http(running.otlp_http, "POST", "/v1/traces", &[JSON, ("origin", origin)], b"{}").await;
        let header = got.headers.get("access-control-allow-origin");
        assert_eq!(header.map(|value| value.as_bytes()), allowed.then_some(origin.as_bytes()));
    }
    running.stop().await;
}

#[tokio::test]
async fn the_old_port_answers_about_sampling_and_refuses_what_is_no_batch() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("strategies.json");
    let text = r#"{"default_strategy":{"type":"probabilistic","param":0.5},"service_strategies":[{"service":"bar","type":"ratelimiting","param":5}]}"#;
    std::fs::write(&path, text).expect("written");
    let running = start(&[("sampling.strategies-file", &path.display().to_string())]).await;
    let thrift = ("content-type", "application/x-thrift");
    for (method, path, header, status, answer) in [
        (
            "GET",
            "/api/sampling?service=bar",
            JSON,
            200,
            r#"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":5}}"#,
        ),
        (
            "GET",
            "/api/sampling?service=",
            JSON,
            200,
            r#"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.5}}"#,
        ),
        ("GET", "/api/sampling", JSON, 400, "'service' parameter must be provided once\n"),
        ("GET", "/api/sampling?service=x&service=y", JSON, 400, "'service' parameter must be provided once\n"),
        ("POST", "/api/sampling?service=x", JSON, 405, ""),
        (
            "GET",
            "/api/baggageRestrictions?service=x",
            JSON,
            500,
            "collector error: baggage restrictions not implemented\n",
        ),
        ("GET", "/api/baggageRestrictions", JSON, 400, "'service' parameter must be provided once\n"),
        ("POST", "/api/traces", ("x", "y"), 400, "Cannot parse content type: mime: no media type\n"),
        ("POST", "/api/traces", ("content-type", ";;"), 400, "Cannot parse content type: mime: no media type\n"),
        ("POST", "/api/traces", JSON, 400, "Unsupported content type: application/json\n"),
        ("POST", "/api/traces", thrift, 400, "Unable to process request body: *jaeger.Batch field 0 read error: EOF\n"),
        ("PUT", "/api/traces", thrift, 405, ""),
        ("GET", "/nope", JSON, 404, "404 page not found\n"),
        ("POST", "/api/traces/", thrift, 404, "404 page not found\n"),
    ] {
        let got = http(running.http, method, path, &[header], b"").await;
        assert_eq!(got.status, status, "{method} {path}: {}", got.body);
        assert_eq!(got.body, answer, "{method} {path}");
    }
    let page = http(running.http, "GET", "/metrics", &[], b"").await;
    assert!(page.body.contains("jaeger_collector_spans_dropped{host=\"test-host\"} 0"), "{}", page.body);
    assert_eq!(running.metric("jaeger_collector_http_server_requests_total{type=\"sampling\"}"), 2.0);
    running.stop().await;
}

#[tokio::test]
async fn sampling_is_answered_over_grpc_too() {
    let running = start(&[]).await;
    let client = support::GrpcClient::connect(running.grpc).await;
    let answer = client.call("/jaeger.api_v2.SamplingManager/GetSamplingStrategy", &[], 0, b"\x0a\x04shop").await;
    // probabilisticSampling { samplingRate: 0.001 }
    assert_eq!(answer.body, [&[0x12, 9, 9][..], &0.001_f64.to_le_bytes()].concat());
    running.stop().await;
}
