//! `route -> BODY`: the messages of a request as they come in, bounded.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use jaeger_grpc::{Code, Frames, Status, patience};
use prost::Message;

use crate::room::Held;

/// What a message may take to come in, whatever its caller's patience: what it holds meanwhile others cannot have.
const SLOWEST: Duration = Duration::from_secs(30);

/// The messages of a request.
pub(crate) struct Messages {
    body: Incoming,
    frames: Frames,
    pub(crate) patience: Duration,
}

impl Messages {
    pub(crate) fn of(headers: &HeaderMap, body: Incoming, max_bytes: usize) -> Self {
        Self { body, frames: Frames::of(headers, max_bytes), patience: patience(headers) }
    }

    /// The next message; `held` grows with what arrives.
    pub(crate) async fn next(&mut self, held: &mut Held) -> Result<Option<Bytes>, Status> {
        loop {
            let broken = |error: jaeger_grpc::FrameError| {
                let code = match error {
                    jaeger_grpc::FrameError::TooLarge { .. } => Code::ResourceExhausted,
                    jaeger_grpc::FrameError::Compressed => Code::Unimplemented,
                    _ => Code::Internal,
                };
                Status::new(code, error.to_string())
            };
            if let Some(message) = self.frames.next_message().map_err(broken)? {
                if self.frames.inflates() {
                    held.grow(message.len()).map_err(|error| crate::server::refusal(&error))?;
                }
                return Ok(Some(message));
            }
            let frame = tokio::time::timeout(SLOWEST, self.body.frame()).await.map_err(|_elapsed| {
                Status::deadline_exceeded(format!(
                    "the request did not go on for {SLOWEST:?}; send it faster or in parts"
                ))
            })?;
            match frame {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        let no_room = |error| crate::server::refusal(&error);
                        held.grow(data.len()).map_err(no_room)?;
                        self.frames.push(data);
                    }
                }
                Some(Err(error)) => return Err(Status::cancelled(format!("the request broke off: {error}"))),
                None => {
                    self.frames.end().map_err(broken)?;
                    return Ok(None);
                }
            }
        }
    }

    /// The one message of a request that has one.
    pub(crate) async fn only(&mut self, held: &mut Held) -> Result<Bytes, Status> {
        let missing = || Status::internal("the call ended without a message; send one");
        let message = self.next(held).await?.ok_or_else(missing)?;
        match self.next(held).await? {
            None => Ok(message),
            Some(_) => Err(Status::internal("the call holds more than one message; send one")),
        }
    }

    /// The one message, decoded.
    pub(crate) async fn question<Q: Message + Default>(&mut self, held: &mut Held) -> Result<Q, Status> {
        let message = self.only(held).await?;
        Q::decode(message).map_err(|error| undecoded(&error))
    }
}

/// In Go's words, with the code that says that sending again does not help.
pub(crate) fn undecoded(error: &dyn std::fmt::Display) -> Status {
    Status::invalid_argument(format!("grpc: error unmarshalling request: {error}"))
}
