//! A hash that never changes, since stores keep it.

/// A stable 64-bit hash of `bytes`, continuing from `seed`: eight bytes a step, multiply and fold.
///
/// Not for hash tables that strangers fill: it has no secret.
#[must_use]
pub fn hash_bytes(seed: u64, bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = mix(seed ^ (bytes.len() as u64).wrapping_mul(FACTOR));
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = mix(hash ^ u64::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        hash = mix(hash ^ u64::from_le_bytes(last));
    }
    hash
}

/// One step: a 64 by 64 multiplication whose halves are folded.
#[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
pub(crate) fn mix(word: u64) -> u64 {
    let product = u128::from(word ^ 0xa076_1d64_78bd_642f) * u128::from(0xe703_7ed1_a0b4_28db_u64);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_changes() {
        // Stores keep these numbers: another value here is another format.
        assert_eq!(hash_bytes(0, b""), hash_bytes(0, b""));
        assert_ne!(hash_bytes(0, b"a"), hash_bytes(0, b"a\0"));
        assert_ne!(hash_bytes(0, b"a"), hash_bytes(1, b"a"));
        assert_eq!(hash_bytes(7, b"GET /api/v1/resource"), PINNED);
    }
    const PINNED: u64 = 11_210_481_400_176_277_890;
}
