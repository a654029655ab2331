//! Numbers, as protobuf's JSON has them: bare, or in quotes where 64 bits would not fit into JavaScript's.

use std::borrow::Cow;

use super::Reader;
use crate::error::DecodeError;

const TWO_TO_63: f64 = (1u64 << 63) as f64;

impl<'a> Reader<'a> {
    /// The text of a bare number.
    pub(crate) fn number(&mut self) -> Result<&'a str, DecodeError> {
        self.peek();
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let digits = |from: usize| rest.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let mut len = usize::from(rest.first() == Some(&b'-'));
        let whole = digits(len);
        // A zero in front would be octal in other languages, and JSON has none.
        if whole == 0 || (whole > 1 && rest.get(len) == Some(&b'0')) {
            return Err(self.expected("a number"));
        }
        len += whole;
        if rest.get(len) == Some(&b'.') {
            let fraction = digits(len + 1);
            if fraction == 0 {
                return Err(self.expected("a number"));
            }
            len += 1 + fraction;
        }
        if matches!(rest.get(len), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(rest.get(len + 1), Some(b'+' | b'-')));
            let exponent = digits(len + 1 + sign);
            if exponent == 0 {
                return Err(self.expected("a number"));
            }
            len += 1 + sign + exponent;
        }
        let text = rest.get(..len).and_then(|text| str::from_utf8(text).ok());
        self.at += len;
        text.ok_or_else(|| self.expected("a number"))
    }

    /// The text of a number, bare or in quotes; `null` is 0.
    fn quoted_number(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        match self.peek() {
            Some(b'"') => match self.text()? {
                Cow::Borrowed(text) => str::from_utf8(text).map(Cow::Borrowed).map_err(|_| self.expected("a number")),
                Cow::Owned(text) => String::from_utf8(text).map(Cow::Owned).map_err(|_| self.expected("a number")),
            },
            Some(b'n') if self.null()? => Ok(Cow::Borrowed("0")),
            _ => self.number().map(Cow::Borrowed),
        }
    }

    /// An int64.
    pub(crate) fn int64(&mut self) -> Result<i64, DecodeError> {
        let text = self.quoted_number()?;
        if let Ok(number) = text.parse() {
            return Ok(number);
        }
        match whole(&text) {
            #[expect(clippy::cast_possible_truncation, reason = "checked to lie within")]
            Some(number) if (-TWO_TO_63..TWO_TO_63).contains(&number) => Ok(number as i64),
            _ => Err(self.expected(&format!("a 64-bit integer instead of {text:.40}"))),
        }
    }

    /// A uint64 or fixed64.
    pub(crate) fn uint64(&mut self) -> Result<u64, DecodeError> {
        let text = self.quoted_number()?;
        if let Ok(number) = text.parse() {
            return Ok(number);
        }
        match whole(&text) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to lie within")]
            Some(number) if (0.0..2.0 * TWO_TO_63).contains(&number) => Ok(number as u64),
            _ => Err(self.expected(&format!("a 64-bit number instead of {text:.40}"))),
        }
    }

    /// A double; `"NaN"`, `"Infinity"` and `"-Infinity"` are texts in JSON.
    pub(crate) fn double(&mut self) -> Result<f64, DecodeError> {
        let text = self.quoted_number()?;
        text.parse().map_err(|_| self.expected(&format!("a number instead of {text:.40}")))
    }

    /// An enum by number, or by the place of its name in `names`; other names are 0, as in Go.
    pub(crate) fn enumeration(&mut self, names: &[&str]) -> Result<u32, DecodeError> {
        if self.peek() == Some(b'"') {
            let name = self.text()?;
            let place = names.iter().position(|known| known.as_bytes() == &*name);
            return Ok(place.and_then(|place| u32::try_from(place).ok()).unwrap_or(0));
        }
        // Numbers that no enum has are no kind that we know.
        Ok(u32::try_from(self.int64()?).unwrap_or(0))
    }
}

/// `1e3` and `7.0` are integers too.
fn whole(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.fract() == 0.0)
}
