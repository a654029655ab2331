//! OTLP over HTTP on 4318: POST /v1/traces in protobuf and JSON, with Go's answers.

use std::convert::identity;

use http::header::{self, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use jaeger_service::http::body;
use jaeger_service::http::{Body, reply};
use jaeger_service::ledger::RequestRefused;
use prost::Message;
use tonic::Code;

use super::http_body::{Limits, read};
use super::otlp_grpc::ExportResponse;
use super::take;
use crate::acknowledge::{Acknowledged, Answer as SpansAnswer};
use crate::decode::Wire;
use crate::grpc::{DEFAULT_PATIENCE, RpcStatus};
use crate::{Collector, Refused, Source};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// Answers one request.
pub(crate) async fn handle(collector: Collector, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let cors = &collector.inner().config.otlp_http.cors;
    let asks_before =
        head.method == Method::OPTIONS && head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if asks_before {
        let mut response = reply::status(StatusCode::NO_CONTENT);
        cors.before(&head.headers, response.headers_mut());
        return response;
    }
    let mut response = match (head.uri.path(), &head.method) {
        ("/v1/traces", &Method::POST) => export(&collector, &head.headers, body).await,
        ("/v1/traces", _) => plain(StatusCode::METHOD_NOT_ALLOWED, "405 method not allowed, supported: [POST]"),
        _ => reply::error(StatusCode::NOT_FOUND, "404 page not found"),
    };
    cors.with(&head.headers, response.headers_mut());
    response
}

async fn export(collector: &Collector, headers: &HeaderMap, mut body: Incoming) -> Response<Body> {
    let Some(wire) = wire(headers) else {
        jaeger_service::http::body::discard(&mut body).await;
        collector.inner().ledger.refuse_request(RequestRefused::UnknownContentType);
        const TEXT: &str = "415 unsupported media type, supported: [application/json, application/x-protobuf]";
        return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, TEXT);
    };
    match read_and_take(collector, wire, headers, body).await {
        Ok(acknowledged) => yes(wire, acknowledged),
        Err(refused) => no(wire, &refused),
    }
}

async fn read_and_take(collector: &Collector, wire: Wire, headers: &HeaderMap, body: Incoming) -> SpansAnswer {
    let settings = &collector.inner().config.otlp_http;
    let limits = Limits {
        max_bytes: settings.max_body_bytes,
        flag: "collector.otlp.http.max-body-size",
        timeout: settings.http.read_timeout,
    };
    let mut held = collector.inner().admission.begin();
    let body = read(headers, body, limits, &mut held)
        .await
        .inspect_err(|refused| collector.count_refused(refused, None, Source::OTLP))?;
    take(collector, wire, body, held, Source::OTLP, DEFAULT_PATIENCE).await
}

/// By the media type; its parameters don't count.
fn wire(headers: &HeaderMap) -> Option<Wire> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let media_type = value.split(';').next().map_or("", str::trim);
    if media_type.eq_ignore_ascii_case(PROTOBUF) {
        Some(Wire::OtlpProtobuf)
    } else if media_type.eq_ignore_ascii_case(JSON) {
        Some(Wire::OtlpJson)
    } else {
        None
    }
}

fn yes(wire: Wire, acknowledged: Acknowledged) -> Response<Body> {
    if wire == Wire::OtlpProtobuf {
        return reply::with_type(StatusCode::OK, PROTOBUF, ExportResponse::of(acknowledged).encode_to_vec().into());
    }
    let mut partial = serde_json::Map::new();
    if acknowledged.invalid > 0 {
        // 64-bit numbers are text in protobuf's JSON.
        partial.insert("rejectedSpans".into(), acknowledged.invalid.to_string().into());
        partial.insert("errorMessage".into(), acknowledged.reason.into());
    }
    reply::json(StatusCode::OK, serde_json::json!({ "partialSuccess": partial }).to_string())
}

fn no(wire: Wire, refused: &Refused) -> Response<Body> {
    let decision = refused.decision();
    let code = match decision.http {
        StatusCode::BAD_REQUEST => Code::InvalidArgument,
        _ => decision.grpc,
    };
    let message = refused.to_string();
    let mut response = if wire == Wire::OtlpProtobuf {
        let status = RpcStatus { code: code.into(), message, details: Vec::new() };
        reply::with_type(decision.http, PROTOBUF, status.encode_to_vec().into())
    } else {
        let status = serde_json::json!({ "code": identity::<i32>(code.into()), "message": message });
        reply::json(decision.http, status.to_string())
    };
    if let Some(after) = decision.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
    }
    response
}

/// Text without a line's end.
fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(body::full(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
