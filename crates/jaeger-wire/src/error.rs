//! Why bytes from outside are no message of the format that they claim.

use jaeger_model::Full;

/// How deep messages, structs, lists and nested values may stand in each other.
pub const MAX_DEPTH: usize = 64;

/// Why a body could not be read. What was read before the fault is in the builder and is to be thrown away.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
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
}

impl DecodeError {
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
}
