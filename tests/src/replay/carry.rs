//! Sends an input the way it was recorded.

use anyhow::{Context, Result, bail};
use tokio::net::UdpSocket;

use super::recording::{Input, Response};
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
        9411 => "collector.zipkin",
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
pub async fn send(site: &Site, input: &Input) -> Result<(Vec<Reply>, usize)> {
    let (wire, place) = input.via.split_once(':').context("an input without a wire")?;
    let (port, path) = place.split_at(place.find('/').unwrap_or(place.len()));
    let port: u16 = port.parse()?;
    let address = site.address(listener(port)?)?;
    let mut replies = Vec::new();
    let mut datagrams = 0;
    for body in input.bodies()? {
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
