//! Kinds of errors as gRPC codes, and back.

use jaeger_grpc::{Code, Status};
use jaeger_storage::{ErrorKind, StorageError};
use jaeger_wire::generated::embedded_v1;

use super::TRACE_NOT_FOUND;

/// The code that says this kind.
#[must_use]
pub fn code_of(kind: ErrorKind) -> Code {
    match kind {
        ErrorKind::Unavailable => Code::Unavailable,
        ErrorKind::Throttled => Code::ResourceExhausted,
        ErrorKind::Invalid => Code::InvalidArgument,
        ErrorKind::Corrupt => Code::DataLoss,
        ErrorKind::NotFound => Code::NotFound,
    }
}

/// The kind that a status says. What Go's server answers where its store failed (UNKNOWN) may be tried again.
#[must_use]
pub fn kind_of(status: &Status) -> ErrorKind {
    match status.code() {
        // A message over the limit stays over it.
        Code::ResourceExhausted if status.message().contains("larger than max") => ErrorKind::Invalid,
        Code::ResourceExhausted => ErrorKind::Throttled,
        Code::InvalidArgument | Code::OutOfRange | Code::Unimplemented => ErrorKind::Invalid,
        Code::Internal if status.message().contains("unmarshal") => ErrorKind::Invalid,
        Code::DataLoss => ErrorKind::Corrupt,
        Code::NotFound => ErrorKind::NotFound,
        Code::Unknown if status.message().contains(TRACE_NOT_FOUND) => ErrorKind::NotFound,
        _ => ErrorKind::Unavailable,
    }
}

/// The error that a status of the server at `address` says.
#[must_use]
pub fn error_of(status: &Status, address: &str) -> StorageError {
    let kind = kind_of(status);
    StorageError::new(kind, format!("the remote storage at {address}: {}", status.message()))
}

pub(super) fn kind_to(kind: ErrorKind) -> embedded_v1::ErrorKind {
    match kind {
        ErrorKind::Unavailable => embedded_v1::ErrorKind::Unavailable,
        ErrorKind::Throttled => embedded_v1::ErrorKind::Throttled,
        ErrorKind::Invalid => embedded_v1::ErrorKind::Invalid,
        ErrorKind::Corrupt => embedded_v1::ErrorKind::Corrupt,
        ErrorKind::NotFound => embedded_v1::ErrorKind::NotFound,
    }
}

pub(super) fn from_embedded(kind: i32) -> ErrorKind {
    match embedded_v1::ErrorKind::try_from(kind) {
        Ok(embedded_v1::ErrorKind::Throttled) => ErrorKind::Throttled,
        Ok(embedded_v1::ErrorKind::Invalid) => ErrorKind::Invalid,
        Ok(embedded_v1::ErrorKind::Corrupt) => ErrorKind::Corrupt,
        Ok(embedded_v1::ErrorKind::NotFound) => ErrorKind::NotFound,
        Ok(embedded_v1::ErrorKind::Unavailable) | Err(_) => ErrorKind::Unavailable,
    }
}
