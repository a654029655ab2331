//! The pages of the admin server.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{Response, StatusCode};

use super::AdminState;
use crate::clock;
use crate::health::{Health, State};
use crate::http::{Body, reply};
use crate::metrics::CONTENT_TYPE;

pub(super) fn answer(state: &AdminState, path: &str) -> Response<Body> {
    if path == state.metrics_route {
        return match &state.metrics {
            Some(metrics) => reply::with_type(StatusCode::OK, CONTENT_TYPE, metrics.render().into()),
            None => reply::error(StatusCode::NOT_FOUND, "metrics are off: --metrics-backend=none"),
        };
    }
    match path {
        "/version" => reply::text(StatusCode::OK, crate::version::json()),
        "/ledger" => reply::json(StatusCode::OK, state.ledgers.json()),
        _ if path.starts_with("/debug/") => reply::error(
            StatusCode::NOT_FOUND,
            "this is not a Go program and has no /debug pages, see /metrics and /ledger",
        ),
        // Every other path asks for health, as in Go Jaeger.
        _ => health(&state.health),
    }
}

fn health(health: &Health) -> Response<Body> {
    match health.state() {
        State::Ready(since) => {
            let uptime = SystemTime::now().duration_since(since).unwrap_or_default();
            let since = since.duration_since(UNIX_EPOCH).unwrap_or_default();
            reply::json(
                StatusCode::OK,
                format!(
                    r#"{{"status":"Server available","upSince":"{}","uptime":"{}"}}"#,
                    clock::rfc3339_nano(since),
                    clock::go_duration(uptime)
                ),
            )
        }
        State::Starting if !health.waits().is_empty() => reply::json(StatusCode::SERVICE_UNAVAILABLE, waiting(health)),
        State::Starting | State::Stopping => reply::json(
            StatusCode::SERVICE_UNAVAILABLE,
            r#"{"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""}"#,
        ),
    }
}

/// Go Jaeger's answer, and what the process waits for.
fn waiting(health: &Health) -> String {
    serde_json::json!({
        "status": "Server not available",
        "upSince": "0001-01-01T00:00:00Z",
        "uptime": "",
        "waitsFor": health.waits(),
    })
    .to_string()
}
