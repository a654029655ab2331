//! A tag that a search asks for, prepared once for all blocks.

use jaeger_model::{Value, hash_bytes};

use super::pattern;

/// Key and text of the value, and the forms in which columns hold such a value.
#[derive(Debug)]
pub(crate) struct Wanted<'q> {
    pub(crate) key: &'q str,
    pub(crate) text: &'q str,
    pub(crate) pattern: Vec<u8>,
    pub(crate) numbers: Vec<u64>,
    /// The integer with this text.
    pub(crate) integer: Option<i64>,
    pub(crate) boolean: Option<bool>,
    /// A float near those with this text.
    float: Option<f64>,
    /// Whether bytes can have this text.
    pub(crate) binary: bool,
    pub(crate) hash: u32,
}

impl<'q> Wanted<'q> {
    pub(crate) fn new(key: &'q str, text: &'q str) -> Self {
        let (mut pattern, mut numbers) = (Vec::new(), Vec::new());
        pattern::split(text.as_bytes(), &mut pattern, &mut numbers);
        let hex = text.strip_suffix("...").unwrap_or(text);
        Self {
            key,
            text,
            pattern,
            numbers,
            integer: text.parse().ok().filter(|number| Value::I64(*number).text_is(text)),
            boolean: text.parse().ok(),
            float: text.parse().ok(),
            binary: hex.len().is_multiple_of(2) && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
            hash: tag_hash(key, text),
        }
    }

    /// Whether a float has the text; most are told by comparing numbers.
    pub(crate) fn is_float(&self, bits: u64) -> bool {
        let number = f64::from_bits(bits);
        let near = self.float.is_some_and(|wanted| {
            number == wanted || number.is_nan() && wanted.is_nan() || (number - wanted).abs() <= wanted.abs() * 1e-8
        });
        near && Value::F64(number).text_is(self.text)
    }
}

/// What stands for a tag where it is too rare for a column.
#[expect(clippy::cast_possible_truncation, reason = "some bits of a hash")]
pub(crate) fn tag_hash(key: &str, text: &str) -> u32 {
    hash_bytes(hash_bytes(0, key.as_bytes()), text.as_bytes()) as u32
}
