mod bad;
mod golden;
mod oracle;
mod round_trip;

use jaeger_model::{Batch, BatchBuilder};

use super::{BatchMeta, Message, decode_batch, decode_message};
use crate::DecodeError;
use crate::thrift::Protocol;

/// Bytes of hex digits; blanks between them and anything behind a `|` is for the reader.
fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.lines().filter_map(|line| line.split('|').next()).collect();
    let digits: Vec<u8> = digits.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    assert_eq!(digits.len() % 2, 0, "half a byte in {text}");
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).expect("digits"), 16).expect("hex digits"))
        .collect()
}

fn read_message(bytes: &[u8], protocol: Protocol) -> Result<(Batch, BatchMeta), DecodeError> {
    let mut builder = BatchBuilder::new();
    match decode_message(bytes, protocol, &mut builder)? {
        Message::EmitBatch(meta) => Ok((builder.finish(), meta)),
        other @ Message::EmitZipkinBatch { .. } => panic!("{other:?}"),
    }
}

fn read_batch(bytes: &[u8], protocol: Protocol) -> Result<(Batch, BatchMeta), DecodeError> {
    let mut builder = BatchBuilder::new();
    let meta = decode_batch(bytes, protocol, &mut builder)?;
    Ok((builder.finish(), meta))
}
