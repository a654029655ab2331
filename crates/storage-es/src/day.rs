//! Days of the calendar, in UTC, for the names of indices.

use jaeger_model::Timestamp;

const NANOS_A_SECOND: i64 = 1_000_000_000;
const SECONDS_A_HOUR: i64 = 3600;
pub(crate) const HOURS_A_DAY: i64 = 24;

/// Year, month and day of a number of days since 1970.
pub(crate) fn date(days: i64) -> (i64, u8, u8) {
    // Counted in eras of 400 years that begin on 1 March, so that a leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}

/// The hour that a time lies in, since 1970.
pub(crate) fn hour_of(time: Timestamp) -> i64 {
    time.as_nanos().div_euclid(NANOS_A_SECOND).div_euclid(SECONDS_A_HOUR)
}

/// A time as RFC 3339, in UTC, to the second.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    let seconds = time.as_nanos().div_euclid(NANOS_A_SECOND);
    let (year, month, day) = date(seconds.div_euclid(SECONDS_A_HOUR * HOURS_A_DAY));
    let of_day = seconds.rem_euclid(SECONDS_A_HOUR * HOURS_A_DAY);
    let (hour, minute, second) = (of_day / SECONDS_A_HOUR, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        for (days, expected) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (20_781, (2026, 11, 24)),
            (-719_162, (1, 1, 1)),
        ] {
            assert_eq!(date(days), expected, "{days}");
        }
        assert_eq!(rfc3339(Timestamp::from_micros(1_795_478_400_000_000 + 3_723_000_000)), "2026-11-24T01:02:03Z");
    }
}
