//! One question to Prometheus over HTTP/1.1: a connection each, since people ask a few times a minute.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use jaeger_service::http::{ReadLimits, read_body};
use jaeger_service::tls::{Connector, HTTP_1, Stream};
use tokio::net::TcpStream;

use super::answer::words_of;
use super::config::PrometheusConfig;
use super::error::PrometheusError;
use crate::params::RateParams;

/// From the question to the whole answer.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// The largest answer: some 2 million points.
const MAX_ANSWER_BYTES: usize = 64 << 20;
const MAX_TOKEN_BYTES: u64 = 64 << 10;

/// Asks one Prometheus.
pub(super) struct Client {
    config: Arc<PrometheusConfig>,
    tls: Option<Connector>,
}

impl Client {
    pub(super) fn new(config: Arc<PrometheusConfig>) -> Self {
        let tls = config.tls.as_ref().map(|tls| tls.connector(&[HTTP_1]));
        Self { config, tls }
    }

    /// The answer's body, of status 200.
    pub(super) async fn query_range(
        &self,
        promql: &str,
        params: &RateParams,
        bearer: Option<&str>,
    ) -> Result<Bytes, PrometheusError> {
        let form = form(promql, params);
        let token = self.token(bearer)?;
        let asked = async {
            // As Prometheus's own client: GET where a proxy in front takes no POST.
            match self.ask(Method::POST, &form, token.as_ref()).await? {
                (StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED, _) => {
                    self.ask(Method::GET, &form, token.as_ref()).await
                }
                answered => Ok(answered),
            }
        };
        let timed_out = || PrometheusError::TimedOut { address: self.config.authority.clone(), after: ANSWER_TIME };
        let (status, body) = tokio::time::timeout(ANSWER_TIME, asked).await.map_err(|_| timed_out())??;
        if status != StatusCode::OK {
            return Err(PrometheusError::Refused { status, text: words_of(&body) });
        }
        Ok(body)
    }

    /// An error as it is, with a line in the log: whoever looks at the page sees less of it.
    pub(super) fn said(&self, error: PrometheusError) -> PrometheusError {
        tracing::warn!(%error, prometheus = self.config.authority, "Prometheus sent an answer that cannot be read");
        error
    }

    async fn ask(
        &self,
        method: Method,
        form: &str,
        token: Option<&HeaderValue>,
    ) -> Result<(StatusCode, Bytes), PrometheusError> {
        let config = &*self.config;
        let address = || config.authority.clone();
        let broken = |source| PrometheusError::Broken { address: address(), source };
        let connected = async {
            let stream = TcpStream::connect((config.host.as_str(), config.port)).await?;
            match &self.tls {
                None => Ok(Stream::from(stream)),
                Some(tls) => tls.connect(&config.host, stream).await,
            }
        };
        let stream = match tokio::time::timeout(config.connect_timeout, connected).await {
            Ok(connected) => connected.map_err(|source| PrometheusError::Connect { address: address(), source })?,
            Err(_) => return Err(PrometheusError::TimedOut { address: address(), after: config.connect_timeout }),
        };
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        // Ends with the sender, and what went wrong on it the sender says.
        tokio::spawn(connection);
        let path = format!("{}/api/v1/query_range", config.path);
        let request = Request::builder()
            .header(HOST, &config.authority)
            .header(ACCEPT, "application/json")
            .method(method.clone());
        let request = match method {
            Method::GET => request.uri(format!("{path}?{form}")).body(Full::default()),
            _ => request
                .uri(path)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Full::new(Bytes::copy_from_slice(form.as_bytes()))),
        };
        let mut request = request.map_err(|error| PrometheusError::Connect {
            address: address(),
            source: io::Error::new(io::ErrorKind::InvalidInput, error),
        })?;
        if let Some(token) = token {
            request.headers_mut().insert(AUTHORIZATION, token.clone());
        }
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status();
        // The time is kept outside.
        let limits = ReadLimits { max_bytes: MAX_ANSWER_BYTES, timeout: None };
        Ok((status, read_body(response.into_body(), limits).await?))
    }

    fn token(&self, of_caller: Option<&str>) -> Result<Option<HeaderValue>, PrometheusError> {
        let of_caller = of_caller.filter(|_| self.config.token_of_caller).map(str::to_owned);
        let token = match (of_caller, &self.config.token_file) {
            (Some(token), _) => token,
            (None, Some(file)) => {
                read_token(file).map_err(|source| PrometheusError::Token { file: file.clone(), source })?
            }
            (None, None) => return Ok(None),
        };
        let mut header =
            HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| PrometheusError::TokenText)?;
        header.set_sensitive(true);
        Ok(Some(header))
    }
}

/// Reads a token, which is small and on a local disk.
fn read_token(file: &Path) -> io::Result<String> {
    let mut token = String::new();
    File::open(file)?.take(MAX_TOKEN_BYTES).read_to_string(&mut token)?;
    Ok(token)
}

/// The parameters as a form.
fn form(promql: &str, params: &RateParams) -> String {
    let start = params.end.saturating_sub(params.lookback);
    let mut form = String::from("query=");
    escape(&mut form, promql);
    for (name, millis) in [("start", start), ("end", params.end), ("step", params.step)] {
        form.push_str(&format!("&{name}={}", seconds(millis)));
    }
    form
}

/// Milliseconds as seconds with a fraction.
fn seconds(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", millis.unsigned_abs() / 1000, millis.unsigned_abs() % 1000)
}

fn escape(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}
