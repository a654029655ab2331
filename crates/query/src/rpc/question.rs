//! connection -> **question**: the one message of a request, bounded.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use jaeger_grpc::{Code, FrameError, Frames, Status};
use prost::Message;

/// As much as Go's servers take.
const MAX_BYTES: usize = 4 << 20;
/// Until it must be whole.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was sent, not yet read.
pub(super) struct Question {
    body: Incoming,
    frames: Frames,
}

impl Question {
    pub(super) fn of(headers: &HeaderMap, body: Incoming) -> Self {
        Self { body, frames: Frames::of(headers, MAX_BYTES) }
    }
}

/// Reads it.
pub(super) async fn read<Q: Message + Default>(question: Question) -> Result<Q, Status> {
    let message = tokio::time::timeout(PATIENCE, only(question)).await;
    let message =
        message.map_err(|_| Status::deadline_exceeded(format!("the question was not whole after {PATIENCE:?}")))??;
    Q::decode(message).map_err(|error| undecoded(&error))
}

/// In Go's words.
pub(super) fn undecoded(error: &dyn std::fmt::Display) -> Status {
    Status::internal(format!("grpc: error unmarshalling request: {error}"))
}

async fn only(Question { mut body, mut frames }: Question) -> Result<Bytes, Status> {
    let mut message = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Status::cancelled(format!("the question broke off: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        frames.push(data);
        while let Some(next) = frames.next_message().map_err(|error| broken(&error))? {
            if message.replace(next).is_some() {
                return Err(Status::internal("the call holds more than one message; send one"));
            }
        }
    }
    frames.end().map_err(|error| broken(&error))?;
    message.ok_or_else(|| Status::internal("the call ended without a message; send one"))
}

fn broken(error: &FrameError) -> Status {
    let code = match error {
        FrameError::TooLarge { .. } => Code::ResourceExhausted,
        FrameError::Compressed => Code::Unimplemented,
        FrameError::Flag(_) | FrameError::Corrupt(_) | FrameError::Unfinished => Code::Internal,
    };
    Status::new(code, error.to_string())
}
