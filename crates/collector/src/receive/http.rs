//! HTTP on 14268: spans in Thrift, sampling strategies, and the metrics page of Jaeger 1.6.

use std::time::Instant;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use jaeger_service::http::{Body, reply};
use jaeger_service::metrics::{self, Era16, Registry};

use super::{sampling, thrift_http};
use crate::Collector;

/// Answers one request.
pub(crate) async fn handle(
    collector: Collector,
    metrics_page: Option<Registry>,
    request: Request<Incoming>,
) -> Response<Body> {
    let begun = Instant::now();
    let (head, body) = request.into_parts();
    let method = head.method;
    let path = route(head.uri.path());
    let query = head.uri.query().unwrap_or_default();
    let response = match (path, &method) {
        ("/api/traces", &Method::POST) => thrift_http::traces(&collector, &head.headers, body).await,
        ("/api/sampling", &Method::GET) => sampling::over_http(&collector, query),
        ("/api/baggageRestrictions", &Method::GET) => sampling::baggage(&collector, query),
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
