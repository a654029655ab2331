//! One connection to a collector: calls out, answers in, each found again by its id.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt as _;
use jaeger_wire::tchannel::{
    Assembly, CONNECTION, CallRequest, CallResponse, ChecksumKind, ErrorCode, ErrorFrame, Fragment, Frame, FrameCodec,
    FrameError, FrameKind, Init, InitError, Method, encode_headers, encode_request,
};
use parking_lot::Mutex;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::codec::FramedRead;
use tokio_util::sync::CancellationToken;

/// The id of the handshake, as in Go; calls count on from it.
const HANDSHAKE_ID: u32 = 1;
/// The largest answer: strategies of a service with very many operations.
const MAX_ANSWER_BYTES: usize = 4 << 20;
/// Calls that may wait to be written.
const WAITING_CALLS: usize = 16;
const PROCESS: &str = "jaeger-agent";

type Frames = FramedRead<OwnedReadHalf, FrameCodec>;

/// A connection that nobody could make.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("cannot connect: {0}")]
    Io(#[from] io::Error),
    #[error("not connected after {0:?}")]
    Late(Duration),
    #[error("the collector speaks another protocol: {0}")]
    Frame(FrameError),
    #[error("the collector refused the handshake: {0}")]
    Refused(String),
    #[error("the handshake failed: {0}")]
    Init(#[from] InitError),
}

/// A call that nobody answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error("the connection ended: {0}")]
    Closed(String),
    #[error("no answer after {0:?}")]
    Late(Duration),
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reply {
    Result { code: u8, body: Bytes },
    Error { code: ErrorCode, message: String },
}

/// A connection after its handshake; dropped, it ends.
#[derive(Debug)]
pub(super) struct Connection {
    frames: mpsc::Sender<Bytes>,
    next_id: AtomicU32,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    calls: Mutex<HashMap<u32, Waiting>>,
    closed: CancellationToken,
    why: Mutex<String>,
    heard: Mutex<Instant>,
    /// Told when the connection has ended.
    lost: Arc<Notify>,
}

#[derive(Debug)]
struct Waiting {
    reply: oneshot::Sender<Reply>,
    code: u8,
    assembly: Assembly,
}

impl Connection {
    /// Connects and shakes hands within `patience`; `lost` is told when the connection has ended.
    pub(super) async fn open(address: &str, patience: Duration, lost: Arc<Notify>) -> Result<Self, ConnectError> {
        let opening = async {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (read, mut write) = stream.into_split();
            let mut frames = FramedRead::new(read, FrameCodec);
            let hello = Init::ours(None, PROCESS).frame(FrameKind::InitRequest, HANDSHAKE_ID);
            write.write_all(&hello.to_bytes()).await?;
            let gone = || io::Error::from(io::ErrorKind::UnexpectedEof);
            let frame = frames.next().await.ok_or_else(gone)?.map_err(ConnectError::Frame)?;
            match frame.kind {
                FrameKind::InitResponse => Init::decode(&frame.body)?.agreed()?,
                FrameKind::Error => {
                    let said = ErrorFrame::decode(&frame.body).map(|error| error.message);
                    return Err(ConnectError::Refused(said.unwrap_or_else(|error| error.to_string())));
                }
                other => return Err(ConnectError::Refused(format!("{other:?} in place of an answer"))),
            }
            Ok((frames, write))
        };
        let (frames, write) = timeout(patience, opening).await.map_err(|_| ConnectError::Late(patience))??;
        Ok(Self::over(frames, write, lost))
    }

    fn over(mut reading: Frames, write: OwnedWriteHalf, lost: Arc<Notify>) -> Self {
        let (frames, to_write) = mpsc::channel(WAITING_CALLS);
        let shared = Arc::new(Shared {
            calls: Mutex::default(),
            closed: CancellationToken::new(),
            why: Mutex::default(),
            heard: Mutex::new(Instant::now()),
            lost,
        });
        let (reader, writer, answers) = (Arc::clone(&shared), Arc::clone(&shared), frames.clone());
        tokio::spawn(async move {
            let why = tokio::select! {
                () = reader.closed.cancelled() => return,
                why = read_all(&mut reading, &reader, &answers) => why,
            };
            reader.close(why);
        });
        tokio::spawn(async move {
            tokio::select! {
                () = writer.closed.cancelled() => {}
                why = write_all(write, to_write) => if let Err(error) = why {
                    writer.close(error.to_string());
                },
            }
        });
        Self { frames, next_id: AtomicU32::new(HANDSHAKE_ID + 1), shared }
    }

    /// Whether calls make sense still.
    pub(super) fn is_closed(&self) -> bool {
        self.shared.closed.is_cancelled()
    }

    /// Calls that wait for their answer.
    pub(super) fn pending(&self) -> usize {
        self.shared.calls.lock().len()
    }

    /// Calls a method and waits for its answer. Dropped before, it tells the collector so.
    pub(super) async fn call(
        &self,
        head: &CallRequest,
        method: Method,
        body: &[u8],
        patience: Duration,
    ) -> Result<Reply, CallError> {
        let (reply, answer) = oneshot::channel();
        let under_way = self.register(reply);
        let headers = encode_headers(&[]);
        let arguments = [method.name().as_bytes(), &headers, body];
        let bytes = encode_request(under_way.id, head, ChecksumKind::Crc32, arguments);
        let began = Instant::now();
        let calling = async {
            if self.frames.send(bytes).await.is_err() {
                return Err(self.closed());
            }
            tokio::select! {
                // An answer that came goes before the end of the connection that brought it.
                biased;
                reply = answer => reply.map_err(|_| self.closed()),
                () = self.shared.closed.cancelled() => Err(self.closed()),
            }
        };
        match timeout(patience, calling).await {
            Ok(answer) => answer,
            Err(_elapsed) => {
                // A collector of which nothing is heard at all has gone without a word.
                if *self.shared.heard.lock() < began {
                    self.shared.close(format!("nothing came for {patience:?}"));
                }
                Err(CallError::Late(patience))
            }
        }
    }

    fn closed(&self) -> CallError {
        CallError::Closed(self.shared.why.lock().clone())
    }

    fn register(&self, reply: oneshot::Sender<Reply>) -> UnderWay<'_> {
        let mut calls = self.shared.calls.lock();
        let id = loop {
            let id = self.next_id.fetch_add(1, Ordering::Relaxed);
            if id != CONNECTION && !calls.contains_key(&id) {
                break id;
            }
        };
        calls.insert(id, Waiting { reply, code: 0, assembly: Assembly::new(MAX_ANSWER_BYTES) });
        UnderWay { of: self, id }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.close("it is not needed any more".to_owned());
    }
}

