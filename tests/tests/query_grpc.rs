//! Query over gRPC, by a client in Python that is made from `proto/`; and the requests that Grafana and Kiali make.
//!
//! Guarantees: every method of api_v2, api_v3 and the metrics service is answered with the same spans as `/api/traces`,
//! on 16685 and on the port of HTTP; errors have their codes and words; health and reflection are there.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use bytes::Bytes;
use jaeger_tests::binaries::Binary;
use jaeger_tests::peers;
use jaeger_tests::server::Server;
use jaeger_tests::wait::wait_for;
use jaeger_tests::{grpc, http};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(20);
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const ABSENT: &str = "0af7651916cd43dd8448eb2100000000";

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

/// Sends a trace of two services, waits until it can be read with its link, and gives its start: two minutes ago.
async fn send_story(server: &Server) -> Result<i64> {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos())? - 120_000_000_000;
    let span = |service: &str, span: Value| {
        let service = json!({"attributes": [{"key": "service.name", "value": {"stringValue": service}}]});
        json!({"resource": service, "scopeSpans": [{"spans": [span]}]})
    };
    let red = json!([{"key": "color", "value": {"stringValue": "red"}}]);
    let body = json!({"resourceSpans": [
        span("shop", json!({
            "traceId": TRACE, "spanId": "00000000000000a1", "name": "buy", "kind": 2, "attributes": red,
            "startTimeUnixNano": now.to_string(), "endTimeUnixNano": (now + 5_000_000).to_string(),
        })),
        span("pay", json!({
            "traceId": TRACE, "spanId": "00000000000000a2", "parentSpanId": "00000000000000a1", "name": "charge", "kind": 3,
            "startTimeUnixNano": (now + 1000).to_string(), "endTimeUnixNano": (now + 4_000_000).to_string(),
            "status": {"code": 2},
        })),
    ]});
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let collector = server.address("collector.otlp.http")?;
    let answer = http::send(collector, "POST", "/v1/traces", &headers, body.to_string().into()).await?;
    ensure!(answer.status == 200, "{}", answer.text());
    let path = if http::get(server.address("query.http")?, "/jaeger/api/services").await?.text().contains("\"data\"") {
        "/jaeger/api/dependencies"
    } else {
        "/api/dependencies"
    };
    let linked = wait_for("the trace and its link", DEADLINE, async || {
        let answer = http::get_text(server.address("query.http")?, path).await?;
        ensure!(answer.contains("\"callCount\":1,\"errorCount\":1"), "{answer}");
        Ok(())
    });
    linked.await?;
    Ok(now)
}
