//! Texts with their length in one byte or two, and pairs of them.

use bytes::{BufMut, BytesMut};

use crate::error::Fault;
use crate::input::Input;

/// A text whose length has one byte.
pub(super) fn short<'a>(input: &mut Input<'a>, what: &'static str) -> Result<&'a [u8], Fault> {
    let len = input.byte(what)?;
    input.take(len.into(), what)
}

/// A text whose length has two bytes.
pub(super) fn long<'a>(input: &mut Input<'a>, what: &'static str) -> Result<&'a [u8], Fault> {
    let len = input.array(what).map(u16::from_be_bytes)?;
    input.take(len.into(), what)
}

/// As many pairs as `count` says.
pub(super) fn pairs<'a>(
    count: usize,
    input: &mut Input<'a>,
    what: &'static str,
    read: fn(&mut Input<'a>, &'static str) -> Result<&'a [u8], Fault>,
) -> Result<Vec<(String, String)>, Fault> {
    // A pair is two lengths at the least.
    let mut pairs = Vec::with_capacity(count.min(input.remaining() / 2));
    for _ in 0..count {
        pairs.push((owned(read(input, what)?), owned(read(input, what)?)));
    }
    Ok(pairs)
}

/// Text that is no UTF-8 is repaired: it is only compared and shown.
pub(super) fn owned(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Appends a text of at most 255 bytes; a longer one is cut between two characters.
pub(super) fn put_short(out: &mut BytesMut, text: &str) {
    let text = cut(text, usize::from(u8::MAX));
    out.put_u8(u8::try_from(text.len()).unwrap_or(u8::MAX));
    out.put_slice(text.as_bytes());
}

/// Appends a text of at most 65,535 bytes; a longer one is cut between two characters.
pub(super) fn put_long(out: &mut BytesMut, text: &str) {
    let text = cut(text, usize::from(u16::MAX));
    out.put_u16(u16::try_from(text.len()).unwrap_or(u16::MAX));
    out.put_slice(text.as_bytes());
}

/// The text's beginning, at most `most` bytes.
pub(super) fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}
