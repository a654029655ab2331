//! `strconv` and its error texts.

use jaeger_model::TraceId;

use super::quote::quote;

/// As `strconv.ParseInt(text, 10, 64)`.
///
/// # Errors
/// Go's text.
pub fn int64(text: &str) -> Result<i64, String> {
    int(text, i64::MIN, i64::MAX)
}

/// As `strconv.ParseInt(text, 10, 32)`.
///
/// # Errors
/// Go's text.
pub fn int32(text: &str) -> Result<i64, String> {
    int(text, i64::from(i32::MIN), i64::from(i32::MAX))
}

fn int(text: &str, min: i64, max: i64) -> Result<i64, String> {
    let error = |what| format!("strconv.ParseInt: parsing {}: {what}", quote(text));
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(error("invalid syntax"));
    }
    let value = text.parse().ok().filter(|value| (min..=max).contains(value));
    value.ok_or_else(|| error("value out of range"))
}

/// As `strconv.ParseBool`.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// A trace id of 1 to 32 hex digits, with Go Jaeger's error texts.
///
/// # Errors
/// Go's text, of the half that is wrong.
pub fn trace_id(text: &str) -> Result<TraceId, String> {
    if text.len() > 32 {
        return Err(format!("TraceID cannot be longer than 32 hex characters: {text}"));
    }
    // A cut within a character gives no hex anyway.
    let (high, low) = text.split_at_checked(text.len().saturating_sub(16)).unwrap_or(("", text));
    let high = if high.is_empty() { 0 } else { hex64(high)? };
    Ok(TraceId::new(high, hex64(low)?))
}

fn hex64(text: &str) -> Result<u64, String> {
    let error = || format!("strconv.ParseUint: parsing {}: invalid syntax", quote(text));
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(error());
    }
    u64::from_str_radix(text, 16).map_err(|_| error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_gos_errors() {
        assert_eq!(int64("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(int32("+5"), Ok(5));
        for (text, what) in [
            ("", "\"\": invalid syntax"),
            ("z", "\"z\": invalid syntax"),
            ("1.5", "\"1.5\": invalid syntax"),
            ("-", "\"-\": invalid syntax"),
            ("99999999999", "\"99999999999\": value out of range"),
        ] {
            assert_eq!(int32(text), Err(format!("strconv.ParseInt: parsing {what}")));
        }
    }

    #[test]
    fn trace_ids_have_gos_errors() {
        assert_eq!(trace_id("3001"), Ok(TraceId(0x3001)));
        assert_eq!(trace_id("80000000000000010000000000000002"), Ok(TraceId::new(0x8000_0000_0000_0001, 2)));
        for (text, error) in [
            ("", "strconv.ParseUint: parsing \"\": invalid syntax"),
            ("-1", "strconv.ParseUint: parsing \"-1\": invalid syntax"),
            ("zz0000000000000001", "strconv.ParseUint: parsing \"zz\": invalid syntax"),
            (
                "111111111111111111111111111111111",
                "TraceID cannot be longer than 32 hex characters: 111111111111111111111111111111111",
            ),
        ] {
            assert_eq!(trace_id(text), Err(error.to_owned()));
        }
        assert!(trace_id("\u{e9}000000000000000").is_err());
    }
}
