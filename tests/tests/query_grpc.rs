//! Query over gRPC, by a client in Python that is made from `proto/`; and the requests that Grafana and Kiali make.
//!
//! Guarantees: every method of api_v2, api_v3 and the metrics service is answered with the same spans as `/api/traces`,
//! on 16685 and on the port of HTTP, compressed or not; errors have their codes and words; health and reflection are
//! there; the caller's token goes on to Prometheus.

use std::path::Path;

use anyhow::{Result, ensure};
use bytes::Bytes;
use jaeger_tests::binaries::Binary;
use jaeger_tests::peers;
use jaeger_tests::server::Server;
use jaeger_tests::story::{ABSENT, TRACE, send_story};
use jaeger_tests::{grpc, http};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_client_made_from_our_proto_calls_every_method() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let now = send_story(&server).await?;
    for listener in ["query.grpc", "query.http"] {
        let settings = json!({
            "address": server.address(listener)?, "proto": Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto"),
            "traceId": TRACE, "absentId": ABSENT, "service": "shop",
            "from": now - 3_600_000_000_000_i64, "to": now + 120_000_000_000_i64,
        });
        let answers: Value = peers::python_answers("query_client.py", &settings).await?;
        check(listener, &answers)?;
    }
    server.stop().await.map(drop)
}

fn check(listener: &str, answers: &Value) -> Result<()> {
    let is = |pointer: &str, expected: &Value| {
        let ours = answers.pointer(pointer);
        ensure!(ours == Some(expected), "{listener} {pointer}: {ours:?} instead of {expected}");
        Ok(())
    };
    let spans =
        json!([["00000000000000a1", "buy", "shop", []], ["00000000000000a2", "charge", "pay", ["00000000000000a1"]],]);
    for pointer in ["/apiV2/trace", "/apiV2/found", "/apiV3/trace", "/apiV3/found"] {
        is(pointer, &spans)?;
    }
    is("/apiV2/notFound", &json!([]))?;
    for api in ["/apiV2", "/apiV3"] {
        is(&format!("{api}/services"), &json!(["pay", "shop"]))?;
        is(&format!("{api}/operations"), &json!([["buy", "server"]]))?;
        is(&format!("{api}/errors/noQuery"), &json!(["INVALID_ARGUMENT", "missing query"]))?;
    }
    is("/apiV2/dependencies", &json!([["shop", "pay", 1]]))?;
    is("/apiV2/byGzip", &json!([]))?;
    is("/apiV2/archived", &json!(""))?;
    is("/apiV2/errors/absent", &json!(["NOT_FOUND", "trace not found: trace not found"]))?;
    is("/apiV2/errors/archiveAbsent", &json!(["NOT_FOUND", "trace not found: trace not found"]))?;
    is("/apiV2/errors/zero", &json!(["INVALID_ARGUMENT", "uninitialized TraceID is not allowed"]))?;
    is("/apiV2/errors/noTimes", &json!(["INVALID_ARGUMENT", "StartTime and EndTime must be initialized."]))?;
    let services = json!([["pay", 1, 1], ["shop", 1, 0]]);
    is("/apiV3/summaries", &json!([[TRACE, "shop", "buy", 2, services]]))?;
    is("/apiV3/errors/absent", &json!(["NOT_FOUND", "cannot retrieve trace: trace not found"]))?;
    is("/metrics/calls/name", &json!("service_operation_call_rate"))?;
    is("/metrics/calls/type", &json!(1))?;
    is("/metrics/calls/series/0", &json!([{"service_name": "shop", "operation": "buy"}, 1.0 / 600.0]))?;
    is("/metrics/errorRates/series/0/1", &json!(0.0))?;
    is("/metrics/latencies/name", &json!("service_operation_latencies"))?;
    is("/metrics/minStep", &json!(60))?;
    is("/metrics/errors/noService", &json!(["INVALID_ARGUMENT", "please provide at least one service name"]))?;
    is("/metrics/errors/noQuantile", &json!(["INVALID_ARGUMENT", "please provide a quantile value between (0, 1]"]))?;
    is("/beside/health", &json!([1, 1, 1]))?;
    is("/beside/unknownHealth/0", &json!("NOT_FOUND"))?;
    let reflected = answers.pointer("/beside/reflected").and_then(Value::as_array).cloned().unwrap_or_default();
    for name in
        ["jaeger.api_v2.QueryService", "jaeger.api_v2.metrics.MetricsQueryService", "jaeger.api_v3.QueryService"]
    {
        ensure!(reflected.contains(&json!(name)), "{listener}: {name} is not among {reflected:?}");
    }
    Ok(())
}

