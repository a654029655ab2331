//! A tag's value, with the text forms that Go Jaeger compares and indexes.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A tag's value, borrowed from its batch.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value<'a> {
    /// Text.
    Str(&'a str),
    /// True or false.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// A floating-point number, NaN and the infinities included.
    F64(f64),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// Binary values are compared by this many bytes' hex at most, as Go does.
const MAX_BINARY_TEXT_BYTES: usize = 256;

impl<'a> Value<'a> {
    /// The text by which a search compares: `true`, `42`, `1.5`, lower-case hex of bytes.
    ///
    /// Bytes past 256 are cut and end in `...`; floats have ten significant digits.
    #[must_use]
    pub fn text(&self) -> Cow<'a, str> {
        match *self {
            Self::Str(text) => Cow::Borrowed(text),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::I64(number) => Cow::Owned(number.to_string()),
            Self::F64(number) => Cow::Owned(float_text(number, 10)),
            Self::Bytes(bytes) => {
                let shown = bytes.get(..MAX_BINARY_TEXT_BYTES).unwrap_or(bytes);
                let mut text = String::with_capacity(shown.len() * 2 + 3);
                for byte in shown {
                    // Writing to a String cannot fail.
                    let _infallible = write!(text, "{byte:02x}");
                }
                if shown.len() < bytes.len() {
                    text.push_str("...");
                }
                Cow::Owned(text)
            }
        }
    }

    /// Whether [`text`](Self::text) equals `wanted`, without building the text where it can.
    #[must_use]
    pub fn text_is(&self, wanted: &str) -> bool {
        match *self {
            Self::Str(text) => text == wanted,
            Self::Bool(value) => wanted == if value { "true" } else { "false" },
            Self::I64(number) => {
                // "007" and "+7" are other texts than "7".
                wanted.parse() == Ok(number) && number.to_string() == wanted
            }
            Self::F64(_) | Self::Bytes(_) => self.text() == wanted,
        }
    }

    /// The rank of the value's type in Go's sort order: string, bool, int64, float64, binary.
    #[must_use]
    pub fn type_rank(&self) -> u8 {
        match self {
            Self::Str(_) => 0,
            Self::Bool(_) => 1,
            Self::I64(_) => 2,
            Self::F64(_) => 3,
            Self::Bytes(_) => 4,
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Str(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Str(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Self::F64(number)
    }
}

/// Whole numbers of every size; those past 2^63 - 1 become that.
macro_rules! from_integers {
    ($($kind:ty),+) => {$(
        impl From<$kind> for Value<'_> {
            fn from(number: $kind) -> Self {
                Self::I64(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )+};
}

from_integers!(i16, i32, i64, u8, u16, u32, u64, usize);

/// Go's `%.Ng` form of a number: `digits` significant digits, no trailing zeros, an exponent of at least
/// two digits below 1e-4 and from 10^digits on.
#[must_use]
pub fn float_text(number: f64, digits: usize) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0".into() } else { "0".into() };
    }
    let digits = digits.max(1);
    let scientific = format!("{number:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let all: String = mantissa.chars().filter(|c| *c != '.').collect();
    let all = all.trim_end_matches('0');
    let limit = i32::try_from(digits).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= limit {
        let (first, rest) = all.split_at(1.min(all.len()));
        let point = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.abs());
    }
    if exponent < 0 {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
        return format!("{sign}0.{zeros}{all}");
    }
    let whole = usize::try_from(exponent).unwrap_or(0) + 1;
    if all.len() <= whole {
        return format!("{sign}{all}{}", "0".repeat(whole - all.len()));
    }
    let (before, after) = all.split_at(whole);
    format!("{sign}{before}.{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_have_gos_ten_digit_form() {
        for (number, text) in [
            (0.0, "0"),
            (1.5, "1.5"),
            (-2.25, "-2.25"),
            (100.0, "100"),
            (1e21, "1e+21"),
            (1e10, "1e+10"),
            (1_234_567_890.0, "1234567890"),
            (12_345_678_901.0, "1.23456789e+10"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.0 / 3.0, "0.3333333333"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(Value::F64(number).text(), text);
        }
    }

    #[test]
    fn integers_match_their_own_text_alone() {
        assert!(Value::I64(7).text_is("7"));
        assert!(!Value::I64(7).text_is("07"));
        assert!(!Value::I64(7).text_is("+7"));
        assert!(Value::I64(i64::MIN).text_is("-9223372036854775808"));
    }

    #[test]
    fn bytes_are_hex_and_cut() {
        assert_eq!(Value::Bytes(&[0, 255]).text(), "00ff");
        let long = vec![1; 257];
        let text = Value::Bytes(&long).text();
        assert_eq!(text.len(), 515);
        assert!(text.ends_with("01..."));
    }
}
