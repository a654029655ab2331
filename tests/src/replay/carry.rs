//! Sends an input the way it was recorded, or the way a rule carries it until its own is there.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use tokio::net::UdpSocket;

use super::recording::{Input, Response};
use super::rules::Rules;
use super::site::Site;
use crate::{grpc, http};

const POST_SPANS: &str = "/jaeger.api_v2.CollectorService/PostSpans";
const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// An answer in the shape of the recorded ones; none over UDP.
pub type Reply = Option<Reading>;

/// What a server answered.
#[derive(Clone, Debug)]
pub enum Reading {
    Http(http::Answer),
    Grpc(grpc::Answer),
}

/// The listener that stands for one of Jaeger's own ports.
pub fn listener(port: u16) -> Result<&'static str> {
    Ok(match port {
        16686 => "query.http",
        14268 => "collector.http",
        14250 => "collector.grpc",
        4317 => "collector.otlp.grpc",
        4318 => "collector.otlp.http",
        5778 => "agent.http",
        14269 => "admin",
        6831 => "agent.jaeger-compact",
        6832 => "agent.jaeger-binary",
        5775 => "agent.zipkin-compact",
        _ => bail!("no listener of ours stands for port {port}"),
    })
}

/// Sends one input; the answers, and how many datagrams went out.
pub async fn send(site: &Site, rules: &Rules, input: &Input) -> Result<(Vec<Reply>, usize)> {
    let mut bodies = input.bodies()?;
    let mut via = input.via.as_str();
    if let Some(rule) = rules.carried(via) {
        via = &rule.by;
        bodies = bodies.iter().map(emit_batch).collect();
    }
    let (wire, place) = via.split_once(':').context("an input without a wire")?;
    let (port, path) = place.split_at(place.find('/').unwrap_or(place.len()));
    let port: u16 = port.parse()?;
    let address = site.address(listener(port)?)?;
    let mut replies = Vec::new();
    let mut datagrams = 0;
    for body in bodies {
        replies.push(match wire {
            "udp" => {
                let socket = UdpSocket::bind("127.0.0.1:0").await?;
                socket.send_to(&body, address).await?;
                datagrams += 1;
                None
            }
            "http" => {
                let headers: Vec<_> = input.headers.clone().into_iter().collect();
                Some(Reading::Http(http::send(address, "POST", path, &headers, body).await?))
            }
            "grpc" => {
                let path = if port == 4317 { EXPORT } else { POST_SPANS };
                Some(Reading::Grpc(grpc::call(address, path, &[], body).await?))
            }
            _ => bail!("no wire is called {wire}"),
        });
    }
    Ok((replies, datagrams))
}

/// A Thrift binary message emitBatch around a Batch struct in the same protocol.
fn emit_batch(batch: &Bytes) -> Bytes {
    let mut message = vec![0x80, 0x01, 0x00, 0x04, 0, 0, 0, 9];
    message.extend(b"emitBatch");
    message.extend([0, 0, 0, 0, 12, 0, 1]);
    message.extend(batch);
    message.push(0);
    message.into()
}

impl Reading {
    /// Status of HTTP, or the code of gRPC.
    pub fn status(&self) -> String {
        match self {
            Self::Http(answer) => answer.status.to_string(),
            Self::Grpc(answer) => answer.status.clone(),
        }
    }
}

/// Status as recorded.
pub fn recorded_status(response: &Response) -> String {
    response.status.map(|status| status.to_string()).or_else(|| response.grpc_status.clone()).unwrap_or_default()
}
