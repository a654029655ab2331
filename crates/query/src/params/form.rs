//! A URL's query as Go reads it.

use std::borrow::Cow;

/// Names and values in order; pairs that are not well-formed are left out.
#[derive(Debug, Default)]
pub struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// Of the text behind the `?`.
    #[must_use]
    pub fn parse(query: &'a str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';'));
        let pairs = pairs.filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((unescape(name, true)?, unescape(value, true)?))
        });
        Self(pairs.collect())
    }

    /// The first value, empty where there is none.
    #[must_use]
    pub fn first(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All values, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_ref())
    }

    /// `prettyPrint`: anything but nothing and `false`.
    #[must_use]
    pub fn pretty(&self) -> bool {
        !matches!(self.first("prettyPrint"), "" | "false")
    }
}

/// Resolves `%hh`, and `+` where it stands for a space. `None` where a percent sign is followed by no two hex
/// digits; bytes that are no UTF-8 are repaired.
#[must_use]
pub fn unescape(text: &str, plus_is_space: bool) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| byte == b'%' || (plus_is_space && byte == b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next())? << 4 | digit(rest.next())?,
            b'+' if plus_is_space => b' ',
            _ => byte,
        });
    }
    Some(Cow::Owned(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_order_and_broken_pairs_are_left_out() {
        let form = Form::parse("a=1&&b=x+y%20z&a=2&broken=%zz&c;d=1&empty&%41=%C2%B5");
        assert_eq!(form.first("a"), "1");
        assert_eq!(form.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.first("b"), "x y z");
        assert_eq!(form.first("A"), "\u{b5}");
        assert_eq!(form.first("broken"), "");
        assert_eq!(form.all("empty").count(), 1);
        assert_eq!(form.all("d").count(), 0);
    }

    #[test]
    fn bytes_that_are_no_text_are_repaired() {
        assert_eq!(unescape("%ff+", false).as_deref(), Some("\u{fffd}+"));
        assert_eq!(unescape("%f", false), None);
    }
}
