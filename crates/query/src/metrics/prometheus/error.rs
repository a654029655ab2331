//! Why Prometheus did not answer, and what that means to whoever asked.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;
use jaeger_service::http::ReadError;
use jaeger_storage::{ErrorKind, StorageError};

use crate::error::ApiError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PrometheusError {
    /// The token cannot be read.
    #[error("--prometheus.token-file {}: {source}; name a file that can be read", file.display())]
    Token {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A token that no header can hold.
    #[error("a bearer token for prometheus is no header value; check --prometheus.token-file")]
    TokenText,
    /// No connection.
    #[error("prometheus does not take connections at {address}: {source}; check --prometheus.server-url")]
    Connect {
        /// Host and port.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// No answer in time.
    #[error(
        "prometheus at {address} did not answer within {after:?}; ask for fewer points, or see what it is busy with"
    )]
    TimedOut {
        /// Host and port.
        address: String,
        /// The time.
        after: Duration,
    },
    /// The connection broke.
    #[error("the connection to prometheus at {address} broke: {source}")]
    Broken {
        /// Host and port.
        address: String,
        /// Why.
        source: hyper::Error,
    },
    /// An answer that was not read whole.
    #[error("an answer of prometheus was not read: {0}")]
    Unread(#[from] ReadError),
    /// It answered with an error.
    #[error("prometheus answered {status}: {text}{}", hint(*status))]
    Refused {
        /// The status.
        status: StatusCode,
        /// What it says, or the begin of it.
        text: String,
    },
    /// An answer that is no series over time.
    #[error("prometheus sent an answer that cannot be read: {0}; is --prometheus.server-url that of a Prometheus?")]
    Malformed(String),
}

fn hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "; check --prometheus.token-file",
        StatusCode::NOT_FOUND => "; check --prometheus.server-url",
        _ => "",
    }
}

impl PrometheusError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused { status, .. } if *status == StatusCode::BAD_REQUEST || status.as_u16() == 422 => {
                ErrorKind::Invalid
            }
            Self::Unread(ReadError::TooLarge { .. }) => ErrorKind::Invalid,
            Self::Malformed(_) => ErrorKind::Corrupt,
            _ => ErrorKind::Unavailable,
        }
    }
}

impl From<PrometheusError> for ApiError {
    fn from(error: PrometheusError) -> Self {
        Self::Storage(StorageError::new(error.kind(), error.to_string()).caused_by(error))
    }
}
