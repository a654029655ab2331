//! An error: the answer that is no answer, with a code that says whether to ask somebody else.

use bytes::{BufMut, BytesMut};

use super::Tracing;
use super::frame::{Frame, FrameKind};
use super::text;
use crate::DecodeError;
use crate::error::Fault;
use crate::input::Input;

/// The most that a message has; what a peer sent is in some.
const MAX_MESSAGE_BYTES: usize = 4096;

/// What a caller can do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ErrorCode {
    /// The call's time is over; what became of it is not known.
    Timeout,
    /// The caller cancelled it.
    Cancelled,
    /// Too much to do; the call did not happen, ask again.
    Busy,
    /// The call did not happen for another reason; ask somebody else.
    Declined,
    /// Something broke.
    Unexpected,
    /// The call makes no sense here; to ask again does not help.
    BadRequest,
    /// The connection broke.
    Network,
    /// Who is asked is not well.
    Unhealthy,
    /// The bytes are not the protocol's; the connection ends.
    Protocol,
    /// A code that the protocol does not have.
    Other(u8),
}

impl ErrorCode {
    fn of(code: u8) -> Self {
        match code {
            0x01 => Self::Timeout,
            0x02 => Self::Cancelled,
            0x03 => Self::Busy,
            0x04 => Self::Declined,
            0x05 => Self::Unexpected,
            0x06 => Self::BadRequest,
            0x07 => Self::Network,
            0x08 => Self::Unhealthy,
            0xff => Self::Protocol,
            other => Self::Other(other),
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Timeout => 0x01,
            Self::Cancelled => 0x02,
            Self::Busy => 0x03,
            Self::Declined => 0x04,
            Self::Unexpected => 0x05,
            Self::BadRequest => 0x06,
            Self::Network => 0x07,
            Self::Unhealthy => 0x08,
            Self::Protocol => 0xff,
            Self::Other(other) => other,
        }
    }
}

/// The body of an error frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ErrorFrame {
    /// What the caller can do.
    pub code: ErrorCode,
    /// The call's own.
    pub tracing: Tracing,
    /// Why, for people.
    pub message: String,
}

impl ErrorFrame {
    /// Reads the body of an error frame.
    ///
    /// # Errors
    /// [`DecodeError`]
    pub fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Input::new(body);
        Self::read(&mut input).map_err(|fault| fault.at(input.offset()))
    }

    fn read(input: &mut Input<'_>) -> Result<Self, Fault> {
        let code = ErrorCode::of(input.byte("error code")?);
        let tracing = input.array("tracing")?;
        Ok(Self { code, tracing, message: text::owned(text::long(input, "error message")?) })
    }

    /// The frame; a message over 4 KiB is cut.
    #[must_use]
    pub fn frame(&self, id: u32) -> Frame {
        let mut out = BytesMut::new();
        out.put_u8(self.code.code());
        out.put_slice(&self.tracing);
        text::put_long(&mut out, text::cut(&self.message, MAX_MESSAGE_BYTES));
        Frame { kind: FrameKind::Error, id, body: out.freeze() }
    }
}
