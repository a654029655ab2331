//! How long a caller waits for its answer.

use std::time::Duration;

use http::HeaderMap;

/// The patience of callers that don't name one.
pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(10);

/// The caller's own deadline (`grpc-timeout`), or 10 s.
#[must_use]
pub fn patience(headers: &HeaderMap) -> Duration {
    headers.get("grpc-timeout").and_then(|value| parse(value.to_str().ok()?)).unwrap_or(DEFAULT_PATIENCE)
}

/// At most eight digits and a unit.
fn parse(text: &str) -> Option<Duration> {
    let digits = text.len().checked_sub(1).filter(|digits| (1..=8).contains(digits))?;
    let (number, unit) = text.split_at_checked(digits)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_unit_and_nothing_else() {
        for (text, wanted) in [
            ("1H", Some(Duration::from_secs(3600))),
            ("2M", Some(Duration::from_secs(120))),
            ("3S", Some(Duration::from_secs(3))),
            ("4m", Some(Duration::from_millis(4))),
            ("5u", Some(Duration::from_micros(5))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("100000000n", None),
            ("S", None),
            ("", None),
            ("+1S", None),
            ("1s", None),
            ("1é", None),
        ] {
            assert_eq!(parse(text), wanted, "{text:?}");
        }
    }
}
