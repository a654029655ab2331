//! A collector that answers as a test tells it.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use jaeger_model::BatchBuilder;
use jaeger_wire::tchannel::{
    Arguments, Assembly, CallRequest, CallResponse, ErrorCode, ErrorFrame, Fragment, Frame, FrameCodec, FrameKind,
    Init, Method, OK, decode_submit, encode_headers, encode_response, encode_submitted, sampling,
};
use parking_lot::Mutex;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::codec::FramedRead;

/// What it says to the next calls.
#[derive(Clone, Debug)]
pub(super) enum Mood {
    Takes,
    /// Answers a code and words.
    Says(ErrorCode, &'static str),
    /// "false" for the batch.
    NotOk,
    Silent,
    /// Ends the connection in place of an answer.
    HangsUp,
    /// A result that is none.
    Babbles,
}

pub(super) struct Fake {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
    // Ends with the test.
    _serving: JoinSet<()>,
}

struct Shared {
    mood: Mutex<Mood>,
    /// Spans taken.
    spans: Mutex<usize>,
    calls: Mutex<Vec<(CallRequest, Arguments)>>,
    /// Kinds of frames that are no calls.
    others: Mutex<Vec<FrameKind>>,
    connections: Mutex<usize>,
}

impl Fake {
    pub(super) async fn start() -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.expect("a free port"))
    }

    pub(super) async fn again(address: SocketAddr) -> Self {
        Self::listen(TcpListener::bind(address).await.expect("the port is free again"))
    }

    fn listen(listener: TcpListener) -> Self {
        let shared = Arc::new(Shared {
            mood: Mutex::new(Mood::Takes),
            spans: Mutex::default(),
            calls: Mutex::default(),
            others: Mutex::default(),
            connections: Mutex::default(),
        });
        let address = listener.local_addr().expect("bound");
        let mut serving = JoinSet::new();
        let accepting = Arc::clone(&shared);
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                *accepting.connections.lock() += 1;
                connections.spawn(talk(stream, Arc::clone(&accepting)));
            }
        });
        Self { address, shared, _serving: serving }
    }

    pub(super) fn set(&self, mood: Mood) {
        *self.shared.mood.lock() = mood;
    }

    pub(super) fn spans(&self) -> usize {
        *self.shared.spans.lock()
    }

    pub(super) fn calls(&self) -> Vec<(CallRequest, Arguments)> {
        self.shared.calls.lock().clone()
    }

    pub(super) fn others(&self) -> Vec<FrameKind> {
        self.shared.others.lock().clone()
    }

    pub(super) fn connections(&self) -> usize {
        *self.shared.connections.lock()
    }
}

async fn talk(stream: TcpStream, shared: Arc<Shared>) {
    let (read, mut write) = stream.into_split();
    let mut frames = FramedRead::new(read, FrameCodec);
    let hello = frames.next().await.expect("a first frame").expect("a frame");
    Init::decode(&hello.body).expect("a handshake").accept().expect("a good one");
    let introduction = Init::ours(Some("127.0.0.1:1"), "fake").frame(FrameKind::InitResponse, hello.id).to_bytes();
    write.write_all(&introduction).await.expect("written");
    // As a server that wants to know whether an agent is there.
    write.write_all(&Frame::empty(FrameKind::PingRequest, 1).to_bytes()).await.expect("written");
    let mut coming: Option<(CallRequest, Assembly)> = None;
    while let Some(Ok(frame)) = frames.next().await {
        let fragment = match frame.kind {
            FrameKind::CallRequest => {
                let (head, fragment) = CallRequest::decode(&frame.body).expect("a call");
                coming = Some((head, Assembly::new(usize::MAX)));
                fragment
            }
            FrameKind::CallRequestContinue => Fragment::decode(&frame.body).expect("a fragment"),
            other => {
                shared.others.lock().push(other);
                continue;
            }
        };
        let (_, assembly) = coming.as_mut().expect("a call's first frame");
        let Some(arguments) = assembly.push(fragment).expect("a good checksum") else { continue };
        let (head, _) = coming.take().expect("a call");
        let answer = answer(frame.id, &head, &arguments, &shared);
        shared.calls.lock().push((head, arguments));
        match answer {
            Some(bytes) if bytes.is_empty() => return,
            Some(bytes) => write.write_all(&bytes).await.expect("written"),
            None => {}
        }
    }
}

fn answer(id: u32, head: &CallRequest, arguments: &Arguments, shared: &Shared) -> Option<Bytes> {
    let mut result = Vec::new();
    match shared.mood.lock().clone() {
        Mood::Silent => return None,
        Mood::HangsUp => return Some(Bytes::new()),
        Mood::Says(code, words) => {
            let error = ErrorFrame { code, tracing: head.tracing, message: words.to_owned() };
            return Some(error.frame(id).to_bytes());
        }
        Mood::NotOk => encode_submitted(1, false, &mut result),
        Mood::Babbles => result.push(7),
        Mood::Takes => match Method::named(&arguments.method) {
            Some(Method::SubmitBatches) => {
                let mut builder = BatchBuilder::new();
                let batches = decode_submit(&arguments.body, &mut builder).expect("batches");
                *shared.spans.lock() += builder.finish().len();
                encode_submitted(batches, true, &mut result);
            }
            Some(Method::SamplingStrategy) => {
                let service = sampling::decode_question(&arguments.body).expect("a question");
                let mut strategy = crate::sampling::Strategy { strategy_type: 1, ..Default::default() };
                let rate = i32::try_from(service.len()).expect("a short name");
                strategy.rate_limiting_sampling =
                    Some(jaeger_wire::sampling::RateLimitingSamplingStrategy { max_traces_per_second: rate });
                sampling::encode_answer(&strategy, &mut result).expect("16 bits");
            }
            other => panic!("{other:?} is not an agent's"),
        },
    }
    let head = CallResponse { code: OK, tracing: head.tracing, headers: Vec::new() };
    Some(encode_response(id, &head, arguments.kind, &encode_headers(&[]), &result))
}
