//! Which part of its traces a client shall record, over gRPC and HTTP.

use http::{HeaderMap, Response, StatusCode};
use hyper::body::Incoming;
use jaeger_service::http::{Body, reply};
use jaeger_wire::sampling::{Form, SamplingStrategyParameters, to_json};
use prost::Message;

use crate::grpc::read_message;
use crate::{Collector, Refused};

/// A service's name is all that is in the question.
const MAX_QUESTION_BYTES: usize = 64 * 1024;
const ONCE: &str = "'service' parameter must be provided once";

/// `SamplingManager/GetSamplingStrategy`.
pub(super) async fn over_grpc(
    collector: &Collector,
    headers: &HeaderMap,
    mut body: Incoming,
) -> Result<Vec<u8>, Refused> {
    let mut held = collector.inner().admission.begin();
    let question = read_message(headers, &mut body, MAX_QUESTION_BYTES, &mut held).await?;
    let question =
        SamplingStrategyParameters::decode(question).map_err(|error| Refused::Malformed(error.to_string()))?;
    Ok(collector.strategies().of(&question.service_name).encode_to_vec())
}

/// `GET /api/sampling?service=`.
pub(super) fn over_http(collector: &Collector, query: &str) -> Response<Body> {
    let metrics = &collector.inner().metrics.http;
    let Some(service) = service(query) else {
        metrics.errors_4xx.increment(1);
        return reply::error(StatusCode::BAD_REQUEST, ONCE);
    };
    match to_json(&collector.strategies().of(&service), Form::Named) {
        Ok(json) => {
            metrics.sampling.increment(1);
            reply::json(StatusCode::OK, json)
        }
        Err(error) => {
            metrics.errors_proto.increment(1);
            reply::error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
        }
    }
}

/// `GET /api/baggageRestrictions?service=`: no collector of Go's has any.
pub(super) fn baggage(collector: &Collector, query: &str) -> Response<Body> {
    let metrics = &collector.inner().metrics.http;
    if service(query).is_none() {
        metrics.errors_4xx.increment(1);
        return reply::error(StatusCode::BAD_REQUEST, ONCE);
    }
    metrics.errors_collector_proxy.increment(1);
    reply::error(StatusCode::INTERNAL_SERVER_ERROR, "collector error: baggage restrictions not implemented")
}

/// The query's `service`, if it stands there once.
fn service(query: &str) -> Option<String> {
    let mut found = query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescaped(key)? == "service").then(|| unescaped(value))
    });
    match (found.next(), found.next()) {
        (Some(service), None) => service,
        _ => None,
    }
}

/// A form's text; `None` where an escape is wrong, and then the pair does not count, as in Go.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                16 * digit(rest.next()?)? + digit(rest.next()?)?
            }
            byte => byte,
        });
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_must_stand_there_once() {
        for (query, wanted) in [
            ("service=shop", Some("shop")),
            ("service=", Some("")),
            ("service", Some("")),
            ("a=b&service=%3C%26%3E+x", Some("<&> x")),
            ("service=a&service=b", None),
            ("service=%zz", None),
            ("service=%4", None),
            ("other=x", None),
            ("", None),
        ] {
            assert_eq!(service(query).as_deref(), wanted, "{query:?}");
        }
    }
}
