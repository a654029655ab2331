//! Zipkin over HTTP on 9411: v1 in JSON and Thrift, v2 in JSON and protobuf, with the answers of Go's receiver.
//!
//! As there, any path and method is a request to take spans: one that names `api/v1/spans` has v1, every other v2.

use http::header::{self, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use jaeger_service::http::{Body, reply};

use super::http_body::{Limits, read};
use super::{plain, take};
use crate::acknowledge::Answer as SpansAnswer;
use crate::decode::Wire;
use crate::grpc::DEFAULT_PATIENCE;
use crate::{Collector, Source};

/// Answers one request.
pub(crate) async fn handle(collector: Collector, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let settings = &collector.inner().config.zipkin;
    let browsers = !settings.cors.origins.is_empty();
    let asks_before =
        head.method == Method::OPTIONS && head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if browsers && asks_before {
        let mut response = reply::status(StatusCode::NO_CONTENT);
        settings.cors.before(&head.headers, response.headers_mut());
        response
    } else {
        let wire = wire(head.uri.path(), &head.headers);
        let mut response = plain::answer(read_and_take(&collector, wire, &head.headers, body).await, "");
        if browsers {
            settings.cors.with(&head.headers, response.headers_mut());
        }
        response
    };
    if !settings.keep_alive {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// By the path, and by the exact content type; everything else is JSON.
fn wire(path: &str, headers: &HeaderMap) -> Wire {
    let content_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    match (path.contains("api/v1/spans"), content_type) {
        (true, b"application/x-thrift") => Wire::ZipkinThrift,
        (true, _) => Wire::ZipkinV1Json,
        (false, b"application/x-protobuf") => Wire::ZipkinV2Protobuf,
        (false, _) => Wire::ZipkinV2Json,
    }
}

async fn read_and_take(collector: &Collector, wire: Wire, headers: &HeaderMap, body: Incoming) -> SpansAnswer {
    let limits = Limits {
        max_bytes: collector.inner().config.zipkin.max_body_bytes,
        flag: "collector.zipkin.max-body-size",
        timeout: None,
    };
    let mut held = collector.inner().admission.begin();
    let body = read(headers, body, limits, &mut held)
        .await
        .inspect_err(|refused| collector.count_refused(refused, None, Source::ZIPKIN))?;
    take(collector, wire, body, held, Source::ZIPKIN, DEFAULT_PATIENCE).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_content_type_say_the_format() {
        for (path, content_type, expected) in [
            ("/api/v1/spans", "application/x-thrift", Wire::ZipkinThrift),
            ("/zipkin/api/v1/spans/", "application/json", Wire::ZipkinV1Json),
            ("/api/v1/spans", "application/x-protobuf", Wire::ZipkinV1Json),
            ("/api/v1/spans", "application/x-thrift; charset=utf-8", Wire::ZipkinV1Json),
            ("/api/v2/spans", "application/x-protobuf", Wire::ZipkinV2Protobuf),
            ("/api/v2/spans", "application/x-thrift", Wire::ZipkinV2Json),
            ("/", "", Wire::ZipkinV2Json),
        ] {
            let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))].into_iter().collect();
            assert_eq!(wire(path, &headers), expected, "{path} {content_type}");
        }
    }
}
