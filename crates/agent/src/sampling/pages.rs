//! The pages themselves: both JSON forms, with Go's words for what is wrong.

use std::sync::Arc;

use http::{Method, Request, Response, StatusCode};
use jaeger_service::http::{Body, reply};
use jaeger_service::metrics::{AgentMetrics, Era16, Registry};
use jaeger_wire::sampling::{self, Form};

use super::SamplingSource;

/// What answers on 5778.
#[derive(Clone)]
pub struct SamplingPages {
    source: Arc<dyn SamplingSource>,
    metrics: AgentMetrics,
    /// The page `/metrics` of the time of 1.6, where metrics are on.
    registry: Option<Registry>,
}

impl SamplingPages {
    /// Pages over a source.
    #[must_use]
    pub fn new(source: Arc<dyn SamplingSource>, metrics: AgentMetrics, registry: Option<Registry>) -> Self {
        Self { source, metrics, registry }
    }

    /// Answers one request.
    pub async fn answer<B>(self, request: Request<B>) -> Response<Body> {
        let path = request.uri().path();
        let form = match path {
            "/sampling" => Some(Form::Named),
            "/" => Some(Form::Numbered),
            "/baggageRestrictions" => None,
            "/metrics" if self.registry.is_some() => None,
            _ => return not_found(path, request.uri().query()),
        };
        if request.method() != Method::GET {
            return reply::status(StatusCode::METHOD_NOT_ALLOWED);
        }
        if path == "/metrics" {
            return self.metrics_page();
        }
        let Some(service) = only_service(request.uri().query().unwrap_or("")) else {
            self.metrics.http.errors_4xx.increment(1);
            return reply::error(StatusCode::BAD_REQUEST, "'service' parameter must be provided once");
        };
        match form {
            Some(form) => self.sampling(&service, form).await,
            None => {
                self.metrics.proxy.baggage_err.increment(1);
                self.metrics.http.errors_collector_proxy.increment(1);
                reply::error(StatusCode::INTERNAL_SERVER_ERROR, "collector error: baggage not implemented")
            }
        }
    }

    async fn sampling(&self, service: &str, form: Form) -> Response<Body> {
        let strategy = match self.source.strategy(service).await {
            Ok(strategy) => strategy,
            Err(message) => {
                self.metrics.proxy.sampling_err.increment(1);
                self.metrics.http.errors_collector_proxy.increment(1);
                return reply::error(StatusCode::INTERNAL_SERVER_ERROR, &format!("collector error: {message}"));
            }
        };
        self.metrics.proxy.sampling_ok.increment(1);
        match sampling::to_json(&strategy, form) {
            Ok(json) => {
                match form {
                    Form::Named => self.metrics.http.sampling.increment(1),
                    Form::Numbered => self.metrics.http.sampling_legacy.increment(1),
                }
                reply::json(StatusCode::OK, json)
            }
            Err(_too_large) => {
                self.metrics.http.errors_thrift.increment(1);
                reply::error(StatusCode::INTERNAL_SERVER_ERROR, "cannot marshall to JSON")
            }
        }
    }

    fn metrics_page(&self) -> Response<Body> {
        let page = self.registry.as_ref().map(|registry| registry.render_v1_6(Era16::Agent)).unwrap_or_default();
        reply::with_type(StatusCode::OK, jaeger_service::metrics::CONTENT_TYPE, page.into())
    }
}

fn not_found(path: &str, query: Option<&str>) -> Response<Body> {
    // Go's router sends doubled slashes to the cleaned path.
    if path.contains("//") {
        let mut clean = path.to_owned();
        while clean.contains("//") {
            clean = clean.replace("//", "/");
        }
        if let Some(query) = query {
            clean = format!("{clean}?{query}");
        }
        if let Ok(location) = http::HeaderValue::from_str(&clean) {
            let mut answer = reply::status(StatusCode::MOVED_PERMANENTLY);
            answer.headers_mut().insert(http::header::LOCATION, location);
            return answer;
        }
    }
    reply::error(StatusCode::NOT_FOUND, "404 page not found")
}

/// The one value of `service`.
fn only_service(query: &str) -> Option<String> {
    let mut values = query.split('&').filter_map(|pair| match pair.split_once('=') {
        Some(("service", value)) => Some(unescaped(value)),
        None if pair == "service" => Some(String::new()),
        _ => None,
    });
    let only = values.next()?;
    values.next().is_none().then_some(only)
}

/// Undoes the escapes of a query's value; a wrong escape stays as it is.
fn unescaped(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => match after.get(..2).and_then(|hex| u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok()) {
                Some(byte) => {
                    bytes.push(byte);
                    rest = after.get(2..).unwrap_or(&[]);
                }
                None => bytes.push(b'%'),
            },
            other => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_must_stand_once() {
        assert_eq!(only_service("service=a%20b&x=1"), Some("a b".into()));
        assert_eq!(only_service("service="), Some(String::new()));
        assert_eq!(only_service("service=a&service=b"), None);
        assert_eq!(only_service("x=1"), None);
        assert_eq!(only_service("service=%zz+1"), Some("%zz 1".into()));
    }
}
