//! An answer on its way: written piece by piece while it is encoded, laid out and compressed on the way.
//!
//! As long as it fits in one piece nothing has been sent, and a failure can still become a proper error.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use jaeger_service::http::{Body, body};
use tokio::sync::oneshot;

use crate::error::ApiError;
use crate::gzip::Gzip;
use crate::render::pretty::Pretty;

/// A piece is sent when it has this many bytes.
pub const PIECE_BYTES: usize = 64 << 10;
/// Pieces that wait for the client at most.
const PIECES: usize = 4;
/// A client that takes no piece for so long is given up: its trace and the store's stream are held meanwhile.
const PATIENCE: Duration = Duration::from_secs(20);

/// Says that more traces matched than the limit let through.
pub const TRUNCATED: HeaderName = HeaderName::from_static("x-jaeger-truncated");

/// How the client wants an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Form {
    /// With line breaks and four spaces a level.
    pub pretty: bool,
    /// Compressed.
    pub gzip: bool,
    /// Of which API, which says how errors look.
    pub api: Api,
}

/// The APIs over HTTP: what their answers are called and how their errors look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Api {
    /// `/api/*`: JSON in an envelope.
    #[default]
    Envelope,
    /// `/api/v3/*` as up to 1.62, whose JSON is called text.
    V3,
    /// `/api/v3/*` as since 2.0.
    V3Json,
}

/// The client reads no further.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the client went away or took nothing for {PATIENCE:?}")]
pub struct ClientGone;

/// The writing side of an answer in JSON.
pub struct Answer {
    plain: Vec<u8>,
    pretty: Option<Pretty>,
    gzip: Option<Gzip>,
    truncated: bool,
    api: Api,
    way: Way,
}

enum Way {
    /// Nothing is sent yet.
    Waiting(oneshot::Sender<Response<Body>>),
    Sending(body::Sender),
    Over,
}

impl Answer {
    /// An answer, and where its response will come out.
    #[must_use]
    pub fn new(form: Form) -> (Self, oneshot::Receiver<Response<Body>>) {
        let (sender, receiver) = oneshot::channel();
        let answer = Self {
            plain: Vec::with_capacity(PIECE_BYTES / 4),
            pretty: form.pretty.then(Pretty::default),
            gzip: form.gzip.then(Gzip::new),
            truncated: false,
            api: form.api,
            way: Way::Waiting(sender),
        };
        (answer, receiver)
    }

    /// Where the next bytes of JSON go.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.plain
    }

    /// Marks the answer as not all that there is. Has an effect until the first piece is sent.
    pub fn truncate(&mut self) {
        self.truncated = true;
    }

    /// Whether it can still become an error.
    #[must_use]
    pub fn nothing_sent(&self) -> bool {
        matches!(self.way, Way::Waiting(_))
    }

    /// Sends what the buffer holds if that is a piece.
    ///
    /// # Errors
    /// [`ClientGone`]: stop.
    pub async fn send_full(&mut self) -> Result<(), ClientGone> {
        if self.plain.len() < PIECE_BYTES {
            return Ok(());
        }
        let piece = self.encode(false);
        if piece.is_empty() {
            return Ok(());
        }
        if let Way::Waiting(_) = self.way {
            let (sender, body) = body::channel(PIECES);
            self.begin(body, Way::Sending(sender))?;
        }
        self.send(piece).await
    }

    /// Sends the rest and ends.
    ///
    /// # Errors
    /// [`ClientGone`], which concerns nobody any more.
    pub async fn finish(mut self) -> Result<(), ClientGone> {
        let piece = self.encode(true);
        match self.way {
            Way::Waiting(_) => self.begin(body::full(piece), Way::Over),
            _ => self.send(piece).await,
        }
    }

    /// Answers with an error alone; what was written is left out. Without effect once under way.
    pub fn refuse(self, error: &ApiError) {
        if let Way::Waiting(sender) = self.way {
            // A client that is gone needs no error.
            drop(sender.send(error.response(self.api)));
        }
    }

    fn begin(&mut self, body: Body, next: Way) -> Result<(), ClientGone> {
        let Way::Waiting(sender) = std::mem::replace(&mut self.way, next) else { return Ok(()) };
        let mut response = Response::new(body);
        self.headers(response.headers_mut());
        sender.send(response).map_err(|_| ClientGone)
    }

    fn headers(&self, headers: &mut HeaderMap) {
        let name = if self.api == Api::V3 { "text/plain; charset=utf-8" } else { "application/json" };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(name));
        if self.gzip.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if self.truncated {
            headers.insert(TRUNCATED, HeaderValue::from_static("true"));
        }
    }

    async fn send(&mut self, piece: Bytes) -> Result<(), ClientGone> {
        let Way::Sending(sender) = &self.way else { return Err(ClientGone) };
        match tokio::time::timeout(PATIENCE, sender.send(piece)).await {
            Ok(sent) => sent.map_err(|_| ClientGone),
            Err(_) => {
                if let Way::Sending(sender) = std::mem::replace(&mut self.way, Way::Over) {
                    // The end must not look like an end.
                    tokio::spawn(sender.fail("the answer was not read in time"));
                }
                Err(ClientGone)
            }
        }
    }

    /// Takes the buffer, laid out and compressed.
    fn encode(&mut self, last: bool) -> Bytes {
        let mut piece = std::mem::replace(&mut self.plain, if last { Vec::new() } else { next_buffer() });
        if let Some(pretty) = &mut self.pretty {
            let compact = std::mem::take(&mut piece);
            pretty.push(&mut piece, &compact);
        }
        match &mut self.gzip {
            Some(gzip) if last => gzip.finish(&piece).into(),
            Some(gzip) => gzip.push(&piece).into(),
            None => piece.into(),
        }
    }
}

/// A piece ends with the span that fills it: a little more than its size avoids a copy.
fn next_buffer() -> Vec<u8> {
    Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 8)
}

/// A small answer that is whole at once.
#[must_use]
pub fn whole(json: Vec<u8>, form: Form) -> Response<Body> {
    let (mut answer, _) = Answer::new(form);
    answer.plain = json;
    let piece = answer.encode(true);
    let mut response = Response::new(body::full(piece));
    *response.status_mut() = StatusCode::OK;
    answer.headers(response.headers_mut());
    response
}
