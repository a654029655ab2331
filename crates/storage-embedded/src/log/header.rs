//! The first bytes of a log: what it is, and who can read it.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `JLOG` |
//! | 2 | format mark, 1 |
//! | 22 | the version of jaeger that is needed to read it, text, zeros behind |
//! | 4 | CRC32C of the 28 bytes before |
//!
//! These places stay as they are in every later format.

/// The newest mark that this code writes and reads.
pub(super) const FORMAT_MARK: u16 = 1;
/// What a file with [`FORMAT_MARK`] says of who can read it.
const NEEDED_VERSION: &str = "0.1.0";
const MAGIC: [u8; 4] = *b"JLOG";
/// The header's length.
pub(super) const HEADER_BYTES: usize = 32;
const CHECKED_BYTES: usize = 28;

/// What the first bytes say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Header {
    /// Records follow.
    Known,
    /// Written by a later version.
    Newer { mark: u16, needed: String },
    /// Never written whole, or damaged.
    Damaged,
}

/// The header of a new file.
pub(super) fn encode() -> [u8; HEADER_BYTES] {
    encode_as(FORMAT_MARK, NEEDED_VERSION)
}

pub(super) fn encode_as(mark: u16, needed: &str) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..4].copy_from_slice(&MAGIC);
    header[4..6].copy_from_slice(&mark.to_le_bytes());
    for (to, from) in header[6..CHECKED_BYTES].iter_mut().zip(needed.bytes()) {
        *to = from;
    }
    let sum = crc32c::crc32c(&header[..CHECKED_BYTES]);
    header[CHECKED_BYTES..].copy_from_slice(&sum.to_le_bytes());
    header
}

/// Reads the header out of a file's first bytes.
pub(super) fn read(bytes: &[u8]) -> Header {
    let Some(header) = bytes.first_chunk::<HEADER_BYTES>() else { return Header::Damaged };
    let sum = crc32c::crc32c(&header[..CHECKED_BYTES]);
    if header[..4] != MAGIC || header[CHECKED_BYTES..] != sum.to_le_bytes() {
        return Header::Damaged;
    }
    match u16::from_le_bytes([header[4], header[5]]) {
        0 => Header::Damaged,
        FORMAT_MARK => Header::Known,
        mark => {
            let needed = header[6..CHECKED_BYTES].split(|byte| *byte == 0).next().unwrap_or(&[]);
            Header::Newer { mark, needed: String::from_utf8_lossy(needed).into_owned() }
        }
    }
}
