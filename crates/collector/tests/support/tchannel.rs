//! A TChannel connection that says what it is told to say, right or wrong.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use jaeger_wire::tchannel::{
    Assembly, CallRequest, CallResponse, ChecksumKind, ErrorCode, ErrorFrame, Fragment, Frame, FrameCodec, FrameKind,
    Init, encode_headers, encode_request, encode_submit,
};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;
use tokio_util::codec::FramedRead;

use super::spans::batch;

pub const SUBMIT: &str = "Collector::submitBatches";
pub const SUBMIT_ZIPKIN: &str = "ZipkinCollector::submitZipkinBatch";
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Client {
    frames: FramedRead<OwnedReadHalf, FrameCodec>,
    write: OwnedWriteHalf,
}

/// The end of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    Result { code: u8, kind: ChecksumKind, body: Bytes },
    Error { code: ErrorCode, message: String },
}

impl Answer {
    pub fn code(&self) -> Option<ErrorCode> {
        if let Self::Error { code, .. } = self { Some(*code) } else { None }
    }
}

impl Client {
    /// Connects and shakes hands.
    pub async fn connect(address: SocketAddr) -> Self {
        let mut client = Self::open(address).await;
        client.send(&Init::ours(None, "test").frame(FrameKind::InitRequest, 1).to_bytes()).await;
        let hello = client.frame().await.expect("an answer");
        assert_eq!((hello.kind, hello.id), (FrameKind::InitResponse, 1));
        Init::decode(&hello.body).expect("a handshake").agreed().expect("our version");
        client
    }

    /// Connects and says nothing.
    pub async fn open(address: SocketAddr) -> Self {
        let (read, write) = TcpStream::connect(address).await.expect("connected").into_split();
        Self { frames: FramedRead::new(read, FrameCodec), write }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.write.write_all(bytes).await.expect("sent");
    }

    /// The next frame; `None` at the end.
    pub async fn frame(&mut self) -> Option<Frame> {
        let frame = timeout(PATIENCE, self.frames.next()).await.expect("a frame or the end in time");
        frame.map(|frame| frame.expect("a frame"))
    }

    /// The next answer to whatever call, with its id.
    pub async fn answer(&mut self) -> (u32, Answer) {
        let mut assembly = Assembly::new(usize::MAX);
        let mut of = 0;
        loop {
            let frame = self.frame().await.expect("an answer before the end");
            let fragment = match frame.kind {
                FrameKind::Error => {
                    let ErrorFrame { code, message, .. } = ErrorFrame::decode(&frame.body).expect("an error");
                    return (frame.id, Answer::Error { code, message });
                }
                FrameKind::CallResponse => {
                    let (head, fragment) = CallResponse::decode(&frame.body).expect("an answer");
                    of = head.code;
                    fragment
                }
                FrameKind::CallResponseContinue => Fragment::decode(&frame.body).expect("a fragment"),
                other => panic!("{other:?} in place of an answer"),
            };
            if let Some(arguments) = assembly.push(fragment).expect("a good checksum") {
                return (frame.id, Answer::Result { code: of, kind: arguments.kind, body: arguments.body });
            }
        }
    }

    /// Calls and waits.
    pub async fn call(&mut self, id: u32, method: &str, body: &[u8]) -> Answer {
        self.send(&call(id, "jaeger-collector", method, body)).await;
        let (of, answer) = self.answer().await;
        assert_eq!(of, id);
        answer
    }
}

/// A call of ten seconds.
pub fn call(id: u32, service: &str, method: &str, body: &[u8]) -> Bytes {
    call_with(id, &head(service), ChecksumKind::Crc32, method, body)
}

pub fn call_with(id: u32, head: &CallRequest, kind: ChecksumKind, method: &str, body: &[u8]) -> Bytes {
    encode_request(id, head, kind, [method.as_bytes(), &encode_headers(&[]), body])
}

pub fn head(service: &str) -> CallRequest {
    let header = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    CallRequest {
        ttl: Duration::from_secs(10),
        tracing: [9; 25],
        service: service.to_owned(),
        headers: vec![header("as", "thrift"), header("cn", "jaeger-agent")],
    }
}

/// The arguments of `submitBatches` with one batch.
pub fn submit(service: &str, first: u64, count: u64) -> Vec<u8> {
    let mut body = Vec::new();
    encode_submit([&batch(service, first, count)], &mut body);
    body
}
