//! Bodies: reading a request's within its bounds, and making an answer's.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Frame;
use tokio::sync::mpsc;

/// Any error of a body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of an answer.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A body whose bytes are at hand.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// No body.
#[must_use]
pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body written as it is made: at most `pieces` pieces wait for the client. Dropping the sender ends the body; [`Sender::fail`] breaks the
/// connection off, so that the client sees that something is missing.
#[must_use]
pub fn channel(pieces: usize) -> (Sender, Body) {
    let (sender, receiver) = mpsc::channel(pieces.max(1));
    (Sender(sender), Pieces(receiver).boxed_unsync())
}

/// The writing end of [`channel`].
#[derive(Clone, Debug)]
pub struct Sender(mpsc::Sender<Result<Bytes, BoxError>>);

/// The client does not read any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client closed the connection before the answer was whole")]
pub struct ClientGone;

impl Sender {
    /// Sends a piece, once there is room.
    ///
    /// # Errors
    /// [`ClientGone`]: stop making the rest.
    pub async fn send(&self, piece: impl Into<Bytes>) -> Result<(), ClientGone> {
        let piece = piece.into();
        if piece.is_empty() {
            return Ok(());
        }
        self.0.send(Ok(piece)).await.map_err(|_| ClientGone)
    }

    /// Sends a piece from a thread that may block.
    ///
    /// # Errors
    /// [`ClientGone`]: stop making the rest.
    pub fn blocking_send(&self, piece: impl Into<Bytes>) -> Result<(), ClientGone> {
        let piece = piece.into();
        if piece.is_empty() {
            return Ok(());
        }
        self.0.blocking_send(Ok(piece)).map_err(|_| ClientGone)
    }

    /// Breaks the answer off.
    pub async fn fail(self, error: impl Into<BoxError>) {
        // A client that is gone needs no error.
        drop(self.0.send(Err(error.into())).await);
    }
}

struct Pieces(mpsc::Receiver<Result<Bytes, BoxError>>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// Bounds of a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes at most.
    pub max_bytes: usize,
    /// Until the whole body is there; `None` is for ever.
    pub timeout: Option<Duration>,
}

/// A body that was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// More bytes than the bound.
    #[error("body is larger than the limit of {limit} bytes, send it in parts")]
    TooLarge {
        /// The bound.
        limit: usize,
    },
    /// Not whole in time.
    #[error("body was not whole after {after:?}")]
    TimedOut {
        /// The time.
        after: Duration,
    },
    /// The connection broke, or the body's framing is wrong.
    #[error("body broke off")]
    Broken(#[source] BoxError),
}

/// Reads a whole body. What is allocated follows the bytes that came, not what a header promises.
///
/// # Errors
/// See [`ReadError`]; nothing of the body is kept then.
pub async fn read<B>(body: B, limits: ReadLimits) -> Result<Bytes, ReadError>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    match limits.timeout {
        None => read_all(body, limits.max_bytes).await,
        Some(after) => tokio::time::timeout(after, read_all(body, limits.max_bytes))
            .await
            .unwrap_or(Err(ReadError::TimedOut { after })),
    }
}

/// Bytes of a refused body that are still read, so that a client that writes before it reads sees the answer.
const DISCARDED_BYTES: usize = 64 << 20;
const DISCARDED_FOR: Duration = Duration::from_secs(5);

/// Reads the rest of a body that was refused and throws it away: closing on unread bytes resets the connection, and
/// the client loses the answer that says why. Gives up on a body that is too long or too slow.
pub async fn discard<B>(body: &mut B)
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let rest = async {
        let mut left = DISCARDED_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                return;
            }
        }
    };
    // Too slow: the connection ends without its rest.
    drop(tokio::time::timeout(DISCARDED_FOR, rest).await);
}

async fn read_all<B>(mut body: B, limit: usize) -> Result<Bytes, ReadError>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let too_large = || ReadError::TooLarge { limit };
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut pieces: Vec<Bytes> = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| ReadError::Broken(error.into()))?;
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        if piece.is_empty() {
            continue;
        }
        length = length.saturating_add(piece.len());
        if length > limit {
            return Err(too_large());
        }
        pieces.push(piece);
    }
    if pieces.len() == 1 {
        return Ok(pieces.pop().unwrap_or_default());
    }
    let mut whole = Vec::with_capacity(length);
    for piece in pieces {
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

impl From<ClientGone> for io::Error {
    fn from(gone: ClientGone) -> Self {
        io::Error::new(io::ErrorKind::BrokenPipe, gone)
    }
}