/// The data source's HTTP form, and its newer one with names in snake case and times whose `+` is not encoded.
#[tokio::test]
async fn grafana_asks() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let now = send_story(&server).await?;
    let query = server.address("query.http")?;
    let json = async |path: &str| -> Result<Value> { Ok(serde_json::from_str(&http::get_text(query, path).await?)?) };
    // The health check of its settings page, and the lists of its editor.
    ensure!(json("/api/services").await?["data"] == json!(["pay", "shop"]));
    ensure!(json("/api/services/shop/operations").await?["data"] == json!(["buy"]));
    let (start, end) = ((now - 3_600_000_000_000) / 1000, (now + 60_000_000_000) / 1000);
    let tags = "%7B%22color%22%3A%22red%22%7D";
    let search = format!(
        "/api/traces?service=shop&operation=buy&tags={tags}&minDuration=1ms&maxDuration=1h&limit=20&start={start}&end={end}&lookback=custom"
    );
    ensure!(json(&search).await?["data"][0]["traceID"] == TRACE);
    ensure!(json(&format!("/api/traces/{TRACE}?start={start}&end={end}")).await?["data"][0]["traceID"] == TRACE);
    ensure!(
        json(&format!("/api/dependencies?endTs={}&lookback=3600000", end / 1000)).await?["data"][0]["callCount"] == 1
    );
    // Its newer form, with times and without.
    let times = "&query.start_time_min=2020-01-01T00:00:00+00:00&query.start_time_max=2100-01-01T00:00:00.000Z";
    for times in [times, ""] {
        let path = format!("/api/v3/traces?query.service_name=shop&query.num_traces=20&query.attributes={tags}{times}");
        let answer = json(&path).await?;
        let resources = answer["result"]["resourceSpans"].as_array().map_or(0, Vec::len);
        ensure!(resources == 2, "{path}: {answer}");
    }
    ensure!(json("/api/v3/services").await?["services"] == json!(["pay", "shop"]));
    let operations = json("/api/v3/operations?service=shop").await?;
    ensure!(operations["operations"] == json!([{"name": "buy", "spanKind": "server"}]));
    ensure!(http::get(query, &format!("/api/v3/traces/{ABSENT}")).await?.status == 404);
    server.stop().await.map(drop)
}

/// Kiali probes `/jaeger/api/traces` over HTTP, and asks api_v2 on 16685.
#[tokio::test]
async fn kiali_asks() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &["--query.base-path=/jaeger"]).await?;
    send_story(&server).await?;
    let query = server.address("query.http")?;
    let probe = http::get(query, "/jaeger/api/traces?service=shop&limit=1").await?;
    ensure!(probe.status == 200 && probe.text().contains(TRACE), "{}", probe.text());
    // A base path is HTTP's alone.
    let answer =
        grpc::call(server.address("query.grpc")?, "/jaeger.api_v2.QueryService/GetServices", &[], Bytes::new()).await?;
    ensure!(answer.status == "OK", "{}: {}", answer.status, answer.message);
    ensure!(answer.body.windows(4).any(|part| part == b"shop"), "{:?}", answer.body);
    let missing = http::get(query, "/api/traces?service=shop").await?;
    ensure!(!missing.text().contains("\"data\""), "the API stands below the base path alone");
    server.stop().await.map(drop)
}

/// `--query.bearer-token-propagation`, from gRPC's metadata to the header of a question to Prometheus.
#[tokio::test]
async fn the_callers_token_goes_on_to_prometheus() -> Result<()> {
    const ANSWER: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
    let prometheus = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("--prometheus.server-url=http://{}", prometheus.local_addr()?);
    let variables = [("SPAN_STORAGE_TYPE", "memory"), ("METRICS_STORAGE_TYPE", "prometheus")];
    let flags = [url.as_str(), "--query.bearer-token-propagation=true"];
    let server = Server::start_with_variables(Binary::Query, &flags, &variables).await?;
    let asked = tokio::spawn(async move {
        let (mut stream, _) = prometheus.accept().await?;
        let (mut request, mut part) = (String::new(), vec![0; 4096]);
        // The form ends with the step.
        while !request.contains("&step=") {
            let read = stream.read(&mut part).await?;
            ensure!(read > 0, "the question ends too early: {request}");
            request.push_str(&String::from_utf8_lossy(part.get(..read).unwrap_or_default()));
        }
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", ANSWER.len());
        stream.write_all(format!("{head}{ANSWER}").as_bytes()).await?;
        Ok(request)
    });
    let metadata = [("authorization".to_owned(), "Bearer of-the-caller".to_owned())];
    // base_request.service_names = ["a"]
    let question = Bytes::from_static(&[0x0a, 3, 0x0a, 1, b'a']);
    let method = "/jaeger.api_v2.metrics.MetricsQueryService/GetCallRates";
    let answer = grpc::call(server.address("query.grpc")?, method, &metadata, question).await?;
    ensure!(answer.status == "OK", "{}: {}", answer.status, answer.message);
    let asked = asked.await??.to_ascii_lowercase();
    ensure!(asked.contains("authorization: bearer of-the-caller\r\n"), "{asked}");
    server.stop().await.map(drop)
}
