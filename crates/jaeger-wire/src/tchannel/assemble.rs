//! A call's fragments put together again, each checked before it is believed.

use bytes::{Bytes, BytesMut};

use super::checksum::ChecksumKind;
use super::fragment::Fragment;
use crate::DecodeError;

/// A call has so many arguments.
const ARGUMENTS: usize = 3;

/// Why fragments are no call.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FragmentError {
    /// A frame's body is none.
    #[error(transparent)]
    Body(#[from] DecodeError),
    /// Another kind of checksum than in the frames before.
    #[error("the type of the checksum changed from {before:?} to {now:?} within a call")]
    KindChanged {
        /// In the frames before.
        before: ChecksumKind,
        /// In this one.
        now: ChecksumKind,
    },
    /// The bytes are not those that were sent.
    #[error("the checksum is {came:#010x}, that of the bytes that came is {computed:#010x}; send the call again")]
    Checksum {
        /// What came.
        came: u32,
        /// What the bytes have.
        computed: u32,
    },
    /// A chunk longer than its frame.
    #[error("a chunk of {len} bytes where {left} are left in the frame")]
    Chunk {
        /// Its length.
        len: usize,
        /// Bytes left.
        left: usize,
    },
    /// Not three.
    #[error("{0} arguments; a call has 3")]
    Arguments(usize),
    /// Over the limit of who reads.
    #[error("the call is over {0} bytes; send it in parts")]
    TooLarge(usize),
}

/// What a call or an answer brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arguments {
    /// A call's method; empty in an answer.
    pub method: Bytes,
    /// The application's headers.
    pub headers: Bytes,
    /// A Thrift struct.
    pub body: Bytes,
    /// How they were checked.
    pub kind: ChecksumKind,
}

/// A call that comes in, frame by frame.
#[derive(Debug)]
pub struct Assembly {
    parts: [Part; ARGUMENTS],
    /// The argument that the next chunk goes on with.
    at: usize,
    kind: Option<ChecksumKind>,
    sum: u32,
    bytes: usize,
    limit: usize,
}

/// An argument: the frame's own bytes, as long as it came in one.
#[derive(Debug, Default)]
enum Part {
    #[default]
    Empty,
    One(Bytes),
    Several(BytesMut),
}

impl Assembly {
    /// A call of at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { parts: Default::default(), at: 0, kind: None, sum: 0, bytes: 0, limit }
    }

    /// Takes the next fragment; gives the arguments after the last.
    ///
    /// # Errors
    /// [`FragmentError`]; no further fragment of this call makes sense then.
    pub fn push(&mut self, fragment: Fragment) -> Result<Option<Arguments>, FragmentError> {
        let kind = *self.kind.get_or_insert(fragment.kind);
        if kind != fragment.kind {
            return Err(FragmentError::KindChanged { before: kind, now: fragment.kind });
        }
        let mut chunks = fragment.chunks;
        let mut first = true;
        while !chunks.is_empty() {
            let chunk = next_chunk(&mut chunks)?;
            self.bytes += chunk.len();
            if self.bytes > self.limit {
                return Err(FragmentError::TooLarge(self.limit));
            }
            self.sum = kind.add(self.sum, &chunk);
            if !std::mem::take(&mut first) {
                self.at += 1;
            }
            let Some(part) = self.parts.get_mut(self.at) else { return Err(FragmentError::Arguments(self.at + 1)) };
            part.push(chunk);
        }
        if !kind.agrees(fragment.sum, self.sum) {
            return Err(FragmentError::Checksum { came: fragment.sum, computed: self.sum });
        }
        if fragment.more {
            return Ok(None);
        }
        if self.at + 1 != ARGUMENTS {
            return Err(FragmentError::Arguments(self.at + 1));
        }
        let [method, headers, body] = std::mem::take(&mut self.parts).map(Part::into_bytes);
        Ok(Some(Arguments { method, headers, body, kind }))
    }
}

fn next_chunk(chunks: &mut Bytes) -> Result<Bytes, FragmentError> {
    let Some((len, left)) = chunks.split_first_chunk::<2>() else {
        return Err(DecodeError::truncated("length of a chunk", 2, chunks.len()).into());
    };
    let (len, left) = (usize::from(u16::from_be_bytes(*len)), left.len());
    if len > left {
        return Err(FragmentError::Chunk { len, left });
    }
    let chunk = chunks.slice(2..2 + len);
    *chunks = chunks.slice(2 + len..);
    Ok(chunk)
}

impl Part {
    fn push(&mut self, chunk: Bytes) {
        match self {
            _ if chunk.is_empty() => {}
            Self::Empty => *self = Self::One(chunk),
            Self::One(first) => {
                let mut all = BytesMut::with_capacity(2 * (first.len() + chunk.len()));
                all.extend_from_slice(first);
                all.extend_from_slice(&chunk);
                *self = Self::Several(all);
            }
            Self::Several(all) => all.extend_from_slice(&chunk),
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Empty => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Several(all) => all.freeze(),
        }
    }
}