/// A call's place among those that wait.
struct UnderWay<'c> {
    of: &'c Connection,
    id: u32,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if self.of.shared.calls.lock().remove(&self.id).is_some() && !self.of.is_closed() {
            let cancel = Frame { kind: FrameKind::Cancel, id: self.id, body: Bytes::from_static(&CANCEL) };
            // Without room the collector finds it out by the call's own deadline.
            drop(self.of.frames.try_send(cancel.to_bytes()));
        }
    }
}

/// ttl 1 ms, no tracing, no reason.
const CANCEL: [u8; 31] = {
    let mut body = [0; 31];
    body[3] = 1;
    body
};

impl Shared {
    fn close(&self, why: String) {
        if !self.closed.is_cancelled() {
            *self.why.lock() = why;
            self.closed.cancel();
            self.lost.notify_one();
        }
    }

    fn complete(&self, id: u32, reply: Reply) {
        if let Some(waiting) = self.calls.lock().remove(&id) {
            // Who asked has given up in this moment.
            drop(waiting.reply.send(reply));
        }
    }

    /// One fragment of an answer; an answer that makes no sense is an error of its call alone.
    fn fragment(&self, id: u32, code: Option<u8>, fragment: Fragment) {
        let mut calls = self.calls.lock();
        let Some(waiting) = calls.get_mut(&id) else { return };
        waiting.code = code.unwrap_or(waiting.code);
        let code = waiting.code;
        let reply = match waiting.assembly.push(fragment) {
            Ok(None) => return,
            Ok(Some(arguments)) => Reply::Result { code, body: arguments.body },
            Err(error) => unreadable(&error),
        };
        drop(calls);
        self.complete(id, reply);
    }
}

fn unreadable(error: &dyn std::error::Error) -> Reply {
    Reply::Error { code: ErrorCode::Protocol, message: format!("the answer is none: {error}") }
}

/// Reads until the connection ends; says why.
async fn read_all(frames: &mut Frames, shared: &Shared, answers: &mpsc::Sender<Bytes>) -> String {
    loop {
        let frame = match frames.next().await {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return error.to_string(),
            None => return "the collector closed it".to_owned(),
        };
        *shared.heard.lock() = Instant::now();
        let id = frame.id;
        match frame.kind {
            FrameKind::CallResponse => match CallResponse::decode(&frame.body) {
                Ok((head, fragment)) => shared.fragment(id, Some(head.code), fragment),
                Err(error) => shared.complete(id, unreadable(&error)),
            },
            FrameKind::CallResponseContinue => match Fragment::decode(&frame.body) {
                Ok(fragment) => shared.fragment(id, None, fragment),
                Err(error) => shared.complete(id, unreadable(&error)),
            },
            FrameKind::Error => match ErrorFrame::decode(&frame.body) {
                Ok(error) if id == CONNECTION || error.code == ErrorCode::Protocol => return error.message,
                Ok(error) => shared.complete(id, Reply::Error { code: error.code, message: error.message }),
                Err(error) => shared.complete(id, unreadable(&error)),
            },
            FrameKind::PingRequest => {
                drop(answers.send(Frame::empty(FrameKind::PingResponse, id).to_bytes()).await);
            }
            FrameKind::CallRequest => {
                let message = "an agent answers no calls".to_owned();
                let no = ErrorFrame { code: ErrorCode::BadRequest, tracing: [0; 25], message };
                drop(answers.send(no.frame(id).to_bytes()).await);
            }
            FrameKind::InitRequest
            | FrameKind::InitResponse
            | FrameKind::CallRequestContinue
            | FrameKind::Cancel
            | FrameKind::Claim
            | FrameKind::PingResponse => {}
        }
    }
}

async fn write_all(mut write: OwnedWriteHalf, mut frames: mpsc::Receiver<Bytes>) -> io::Result<()> {
    while let Some(bytes) = frames.recv().await {
        write.write_all(&bytes).await?;
    }
    Ok(())
}
