//! Points and lengths in time: nanoseconds in newtypes. Formats with microseconds cut on encode.

/// Nanoseconds since the Unix epoch, from 1677 to 2262.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Timestamp(i64);

/// A length of time in nanoseconds. Clients do send negative ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Duration(i64);

impl Timestamp {
    /// api_v2's "not set", year 1: the value that Go's `UnixNano` wraps it to, so that answers equal Go's.
    pub const UNSET: Self = Self(-6_795_364_578_871_345_152);
    /// The earliest point there is.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest point there is.
    pub const MAX: Self = Self(i64::MAX);

    /// From nanoseconds since the epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From microseconds since the epoch; saturates beyond 1677 and 2262.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros.saturating_mul(1000))
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Microseconds since the epoch, cut toward zero as Go does.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0 / 1000
    }

    /// This point moved by `by`; saturates.
    #[must_use]
    pub const fn saturating_add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by.0))
    }

    /// The time from `earlier` to this point, negative where `earlier` is later; saturates.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From microseconds; saturates past 292 years.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros.saturating_mul(1000))
    }

    /// Nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Microseconds, cut toward zero as Go does.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0 / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unset_is_what_go_prints_for_year_one() {
        assert_eq!(Timestamp::UNSET.as_micros().cast_unsigned(), 18_439_948_709_130_680_271);
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Timestamp::MAX.saturating_add(Duration::from_nanos(1)), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.since(Timestamp::MAX), Duration::from_nanos(i64::MIN));
        assert_eq!(Timestamp::from_micros(i64::MAX).as_nanos(), i64::MAX);
    }
}
