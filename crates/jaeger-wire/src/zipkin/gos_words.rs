//! What is wrong with a JSON body, in the words of Go's parser, which senders' logs are searched for.

use crate::DecodeError;
use crate::json::Reader;

/// The words for `error`, which came up while the value in `body` was read.
///
/// Go looks over the whole body before it reads any of it: where it is no JSON at all, that is what is said.
#[cold]
pub(super) fn said(error: DecodeError, body: &[u8]) -> DecodeError {
    let mut reader = Reader::new(body);
    match reader.skip().and_then(|()| reader.end()) {
        Ok(()) => error,
        Err(why) => no_json(&mut reader, why),
    }
}

fn no_json(reader: &mut Reader<'_>, why: DecodeError) -> DecodeError {
    let Some(byte) = reader.peek() else {
        return DecodeError::Said("unexpected end of JSON input".to_owned());
    };
    let DecodeError::Malformed { why, .. } = &why else { return why };
    let expected = why.strip_prefix("expected ").unwrap_or(why);
    let place = [
        ("a key", "looking for beginning of object key string"),
        ("a colon", "after object key"),
        ("a comma or the object's end", "after object key:value pair"),
        ("a comma or the array's end", "after array element"),
        ("no control character", "in string literal"),
        ("an escape", "in string escape code"),
        ("four hex digits", "in \\u hexadecimal character escape"),
        ("nothing more", "after top-level value"),
    ];
    let place = place.iter().find(|(ours, _)| expected.starts_with(ours));
    let place = place.map_or("looking for beginning of value", |(_, gos)| gos);
    let shown = match byte {
        b'\'' => "'\\''".to_owned(),
        byte => format!("'{}'", byte.escape_ascii()),
    };
    DecodeError::Said(format!("invalid character {shown} {place}"))
}
