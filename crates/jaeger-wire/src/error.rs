//! Why bytes from outside are no message of the format that they claim.

use jaeger_model::Full;

/// How deep messages, structs, lists and nested values may stand in each other.
pub const MAX_DEPTH: usize = 64;

/// The most characters of the sender's own that an error repeats.
const MAX_NAME_CHARS: usize = 64;

/// Why a body could not be read. What was read before the fault is in the builder and is to be thrown away.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end within something. (The first words are Go's, which people search for.)
    #[error("unexpected EOF: {what} needs {needed} bytes, {left} are left; the message was cut short")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// How many bytes it needs.
        needed: u64,
        /// How many there are.
        left: usize,
    },
    /// The bytes are there and mean nothing.
    #[error("malformed {what}: {why}")]
    Malformed {
        /// What was being read.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Values stand in each other deeper than is read.
    #[error("malformed {what}: nested deeper than {MAX_DEPTH}")]
    TooDeep {
        /// What was being read.
        what: &'static str,
    },
    /// The batch holds no more.
    #[error(transparent)]
    Full(#[from] Full),
    /// A field that each sender must set is not there.
    #[error("required field {what} is not set; the sender must set it")]
    MissingField {
        /// The struct's and the field's name.
        what: &'static str,
    },
    /// A method that no agent has.
    #[error("unknown method {name:?}; agents take emitBatch and emitZipkinBatch")]
    UnknownMethod {
        /// The name, cut to 64 characters.
        name: String,
    },
    /// A message that is not read yet.
    #[error("{what} is not read by this build; send emitBatch")]
    Unsupported {
        /// The message's name.
        what: &'static str,
    },
    /// Wrong in a way for which Go Jaeger has words that senders know.
    #[error("{0}")]
    Said(String),
    /// An id of a length that no id has. (The first words are Go's.)
    #[error("invalid length for {what}: {len} bytes; a TraceID has 16 (or 8), a SpanID 8")]
    IdLength {
        /// `TraceID` or `SpanID`.
        what: &'static str,
        /// The bytes that were given.
        len: usize,
    },
    /// One of the above and where it was found.
    #[error("{source}; at byte {offset}")]
    At {
        /// Bytes from the start of what the decoder was given.
        offset: usize,
        /// What was found there.
        source: Box<DecodeError>,
    },
}

/// What is wrong with the bytes, for counters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The bytes end within something.
    Truncated,
    /// The bytes mean nothing.
    Malformed,
    /// Nested deeper than is read.
    TooDeep,
    /// The batch holds no more.
    Full,
    /// A required field is not there.
    MissingField,
    /// A method that no agent has.
    UnknownMethod,
    /// A message that is not read yet.
    Unsupported,
    /// An id of a wrong length.
    IdLength,
}

/// An error on the way of each value: one word wide, so that results stay in registers.
pub(crate) type Fault = Box<DecodeError>;

impl DecodeErrorKind {
    /// The kind as a label's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::TooDeep => "too_deep",
            Self::Full => "full",
            Self::MissingField => "missing_field",
            Self::UnknownMethod => "unknown_method",
            Self::Unsupported => "unsupported",
            Self::IdLength => "id_length",
        }
    }
}

impl DecodeError {
    /// What is wrong, without where and why.
    #[must_use]
    pub fn kind(&self) -> DecodeErrorKind {
        match self {
            Self::Truncated { .. } => DecodeErrorKind::Truncated,
            Self::Malformed { .. } | Self::Said(_) => DecodeErrorKind::Malformed,
            Self::TooDeep { .. } => DecodeErrorKind::TooDeep,
            Self::Full(_) => DecodeErrorKind::Full,
            Self::MissingField { .. } => DecodeErrorKind::MissingField,
            Self::UnknownMethod { .. } => DecodeErrorKind::UnknownMethod,
            Self::Unsupported { .. } => DecodeErrorKind::Unsupported,
            Self::IdLength { .. } => DecodeErrorKind::IdLength,
            Self::At { source, .. } => source.kind(),
        }
    }

    /// Where in the bytes it was found, where that is known.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::At { offset, .. } => Some(*offset),
            _ => None,
        }
    }

    /// Makes a [`Malformed`](Self::Malformed); kept out of the way of what goes well.
    #[cold]
    pub(crate) fn malformed(what: &'static str, why: impl Into<String>) -> Self {
        Self::Malformed { what, why: why.into() }
    }

    /// Makes a [`Truncated`](Self::Truncated); kept out of the way of what goes well.
    #[cold]
    pub(crate) fn truncated(what: &'static str, needed: u64, left: usize) -> Self {
        Self::Truncated { what, needed, left }
    }

    /// Makes an [`UnknownMethod`](Self::UnknownMethod) from the name's bytes.
    #[cold]
    pub(crate) fn unknown_method(name: &[u8]) -> Self {
        Self::UnknownMethod { name: String::from_utf8_lossy(name).chars().take(MAX_NAME_CHARS).collect() }
    }

    /// Makes a [`MissingField`](Self::MissingField); kept out of the way of what goes well.
    #[cold]
    pub(crate) fn missing(what: &'static str) -> Fault {
        Self::MissingField { what }.into()
    }

    /// The same with the place where it was found.
    #[cold]
    pub(crate) fn at(self, offset: usize) -> Self {
        Self::At { offset, source: Box::new(self) }
    }
}
