//! `handler -> REFUSAL`: a status with its details.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{HeaderValue, Response};
use jaeger_grpc::{Answer, status};
use prost::Message;
use tonic::Code;

use crate::Refused;

/// What a message may be compressed with.
const ENCODINGS: HeaderValue = HeaderValue::from_static("identity,gzip,zstd,deflate");

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
    fn a_body_that_is_no_message_is_told_in_gos_words() {
        let response = refusal(&Refused::Malformed("unexpected EOF".into()));
        assert_eq!(response.headers()["grpc-message"], "grpc: error unmarshalling request: unexpected EOF");
    }
}
