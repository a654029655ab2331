//! What the driver says, as the kind of error that a caller can act on.

use jaeger_storage::{ErrorKind, StorageError};
use scylla::errors::{DbError, ExecutionError, PrepareError, RequestAttemptError};

/// What can be done about it. Everything that is not the request's own fault may pass.
pub(crate) fn kind(error: &ExecutionError) -> ErrorKind {
    match error {
        ExecutionError::BadQuery(_) => ErrorKind::Invalid,
        ExecutionError::LastAttemptError(attempt) => attempt_kind(attempt),
        ExecutionError::PrepareError(PrepareError::AllAttemptsFailed { first_attempt }) => attempt_kind(first_attempt),
        _ => ErrorKind::Unavailable,
    }
}

fn attempt_kind(error: &RequestAttemptError) -> ErrorKind {
    match error {
        RequestAttemptError::DbError(error, _) => match error {
            DbError::Overloaded | DbError::RateLimitReached { .. } => ErrorKind::Throttled,
            // A mutation that is too large for the server; a column that is not there.
            DbError::Invalid | DbError::SyntaxError | DbError::ConfigError => ErrorKind::Invalid,
            _ => ErrorKind::Unavailable,
        },
        RequestAttemptError::SerializationError(_) | RequestAttemptError::CqlRequestSerialization(_) => {
            ErrorKind::Invalid
        }
        RequestAttemptError::CqlResultParseError(_) => ErrorKind::Corrupt,
        _ => ErrorKind::Unavailable,
    }
}

/// An error of a statement on `what`.
pub(crate) fn storage(what: &str, error: ExecutionError) -> StorageError {
    let kind = kind(&error);
    let next = match kind {
        ErrorKind::Invalid => "see what the server says of it",
        _ => "try again",
    };
    StorageError::new(kind, format!("cassandra, {what}: {error}; {next}")).caused_by(error)
}

/// An answer that is not what the schema says.
pub(crate) fn corrupt(what: &str, error: impl std::fmt::Display) -> StorageError {
    StorageError::new(
        ErrorKind::Corrupt,
        format!("cassandra, {what}: {error}; what wrote this row is no Jaeger that we know"),
    )
}
