//! Why a request gets no data, and the HTTP status for it: decided here and nowhere else.

use http::header::{HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use jaeger_model::TraceId;
use jaeger_service::http::{Body, reply};
use jaeger_storage::{ErrorKind, StorageError};

use crate::answer::Api;
use crate::budget::Busy;
use crate::envelope::{self, ErrorItem};
use crate::params::ParamError;
use crate::render::json;

/// What a client is told.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A parameter that cannot be used.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A parameter of `/api/v3` that cannot be used.
    #[error("{0}")]
    V3Param(String),
    /// A trace id in the path that is none; the text is Go's.
    #[error("{0}")]
    TraceId(String),
    /// There is no span of this trace.
    #[error("trace not found")]
    NoTrace,
    /// A search that found nothing, where the API says so as an error.
    #[error("No traces found")]
    NoTraces,
    /// A trace beyond `--query.max-trace-bytes`.
    #[error("{0}")]
    TooLarge(#[from] TooLarge),
    /// Other answers hold all memory that answers may have.
    #[error("{0}")]
    Busy(#[from] Busy),
    /// The store did not answer, or said no.
    #[error("{0}")]
    Storage(StorageError),
    /// Something that is not configured.
    #[error("archive span storage was not configured")]
    NoArchive,
    /// Something that is not configured.
    #[error("metrics querying is currently disabled")]
    NoMetrics,
    /// The process receives nothing.
    #[error("this process receives no spans; each collector and agent serves /ledger on its admin port")]
    NoLedger,
    /// A posted body that is no OTLP.
    #[error("cannot unmarshal OTLP : {0}")]
    NotOtlp(String),
    /// A posted body that did not come whole or is too large.
    #[error("{0}")]
    Body(StatusCode, String),
}

/// A trace that is not shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "trace {id} has {spans} spans and {bytes} bytes, over --query.max-trace-bytes={max}; \
     raise it, or search for a part of the trace"
)]
pub struct TooLarge {
    /// The trace.
    pub id: TraceId,
    /// How many spans it has.
    pub spans: usize,
    /// How many bytes they take in memory.
    pub bytes: usize,
    /// The bound.
    pub max: usize,
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        if error.kind() == ErrorKind::NotFound { Self::NoTrace } else { Self::Storage(error) }
    }
}

impl ApiError {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Param(_) | Self::V3Param(_) | Self::TraceId(_) => StatusCode::BAD_REQUEST,
            Self::NoTrace | Self::NoTraces | Self::NoLedger => StatusCode::NOT_FOUND,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoMetrics => StatusCode::NOT_IMPLEMENTED,
            // As Go answers a body that it cannot read.
            Self::NoArchive | Self::NotOtlp(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Body(status, _) => *status,
            Self::Storage(error) => match error.kind() {
                ErrorKind::Unavailable | ErrorKind::Throttled => StatusCode::SERVICE_UNAVAILABLE,
                ErrorKind::Invalid => StatusCode::BAD_REQUEST,
                ErrorKind::NotFound => StatusCode::NOT_FOUND,
                ErrorKind::Corrupt => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    /// As one of the errors of an answer.
    #[must_use]
    pub fn item(&self, trace_id: Option<TraceId>) -> ErrorItem {
        // Go leaves the code out where a trace among several is not found.
        let code = (!matches!(self, Self::NoTrace) || trace_id.is_none()).then(|| self.status().as_u16());
        ErrorItem { code, message: self.to_string(), trace_id }
    }

    /// As the whole answer of an API.
    #[must_use]
    pub fn response(&self, api: Api) -> Response<Body> {
        let json = match api {
            Api::Envelope => envelope::without_data(&[self.item(None)]),
            Api::V3 | Api::V3Json => {
                let mut json = b"{".to_vec();
                self.push_v3(&mut json);
                json.push(b'}');
                json
            }
        };
        let mut response = reply::error(self.status(), &String::from_utf8_lossy(&json));
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }

    /// As a member of an answer of `/api/v3`.
    pub fn push_v3(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\"error\":{\"httpCode\":");
        json::unsigned(out, u64::from(self.status().as_u16()));
        out.extend_from_slice(b",\"message\":");
        json::string(out, &self.to_string());
        out.push(b'}');
    }
}
