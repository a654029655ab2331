use std::io::Write as _;

use bytes::{Bytes, BytesMut};
use http_body_util::Full;
use tonic::codec::CompressionEncoding;
use tonic::{Code, Status, Streaming};

use super::{RawCodec, one_message};

const LIMIT: usize = 4 << 20;

/// What a server makes of a frame: a flag, a length, the message.
async fn receive(compressed: Option<CompressionEncoding>, claimed: usize, message: &[u8]) -> Result<Bytes, Status> {
    let mut frame = BytesMut::with_capacity(message.len() + 5);
    frame.extend_from_slice(&[u8::from(compressed.is_some())]);
    frame.extend_from_slice(&u32::try_from(claimed).expect("a length").to_be_bytes());
    frame.extend_from_slice(message);
    let mut stream = Streaming::new_request(RawCodec, Full::new(frame.freeze()), compressed, Some(LIMIT));
    one_message(&mut stream).await
}

fn gzip(message: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(message).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(message: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(message, 3).expect("memory")
}

#[tokio::test]
async fn a_message_is_handed_over_as_it_is() {
    let message = vec![7; 100_000];
    assert_eq!(receive(None, message.len(), &message).await.expect("a message"), message);
    let packed = gzip(&message);
    let gzip = receive(Some(CompressionEncoding::Gzip), packed.len(), &packed).await.expect("a message");
    assert_eq!(gzip, message);
    let packed = zstd(&message);
    let zstd = receive(Some(CompressionEncoding::Zstd), packed.len(), &packed).await.expect("a message");
    assert_eq!(zstd, message);
}

#[tokio::test]
async fn a_message_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() {
    let message = vec![7; LIMIT + 1];
    for (len, code) in [(LIMIT, Code::Ok), (LIMIT + 1, Code::ResourceExhausted)] {
        let message = &message[..len];
        let (gzip, zstd) = (gzip(message), zstd(message));
        for answer in [
            receive(None, len, message).await,
            receive(Some(CompressionEncoding::Gzip), gzip.len(), &gzip).await,
            receive(Some(CompressionEncoding::Zstd), zstd.len(), &zstd).await,
        ] {
            assert_eq!(answer.map_or_else(|status| status.code(), |_| Code::Ok), code);
        }
    }
}

#[tokio::test]
async fn a_bomb_is_resource_exhausted() {
    let message = vec![0; 256 << 20];
    let (gzip, zstd) = (gzip(&message), zstd(&message));
    for (encoding, bomb) in [(CompressionEncoding::Gzip, gzip), (CompressionEncoding::Zstd, zstd)] {
        assert!(bomb.len() < LIMIT);
        let status = receive(Some(encoding), bomb.len(), &bomb).await.expect_err("a bomb");
        assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    }
}

#[tokio::test]
async fn a_claimed_length_beyond_the_limit_is_refused_before_the_bytes_come() {
    let status = receive(None, 0xffff_fff0, &[]).await.expect_err("too long");
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().starts_with("grpc: received message larger than max"), "{status}");
}

#[tokio::test]
async fn a_call_that_ends_early_is_an_error() {
    assert_eq!(receive(None, 10, b"short").await.expect_err("cut").code(), Code::Internal);
    let mut empty = Streaming::new_request(RawCodec, Full::new(Bytes::new()), None, Some(LIMIT));
    assert_eq!(one_message(&mut empty).await.expect_err("nothing").code(), Code::Internal);
    let mut packed = gzip(&[7; 1000]);
    packed.truncate(packed.len() / 2);
    let cut = receive(Some(CompressionEncoding::Gzip), packed.len(), &packed).await;
    assert_eq!(cut.expect_err("cut").code(), Code::Internal);
}
