//! The first bytes of a log: what it is, and who can read it.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `JLOG` |
//! | 2 | format mark, 1 |
//! | 14 | the version of jaeger that is needed to read it, text, zeros behind |
//! | 8 | salt of the records' checksums; odd where the file was another log before, whose records lie behind the end |
//! | 4 | CRC32C of the 28 bytes before |
//! | 32 | the same once more |
//!
//! These places stay as they are in every later format.

/// The newest mark that this code writes and reads.
pub(super) const FORMAT_MARK: u16 = 1;
/// What a file with [`FORMAT_MARK`] says of who can read it.
const NEEDED_VERSION: &str = "0.1.0";
const MAGIC: [u8; 4] = *b"JLOG";
/// The header's length: two copies.
pub(super) const HEADER_BYTES: usize = 2 * COPY_BYTES;
const COPY_BYTES: usize = 32;
const CHECKED_BYTES: usize = 28;
const SALT_AT: usize = 20;

/// What the first bytes say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Header {
    /// Records follow, with this salt; whether both copies are whole.
    Known { salt: u64, whole: bool },
    /// Written by a later version.
    Newer { mark: u16, needed: String },
    /// Never written whole, or damaged.
    Damaged,
}

/// The header of a new file.
pub(super) fn encode(salt: u64) -> [u8; HEADER_BYTES] {
    encode_as(FORMAT_MARK, NEEDED_VERSION, salt)
}

pub(super) fn encode_as(mark: u16, needed: &str, salt: u64) -> [u8; HEADER_BYTES] {
    let mut header = [0; COPY_BYTES];
    header[..4].copy_from_slice(&MAGIC);
    header[4..6].copy_from_slice(&mark.to_le_bytes());
    for (to, from) in header[6..SALT_AT].iter_mut().zip(needed.bytes()) {
        *to = from;
    }
    header[SALT_AT..CHECKED_BYTES].copy_from_slice(&salt.to_le_bytes());
    let sum = crc32c::crc32c(&header[..CHECKED_BYTES]);
    header[CHECKED_BYTES..].copy_from_slice(&sum.to_le_bytes());
    let mut both = [0; HEADER_BYTES];
    both[..COPY_BYTES].copy_from_slice(&header);
    both[COPY_BYTES..].copy_from_slice(&header);
    both
}

/// Reads the header out of a file's first bytes.
pub(super) fn read(bytes: &[u8]) -> Header {
    let copies = bytes.get(..HEADER_BYTES).unwrap_or(&[]).as_chunks::<COPY_BYTES>().0;
    let mut read = Header::Damaged;
    for copy in copies {
        match read_copy(copy) {
            Header::Damaged => {}
            newer @ Header::Newer { .. } => return newer,
            Header::Known { salt, .. } => {
                let whole = copies.iter().all(|other| other == copy);
                read = Header::Known { salt, whole };
                break;
            }
        }
    }
    read
}

fn read_copy(header: &[u8; COPY_BYTES]) -> Header {
    let sum = crc32c::crc32c(&header[..CHECKED_BYTES]);
    if header[..4] != MAGIC || header[CHECKED_BYTES..] != sum.to_le_bytes() {
        return Header::Damaged;
    }
    match u16::from_le_bytes([header[4], header[5]]) {
        0 => Header::Damaged,
        FORMAT_MARK => {
            let salt = header[SALT_AT..].first_chunk().map_or(0, |salt| u64::from_le_bytes(*salt));
            Header::Known { salt, whole: true }
        }
        mark => {
            let needed = header[6..SALT_AT].split(|byte| *byte == 0).next().unwrap_or(&[]);
            Header::Newer { mark, needed: String::from_utf8_lossy(needed).into_owned() }
        }
    }
}
