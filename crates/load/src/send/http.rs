//! HTTP/1.1 by keep-alive connections: bodies to send, and pages to read and time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Sent;
use crate::wire::{Payloads, Wire};

/// One connection.
pub struct Connection {
    address: String,
    sender: SendRequest<Full<Bytes>>,
}

/// What came back.
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Connection {
    /// Connects to `host:port`.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            // The sender sees what ended it.
            drop(connection.await);
        });
        Ok(Self { address: address.to_owned(), sender })
    }

    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn request(&mut self, method: Method, path: &str, kind: &str, body: Bytes) -> anyhow::Result<Reply> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.address)
            .header("content-type", kind)
            .body(Full::new(body))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let (parts, body) = answer.into_parts();
        #[expect(clippy::disallowed_methods, reason = "the server is the one under test, on this machine")]
        let body = body.collect().await?.to_bytes();
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }

    /// Reads a page.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Reply> {
        self.request(Method::GET, path, "", Bytes::new()).await
    }

    /// Reads a page and gives the time from the request to the last byte; anything but 200 is an error.
    ///
    /// # Errors
    /// When the answer is not 200.
    pub async fn time(&mut self, path: &str) -> anyhow::Result<(Duration, Bytes)> {
        let began = Instant::now();
        let reply = self.get(path).await?;
        let took = began.elapsed();
        if reply.status != StatusCode::OK {
            bail!("{path} answered {}: {}", reply.status, String::from_utf8_lossy(&reply.body));
        }
        Ok((took, reply.body))
    }
}

/// Sends all bodies over several connections, each as fast as its answers come.
///
/// # Errors
/// When a connection breaks.
pub async fn send(address: &str, wire: Wire, payloads: &Payloads, connections: usize) -> anyhow::Result<Sent> {
    let (path, kind) = match wire {
        Wire::ThriftHttp => ("/api/traces", "application/x-thrift"),
        Wire::ZipkinJson => ("/api/v2/spans", "application/json"),
        _ => ("/v1/traces", "application/x-protobuf"),
    };
    let (next, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let began = Instant::now();
    let mut tasks = Vec::new();
    for mut connection in open {
        let (next, refused, payloads) = (Arc::clone(&next), Arc::clone(&refused), payloads.clone());
        tasks.push(tokio::spawn(async move {
            while let Some(body) = payloads.bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                let reply = connection.request(Method::POST, path, kind, body.clone()).await?;
                if !reply.status.is_success() {
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(Sent {
        spans: payloads.spans(),
        refused: refused.load(Ordering::Relaxed) * payloads.spans_each,
        wall: began.elapsed(),
        ..Sent::default()
    })
}
