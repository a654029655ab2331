//! Whole numbers in as few bytes each as the widest of them needs, above a base and in steps.

/// Numbers that never change: number `i` is `base + step * stored[i]`.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(super) base: u64,
    pub(super) step: u64,
    pub(super) stored: Stored,
}

#[derive(Debug)]
pub(super) enum Stored {
    /// All are the base.
    Same,
    One(Box<[u8]>),
    Two(Box<[u16]>),
    Four(Box<[u32]>),
    Eight(Box<[u64]>),
}

/// How many numbers are compared before anything is done about a hit: long enough for the compiler to use
/// vectors, short enough to find the hit again quickly.
const STRIDE: usize = 64;

impl Packed {
    /// From unsigned numbers.
    pub(crate) fn unsigned(numbers: impl Iterator<Item = u64> + Clone) -> Self {
        let mut least = u64::MAX;
        let mut most = 0;
        for number in numbers.clone() {
            least = least.min(number);
            most = most.max(number);
        }
        if least >= most {
            return Self { base: most, step: 1, stored: Stored::Same };
        }
        Self::stored(least, 1, most - least, numbers)
    }

    /// The same number for every place.
    pub(crate) fn same(number: u64) -> Self {
        Self { base: number, step: 1, stored: Stored::Same }
    }

    /// From signed numbers, which [`signed`](Self::signed_at) gives back.
    pub(crate) fn signed(numbers: impl Iterator<Item = i64> + Clone) -> Self {
        let mut least = i64::MAX;
        let mut most = i64::MIN;
        for number in numbers.clone() {
            least = least.min(number);
            most = most.max(number);
        }
        if least >= most {
            let base = if most == i64::MIN && least == i64::MAX { 0 } else { most };
            return Self { base: base.cast_unsigned(), step: 1, stored: Stored::Same };
        }
        let base = least.cast_unsigned();
        let widest = most.cast_unsigned().wrapping_sub(base);
        Self::stored(base, 1, widest, numbers.map(i64::cast_unsigned))
    }

    /// From times in nanoseconds, most of which have whole microseconds.
    pub(crate) fn times(numbers: impl Iterator<Item = i64> + Clone) -> Self {
        const STEP: u64 = 1000;
        let mut least = i64::MAX;
        let mut most = i64::MIN;
        for number in numbers.clone() {
            least = least.min(number);
            most = most.max(number);
        }
        let base = least.cast_unsigned();
        let widest = most.cast_unsigned().wrapping_sub(base);
        let whole = |number: i64| number.cast_unsigned().wrapping_sub(base).is_multiple_of(STEP);
        if least >= most || !numbers.clone().all(whole) {
            return Self::signed(numbers);
        }
        Self::stored(base, STEP, widest / STEP, numbers.map(i64::cast_unsigned))
    }

    #[expect(clippy::cast_possible_truncation, reason = "the widest decides the width")]
    fn stored(base: u64, step: u64, widest: u64, numbers: impl Iterator<Item = u64>) -> Self {
        // A division by a constant is a multiplication.
        let above = move |number: u64| {
            let above = number.wrapping_sub(base);
            if step == 1000 { above / 1000 } else { above }
        };
        let stored = if widest <= u64::from(u8::MAX) {
            Stored::One(numbers.map(|number| above(number) as u8).collect())
        } else if widest <= u64::from(u16::MAX) {
            Stored::Two(numbers.map(|number| above(number) as u16).collect())
        } else if widest <= u64::from(u32::MAX) {
            Stored::Four(numbers.map(|number| above(number) as u32).collect())
        } else {
            Stored::Eight(numbers.map(above).collect())
        };
        Self { base, step, stored }
    }

    /// Number `i`; 0 past the end, the base where all are the same.
    #[inline]
    pub(crate) fn at(&self, i: usize) -> u64 {
        let above = match &self.stored {
            Stored::Same => return self.base,
            Stored::One(stored) => stored.get(i).map(|n| u64::from(*n)),
            Stored::Two(stored) => stored.get(i).map(|n| u64::from(*n)),
            Stored::Four(stored) => stored.get(i).map(|n| u64::from(*n)),
            Stored::Eight(stored) => stored.get(i).copied(),
        };
        above.map_or(0, |above| self.base.wrapping_add(above.wrapping_mul(self.step)))
    }

    /// Number `i` as it is stored: above the base, in steps.
    #[inline]
    pub(crate) fn above(&self, i: usize) -> u64 {
        match &self.stored {
            Stored::Same => None,
            Stored::One(stored) => stored.get(i).map(|n| u64::from(*n)),
            Stored::Two(stored) => stored.get(i).map(|n| u64::from(*n)),
            Stored::Four(stored) => stored.get(i).map(|n| u64::from(*n)),
            Stored::Eight(stored) => stored.get(i).copied(),
        }
        .unwrap_or(0)
    }

