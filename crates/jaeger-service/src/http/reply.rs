//! Answers in the form of Go's HTTP server.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use super::body::{self, Body};

const NOSNIFF: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));

/// An answer with a body and its type.
#[must_use]
pub fn with_type(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(body::full(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// JSON.
pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    with_type(status, "application/json", body.into())
}

/// Text.
pub fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    with_type(status, "text/plain; charset=utf-8", body.into())
}

/// An error, as Go's `http.Error` writes it: text that ends with a newline, not to be taken for anything else.
#[must_use]
pub fn error(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = text(status, format!("{message}\n"));
    response.headers_mut().insert(NOSNIFF.0, NOSNIFF.1);
    response
}

/// A status alone.
#[must_use]
pub fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = status;
    response
}

/// "Come back later": 503 with `Retry-After` in whole seconds, at least 1.
#[must_use]
pub fn retry_later(message: &str, after: std::time::Duration) -> Response<Body> {
    let mut response = error(StatusCode::SERVICE_UNAVAILABLE, message);
    let seconds = after.as_secs().max(1);
    response.headers_mut().insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
