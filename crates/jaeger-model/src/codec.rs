//! A batch as bytes and back: what a store writes to its log before it acknowledges.
//!
//! ```text
//! mark (u16), the number of bytes or rows of each table (varints),
//! text, bytes, tags, references, warnings, logs, processes, spans
//! ```
//!
//! The tables come as they stand, each row told by what differs from rows before it: a tag whose key and value stand
//! where those of the span before do is one byte. The reader checks every place, range and kind, so that a batch out
//! of a damaged file is refused or whole, and takes at most 24 times the memory of its bytes.

mod decode;
mod encode;
mod input;
mod output;

use crate::Batch;

/// The format that this version writes.
const MARK: u16 = 1;

/// Most texts stand right behind the text before; a tag's code says so, and spares the place.
mod tag_code {
    /// The key: where that of the row at the distance stands.
    pub(super) const KEY_SAME: u8 = 0;
    /// The key: as `KEY_SAME`, and a new distance comes.
    pub(super) const KEY_DISTANCE: u8 = 1 << 3;
    /// The key: right behind the text before; its length comes.
    pub(super) const KEY_NEXT: u8 = 2 << 3;
    /// The key: elsewhere; length and place come.
    pub(super) const KEY_PLACE: u8 = 3 << 3;
    /// The bits of the key.
    pub(super) const KEY: u8 = 3 << 3;

    /// The value: that of the row at the distance.
    pub(super) const SAME: u8 = 0;
    /// The value: text right behind the text before; its length comes.
    pub(super) const TEXT_NEXT: u8 = 1;
    /// The value: text elsewhere; length and place come.
    pub(super) const TEXT_PLACE: u8 = 2;
    /// The value: false.
    pub(super) const FALSE: u8 = 3;
    /// The value: true.
    pub(super) const TRUE: u8 = 4;
    /// The value: an integer, as a varint.
    pub(super) const I64: u8 = 5;
    /// The value: eight bytes of a number.
    pub(super) const F64: u8 = 6;
    /// The value: bytes; length and place come.
    pub(super) const BYTES: u8 = 7;
    /// The bits of the value.
    pub(super) const VALUE: u8 = 7;
}

/// What a span's first byte says about the fields that follow.
mod span_head {
    /// The trace is that of the span before.
    pub(super) const SAME_TRACE: u8 = 1;
    /// The operation stands where that of the span before does.
    pub(super) const SAME_OPERATION: u8 = 2;
    /// The process is that of the span before.
    pub(super) const SAME_PROCESS: u8 = 4;
    /// The flags are those of the span before.
    pub(super) const SAME_FLAGS: u8 = 8;
    /// The duration takes eight bytes, else four.
    pub(super) const WIDE_DURATION: u8 = 16;
    /// The start takes eight bytes, else six from the start before.
    pub(super) const WIDE_START: u8 = 32;
    /// There are warnings.
    pub(super) const WARNINGS: u8 = 64;
    /// All of these.
    pub(super) const ALL: u8 = 127;
}

/// What a log's first byte says.
mod log_head {
    /// The time takes eight bytes, else six from the time before.
    pub(super) const WIDE_TIME: u8 = 1;
    /// All of these.
    pub(super) const ALL: u8 = 1;
}

/// What a reference's first byte says.
mod reference_head {
    /// It follows from the span, else it is a child.
    pub(super) const FOLLOWS_FROM: u8 = 1;
    /// The trace is that of the reference before.
    pub(super) const SAME_TRACE: u8 = 2;
    /// All of these.
    pub(super) const ALL: u8 = 3;
}

/// Why bytes are no batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BatchFormatError {
    /// Another version wrote it.
    #[error("a batch of format {found}, and this version reads format {MARK}; read it with the version that wrote it")]
    UnknownFormat {
        /// The mark that was found.
        found: u16,
    },
    /// The bytes end too early.
    #[error("the batch ends within its {table}, at byte {at}")]
    Short {
        /// The table that is cut.
        table: &'static str,
        /// Where, from the batch's first byte.
        at: usize,
    },
    /// A row says what cannot be.
    #[error("the batch's {table} hold {what} before byte {at}")]
    Wrong {
        /// The table.
        table: &'static str,
        /// What cannot be.
        what: &'static str,
        /// Behind which byte it stands.
        at: usize,
    },
}

impl Batch {
    /// Appends this batch as bytes, which [`decode`](Self::decode) reads.
    pub fn encode(&self, out: &mut Vec<u8>) {
        encode::batch(self, out);
    }

    /// Reads a batch out of what [`encode`](Self::encode) wrote, and nothing behind it.
    ///
    /// # Errors
    /// [`BatchFormatError`] where the bytes are anything else; the memory taken until then is bounded by the bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, BatchFormatError> {
        decode::batch(bytes)
    }
}

#[cfg(test)]
mod tests;
