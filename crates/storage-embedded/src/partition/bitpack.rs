//! Numbers side by side in as many bits each as the widest needs.
#![expect(clippy::cast_possible_truncation, reason = "low bits are what is wanted")]

/// The bits that `most` needs.
pub(super) fn width_of(most: u64) -> u8 {
    (u64::BITS - most.leading_zeros()) as u8
}

/// The bytes that `len` numbers take.
pub(super) fn bytes_of(len: usize, width: u8) -> usize {
    (len * usize::from(width)).div_ceil(8)
}

/// Appends the low `width` bits of each number.
pub(super) fn pack(out: &mut Vec<u8>, numbers: impl Iterator<Item = u64>, width: u8) {
    if width == 0 {
        return;
    }
    let (mut held, mut bits) = (0_u128, 0_u32);
    for number in numbers {
        held |= u128::from(number) << bits;
        bits += u32::from(width);
        while bits >= 32 {
            out.extend((held as u32).to_le_bytes());
            held >>= 32;
            bits -= 32;
        }
    }
    let rest = held.to_le_bytes();
    out.extend_from_slice(rest.get(..bits.div_ceil(8) as usize).unwrap_or(&rest));
}

/// Number `at`; 0 past the end.
pub(super) fn get(bytes: &[u8], at: usize, width: u8) -> u64 {
    if width == 0 {
        return 0;
    }
    let bit = at * usize::from(width);
    let (first, shift) = (bit / 8, bit % 8);
    let mask = u64::MAX >> (64 - u32::from(width.min(64)));
    if shift + usize::from(width) <= 64
        && let Some(word) = bytes.get(first..).and_then(<[u8]>::first_chunk::<8>)
    {
        return (u64::from_le_bytes(*word) >> shift) & mask;
    }
    // At the end, and where a number lies across nine bytes.
    let mut wide = [0; 16];
    for (to, from) in wide.iter_mut().zip(bytes.get(first..).unwrap_or(&[]).iter().take(9)) {
        *to = *from;
    }
    (u128::from_le_bytes(wide) >> shift) as u64 & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_packed_in_every_width() {
        let mut random = fastrand::Rng::with_seed(3);
        for width in 0..=64_u8 {
            let most = if width == 0 { 0 } else { u64::MAX >> (64 - u32::from(width)) };
            let numbers: Vec<u64> = (0..77).map(|_| random.u64(..) & most).chain([most, 0]).collect();
            let mut bytes = Vec::new();
            pack(&mut bytes, numbers.iter().copied(), width);
            assert_eq!(bytes.len(), bytes_of(numbers.len(), width));
            let got: Vec<u64> = (0..numbers.len()).map(|at| get(&bytes, at, width)).collect();
            assert_eq!(got, numbers, "width {width}");
            assert_eq!(get(&bytes, 10_000, width), 0);
            assert_eq!(width_of(most), width);
        }
    }
}
