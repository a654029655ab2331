//! Times as text.

use std::time::Duration;

/// A time since the epoch in RFC 3339, UTC, with `digits` (at most 9) of a second's fraction.
#[must_use]
pub fn rfc3339(since_epoch: Duration, digits: usize) -> String {
    let seconds = since_epoch.as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    let fraction = format!("{:09}", since_epoch.subsec_nanos());
    if let Some(fraction) = fraction.get(..digits.min(9)).filter(|cut| !cut.is_empty()) {
        text.push('.');
        text.push_str(fraction);
    }
    text.push('Z');
    text
}

/// Go's RFC3339Nano: the fraction without trailing zeros.
#[must_use]
pub fn rfc3339_nano(since_epoch: Duration) -> String {
    let text = rfc3339(since_epoch, 9);
    let cut = text.trim_end_matches('Z').trim_end_matches('0');
    format!("{}Z", cut.trim_end_matches('.'))
}

/// (year, month, day) of a number of days since the epoch, by the 400-year cycle that starts on 1 March of year 0.
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

/// A duration as Go prints it: `1m25.06s`, `350ms`, `0s`.
#[must_use]
pub fn go_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    if nanos == 0 {
        return "0s".to_owned();
    }
    let fraction = |value: u128, unit: u128, name: &str| {
        let (whole, rest) = (value / unit, value % unit);
        let width = unit.to_string().len() - 1;
        let rest = format!("{rest:0width$}");
        let rest = rest.trim_end_matches('0');
        if rest.is_empty() || width == 0 { format!("{whole}{name}") } else { format!("{whole}.{rest}{name}") }
    };
    match nanos {
        0..1_000 => format!("{nanos}ns"),
        1_000..1_000_000 => fraction(nanos, 1_000, "µs"),
        1_000_000..1_000_000_000 => fraction(nanos, 1_000_000, "ms"),
        _ => {
            let (minutes, rest) = (nanos / 60_000_000_000, nanos % 60_000_000_000);
            let seconds = fraction(rest, 1_000_000_000, "s");
            match (minutes / 60, minutes % 60) {
                (0, 0) => seconds,
                (0, minutes) => format!("{minutes}m{seconds}"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_print_as_rfc_3339() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_795_507_200, "2026-11-24T08:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339_nano(Duration::from_secs(seconds)), text);
        }
        let time = Duration::new(1_795_507_200, 120_000_000);
        assert_eq!(rfc3339(time, 3), "2026-11-24T08:00:00.120Z");
        assert_eq!(rfc3339_nano(time), "2026-11-24T08:00:00.12Z");
    }

    #[test]
    fn durations_print_as_go_prints_them() {
        for (nanos, text) in [
            (0, "0s"),
            (7, "7ns"),
            (1_500, "1.5µs"),
            (350_000_000, "350ms"),
            (1_000_000_000, "1s"),
            (85_060_000_000, "1m25.06s"),
            (3_600_000_000_000, "1h0m0s"),
        ] {
            assert_eq!(go_duration(Duration::from_nanos(nanos)), text);
        }
    }
}