    #[inline]
    pub(crate) fn signed_at(&self, i: usize) -> i64 {
        self.at(i).cast_signed()
    }

    /// A number that counts or names something in memory.
    #[inline]
    pub(crate) fn index_at(&self, i: usize) -> usize {
        usize::try_from(self.at(i)).unwrap_or(usize::MAX)
    }

    /// The bytes of one number, by which the most telling of several columns is chosen.
    pub(crate) fn width(&self) -> usize {
        match &self.stored {
            Stored::Same => 0,
            Stored::One(_) => 1,
            Stored::Two(_) => 2,
            Stored::Four(_) => 4,
            Stored::Eight(_) => 8,
        }
    }

    /// Calls `each` with the first `len` numbers.
    #[inline]
    pub(crate) fn each(&self, len: usize, mut each: impl FnMut(u64)) {
        let number = |above: u64| self.base.wrapping_add(above.wrapping_mul(self.step));
        match &self.stored {
            Stored::Same => (0..len).for_each(|_| each(self.base)),
            Stored::One(stored) => stored.iter().take(len).for_each(|n| each(number(u64::from(*n)))),
            Stored::Two(stored) => stored.iter().take(len).for_each(|n| each(number(u64::from(*n)))),
            Stored::Four(stored) => stored.iter().take(len).for_each(|n| each(number(u64::from(*n)))),
            Stored::Eight(stored) => stored.iter().take(len).for_each(|n| each(number(*n))),
        }
    }

    /// Calls `hit` with the place of every `number` among the first `len`.
    pub(crate) fn scan(&self, len: usize, number: u64, mut hit: impl FnMut(usize)) {
        let above = number.wrapping_sub(self.base);
        if !above.is_multiple_of(self.step) {
            return;
        }
        let above = above / self.step;
        match &self.stored {
            Stored::Same if above == 0 => (0..len).for_each(hit),
            Stored::Same => {}
            Stored::One(stored) => scan(stored, u8::try_from(above).ok(), &mut hit),
            Stored::Two(stored) => scan(stored, u16::try_from(above).ok(), &mut hit),
            Stored::Four(stored) => scan(stored, u32::try_from(above).ok(), &mut hit),
            Stored::Eight(stored) => scan(stored, Some(above), &mut hit),
        }
    }

    /// The bytes held beside this value itself.
    pub(crate) fn heap_bytes(&self) -> usize {
        match &self.stored {
            Stored::Same => 0,
            Stored::One(stored) => stored.len(),
            Stored::Two(stored) => stored.len() * 2,
            Stored::Four(stored) => stored.len() * 4,
            Stored::Eight(stored) => stored.len() * 8,
        }
    }
}

/// Calls `hit` with every place of `wanted`.
pub(crate) fn scan<T: PartialEq + Copy>(stored: &[T], wanted: Option<T>, hit: &mut impl FnMut(usize)) {
    let Some(wanted) = wanted else { return };
    for (stride, numbers) in stored.chunks(STRIDE).enumerate() {
        let hits = numbers.iter().fold(false, |any, number| any | (*number == wanted));
        if hits {
            for (at, number) in numbers.iter().enumerate() {
                if *number == wanted {
                    hit(stride * STRIDE + at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(numbers: &[i64], width: usize) {
        for packed in [Packed::signed(numbers.iter().copied()), Packed::times(numbers.iter().copied())] {
            for (i, number) in numbers.iter().enumerate() {
                assert_eq!(packed.signed_at(i), *number);
            }
            for wanted in numbers.iter().copied().chain([17]) {
                let mut hits = Vec::new();
                packed.scan(numbers.len(), wanted.cast_unsigned(), |at| hits.push(at));
                let expected: Vec<_> = (0..numbers.len()).filter(|at| numbers[*at] == wanted).collect();
                assert_eq!(hits, expected);
            }
        }
        assert_eq!(Packed::times(numbers.iter().copied()).width(), width);
    }

    #[test]
    fn numbers_take_what_the_widest_needs() {
        check(&[], 0);
        check(&[5, 5, 5], 0);
        check(&[-1, 254], 1);
        check(&[-1, 255], 2);
        check(&[1_000_000, 66_535_000], 2);
        check(&[1_000_000, 66_535_001], 4);
        check(&[i64::MIN, i64::MAX, 0], 8);
        check(&[0, i64::MAX], 8);
        check(&(0..1000).map(|n| n * n % 97).collect::<Vec<_>>(), 1);
    }

    #[test]
    fn unsigned_numbers_come_back() {
        let numbers = [0, 1, u64::MAX];
        let packed = Packed::unsigned(numbers.iter().copied());
        assert_eq!(std::array::from_fn(|i| packed.at(i)), numbers);
    }
}
