//! HTTP on 14268: sampling strategies, the metrics page of Jaeger 1.6, and a clear word on what comes later.

use std::time::Instant;

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use jaeger_service::http::{Body, reply};
use jaeger_service::ledger::RequestRefused;
use jaeger_service::metrics::{self, Era16, Registry};

use super::sampling;
use crate::Collector;

const LATER: &str = "Jaeger Thrift over HTTP is not there yet, the sender keeps its spans; \
    send them to jaeger-agent over UDP (6831, 6832), over gRPC to 14250, or as OTLP to 4317 or 4318";

/// Answers one request.
pub(crate) async fn handle(
    collector: Collector,
    metrics_page: Option<Registry>,
    request: Request<Incoming>,
) -> Response<Body> {
    let begun = Instant::now();
    let method = request.method().clone();
    let path = route(request.uri().path());
    let response = match (path, &method) {
        ("/api/traces", &Method::POST) => traces(&collector, request.headers()),
        ("/api/sampling", &Method::GET) => sampling::over_http(&collector, request.uri().query().unwrap_or_default()),
        ("/api/baggageRestrictions", &Method::GET) => {
            sampling::baggage(&collector, request.uri().query().unwrap_or_default())
        }
        ("/metrics", &Method::GET) if metrics_page.is_some() => {
            let page = metrics_page.map_or_else(String::new, |registry| registry.render_v1_6(Era16::Collector));
            reply::with_type(StatusCode::OK, metrics::CONTENT_TYPE, Bytes::from(page))
        }
        ("/metrics", _) if metrics_page.is_none() => reply::error(StatusCode::NOT_FOUND, "404 page not found"),
        ("other", _) => reply::error(StatusCode::NOT_FOUND, "404 page not found"),
        _ => reply::status(StatusCode::METHOD_NOT_ALLOWED),
    };
    if path != "other" {
        // Go's handler sets no status where it writes a body right away.
        let status = match response.status() {
            StatusCode::OK => "0".to_owned(),
            status => status.as_u16().to_string(),
        };
        let series = collector.inner().metrics.http_request_duration(method.as_str(), path, &status);
        series.observe_duration(begun.elapsed());
    }
    response
}

/// The path, if it is one of ours: what strangers ask for makes no series.
fn route(path: &str) -> &'static str {
    ["/api/traces", "/api/sampling", "/api/baggageRestrictions", "/metrics"]
        .into_iter()
        .find(|known| *known == path)
        .unwrap_or("other")
}

/// Spans in Thrift: refused in words, after Go's own checks of the content type.
fn traces(collector: &Collector, headers: &HeaderMap) -> Response<Body> {
    let refuse = |message: &str| {
        collector.inner().ledger.refuse_request(RequestRefused::UnknownContentType);
        reply::error(StatusCode::BAD_REQUEST, message)
    };
    let value = headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap_or_default());
    let media_type = value.split(';').next().map_or("", str::trim).to_ascii_lowercase();
    match media_type.as_str() {
        "" => refuse("Cannot parse content type: mime: no media type"),
        "application/x-thrift" | "application/vnd.apache.thrift.binary" => {
            let mut response = reply::error(StatusCode::NOT_IMPLEMENTED, LATER);
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
        other => refuse(&format!("Unsupported content type: {}", other.chars().take(100).collect::<String>())),
    }
}
