mod bad;
mod golden;
mod oracle;
mod round_trip;

use jaeger_model::{Batch, BatchBuilder};

use super::{decode_post_spans, decode_spans};
use crate::DecodeError;

fn read_post(body: &[u8]) -> Result<Batch, DecodeError> {
    let mut builder = BatchBuilder::new();
    decode_post_spans(body, &mut builder)?;
    Ok(builder.finish())
}

fn read_spans(body: &[u8]) -> Result<Batch, DecodeError> {
    let mut builder = BatchBuilder::new();
    decode_spans(body, &mut builder)?;
    Ok(builder.finish())
}

/// A message field of `bytes`.
fn message(number: u8, bytes: &[u8]) -> Vec<u8> {
    let len = u8::try_from(bytes.len()).expect("short");
    assert!(len < 128, "short");
    [&[number << 3 | 2, len], bytes].concat()
}
