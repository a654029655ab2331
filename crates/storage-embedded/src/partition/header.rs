//! The first bytes of a partition file: what it is, and who can read it.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `JPRT` |
//! | 2 | format mark, 1 |
//! | 22 | the version of jaeger that is needed to read it, text, zeros behind |
//! | 4 | CRC32C of the 28 bytes before: a damaged mark is not taken for a later version's |
//!
//! These places stay as they are in every later format.

/// The newest mark that this code writes and reads.
pub(crate) const FORMAT_MARK: u16 = 1;
/// What a file with [`FORMAT_MARK`] says of who can read it.
const NEEDED_VERSION: &str = "0.1.0";
const MAGIC: [u8; 4] = *b"JPRT";
/// The header's length.
pub(crate) const HEADER_BYTES: usize = 32;
const CHECKED_BYTES: usize = 28;

/// Why a header is none that can be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HeaderError {
    /// Not a partition, or the beginning is damaged.
    #[error("it does not begin as a partition does")]
    Foreign,
    /// Written by a later version.
    #[error("it has the format mark {mark}, which needs jaeger {needed} or later")]
    Newer {
        /// The mark in the file.
        mark: u16,
        /// The version that the file asks for.
        needed: String,
    },
}

/// The header of a new file.
pub(crate) fn encode() -> [u8; HEADER_BYTES] {
    encode_as(FORMAT_MARK, NEEDED_VERSION)
}

fn encode_as(mark: u16, needed: &str) -> [u8; HEADER_BYTES] {
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

/// Says whether this code reads what follows.
///
/// # Errors
/// Why not.
pub(crate) fn check(header: &[u8]) -> Result<(), HeaderError> {
    let Some((header, _)) = header.split_first_chunk::<HEADER_BYTES>() else { return Err(HeaderError::Foreign) };
    let sum = crc32c::crc32c(&header[..CHECKED_BYTES]);
    if header[..4] != MAGIC || header[CHECKED_BYTES..] != sum.to_le_bytes() {
        return Err(HeaderError::Foreign);
    }
    let mark = u16::from_le_bytes([header[4], header[5]]);
    if mark > FORMAT_MARK {
        let needed = header[6..CHECKED_BYTES].split(|byte| *byte == 0).next().unwrap_or(&[]);
        return Err(HeaderError::Newer { mark, needed: String::from_utf8_lossy(needed).into_owned() });
    }
    if mark == 0 { Err(HeaderError::Foreign) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_mark_names_the_version_that_it_needs() {
        assert_eq!(check(&encode()), Ok(()));
        let header = encode_as(2, "7.8.9");
        let error = check(&header).expect_err("newer");
        assert_eq!(error.to_string(), "it has the format mark 2, which needs jaeger 7.8.9 or later");
        for at in 0..HEADER_BYTES {
            let mut damaged = header;
            damaged[at] ^= 1;
            assert_eq!(check(&damaged), Err(HeaderError::Foreign), "byte {at}");
        }
        assert_eq!(check(&header[..31]), Err(HeaderError::Foreign));
        assert_eq!(check(&[0; 32]), Err(HeaderError::Foreign));
    }
}
