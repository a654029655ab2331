//! `channel -> REPLY`: the messages of an answer, then its status.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tonic::{Code, Status};

use crate::{FrameError, Frames};

/// An answer that is coming in. Dropped, the server is told that nobody wants the rest.
#[derive(Debug)]
pub struct Reply {
    body: Incoming,
    frames: Frames,
    /// How long the next part may take.
    patience: Duration,
}

impl Reply {
    /// The answer in `response`, unless it is a status alone.
    pub(crate) fn of(response: Response<Incoming>, limit: usize, patience: Duration) -> Result<Self, Status> {
        let (head, body) = response.into_parts();
        match Status::from_header_map(&head.headers) {
            Some(status) if status.code() != Code::Ok => return Err(status),
            _ => {}
        }
        if head.status != StatusCode::OK {
            return Err(Status::new(Code::Unavailable, format!("HTTP status {} where gRPC was expected", head.status)));
        }
        Ok(Self { body, frames: Frames::new(limit), patience })
    }

    /// The next message; `None` after the last, when the server said OK.
    ///
    /// # Errors
    /// What the server said instead, `Unavailable` where the answer broke off, and what is wrong with a message.
    pub async fn message(&mut self) -> Result<Option<Bytes>, Status> {
        loop {
            if let Some(message) = self.frames.next_message().map_err(|error| broken(&error))? {
                return Ok(Some(message));
            }
            let frame = tokio::time::timeout(self.patience, self.body.frame()).await.map_err(|_elapsed| {
                unanswered(Status::deadline_exceeded(format!("the answer did not go on for {:?}", self.patience)))
            })?;
            match frame {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.frames.push(data),
                    Err(frame) => return self.end(frame.trailers_ref()),
                },
                Some(Err(error)) => {
                    return Err(unanswered(Status::unavailable(format!("the answer broke off: {error}"))));
                }
                None => return Err(unanswered(Status::unavailable("the answer broke off before its status"))),
            }
        }
    }

    fn end(&self, trailers: Option<&HeaderMap>) -> Result<Option<Bytes>, Status> {
        match trailers.and_then(Status::from_header_map) {
            Some(status) if status.code() == Code::Ok => {
                self.frames.end().map_err(|error| broken(&error))?;
                Ok(None)
            }
            Some(status) => Err(status),
            None => Err(Status::unavailable("the answer ended without a status")),
        }
    }

    /// The one message of an answer that has one.
    ///
    /// # Errors
    /// As [`message`](Self::message), and `Unavailable` where there is none.
    pub async fn only(mut self) -> Result<Bytes, Status> {
        let missing = || Status::unavailable("the answer ended without a message");
        let message = self.message().await?.ok_or_else(missing)?;
        while self.message().await?.is_some() {}
        Ok(message)
    }
}

/// Nobody answered.
#[derive(Debug, thiserror::Error)]
#[error("no answer")]
struct NoAnswer;

/// Marks a status that was made here, where the server said nothing.
#[must_use]
pub fn unanswered(mut status: Status) -> Status {
    status.set_source(std::sync::Arc::new(NoAnswer));
    status
}

/// Whether the server itself said this.
#[must_use]
pub fn is_answer(status: &Status) -> bool {
    std::error::Error::source(status).is_none()
}

fn broken(error: &FrameError) -> Status {
    Status::new(Code::Internal, error.to_string())
}
