//! Jaeger's Thrift over HTTP: POST /api/traces on 14268, one batch in the binary protocol, with Go's answers.

use http::{HeaderMap, Response, StatusCode, header};
use hyper::body::Incoming;
use jaeger_service::http::{Body, body, reply};
use jaeger_service::ledger::RequestRefused;

use super::http_body::{Limits, read_as_it_is};
use super::{plain, take};
use crate::acknowledge::Answer as SpansAnswer;
use crate::decode::Wire;
use crate::grpc::DEFAULT_PATIENCE;
use crate::{Collector, Source};

/// Answers one request.
pub(super) async fn traces(collector: &Collector, headers: &HeaderMap, mut body: Incoming) -> Response<Body> {
    if let Err(message) = check_type(headers) {
        body::discard(&mut body).await;
        collector.inner().ledger.refuse_request(RequestRefused::UnknownContentType);
        return reply::error(StatusCode::BAD_REQUEST, &message);
    }
    plain::answer(read_and_take(collector, body).await, "Unable to process request body: ")
}

/// By the media type; its parameters don't count.
fn check_type(headers: &HeaderMap) -> Result<(), String> {
    let value = headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap_or_default());
    let media_type = value.split(';').next().map_or("", str::trim).to_ascii_lowercase();
    match media_type.as_str() {
        "" => Err("Cannot parse content type: mime: no media type".to_owned()),
        "application/x-thrift" | "application/vnd.apache.thrift.binary" => Ok(()),
        other => Err(format!("Unsupported content type: {}", other.chars().take(100).collect::<String>())),
    }
}

async fn read_and_take(collector: &Collector, body: Incoming) -> SpansAnswer {
    let settings = &collector.inner().config;
    let limits = Limits {
        max_bytes: settings.max_http_body_bytes,
        flag: "collector.http-server.max-body-size",
        timeout: settings.http.read_timeout,
    };
    let mut held = collector.inner().admission.begin();
    let body = read_as_it_is(body, limits, &mut held)
        .await
        .inspect_err(|refused| collector.count_refused(refused, None, Source::JAEGER_HTTP))?;
    take(collector, Wire::JaegerThrift, body, held, Source::JAEGER_HTTP, DEFAULT_PATIENCE).await
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_media_type_counts_and_not_its_case_or_parameters() {
        let check =
            |value| check_type(&[(header::CONTENT_TYPE, HeaderValue::from_static(value))].into_iter().collect());
        assert_eq!(check("application/x-thrift"), Ok(()));
        assert_eq!(check("APPLICATION/X-THRIFT; a=b"), Ok(()));
        assert_eq!(check("application/vnd.apache.thrift.binary"), Ok(()));
        assert_eq!(check("text/plain"), Err("Unsupported content type: text/plain".to_owned()));
        assert!(check(";;").is_err_and(|text| text.ends_with("no media type")));
    }
}
