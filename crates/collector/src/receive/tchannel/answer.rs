//! `methods -> ANSWER`: the frames that end a call.

use bytes::Bytes;
use jaeger_wire::DecodeError;
use jaeger_wire::tchannel::{
    CallResponse, ChecksumKind, ErrorCode, ErrorFrame, OK, SCHEME, Tracing, encode_headers, encode_response,
};

use crate::Refused;

/// No, in a code that says what the caller can do, and in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct No {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

impl No {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn bad_request(why: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadRequest, why)
    }

    /// The error frame of a call.
    pub(super) fn frames(self, id: u32, tracing: Tracing) -> Bytes {
        ErrorFrame { code: self.code, tracing, message: self.message }.frame(id).to_bytes()
    }
}

impl From<DecodeError> for No {
    fn from(error: DecodeError) -> Self {
        Self::bad_request(error.to_string())
    }
}

impl From<Refused> for No {
    fn from(refused: Refused) -> Self {
        Self::new(refused.decision().tchannel, refused.to_string())
    }
}

/// The frames of a result.
pub(super) fn yes(id: u32, tracing: Tracing, kind: ChecksumKind, result: &[u8]) -> Bytes {
    let (scheme, thrift) = SCHEME;
    let head = CallResponse { code: OK, tracing, headers: vec![(scheme.to_owned(), thrift.to_owned())] };
    encode_response(id, &head, kind, &encode_headers(&[]), result)
}
