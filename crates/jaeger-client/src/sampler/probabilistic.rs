//! A share of all traces, by their ids: every client with the same share keeps the same traces.

use jaeger_model::TraceId;

use super::Decision;

/// Ids are compared without their highest bit.
const ID_BITS: u64 = u64::MAX >> 1;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Probabilistic {
    share: f64,
    boundary: u64,
}

impl Probabilistic {
    pub(crate) fn new(share: f64) -> Self {
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // 2^63 saturates to within the bits of an id.
        let boundary = (ID_BITS as f64 * share) as u64;
        Self { share, boundary }
    }

    pub(crate) fn share(self) -> f64 {
        self.share
    }

    #[inline]
    pub(crate) fn sampled(self, low: u64) -> bool {
        // Of 2^63 ids one is 0, which a share of 0 would take.
        self.boundary != 0 && low & ID_BITS <= self.boundary
    }

    #[inline]
    pub(super) fn decide(self, trace_id: TraceId) -> Decision {
        Decision::new(self.sampled(trace_id.low()), "probabilistic", self.share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_none_and_a_quarter() {
        let ids = || (0..10_000).map(|_| crate::id::random());
        let kept = |share: f64| ids().filter(|id| Probabilistic::new(share).sampled(*id)).count();
        assert_eq!((kept(0.0), kept(-1.0), kept(f64::NAN)), (0, 0, 0));
        assert_eq!((kept(1.0), kept(7.0)), (10_000, 10_000));
        assert!((2_200..2_800).contains(&kept(0.25)));
    }

    #[test]
    fn the_lower_63_bits_of_an_id_decide() {
        let half = Probabilistic::new(0.5);
        assert!(half.sampled(0x3fff_ffff_ffff_ffff));
        assert!(!half.sampled(0x4fff_ffff_ffff_ffff));
        assert!(half.sampled(0x8000_0000_0000_0001));
    }
}
