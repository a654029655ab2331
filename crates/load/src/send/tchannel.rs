//! TChannel: several connections, on each one call in flight, as Go's agent has for each of its workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, bail};
use futures_util::StreamExt as _;
use jaeger_wire::tchannel::{
    Assembly, CallResponse, ErrorFrame, Fragment, FrameCodec, FrameKind, Init, decode_submitted,
};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_util::codec::FramedRead;

use super::Sent;
use crate::wire::Payloads;

/// Answers have a few bytes for each batch.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Sends all calls to `host:port`, each connection as fast as its answers come.
///
/// # Errors
/// When a connection cannot be made, or breaks.
pub async fn send(address: &str, payloads: &Payloads, connections: usize) -> anyhow::Result<Sent> {
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
            while let Some(call) = payloads.bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                if !connection.call(call).await? {
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

struct Connection {
    frames: FramedRead<OwnedReadHalf, FrameCodec>,
    write: OwnedWriteHalf,
}

impl Connection {
    async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        let (read, mut write) = stream.into_split();
        let mut frames = FramedRead::new(read, FrameCodec);
        write.write_all(&Init::ours(None, "jaeger-load").frame(FrameKind::InitRequest, 1).to_bytes()).await?;
        let hello = frames.next().await.context("the server hung up")??;
        if hello.kind != FrameKind::InitResponse {
            bail!("the server answered the handshake with {:?}", hello.kind);
        }
        Ok(Self { frames, write })
    }

    /// Whether the server took it.
    async fn call(&mut self, frames: &[u8]) -> anyhow::Result<bool> {
        self.write.write_all(frames).await?;
        let mut assembly = Assembly::new(MAX_ANSWER_BYTES);
        loop {
            let frame = self.frames.next().await.context("the server hung up")??;
            let fragment = match frame.kind {
                FrameKind::CallResponse => CallResponse::decode(&frame.body)?.1,
                FrameKind::CallResponseContinue => Fragment::decode(&frame.body)?,
                FrameKind::Error => {
                    ErrorFrame::decode(&frame.body)?;
                    return Ok(false);
                }
                _ => continue,
            };
            if let Some(arguments) = assembly.push(fragment)? {
                return Ok(decode_submitted(&arguments.body)?);
            }
        }
    }
}
