//! A call's arguments cut into frames. In each frame a first chunk goes on with the argument before, every further chunk
//! begins the next one; so an argument that ends with its frame is followed by an empty chunk in the next.

use bytes::{BufMut, Bytes, BytesMut};

use super::call::{CallRequest, CallResponse};
use super::checksum::ChecksumKind;
use super::frame::{FrameKind, MAX_FRAME_BYTES, begin, end, set};
use crate::DecodeError;
use crate::error::Fault;
use crate::input::Input;

/// The flag that says that more frames follow.
const MORE: u8 = 1;
/// A chunk's length.
const LENGTH_BYTES: usize = 2;

/// The arguments' part of one frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fragment {
    /// More frames follow.
    pub more: bool,
    /// How it is checked.
    pub kind: ChecksumKind,
    /// The checksum of all chunks up to and with these.
    pub(super) sum: u32,
    /// Lengths and bytes.
    pub(super) chunks: Bytes,
}

impl Fragment {
    /// Reads the body of a further frame.
    ///
    /// # Errors
    /// [`DecodeError`] with the place in the body.
    pub fn decode(body: &Bytes) -> Result<Self, DecodeError> {
        let mut input = Input::new(body);
        let parts = Self::flags(&mut input).and_then(|more| Ok((more, Self::checksum(&mut input)?)));
        match parts {
            Ok((more, (kind, sum))) => Ok(Self { more, kind, sum, chunks: body.slice(input.offset()..) }),
            Err(fault) => Err(fault.at(input.offset())),
        }
    }

    /// Bytes of the chunks, their lengths included.
    #[must_use]
    pub fn size(&self) -> usize {
        self.chunks.len()
    }

    pub(super) fn flags(input: &mut Input<'_>) -> Result<bool, Fault> {
        Ok(input.byte("flags")? & MORE != 0)
    }

    pub(super) fn checksum(input: &mut Input<'_>) -> Result<(ChecksumKind, u32), Fault> {
        let kind = ChecksumKind::read(input)?;
        let sum = if kind.has_sum() { input.array("checksum").map(u32::from_be_bytes)? } else { 0 };
        Ok((kind, sum))
    }
}

/// The frames of a call.
#[must_use]
pub fn encode_request(id: u32, head: &CallRequest, kind: ChecksumKind, arguments: [&[u8]; 3]) -> Bytes {
    let mut bytes = BytesMut::new();
    head.encode(&mut bytes);
    frames([FrameKind::CallRequest, FrameKind::CallRequestContinue], id, &bytes, kind, arguments)
}

/// The frames of an answer, whose first argument is empty. A kind of checksum that we cannot compute becomes none.
#[must_use]
pub fn encode_response(id: u32, head: &CallResponse, kind: ChecksumKind, headers: &[u8], body: &[u8]) -> Bytes {
    let mut bytes = BytesMut::new();
    head.encode(&mut bytes);
    let kinds = [FrameKind::CallResponse, FrameKind::CallResponseContinue];
    frames(kinds, id, &bytes, kind.of_answer(), [&[], headers, body])
}

fn frames([first, further]: [FrameKind; 2], id: u32, head: &[u8], kind: ChecksumKind, arguments: [&[u8]; 3]) -> Bytes {
    let all: usize = arguments.iter().map(|argument| argument.len()).sum();
    let mut out = BytesMut::with_capacity(all + all / 1000 + head.len() + 64);
    let mut arguments = arguments.into_iter();
    let mut rest = arguments.next().unwrap_or_default();
    let (mut frame_kind, mut head, mut sum) = (first, head, 0);
    loop {
        let start = begin(&mut out, frame_kind, id);
        let flags_at = out.len();
        out.put_u8(0);
        out.put_slice(head);
        out.put_u8(kind.code());
        let sum_at = out.len();
        if kind.has_sum() {
            out.put_u32(0);
        }
        let full = start + MAX_FRAME_BYTES;
        // Whether the last argument ended.
        let ended = loop {
            let room = (full - out.len()).saturating_sub(LENGTH_BYTES);
            let (now, later) = rest.split_at(rest.len().min(room));
            out.put_u16(u16::try_from(now.len()).unwrap_or(u16::MAX));
            out.put_slice(now);
            sum = kind.add(sum, now);
            rest = later;
            // Without room for a chunk of the next argument, this one goes on: with nothing, in the next frame.
            if !rest.is_empty() || (arguments.len() > 0 && full - out.len() <= LENGTH_BYTES) {
                break false;
            }
            match arguments.next() {
                Some(next) => rest = next,
                None => break true,
            }
        };
        if !ended {
            set(&mut out, flags_at, &[MORE]);
        }
        if kind.has_sum() {
            set(&mut out, sum_at, &sum.to_be_bytes());
        }
        end(&mut out, start);
        if ended {
            return out.freeze();
        }
        (frame_kind, head) = (further, &[]);
    }
}
