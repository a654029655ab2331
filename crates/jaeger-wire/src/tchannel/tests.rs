mod bad;
mod golden;
mod round_trip;

use bytes::{Bytes, BytesMut};
use tokio_util::codec::Decoder as _;

use super::*;

/// Bytes of hex digits; blanks between them and anything behind a `|` is for the reader.
fn hex(text: &str) -> Bytes {
    let digits: String = text.lines().filter_map(|line| line.split('|').next()).collect();
    let digits: Vec<u8> = digits.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    assert_eq!(digits.len() % 2, 0, "half a byte in {text}");
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).expect("digits"), 16).expect("hex digits");
    digits.chunks(2).map(byte).collect()
}

/// All frames, which must be whole.
fn frames(bytes: &[u8]) -> Vec<Frame> {
    let mut left = BytesMut::from(bytes);
    let mut frames = Vec::new();
    while let Some(frame) = FrameCodec.decode(&mut left).expect("frames") {
        frames.push(frame);
    }
    assert!(left.is_empty(), "{} bytes behind the last frame", left.len());
    frames
}

fn call(service: &str) -> CallRequest {
    CallRequest {
        ttl: std::time::Duration::from_secs(1),
        tracing: [0; 25],
        service: service.to_owned(),
        headers: vec![("as".to_owned(), "thrift".to_owned()), ("cn".to_owned(), "jaeger-agent".to_owned())],
    }
}
