//! A connection's bytes to frames and back, for tokio-util's `Framed`.

use std::io;

use bytes::{Buf, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use super::frame::{Frame, FrameKind, HEADER_BYTES};

/// Reads and writes frames.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameCodec;

/// Why a connection's bytes are no frames. Where the next one begins is not known then.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The connection itself.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A size under that of the header.
    #[error("a frame of {0} bytes; its header alone has 16")]
    TooShort(u16),
    /// A kind that the protocol does not have.
    #[error("a frame of the unknown kind {code:#04x}")]
    UnknownKind {
        /// The kind.
        code: u8,
        /// The frame's id.
        id: u32,
    },
}

impl Decoder for FrameCodec {
    type Item = Frame;
    type Error = FrameError;

    fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        let Some([size @ .., code, _]) = bytes.first_chunk::<4>() else { return Ok(None) };
        let (size, code) = (u16::from_be_bytes(*size), *code);
        let whole = usize::from(size);
        if whole < HEADER_BYTES {
            return Err(FrameError::TooShort(size));
        }
        if bytes.len() < whole {
            // No room is made for what is only said: the buffer grows with what comes.
            return Ok(None);
        }
        let mut frame = bytes.split_to(whole).freeze();
        frame.advance(4);
        let id = frame.get_u32();
        frame.advance(8);
        let kind = FrameKind::of(code).ok_or(FrameError::UnknownKind { code, id })?;
        Ok(Some(Frame { kind, id, body: frame }))
    }
}

impl Encoder<Frame> for FrameCodec {
    type Error = FrameError;

    fn encode(&mut self, frame: Frame, out: &mut BytesMut) -> Result<(), FrameError> {
        out.extend_from_slice(&frame.to_bytes());
        Ok(())
    }
}
