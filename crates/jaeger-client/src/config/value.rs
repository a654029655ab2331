//! Values as Go's clients read them: durations with units, many words for true and false, tags with defaults.

use std::time::Duration;

/// `1s`, `500ms`, `1m30s`: Go's durations, without negative ones.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut nanos = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        // Longer names first: "ms" is no "m".
        let units = [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];
        let (unit, size) = units.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        rest = rest.get(unit.len()..)?;
        nanos += number * size;
    }
    (!text.is_empty() && nanos < 1e18).then(|| Duration::from_secs_f64(nanos / 1e9))
}

/// Go's words for true and false.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// `key=value, key2=${VARIABLE:default}`.
pub(super) fn tags(text: &str, variable: impl Fn(&str) -> Option<String>) -> Option<Vec<(String, String)>> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=')?;
            let value = value.trim();
            let named = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            let value = match named.map(|named| named.split_once(':').unwrap_or((named, ""))) {
                Some((name, default)) => variable(name).filter(|set| !set.is_empty()).unwrap_or_else(|| default.into()),
                None => value.to_owned(),
            };
            Some((key.trim().to_owned(), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, millis) in [("1s", 1000), ("500ms", 500), ("1m30s", 90_000), ("1.5h", 5_400_000), ("0", 0)] {
            assert_eq!(duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for wrong in ["", "10", "s", "1x", "-1s", "1s5", "1e300h", "99999999999h"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn tags_may_come_from_other_variables() {
        let variable = |name: &str| (name == "POD").then(|| "shop-1".to_owned());
        let found = tags("a=1, pod=${POD:none},zone=${ZONE:eu=west},x=${ZONE}", variable).expect("tags");
        let found: Vec<_> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(found, [("a", "1"), ("pod", "shop-1"), ("zone", "eu=west"), ("x", "")]);
        assert!(tags("a=1,b", variable).is_none());
    }
}
