//! `time.Parse(time.RFC3339Nano, …)` and its error texts.

use jaeger_model::Timestamp;

use super::quote::quote;

const LAYOUT: &str = "2006-01-02T15:04:05.999999999Z07:00";
const NANOS: i128 = 1_000_000_000;

/// A time as RFC 3339 has it. Times that 64 bits of nanoseconds don't hold become the first or last that they do.
///
/// An offset such as `+01:00` that came in a URL unencoded has a space where the plus was.
///
/// # Errors
/// Go's text.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    let wrong = |what: &str| format!("parsing time {}{what}", quote(text));
    let mut rest = text;
    let mut part = |layout: &str, digits: usize| -> Result<i64, String> {
        let missing = || wrong(&format!(" as {}: cannot parse {} as {}", quote(LAYOUT), quote(rest), quote(layout)));
        if digits == 0 {
            rest = rest.strip_prefix(layout).ok_or_else(missing)?;
            return Ok(0);
        }
        let number = rest.get(..digits).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let number = number.and_then(|part| part.parse().ok()).ok_or_else(missing)?;
        rest = rest.get(digits..).unwrap_or_default();
        Ok(number)
    };
    let year = part("2006", 4)?;
    part("-", 0)?;
    let month = part("01", 2)?;
    part("-", 0)?;
    let day = part("02", 2)?;
    part("T", 0)?;
    let hour = part("15", 2)?;
    part(":", 0)?;
    let minute = part("04", 2)?;
    part(":", 0)?;
    let second = part("05", 2)?;
    let nanos = fraction(&mut rest);
    let offset = offset(&mut rest);
    let offset =
        offset.ok_or_else(|| wrong(&format!(" as {}: cannot parse {} as \"Z07:00\"", quote(LAYOUT), quote(rest))))?;
    if !rest.is_empty() {
        return Err(wrong(&format!(": extra text: {}", quote(rest))));
    }
    for (value, range, name) in [
        (month, 1..=12, "month"),
        (day, 1..=days_of(year, month), "day"),
        (hour, 0..=23, "hour"),
        (minute, 0..=59, "minute"),
        (second, 0..=59, "second"),
    ] {
        if !range.contains(&value) {
            return Err(wrong(&format!(": {name} out of range")));
        }
    }
    let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - offset;
    let exact = i128::from(seconds) * NANOS + i128::from(nanos);
    Ok(Timestamp::from_nanos(i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })))
}

/// Takes a fraction of a second off the front, if there is one: nanoseconds.
fn fraction(rest: &mut &str) -> i64 {
    let Some(digits) = rest.strip_prefix(['.', ',']) else { return 0 };
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return 0;
    }
    let (digits, after) = digits.split_at(length);
    *rest = after;
    digits.bytes().chain(std::iter::repeat(b'0')).take(9).fold(0, |nanos, digit| nanos * 10 + i64::from(digit - b'0'))
}

/// Takes `Z` or `+hh:mm` off the front: seconds.
fn offset(rest: &mut &str) -> Option<i64> {
    if let Some(after) = rest.strip_prefix('Z') {
        *rest = after;
        return Some(0);
    }
    let (sign, digits) = match rest.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, rest.strip_prefix(['+', ' '])?),
    };
    let two = |from: usize| digits.get(from..from + 2).filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
    let (hours, minutes): (i64, i64) = (two(0)?.parse().ok()?, two(3)?.parse().ok()?);
    if digits.get(2..3) != Some(":") || hours > 24 || minutes > 59 {
        return None;
    }
    *rest = digits.get(5..)?;
    Some(sign * (hours * 60 + minutes) * 60)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Years are taken to begin in March, so that a leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day
        - 1
        - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.5Z", -500_000_000),
            ("2026-11-24T00:00:00Z", 1_795_478_400_000_000_000),
            ("2026-11-24T01:00:00+01:00", 1_795_478_400_000_000_000),
            ("2026-11-24T01:00:00 01:00", 1_795_478_400_000_000_000),
            ("2026-11-23T19:30:00.000000001-04:30", 1_795_478_400_000_000_001),
            ("2000-02-29T00:00:00.1234567891Z", 951_782_400_123_456_789),
            ("9999-12-31T23:59:59Z", i64::MAX),
            ("0001-01-01T00:00:00Z", i64::MIN),
        ] {
            assert_eq!(parse(text), Ok(Timestamp::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_in_gos_words() {
        let as_layout = |text: &str, rest: &str, part: &str| {
            format!("parsing time \"{text}\" as \"{LAYOUT}\": cannot parse \"{rest}\" as \"{part}\"")
        };
        for (text, error) in [
            ("x", as_layout("x", "x", "2006")),
            ("", as_layout("", "", "2006")),
            ("2026-1-24T00:00:00Z", as_layout("2026-1-24T00:00:00Z", "1-24T00:00:00Z", "01")),
            ("2026-11-24", as_layout("2026-11-24", "", "T")),
            ("2026-11-24T00:00:00", as_layout("2026-11-24T00:00:00", "", "Z07:00")),
            ("2026-11-24T00:00:00Zx", "parsing time \"2026-11-24T00:00:00Zx\": extra text: \"x\"".to_owned()),
            ("2026-02-30T00:00:00Z", "parsing time \"2026-02-30T00:00:00Z\": day out of range".to_owned()),
            ("2026-13-01T00:00:00Z", "parsing time \"2026-13-01T00:00:00Z\": month out of range".to_owned()),
        ] {
            assert_eq!(parse(text), Err(error));
        }
        for text in ["é026-11-24T00:00:00Z", "2026-11-24T00:00:00+é1:00", "2026-11-24T00:00:00.é"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
