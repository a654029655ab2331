//! Random ids: a generator of 128 bits of state a thread, seeded by the operating system.

use std::cell::Cell;
use std::hash::{BuildHasher as _, RandomState};

thread_local! {
    /// Zeros until the first use.
    static STATE: Cell<[u64; 2]> = const { Cell::new([0; 2]) };
}

/// The standard library's own randomness, which the operating system gives once a thread.
#[cold]
fn seed() -> [u64; 2] {
    let one = |place: u64| RandomState::new().hash_one(place);
    // All zeros would stay zeros.
    [one(1) | 1, one(2)]
}

/// A random number that is not 0 (xoroshiro128++).
#[inline]
pub(crate) fn random() -> u64 {
    STATE.with(|state| {
        loop {
            let [mut a, mut b] = state.get();
            if a == 0 && b == 0 {
                [a, b] = seed();
            }
            let number = a.wrapping_add(b).rotate_left(17).wrapping_add(a);
            b ^= a;
            state.set([a.rotate_left(49) ^ b ^ (b << 21), b.rotate_left(28)]);
            if number != 0 {
                return number;
            }
        }
    })
}

/// A random number from 0 to 1, without 1.
pub(crate) fn random_share() -> f64 {
    // 53 bits are all that a double holds.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let bits = (random() >> 11) as f64;
    bits / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_of_many_threads_are_all_different() {
        let threads: Vec<_> =
            (0..8).map(|_| std::thread::spawn(|| (0..10_000).map(|_| random()).collect::<Vec<_>>())).collect();
        let all: Vec<u64> = threads.into_iter().flat_map(|thread| thread.join().expect("a thread")).collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }

    #[test]
    fn shares_stay_below_one_and_halve() {
        let below = (0..100_000).map(|_| random_share()).inspect(|share| assert!((0.0..1.0).contains(share)));
        let low = below.filter(|share| *share < 0.5).count();
        assert!((49_000..51_000).contains(&low), "{low}");
    }
}
