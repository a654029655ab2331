//! A trace of two services that tests read back in many ways: shop calls pay, which fails.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::http;
use crate::server::Server;
use crate::wait::wait_for;

const DEADLINE: Duration = Duration::from_secs(20);
pub const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
/// A trace that nobody sent.
pub const ABSENT: &str = "0af7651916cd43dd8448eb2100000000";

/// Sends a trace of two services, waits until it can be read with its link, and gives its start: two minutes ago.
pub async fn send_story(server: &Server) -> Result<i64> {
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
