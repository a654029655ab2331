//! The second argument of a call: the application's own headers.

use bytes::{BufMut, Bytes, BytesMut};

use super::text;
use crate::DecodeError;
use crate::input::Input;

/// Reads the headers; nothing may stand behind them. No bytes at all are no headers.
///
/// # Errors
/// [`DecodeError`] with the place in the argument.
pub fn decode_headers(argument: &[u8]) -> Result<Vec<(String, String)>, DecodeError> {
    if argument.is_empty() {
        return Ok(Vec::new());
    }
    let mut input = Input::new(argument);
    let count = input.array("number of headers").map(u16::from_be_bytes);
    let headers = count.and_then(|count| text::pairs(count.into(), &mut input, "header", text::long));
    match headers {
        Ok(_) if input.remaining() > 0 => {
            let why = format!("{} bytes behind the last", input.remaining());
            Err(DecodeError::malformed("headers", why).at(input.offset()))
        }
        Ok(headers) => Ok(headers),
        Err(fault) => Err(fault.at(input.offset())),
    }
}

/// Writes headers.
#[must_use]
pub fn encode_headers(headers: &[(&str, &str)]) -> Bytes {
    let mut out = BytesMut::new();
    out.put_u16(u16::try_from(headers.len()).unwrap_or(u16::MAX));
    for (key, value) in headers.iter().take(usize::from(u16::MAX)) {
        text::put_long(&mut out, key);
        text::put_long(&mut out, value);
    }
    out.freeze()
}
