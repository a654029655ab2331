//! A frame: a header of 16 bytes, and a body that its kind explains.

use bytes::{BufMut, Bytes, BytesMut};

/// The header: size, kind, an empty byte, id, eight empty bytes.
pub const HEADER_BYTES: usize = 16;
/// The most that a frame has, its header included.
pub const MAX_FRAME_BYTES: usize = 0xffff;
/// The id of errors that are about the connection, not about a call.
pub const CONNECTION: u32 = u32::MAX;

/// What a frame is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum FrameKind {
    /// The first frame of who connects.
    InitRequest = 0x01,
    /// The first frame of who accepts.
    InitResponse = 0x02,
    /// A call's first frame.
    CallRequest = 0x03,
    /// An answer's first frame.
    CallResponse = 0x04,
    /// A call's further frames.
    CallRequestContinue = 0x13,
    /// An answer's further frames.
    CallResponseContinue = 0x14,
    /// The caller waits no more.
    Cancel = 0xc0,
    /// Another instance took the call; nobody sends it.
    Claim = 0xc1,
    /// Are you there?
    PingRequest = 0xd0,
    /// Yes.
    PingResponse = 0xd1,
    /// No answer will come, and why.
    Error = 0xff,
}

impl FrameKind {
    const ALL: [Self; 11] = [
        Self::InitRequest,
        Self::InitResponse,
        Self::CallRequest,
        Self::CallResponse,
        Self::CallRequestContinue,
        Self::CallResponseContinue,
        Self::Cancel,
        Self::Claim,
        Self::PingRequest,
        Self::PingResponse,
        Self::Error,
    ];

    /// The kind of that code, if there is one.
    #[must_use]
    pub fn of(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == code)
    }
}

/// One frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// What it is for.
    pub kind: FrameKind,
    /// The call, chosen by who sent the first frame of it.
    pub id: u32,
    /// What is behind the header.
    pub body: Bytes,
}

impl Frame {
    /// A frame without a body.
    #[must_use]
    pub fn empty(kind: FrameKind, id: u32) -> Self {
        Self { kind, id, body: Bytes::new() }
    }

    /// The frame as bytes; a body beyond the most that a frame has is cut.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::with_capacity(HEADER_BYTES + self.body.len());
        let start = begin(&mut out, self.kind, self.id);
        out.put_slice(self.body.get(..MAX_FRAME_BYTES - HEADER_BYTES).unwrap_or(&self.body));
        end(&mut out, start);
        out.freeze()
    }
}

/// Appends a header whose size [`end`] fills in; says where it stands.
pub(super) fn begin(out: &mut BytesMut, kind: FrameKind, id: u32) -> usize {
    let start = out.len();
    out.put_u16(0);
    out.put_u8(kind as u8);
    out.put_u8(0);
    out.put_u32(id);
    out.put_u64(0);
    start
}

/// Writes the size of the frame that began at `start` and ends here.
pub(super) fn end(out: &mut BytesMut, start: usize) {
    let size = u16::try_from(out.len() - start).unwrap_or(u16::MAX);
    set(out, start, &size.to_be_bytes());
}

/// Writes `bytes` over those at `at`.
pub(super) fn set(out: &mut BytesMut, at: usize, bytes: &[u8]) {
    if let Some(place) = out.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}
