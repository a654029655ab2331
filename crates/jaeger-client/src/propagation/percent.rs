//! Texts in headers and queries: bytes that mean something there, or are no ASCII, as `%XX`.

use std::borrow::Cow;
use std::fmt::Write as _;

pub(crate) fn encode(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
    Cow::Owned(out)
}

/// The text that was encoded; one with a wrong escape, or that is no UTF-8 then, stays as it is.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    decode_with(text, true)
}

/// The same where a plus sign is itself.
pub(crate) fn decode_path(text: &str) -> Cow<'_, str> {
    decode_with(text, false)
}

fn decode_with(text: &str, plus_is_space: bool) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => match (digit(rest.next()), digit(rest.next())) {
                #[expect(clippy::cast_possible_truncation, reason = "two digits")]
                (Some(high), Some(low)) => bytes.push((high << 4 | low) as u8),
                _ => return Cow::Borrowed(text),
            },
            // As a query has it, which is how Go escapes.
            b'+' if plus_is_space => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        for text in ["", "plain", "a b+c%d", "überall\n日本", "100%"] {
            assert_eq!(decode(&encode(text)), text);
        }
    }

    #[test]
    fn a_wrong_escape_keeps_the_text() {
        for text in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decode(text), text);
        }
        assert_eq!(decode("a+b%20c"), "a b c");
    }
}
