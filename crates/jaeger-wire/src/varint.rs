//! Numbers of seven bits a byte, the lowest first: Thrift's compact protocol and protobuf are made of them.

/// Why bytes are no number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoVarint {
    /// They end within it.
    Cut,
    /// It has more than ten bytes.
    TooLong,
}

/// The number at the start of `bytes` and how many of them it takes. Bits past the 64th are dropped, as every
/// implementation does.
///
/// Callers look at the first byte or two themselves, which are most numbers.
#[inline(never)]
pub(crate) fn read_long(bytes: &[u8]) -> Result<(u64, usize), NoVarint> {
    // Random ids fill nine or ten bytes: eight of them are gathered at once.
    if let Some((word, [ninth, tenth, ..])) = bytes.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let ends = !word & 0x8080_8080_8080_8080;
        return if ends != 0 {
            let len = ends.trailing_zeros() / 8 + 1;
            Ok((gather(word & (u64::MAX >> (64 - 8 * len))), len as usize))
        } else if *ninth < 0x80 {
            Ok((gather(word) | u64::from(*ninth) << 56, 9))
        } else if *tenth < 0x80 {
            Ok((gather(word) | u64::from(*ninth & 0x7f) << 56 | u64::from(*tenth) << 63, 10))
        } else {
            Err(NoVarint::TooLong)
        };
    }
    let mut value = 0;
    // Fewer than ten bytes are left, so that no shift passes 56.
    for (index, byte) in bytes.iter().enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if *byte < 0x80 {
            return Ok((value, index + 1));
        }
    }
    Err(NoVarint::Cut)
}

/// The low seven bits of each of eight bytes, side by side.
#[inline]
fn gather(word: u64) -> u64 {
    let word = word & 0x7f7f_7f7f_7f7f_7f7f;
    let word = (word & 0x007f_007f_007f_007f) | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let word = (word & 0x0000_3fff_0000_3fff) | (word & 0x3fff_0000_3fff_0000) >> 2;
    (word & 0x0fff_ffff) | (word & 0x0fff_ffff_0000_0000) >> 4
}

/// Appends `value`.
#[inline]
pub(crate) fn put(out: &mut Vec<u8>, value: u64) {
    match value {
        0..0x80 => out.push((value & 0x7f) as u8),
        _ => put_long(out, value),
    }
}

/// Longer numbers are laid out first and appended at once: growing a buffer is the dear part of a byte.
fn put_long(out: &mut Vec<u8>, value: u64) {
    let (bytes, len) = bytes_of(value);
    out.extend_from_slice(bytes.get(..len).unwrap_or(&bytes));
}

/// The bytes of `value`, and how many of them it takes.
#[inline]
pub(crate) fn bytes_of(mut value: u64) -> ([u8; 10], usize) {
    let mut bytes = [0; 10];
    let mut len = 0;
    for byte in &mut bytes {
        len += 1;
        *byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            break;
        }
        *byte |= 0x80;
    }
    (bytes, len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_are_read_whatever_follows() {
        for bits in 0..64 {
            for value in [1_u64 << bits, (1_u64 << bits) - 1, u64::MAX >> (63 - bits)] {
                for tail in [0, 1, 2, 9, 12] {
                    let mut bytes = Vec::new();
                    put(&mut bytes, value);
                    let len = bytes.len();
                    bytes.resize(len + tail, 0xff);
                    assert_eq!(read_long(&bytes), Ok((value, len)));
                }
            }
        }
    }

    #[test]
    fn a_number_of_eleven_bytes_is_too_long_and_one_without_an_end_is_cut() {
        assert_eq!(read_long(&[0xff; 11]), Err(NoVarint::TooLong));
        for len in 0..10 {
            assert_eq!(read_long(&[0x80; 9][..len]), Err(NoVarint::Cut));
        }
    }
}
