//! A small HTTP/1.1 client that sends exactly the headers it is given (and Host, Connection: close, Content-Length).

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::header::{CONNECTION, HOST};
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

const DEADLINE: Duration = Duration::from_secs(20);
const MAX_BODY_BYTES: usize = 64 << 20;

/// What a server answered; header names are lower case.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One request over a connection of its own. `target` is path and query as they stand on the wire.
pub async fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: Bytes,
) -> Result<Answer> {
    let what = || format!("{method} {target} to {address}");
    let answer = tokio::time::timeout(DEADLINE, exchange(address, method, target, headers, body));
    answer.await.with_context(|| format!("{} had no answer in {DEADLINE:?}", what()))?.with_context(what)
}

pub async fn get(address: SocketAddr, target: &str) -> Result<Answer> {
    send(address, "GET", target, &[], Bytes::new()).await
}

/// A GET whose answer must be 200; the body.
pub async fn get_text(address: SocketAddr, target: &str) -> Result<String> {
    let answer = get(address, target).await?;
    if answer.status != 200 {
        bail!("GET {target} to {address} answered {}: {}", answer.status, answer.text());
    }
    Ok(answer.text())
}

#[expect(clippy::disallowed_methods, reason = "the body is limited where it is collected")]
async fn exchange(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: Bytes,
) -> Result<Answer> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes())?)
        .uri(target.parse::<Uri>()?)
        .header(HOST, address.to_string())
        .header(CONNECTION, "close");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = sender.send_request(request.body(Full::new(body))?).await?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
    connection.abort();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    Ok(Answer { status: head.status.as_u16(), headers, body })
}
