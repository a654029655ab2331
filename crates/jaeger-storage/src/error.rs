//! Why a store did not do what it was asked: a kind that a caller can act on, and the story.

use std::error::Error;
use std::fmt;

/// What a caller can do about it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ErrorKind {
    /// The store cannot be reached or does not answer: try again later.
    Unavailable,
    /// The store is full or over its rate: try again later, slower.
    Throttled,
    /// The request or the span is wrong for this store: trying again does not help.
    Invalid,
    /// Stored data cannot be read: the rest can.
    Corrupt,
    /// What was asked for is not there.
    NotFound,
}

impl ErrorKind {
    /// The kind as a label: `unavailable`, `throttled`, `invalid`, `corrupt`, `not_found`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Throttled => "throttled",
            Self::Invalid => "invalid",
            Self::Corrupt => "corrupt",
            Self::NotFound => "not_found",
        }
    }
}

/// An error of a store: kind, message (lower case, names the thing, the value and the next step) and source.
#[derive(Debug)]
pub struct StorageError {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl StorageError {
    /// An error without an underlying one.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// The same error with what caused it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for StorageError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn Error + 'static))
    }
}
