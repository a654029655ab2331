//! `accept -> CONNECTION -> calls`: handshake, then frames in and answers out until either side has enough.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use jaeger_service::http::Shutdown;
use jaeger_wire::tchannel::{CONNECTION, ErrorCode, Frame, FrameCodec, FrameError, FrameKind, Init, InitError};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::codec::FramedRead;
use tokio_util::sync::CancellationToken;

use super::answer::No;
use super::calls::Calls;
use crate::Collector;

/// How long a peer may take to introduce itself, as in Go.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How long a connection without calls stays after the close: a call that is on its way is told to go elsewhere.
const LINGER: Duration = Duration::from_millis(250);
/// Answers that may wait for a peer that does not read them; then its calls wait too.
const WAITING_ANSWERS: usize = 64;
/// How long a peer may leave them so.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
const PROCESS: &str = "jaeger-collector";

type Frames = FramedRead<OwnedReadHalf, FrameCodec>;

/// The error frame that is a connection's last.
#[derive(Debug)]
struct Fatal {
    id: u32,
    why: String,
}

impl Fatal {
    fn new(id: u32, why: impl Into<String>) -> Self {
        Self { id, why: why.into() }
    }
}

/// Serves one connection.
pub(super) async fn run(
    collector: Collector,
    stream: TcpStream,
    peer: SocketAddr,
    shutdown: Shutdown,
    stopping: CancellationToken,
) {
    let local = stream.local_addr().map_or_else(|_| String::new(), |address| address.to_string());
    let (read, write) = stream.into_split();
    let mut frames = FramedRead::new(read, FrameCodec);
    let (answers, to_write) = mpsc::channel(WAITING_ANSWERS);
    let talking = async {
        let ended = talk(collector, &mut frames, &answers, &local, &shutdown, stopping).await;
        if let Err(fatal) = ended {
            tracing::debug!(%peer, why = fatal.why, "closing a TChannel connection");
            let last = No::new(ErrorCode::Protocol, fatal.why).frames(fatal.id, [0; 25]);
            // A peer that is gone needs no last word.
            drop(answers.send(last).await);
        }
        drop(answers);
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(talking, write_all(write, to_write)) } => {}
        () = shutdown.deadline.cancelled() => {}
    }
}

async fn talk(
    collector: Collector,
    frames: &mut Frames,
    answers: &mpsc::Sender<Bytes>,
    local: &str,
    shutdown: &Shutdown,
    stopping: CancellationToken,
) -> Result<(), Fatal> {
    let shaken = tokio::select! {
        shaken = timeout(HANDSHAKE, handshake(frames, local)) => shaken,
        () = shutdown.close.cancelled() => return Ok(()),
    };
    let Some(hello) = shaken.unwrap_or_else(|_| Err(Fatal::new(CONNECTION, "timeout")))? else {
        return Ok(());
    };
    let mut calls = Calls::new(collector, stopping);
    let mut answer = Some(hello);
    // Set from the close on, whenever nothing is under way.
    let mut lingers: Option<Instant> = None;
    let mut closing = false;
    loop {
        if let Some(bytes) = answer.take()
            && answers.send(bytes).await.is_err()
        {
            return Ok(());
        }
        if closing {
            lingers = if calls.is_empty() { lingers.or_else(|| Some(Instant::now() + LINGER)) } else { None };
        }
        let expiry = calls.next_expiry();
        tokio::select! {
            // Frames last: who sends without end must neither keep others' answers nor the close from being seen.
            biased;
            bytes = calls.answered() => answer = Some(bytes),
            () = shutdown.close.cancelled(), if !closing => closing = true,
            () = until(expiry) => {
                for bytes in calls.expire() {
                    if answers.send(bytes).await.is_err() {
                        return Ok(());
                    }
                }
            }
            () = until(lingers) => return Ok(()),
            frame = frames.next() => match frame {
                Some(Ok(frame)) => answer = one(&mut calls, &frame, closing)?,
                Some(Err(FrameError::Io(_))) | None => return Ok(()),
                Some(Err(error @ FrameError::UnknownKind { id, .. })) => return Err(Fatal::new(id, error.to_string())),
                Some(Err(error)) => return Err(Fatal::new(CONNECTION, error.to_string())),
            },
        }
    }
}

async fn until(when: Option<Instant>) {
    match when {
        Some(when) => sleep_until(when).await,
        None => std::future::pending().await,
    }
}

/// The answer to the peer's first frame; `None` where it went away again.
async fn handshake(frames: &mut Frames, local: &str) -> Result<Option<Bytes>, Fatal> {
    let frame = match frames.next().await {
        Some(Ok(frame)) => frame,
        Some(Err(FrameError::Io(_))) | None => return Ok(None),
        Some(Err(error)) => return Err(Fatal::new(CONNECTION, error.to_string())),
    };
    if frame.kind != FrameKind::InitRequest {
        let why = format!("expected message type {:?}, got {:?}", FrameKind::InitRequest, frame.kind);
        return Err(Fatal::new(frame.id, why));
    }
    let fatal = |error: InitError| Fatal::new(frame.id, error.to_string());
    Init::decode(&frame.body).map_err(fatal)?.accept().map_err(fatal)?;
    Ok(Some(Init::ours(Some(local), PROCESS).frame(FrameKind::InitResponse, frame.id).to_bytes()))
}

/// What one frame asks for at once.
fn one(calls: &mut Calls, frame: &Frame, closing: bool) -> Result<Option<Bytes>, Fatal> {
    Ok(match frame.kind {
        FrameKind::CallRequest => {
            calls.begin(frame, closing).map_err(|duplicate| Fatal::new(frame.id, duplicate.to_string()))?
        }
        FrameKind::CallRequestContinue => calls.go_on(frame),
        FrameKind::Cancel => calls.cancel(frame.id),
        FrameKind::PingRequest => Some(Frame::empty(FrameKind::PingResponse, frame.id).to_bytes()),
        FrameKind::InitRequest | FrameKind::InitResponse => {
            return Err(Fatal::new(frame.id, "the handshake is over; begin with a call"));
        }
        // This side calls nobody: answers, and errors about calls, are about nothing.
        FrameKind::CallResponse
        | FrameKind::CallResponseContinue
        | FrameKind::Claim
        | FrameKind::PingResponse
        | FrameKind::Error => None,
    })
}

/// Writes answers as they come, all that wait in one go.
async fn write_all(mut write: OwnedWriteHalf, mut answers: mpsc::Receiver<Bytes>) {
    while let Some(bytes) = answers.recv().await {
        match timeout(WRITE_TIMEOUT, write.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            // Without its receiver the reading side ends too.
            Ok(Err(_)) | Err(_) => return,
        }
    }
    // A peer that is gone already needs no goodbye.
    drop(write.shutdown().await);
}
