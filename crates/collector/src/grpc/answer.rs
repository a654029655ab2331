//! `handler -> ANSWER`: a message and OK, or a status with its details.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Response, header};
use http_body::{Body, Frame, SizeHint};
use prost::Message;
use tonic::{Code, Status};

use crate::Refused;

const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");
/// What a message may be compressed with.
const ENCODINGS: HeaderValue = HeaderValue::from_static("identity,gzip,zstd,deflate");

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A message and its OK.
    Message(Option<Bytes>),
    /// The OK after its message.
    Ok,
    /// A status that stands in the headers, or the end.
    End,
    /// From health or reflection, which stream.
    Tonic(tonic::body::Body),
}

/// OK with one message.
pub(crate) fn reply(message: &[u8]) -> Response<Answer> {
    let mut framed = BytesMut::with_capacity(5 + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    framed.extend_from_slice(message);
    let mut response = Response::new(Answer::Message(Some(framed.freeze())));
    response.headers_mut().insert(header::CONTENT_TYPE, GRPC);
    response
}

/// No, and what the sender can do.
pub(crate) fn refusal(refused: &Refused) -> Response<Answer> {
    let decision = refused.decision();
    let message = match refused {
        Refused::Malformed(why) if !why.starts_with("grpc: ") => format!("grpc: error unmarshalling request: {why}"),
        other => other.to_string(),
    };
    let mut response = status(decision.grpc, &message);
    if let Some(after) = decision.retry_after {
        let details = STANDARD_NO_PAD.encode(retry_details(decision.grpc, &message, after));
        if let Ok(details) = HeaderValue::from_str(&details) {
            response.headers_mut().insert("grpc-status-details-bin", details);
        }
    }
    if decision.grpc == Code::Unimplemented {
        response.headers_mut().insert("grpc-accept-encoding", ENCODINGS);
    }
    response
}

/// A path that this port does not serve, in Go's words.
pub(crate) fn unknown_method(path: &str, services: &[&str]) -> Response<Answer> {
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

fn status(code: Code, message: &str) -> Response<Answer> {
    let mut response = Response::new(Answer::End);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, GRPC);
    headers.insert("grpc-status", HeaderValue::from(i32::from(code)));
    if let Ok(message) = HeaderValue::from_str(&percent_encoded(message)) {
        headers.insert("grpc-message", message);
    }
    response
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

/// google.rpc.Status with one google.rpc.RetryInfo.
fn retry_details(code: Code, message: &str, after: std::time::Duration) -> Vec<u8> {
    let delay = RetryInfo { delay: Some(prost_types::Duration::try_from(after).unwrap_or_default()) };
    let detail =
        prost_types::Any { type_url: "type.googleapis.com/google.rpc.RetryInfo".into(), value: delay.encode_to_vec() };
    RpcStatus { code: code.into(), message: message.into(), details: vec![detail] }.encode_to_vec()
}

/// google.rpc.Status, which is also the body of an OTLP error over HTTP.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<prost_types::Any>,
}

/// google.rpc.RetryInfo.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    pub(crate) delay: Option<prost_types::Duration>,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match &mut *self {
            Self::Message(message) => {
                let message = message.take().unwrap_or_default();
                *self = Self::Ok;
                Poll::Ready(Some(Ok(Frame::data(message))))
            }
            Self::Ok => {
                *self = Self::End;
                let mut trailers = HeaderMap::with_capacity(1);
                trailers.insert("grpc-status", HeaderValue::from_static("0"));
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            Self::End => Poll::Ready(None),
            Self::Tonic(body) => Poll::Ready(ready!(Pin::new(body).poll_frame(cx))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Message(_) | Self::Ok => false,
            Self::End => true,
            Self::Tonic(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::End => SizeHint::with_exact(0),
            Self::Tonic(body) => body.size_hint(),
            // A length would become a content-length, which trailers must not have.
            Self::Message(_) | Self::Ok => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_collector_says_when_to_come_again() {
        let response = refusal(&Refused::QueueFull { waiting: 5, bound: 5 });
        let headers = response.headers();
        assert_eq!(headers["grpc-status"], "8");
        let details = STANDARD_NO_PAD.decode(&headers["grpc-status-details-bin"]).expect("base64");
        let status = RpcStatus::decode(&*details).expect("a status");
        assert_eq!((status.code, status.details.len()), (8, 1));
        assert_eq!(status.details[0].type_url, "type.googleapis.com/google.rpc.RetryInfo");
        let retry = RetryInfo::decode(&*status.details[0].value).expect("retry info");
        assert_eq!(retry.delay, Some(prost_types::Duration { seconds: 1, nanos: 0 }));
    }

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
        let response = refusal(&Refused::Malformed("unexpected EOF".into()));
        assert_eq!(text(&response), "grpc: error unmarshalling request: unexpected EOF");
        assert!(text(&refusal(&Refused::NotReady("50% é".into()))).contains("50%25 %C3%A9"));
    }
}
