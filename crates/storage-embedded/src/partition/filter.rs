//! Whether a partition may have a trace, answered from memory: a Bloom filter whose probes for one trace lie in one word
//! of 64 bytes.
//!
//! | bytes | what |
//! |---|---|
//! | 64 each | 512 bits |

use jaeger_model::TraceId;

use super::traces::hash;

const LINE: usize = 64;
/// Bits for each trace: about two false hits in a hundred.
const BITS_PER_TRACE: usize = 9;
const PROBES: u32 = 5;

/// The filter of one partition.
#[derive(Clone, Debug)]
pub(crate) struct TraceFilter(Box<[u8]>);

impl TraceFilter {
    /// Of sorted trace hashes.
    pub(crate) fn new(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        let lines = (hashes.len() * BITS_PER_TRACE).div_ceil(LINE * 8).max(1);
        let mut bits = vec![0; lines * LINE].into_boxed_slice();
        for hash in hashes {
            let line = line_of(hash, lines);
            for bit in bits_of(hash) {
                if let Some(byte) = bits.get_mut(line * LINE + bit / 8) {
                    *byte |= 1 << (bit % 8);
                }
            }
        }
        Self(bits)
    }

    /// From a file; none where that cannot be.
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Option<Self> {
        (!bytes.is_empty() && bytes.len().is_multiple_of(LINE)).then(|| Self(bytes.into_boxed_slice()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// False only where the trace is not there.
    pub(crate) fn may_have(&self, trace: TraceId) -> bool {
        let hash = hash(trace);
        let line = line_of(hash, self.0.len() / LINE);
        bits_of(hash).all(|bit| self.0.get(line * LINE + bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1))
    }
}

fn line_of(hash: u64, lines: usize) -> usize {
    usize::try_from(((hash >> 32) * lines as u64) >> 32).unwrap_or(0)
}

/// Out of the bits of a hash that the line does not use up; its lowest 16 are always zero.
fn bits_of(hash: u64) -> impl Iterator<Item = usize> {
    let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (first, step) = ((mixed >> 32) & 511, ((mixed >> 48) & 511) | 1);
    (0..u64::from(PROBES)).map(move |probe| usize::try_from((first + probe * step) & 511).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_every_trace_and_hardly_another() {
        let mut random = fastrand::Rng::with_seed(3);
        let traces: Vec<TraceId> = (0..20_000).map(|_| TraceId(random.u128(..))).collect();
        let filter = TraceFilter::new(traces.iter().map(|trace| hash(*trace)).collect::<Vec<_>>().into_iter());
        let filter = TraceFilter::of_bytes(filter.bytes().to_vec()).expect("whole lines");
        assert!(traces.iter().all(|trace| filter.may_have(*trace)));
        let wrong = (0..20_000).filter(|_| filter.may_have(TraceId(random.u128(..)))).count();
        assert!(wrong < 20_000 / 20, "{wrong}");
        assert!(TraceFilter::of_bytes(vec![0; 63]).is_none());
    }
}
