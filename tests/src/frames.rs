//! gRPC requests whose one frame is made by hand: compressed in any way, of any size.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

const DEADLINE: Duration = Duration::from_secs(20);
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The number of the status code.
    pub status: String,
    pub message: String,
    /// The answer's message without its frame.
    pub body: Bytes,
}

/// Sends `message` as it is, marked as compressed where an encoding is named.
pub async fn call(address: SocketAddr, path: &str, encoding: Option<&str>, message: &[u8]) -> Result<Answer> {
    let answer = tokio::time::timeout(DEADLINE, exchange(address, path, encoding, message));
    answer.await.with_context(|| format!("{path} at {address} had no answer in {DEADLINE:?}"))?
}

#[expect(clippy::disallowed_methods, reason = "the body is limited where it is collected")]
async fn exchange(address: SocketAddr, path: &str, encoding: Option<&str>, message: &[u8]) -> Result<Answer> {
    let stream = TcpStream::connect(address).await?;
    let builder = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = builder.await?;
    let connection = tokio::spawn(connection);
    let mut frame = BytesMut::with_capacity(5 + message.len());
    frame.put_u8(u8::from(encoding.is_some()));
    frame.put_u32(u32::try_from(message.len())?);
    frame.extend_from_slice(message);
    let mut request = Request::post(format!("http://{address}{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    if let Some(encoding) = encoding {
        request = request.header("grpc-encoding", encoding);
    }
    let response = sender.send_request(request.body(Full::new(frame.freeze()))?).await?;
    let (head, body) = response.into_parts();
    let collected = Limited::new(body, MAX_ANSWER_BYTES).collect().await.map_err(|error| anyhow::anyhow!(error))?;
    let trailers = collected.trailers().cloned().unwrap_or_default();
    let body = collected.to_bytes();
    connection.abort();
    let text = |name: &str| header(&trailers, name).or_else(|| header(&head.headers, name));
    Ok(Answer {
        status: text("grpc-status").context("the answer has no grpc-status")?,
        message: text("grpc-message").unwrap_or_default(),
        body: body.slice(body.len().min(5)..),
    })
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
