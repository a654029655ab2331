//! One record of a log: a header of 16 bytes and what it holds.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `fe 4a 52 ff`, which no text has |
//! | 4 | the payload's length |
//! | 4 | CRC32C of the payload |
//! | 4 | CRC32C of the 12 bytes before, of the record's place in the file (8 bytes) and of the file's salt (8 bytes) |
//! | 1 | the payload's kind: 1 is a batch |
//! | | the batch, by `Batch::encode` |
//!
//! Since its place is part of it, a record that lies within another's payload is none; since the salt is, one that a
//! log before left in the same file is none.

use jaeger_model::{Batch, BatchFormatError};

pub(super) const MAGIC: [u8; 4] = [0xfe, b'J', b'R', 0xff];
pub(super) const HEADER_BYTES: usize = 16;
const KIND_BATCH: u8 = 1;

/// What a record's header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Record {
    /// The payload's length.
    pub(super) payload: u32,
    sum: u32,
}

/// A payload that is longer than a record can hold.
#[derive(Debug)]
pub(super) struct TooLong(pub(super) usize);

/// Why a payload, though it is what was written, gives no batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum PayloadError {
    /// Another version wrote it.
    #[error("a record of kind {0}, which this version does not know")]
    Kind(u8),
    /// The batch is none.
    #[error(transparent)]
    Batch(#[from] BatchFormatError),
}

/// Replaces `out` by the record of a batch, except for what its place decides: see [`place`].
pub(super) fn encode(batch: &Batch, out: &mut Vec<u8>) -> Result<(), TooLong> {
    out.clear();
    out.extend_from_slice(&[0; HEADER_BYTES]);
    out.push(KIND_BATCH);
    batch.encode(out);
    let payload = out.get(HEADER_BYTES..).unwrap_or(&[]);
    let length = u32::try_from(payload.len()).map_err(|_| TooLong(payload.len()))?;
    let sum = crc32c::crc32c(payload);
    if let Some(header) = out.first_chunk_mut::<HEADER_BYTES>() {
        header[..4].copy_from_slice(&MAGIC);
        header[4..8].copy_from_slice(&length.to_le_bytes());
        header[8..12].copy_from_slice(&sum.to_le_bytes());
    }
    Ok(())
}

/// Completes a record that will stand at `at` in the file.
pub(super) fn place(record: &mut [u8], at: u64, salt: u64) {
    if let Some(header) = record.first_chunk_mut::<HEADER_BYTES>() {
        let sum = header_sum(header, at, salt);
        header[12..].copy_from_slice(&sum.to_le_bytes());
    }
}

fn header_sum(header: &[u8; HEADER_BYTES], at: u64, salt: u64) -> u32 {
    let mut checked = [0; 28];
    checked[..12].copy_from_slice(&header[..12]);
    checked[12..20].copy_from_slice(&at.to_le_bytes());
    checked[20..].copy_from_slice(&salt.to_le_bytes());
    crc32c::crc32c(&checked)
}

impl Record {
    /// The header at the begin of `bytes`, if it is one that stands at `at`. Where the salt is lost the payload's checksum
    /// alone tells.
    pub(super) fn read(bytes: &[u8], at: u64, salt: Option<u64>) -> Option<Self> {
        let header = bytes.first_chunk::<HEADER_BYTES>()?;
        let [m0, m1, m2, m3, l0, l1, l2, l3, p0, p1, p2, p3, h0, h1, h2, h3] = *header;
        let sum = u32::from_le_bytes([h0, h1, h2, h3]);
        let valid = [m0, m1, m2, m3] == MAGIC && salt.is_none_or(|salt| sum == header_sum(header, at, salt));
        valid.then(|| Self { payload: u32::from_le_bytes([l0, l1, l2, l3]), sum: u32::from_le_bytes([p0, p1, p2, p3]) })
    }

    /// Header and payload.
    pub(super) fn bytes(self) -> u64 {
        HEADER_BYTES as u64 + u64::from(self.payload)
    }

    /// Whether a payload with this checksum is the record's.
    pub(super) fn has_sum(self, sum: u32) -> bool {
        self.sum == sum
    }
}

/// The batch of a payload whose checksum is right.
pub(super) fn decode(payload: &[u8]) -> Result<Batch, PayloadError> {
    match payload.split_first() {
        Some((&KIND_BATCH, batch)) => Ok(Batch::decode(batch)?),
        Some((kind, _)) => Err(PayloadError::Kind(*kind)),
        None => Err(PayloadError::Kind(0)),
    }
}
