//! Why a call gets no data, as gRPC says it: decided here and nowhere else.

use jaeger_grpc::{Code, Status};
use jaeger_storage::ErrorKind;

use crate::error::ApiError;

/// The status of an error.
pub(super) fn of(error: &ApiError) -> Status {
    let code = match error {
        ApiError::Param(_) | ApiError::V3Param(_) | ApiError::TraceId(_) | ApiError::NotOtlp(_) => {
            Code::InvalidArgument
        }
        ApiError::NoTrace | ApiError::NoTraces | ApiError::NoLedger => Code::NotFound,
        ApiError::TooLarge(_) | ApiError::Busy(_) => Code::ResourceExhausted,
        ApiError::NoMetrics => Code::Unimplemented,
        ApiError::NoArchive | ApiError::Body(..) => Code::Internal,
        ApiError::Storage(error) => match error.kind() {
            ErrorKind::Unavailable => Code::Unavailable,
            ErrorKind::Throttled => Code::ResourceExhausted,
            ErrorKind::Invalid => Code::InvalidArgument,
            ErrorKind::NotFound => Code::NotFound,
            ErrorKind::Corrupt => Code::DataLoss,
        },
    };
    Status::new(code, error.to_string())
}

/// The same, with what was being done in front, as Go has it.
pub(super) fn during(what: &str, error: &ApiError) -> Status {
    let status = of(error);
    Status::new(status.code(), format!("{what}: {}", status.message()))
}
