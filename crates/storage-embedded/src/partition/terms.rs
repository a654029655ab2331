//! Which blocks of a partition may have a term (a tag with its text, a service, an operation): a Bloom filter for each
//! block, side by side, so that one short read answers for all blocks at once.
//!
//! A stripe is 512 rows of one bit for each block, and the CRC of these bytes. All probes of a term fall in one stripe.
//!
//! | bytes | what |
//! |---|---|
//! | 512 x width | rows; bit `b` of a row, from the lowest of its first byte, is block `b` |
//! | 4 | CRC |

/// Rows of a stripe.
const ROWS: usize = 512;
/// How many rows a term sets.
const PROBES: u32 = 6;
/// Rows for each distinct term of the block that has the most: about one false hit in a hundred.
const ROWS_PER_TERM: usize = 11;

/// Some blocks of a partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BlockSet(Vec<u8>);

impl BlockSet {
    pub(crate) fn all(blocks: usize) -> Self {
        Self(vec![0xff; width(blocks)])
    }

    pub(crate) fn has(&self, block: usize) -> bool {
        self.0.get(block / 8).is_some_and(|byte| byte >> (block % 8) & 1 == 1)
    }

    pub(crate) fn and(&mut self, other: &Self) {
        for (byte, other) in self.0.iter_mut().zip(&other.0) {
            *byte &= other;
        }
    }

    /// How many there are, as far as those of the last byte exist.
    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|byte| byte.count_ones() as usize).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }
}

fn width(blocks: usize) -> usize {
    blocks.div_ceil(8)
}

/// The bytes of a stripe, its CRC included.
pub(crate) fn stripe_bytes(blocks: usize) -> usize {
    ROWS * width(blocks) + 4
}

/// The stripe of a term.
pub(crate) fn stripe_of(term: u64, stripes: u32) -> u32 {
    // The high half of the product: below `stripes`.
    u32::try_from(((term >> 32) * u64::from(stripes)) >> 32).unwrap_or(0)
}

fn rows_of(term: u64) -> impl Iterator<Item = usize> {
    let (first, step) = ((term & 511) as u32, ((term >> 9) & 511) as u32 | 1);
    (0..PROBES).map(move |probe| (first.wrapping_add(probe * step) & 511) as usize)
}

/// The rows of a stripe; none if it is damaged.
pub(crate) fn checked(mut stripe: Vec<u8>) -> Option<Vec<u8>> {
    let (rows, crc) = stripe.split_last_chunk::<4>()?;
    if *crc != crc32c::crc32c(rows).to_le_bytes() {
        return None;
    }
    stripe.truncate(stripe.len() - 4);
    Some(stripe)
}

/// The blocks that may have the term, by the rows of its stripe.
pub(crate) fn blocks_with(term: u64, rows: &[u8], blocks: usize) -> BlockSet {
    let width = width(blocks);
    let mut set = BlockSet::all(blocks);
    for row in rows_of(term) {
        let row = rows.get(row * width..(row + 1) * width).unwrap_or(&[]);
        for (byte, row) in set.0.iter_mut().zip(row) {
            *byte &= row;
        }
    }
    set
}

/// The section of some blocks, each with its terms (repeats cost nothing), and the number of stripes.
pub(crate) fn encode(blocks: &[Vec<u64>]) -> (Vec<u8>, u32) {
    let most = blocks.iter().map(Vec::len).max().unwrap_or(0);
    let stripes = (most * ROWS_PER_TERM).div_ceil(ROWS).max(1);
    let (width, bytes) = (width(blocks.len()), stripe_bytes(blocks.len()));
    let mut out = vec![0; stripes * bytes];
    let stripes = u32::try_from(stripes).unwrap_or(u32::MAX);
    for (block, terms) in blocks.iter().enumerate() {
        for term in terms {
            let start = stripe_of(*term, stripes) as usize * bytes;
            for row in rows_of(*term) {
                if let Some(byte) = out.get_mut(start + row * width + block / 8) {
                    *byte |= 1 << (block % 8);
                }
            }
        }
    }
    for stripe in out.chunks_exact_mut(bytes) {
        let (rows, crc) = stripe.split_at_mut(ROWS * width);
        crc.copy_from_slice(&crc32c::crc32c(rows).to_le_bytes());
    }
    (out, stripes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_term_and_hardly_another() {
        let mut random = fastrand::Rng::with_seed(7);
        let blocks: Vec<Vec<u64>> =
            (0..19).map(|block| (0..2000 + block * 37).map(|_| random.u64(..)).collect()).collect();
        let (section, stripes) = encode(&blocks);
        let bytes = stripe_bytes(19);
        let find = |term: u64| {
            let at = stripe_of(term, stripes) as usize * bytes;
            blocks_with(term, &checked(section[at..at + bytes].to_vec()).expect("sound"), 19)
        };
        for (block, terms) in blocks.iter().enumerate() {
            assert!(terms.iter().all(|term| find(*term).has(block)));
        }
        let hits = |term| (0..19).filter(|block| find(term).has(*block)).count();
        let false_hits: usize = (0..2000).map(|_| hits(random.u64(..))).sum();
        assert!(false_hits < 2000 * 19 / 50, "{false_hits} of {}", 2000 * 19);
    }

    #[test]
    fn a_damaged_stripe_is_told() {
        let (mut section, _) = encode(&[vec![1, 2, 3]]);
        assert!(checked(section.clone()).is_some());
        section[100] ^= 4;
        assert!(checked(section.clone()).is_none());
        assert!(checked(section[..3].to_vec()).is_none());
    }
}
