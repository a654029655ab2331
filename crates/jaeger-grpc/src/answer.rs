//! `handler -> ANSWER`: messages and OK, or a status.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::Stream;
use http::{HeaderMap, HeaderValue, Response, header};
use http_body::{Body, Frame, SizeHint};
use tonic::{Code, Status};

const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");

/// Messages, framed, as they become ready.
pub type Framed = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;

/// The body of an answer.
pub enum Answer {
    /// A message and its OK.
    Message(Option<Bytes>),
    /// Messages one after the other, then OK or what went wrong.
    Messages(Framed),
    /// The status after its messages.
    Status(Option<Status>),
    /// A status that stands in the headers, or the end.
    End,
    /// From health or reflection, which stream.
    Tonic(tonic::body::Body),
}

/// A message behind its flag and length.
#[must_use]
pub fn framed(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(5 + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    framed.extend_from_slice(message);
    framed.freeze()
}

/// OK with one message.
#[must_use]
pub fn reply(message: &[u8]) -> Response<Answer> {
    with_body(Answer::Message(Some(framed(message))))
}

/// Messages (already framed) as they come, then the status.
#[must_use]
pub fn streamed(messages: Framed) -> Response<Answer> {
    with_body(Answer::Messages(messages))
}

fn with_body(answer: Answer) -> Response<Answer> {
    let mut response = Response::new(answer);
    response.headers_mut().insert(header::CONTENT_TYPE, GRPC);
    response
}

/// A path that a port does not serve, in Go's words.
#[must_use]
pub fn unknown_method(path: &str, services: &[&str]) -> Response<Answer> {
    let shown = |text: &str| text.chars().take(100).collect::<String>();
    let message = match path.strip_prefix('/').and_then(|path| path.rsplit_once('/')) {
        Some((service, method)) if services.contains(&service) => {
            format!("unknown method {} for service {service}", shown(method))
        }
        Some((service, _)) => format!("unknown service {}", shown(service)),
        None => format!("malformed method name: \"{}\"", shown(path)),
    };
    status(Code::Unimplemented, &message)
}

/// No message, only a status.
#[must_use]
pub fn status(code: Code, message: &str) -> Response<Answer> {
    let mut response = with_body(Answer::End);
    put_status(response.headers_mut(), code, message);
    response
}

fn put_status(headers: &mut HeaderMap, code: Code, message: &str) {
    headers.insert("grpc-status", HeaderValue::from(i32::from(code)));
    if let Ok(message) = HeaderValue::from_str(&percent_encoded(message)) {
        headers.insert("grpc-message", message);
    }
}

/// All but printable ASCII, and `%`, as gRPC asks.
fn percent_encoded(message: &str) -> String {
    let mut encoded = String::with_capacity(message.len());
    for byte in message.bytes() {
        match byte {
            b'%' | 0..=0x1f | 0x7f.. => encoded.push_str(&format!("%{byte:02X}")),
            _ => encoded.push(char::from(byte)),
        }
    }
    encoded
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Message(_) => "Message",
            Self::Messages(_) => "Messages",
            Self::Status(_) => "Status",
            Self::End => "End",
            Self::Tonic(_) => "Tonic",
        })
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match &mut *self {
            Self::Message(message) => {
                let message = message.take().unwrap_or_default();
                *self = Self::Status(None);
                Poll::Ready(Some(Ok(Frame::data(message))))
            }
            Self::Messages(messages) => match ready!(messages.as_mut().poll_next(cx)) {
                Some(Ok(message)) => Poll::Ready(Some(Ok(Frame::data(message)))),
                Some(Err(status)) => self.end(Some(&status)),
                None => self.end(None),
            },
            Self::Status(status) => {
                let status = status.take();
                self.end(status.as_ref())
            }
            Self::End => Poll::Ready(None),
            Self::Tonic(body) => Poll::Ready(ready!(Pin::new(body).poll_frame(cx))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Message(_) | Self::Messages(_) | Self::Status(_) => false,
            Self::End => true,
            Self::Tonic(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::End => SizeHint::with_exact(0),
            Self::Tonic(body) => body.size_hint(),
            // A length would become a content-length, which trailers must not have.
            _ => SizeHint::default(),
        }
    }
}

impl Answer {
    fn end(&mut self, status: Option<&Status>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut trailers = HeaderMap::with_capacity(2);
        match status {
            None => drop(trailers.insert("grpc-status", HeaderValue::from_static("0"))),
            Some(status) => put_status(&mut trailers, status.code(), status.message()),
        }
        *self = Self::End;
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_in_gos_words() {
        let text = |response: &Response<Answer>| response.headers()["grpc-message"].to_str().expect("ASCII").to_owned();
        let services = ["jaeger.api_v2.CollectorService"];
        for (path, wanted) in [
            ("/jaeger.api_v2.CollectorService/Nope", "unknown method Nope for service jaeger.api_v2.CollectorService"),
            ("/nope.Nope/Nope", "unknown service nope.Nope"),
        ] {
            let response = unknown_method(path, &services);
            assert_eq!(
                (text(&response).as_str(), &response.headers()["grpc-status"]),
                (wanted, &HeaderValue::from(12))
            );
        }
        assert!(text(&status(Code::Unavailable, "50% é")).contains("50%25 %C3%A9"));
    }
}
