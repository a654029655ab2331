//! Go's text form of a duration: `1h2m3.5s`, read and written.

use std::time::Duration;

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a Go duration. The error says what is wrong with the text.
///
/// ```
/// use std::time::Duration;
/// use jaeger_service::settings::parse_duration;
/// assert_eq!(parse_duration("1m30.5s"), Ok(Duration::from_millis(90_500)));
/// assert_eq!(parse_duration("0"), Ok(Duration::ZERO));
/// assert!(parse_duration("5").is_err());
/// ```
pub fn parse_duration(text: &str) -> Result<Duration, &'static str> {
    let rest = text.strip_prefix('+').unwrap_or(text);
    if rest.starts_with('-') {
        return Err("a negative duration");
    }
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err("not a duration");
    }
    let mut total: u64 = 0;
    let mut rest = rest;
    while !rest.is_empty() {
        let (nanos, after) = part(rest)?;
        total = total
            .checked_add(nanos)
            .filter(|&total| i64::try_from(total).is_ok())
            .ok_or("a duration over 292 years")?;
        rest = after;
    }
    Ok(Duration::from_nanos(total))
}

/// Reads one number with its unit; gives its nanoseconds and what follows.
fn part(text: &str) -> Result<(u64, &str), &'static str> {
    let number_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(number_end);
    let unit_end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err("not a duration");
    }
    if unit.is_empty() {
        return Err("a number without a unit");
    }
    let scale = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|&(_, scale)| scale)
        .ok_or("a duration with an unknown unit")?;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| "a duration over 292 years")? };
    let nanos = whole.checked_mul(scale).ok_or("a duration over 292 years")?;
    Ok((nanos.saturating_add(fraction_of(fraction, scale)), rest))
}

/// The nanoseconds of the digits behind the point; what is below one is cut.
fn fraction_of(digits: &str, scale: u64) -> u64 {
    let mut value: u128 = 0;
    let mut base: u128 = 1;
    for digit in digits.bytes().take(18) {
        value = value * 10 + u128::from(digit - b'0');
        base *= 10;
    }
    u64::try_from(value * u128::from(scale) / base).unwrap_or(0)
}

/// Writes a duration as Go does.
///
/// ```
/// use std::time::Duration;
/// use jaeger_service::settings::format_duration;
/// assert_eq!(format_duration(Duration::from_millis(3_723_500)), "1h2m3.5s");
/// assert_eq!(format_duration(Duration::from_secs(60)), "1m0s");
/// ```
pub fn format_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    match nanos {
        0 => "0s".to_owned(),
        1..1_000 => format!("{nanos}ns"),
        1_000..1_000_000 => decimal(nanos, 1_000, "\u{b5}s"),
        1_000_000..1_000_000_000 => decimal(nanos, 1_000_000, "ms"),
        _ => {
            let minutes = nanos / 60_000_000_000;
            let seconds = decimal(nanos % 60_000_000_000, 1_000_000_000, "s");
            match (minutes / 60, minutes % 60) {
                (0, 0) => seconds,
                (0, minutes) => format!("{minutes}m{seconds}"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
            }
        }
    }
}

fn decimal(nanos: u128, scale: u128, unit: &str) -> String {
    let (whole, rest) = (nanos / scale, nanos % scale);
    if rest == 0 {
        return format!("{whole}{unit}");
    }
    let digits = (scale + rest).to_string();
    format!("{whole}.{}{unit}", digits[1..].trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations_are_read() {
        for (text, nanos) in [
            ("0", 0),
            ("0s", 0),
            ("1ns", 1),
            ("1us", 1_000),
            ("1\u{b5}s", 1_000),
            ("200ms", 200_000_000),
            ("1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("5.s", 5_000_000_000),
            ("+5s", 5_000_000_000),
            ("1h2m3.5s", 3_723_500_000_000),
            ("72h0m0s", 259_200_000_000_000),
            ("0.3333333333333333333h", 1_200_000_000_000),
        ] {
            let got = parse_duration(text).map(|d| d.as_nanos());
            assert!(got.is_ok_and(|got| got.abs_diff(nanos) <= 1), "{text}: {got:?}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in [
            "",
            "5",
            "s",
            ".",
            ".s",
            "5x",
            "1..5s",
            "five",
            "1h5",
            "-",
            "+",
            " 5s",
            "5 s",
            "300000000h",
            "99999999999999999999s",
        ] {
            assert!(parse_duration(text).is_err(), "{text:?}");
        }
        assert_eq!(parse_duration("-1s"), Err("a negative duration"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for nanos in [
            0,
            1,
            999,
            1_000,
            1_500,
            1_000_000,
            200_000_000,
            1_000_000_000,
            59_999_999_999,
            60_000_000_000,
            3_723_500_000_000,
        ] {
            let duration = Duration::from_nanos(nanos);
            assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }
        assert_eq!(format_duration(Duration::from_nanos(1_000_000_001)), "1.000000001s");
    }
}
