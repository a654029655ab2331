//! The small parts of JSON: strings with Go's HTML escapes, numbers, hex, base64.

use std::fmt;

/// Appends `text` as a JSON string. As Go does, `<`, `>`, `&` and the line separators are escaped too.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// Appends what `text` displays as a JSON string, by way of `scratch`.
pub fn display(out: &mut Vec<u8>, scratch: &mut String, text: impl fmt::Display) {
    scratch.clear();
    // Writing to a String cannot fail.
    let _infallible = fmt::Write::write_fmt(scratch, format_args!("{text}"));
    string(out, scratch);
}

/// Bytes that end a run of plain text. 0xe2 begins the line separators, and other characters.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        special[byte] = true;
        byte += 1;
    }
    special[b'"' as usize] = true;
    special[b'\\' as usize] = true;
    special[b'<' as usize] = true;
    special[b'>' as usize] = true;
    special[b'&' as usize] = true;
    special[0xe2] = true;
    special
};

fn is_special(byte: u8) -> bool {
    SPECIAL[byte as usize]
}

/// Nearly all texts need no escape: they are looked at sixteen bytes a step, in a form that compiles to
/// vector instructions, and copied whole.
fn is_plain(text: &[u8]) -> bool {
    let (blocks, rest) = text.as_chunks::<16>();
    let special = |block: &[u8; 16]| {
        let mut found = false;
        for byte in block {
            found |= *byte < 0x20;
            found |= (*byte == b'"') | (*byte == b'\\') | (*byte == b'<') | (*byte == b'>') | (*byte == b'&');
            found |= *byte == 0xe2;
        }
        found
    };
    !blocks.iter().any(special) && !rest.iter().any(|byte| is_special(*byte))
}

fn escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    if is_plain(bytes) {
        out.extend_from_slice(bytes);
        return;
    }
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| is_special(*byte)) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain);
        let taken = match from {
            [0xe2, 0x80, 0xa8, ..] => {
                out.extend_from_slice(b"\\u2028");
                3
            }
            [0xe2, 0x80, 0xa9, ..] => {
                out.extend_from_slice(b"\\u2029");
                3
            }
            [byte, ..] => {
                escape(out, *byte);
                1
            }
            [] => 0,
        };
        rest = from.get(taken..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0xe2 => {
            out.push(byte);
            return;
        }
        _ => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends 16 hex digits.
pub fn hex64(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0; 16];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(number.to_be_bytes()) {
        *pair = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
    }
    out.extend_from_slice(&digits);
}

/// Appends a decimal number.
pub fn unsigned(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a decimal number, as a string where JavaScript's numbers cannot hold it.
pub fn signed(out: &mut Vec<u8>, number: i64) {
    const MAX_SAFE: u64 = (1 << 53) - 1;
    let safe = number.unsigned_abs() <= MAX_SAFE;
    if !safe {
        out.push(b'"');
    }
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    if !safe {
        out.push(b'"');
    }
}

/// Appends bytes as a string in standard base64; no bytes are `null`, as Go has it.
pub fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if bytes.is_empty() {
        out.extend_from_slice(b"null");
        return;
    }
    out.push(b'"');
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            out.push(if digit <= group.len() { DIGITS[value as usize] } else { b'=' });
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn strings_are_escaped_as_go_does() {
        for (text, json) in [
            ("plain \u{e9} \u{2713}", "\"plain \u{e9} \u{2713}\""),
            ("<a href=\"x\">&</a>", "\"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\u003c/a\\u003e\""),
            ("a\u{8}\u{c}\n\r\t\u{1}\u{7f}\\", "\"a\\b\\f\\n\\r\\t\\u0001\u{7f}\\\\\""),
            ("\u{2028}\u{2029}\u{2030}", "\"\\u2028\\u2029\u{2030}\""),
            ("sixteen bytes of text, then a < b", "\"sixteen bytes of text, then a \\u003c b\""),
        ] {
            assert_eq!(written(|out| string(out, text)), json);
        }
    }

    #[test]
    fn large_integers_are_strings() {
        for (number, json) in [
            (9_007_199_254_740_991, "9007199254740991"),
            (9_007_199_254_740_992, "\"9007199254740992\""),
            (-9_007_199_254_740_991, "-9007199254740991"),
            (i64::MIN, "\"-9223372036854775808\""),
        ] {
            assert_eq!(written(|out| signed(out, number)), json);
        }
    }

    #[test]
    fn bytes_are_base64_and_none_are_null() {
        for (bytes, json) in [
            (&b""[..], "null"),
            (b"\x01", "\"AQ==\""),
            (b"hi", "\"aGk=\""),
            (b"\xff\xff\xff", "\"////\""),
            (b"\x00\x01\xfe\xff", "\"AAH+/w==\""),
        ] {
            assert_eq!(written(|out| base64(out, bytes)), json);
        }
        assert_eq!(written(|out| hex64(out, 0x31)), "0000000000000031");
    }
}
