//! Compressed bodies, in bounded memory: what comes out is never more than the limit, however small what went in.

use std::io::{self, Read};

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};

use crate::Refused;
use crate::admit::Held;

/// Output is made in steps of this size, each admitted before it is made.
const STEP_BYTES: usize = 64 * 1024;
/// A zstd frame may ask its reader for a window of at most 2^23 bytes, as RFC 8878 advises; up to level 19 no encoder asks for more.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Gzip,
    Zstd,
    /// The zlib format, which HTTP calls deflate.
    Deflate,
}

impl Encoding {
    /// By its name in a header.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            "deflate" | "zlib" => Some(Self::Deflate),
            _ => None,
        }
    }
}

/// Why a body does not inflate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InflateError {
    /// It would be over the limit.
    TooLarge,
    /// It is not what it claims to be.
    Corrupt(String),
    /// There is no room for it now.
    NoRoom(Refused),
}

/// The body as it was before compression, of at most `limit` bytes; `held` grows with it.
pub(crate) fn inflate(encoding: Encoding, body: &[u8], limit: usize, held: &mut Held) -> Result<Vec<u8>, InflateError> {
    let corrupt = |error: io::Error| InflateError::Corrupt(said(&error));
    match encoding {
        Encoding::Gzip => read(MultiGzDecoder::new(body), body.len(), limit, held),
        Encoding::Deflate => read(ZlibDecoder::new(body), body.len(), limit, held),
        Encoding::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(body).map_err(corrupt)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(corrupt)?;
            read(decoder, body.len(), limit, held)
        }
    }
}

fn read(mut source: impl Read, compressed: usize, limit: usize, held: &mut Held) -> Result<Vec<u8>, InflateError> {
    let mut inflated = Vec::new();
    // Spans shrink to a fourth or so.
    let mut room = compressed.saturating_mul(4).clamp(1024, STEP_BYTES).min(limit + 1);
    loop {
        held.grow(room).map_err(InflateError::NoRoom)?;
        inflated.reserve_exact(room);
        let mut step = (&mut source).take(room as u64);
        let got = step.read_to_end(&mut inflated).map_err(|error| InflateError::Corrupt(said(&error)))?;
        if inflated.len() > limit {
            return Err(InflateError::TooLarge);
        }
        if got < room {
            return Ok(inflated);
        }
        room = inflated.len().clamp(STEP_BYTES, 16 * STEP_BYTES).min(limit + 1 - inflated.len());
    }
}

/// Go's words for a body that ends early; the decoder's own for the rest.
fn said(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "unexpected EOF".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use super::*;
    use crate::admit::Admission;

    pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(body).expect("memory");
        encoder.finish().expect("memory")
    }

    pub(crate) fn zlib(body: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(body).expect("memory");
        encoder.finish().expect("memory")
    }

    pub(crate) fn zstd(body: &[u8]) -> Vec<u8> {
        zstd::encode_all(body, 3).expect("memory")
    }

    #[test]
    fn inflates_what_each_encoder_made() {
        for size in [0, 1, 1023, 1024, 1025, 65_536, 300_000] {
            let body: Vec<u8> = (0..size).map(|n: u32| (n % 251) as u8).collect();
            for (encoding, packed) in
                [(Encoding::Gzip, gzip(&body)), (Encoding::Zstd, zstd(&body)), (Encoding::Deflate, zlib(&body))]
            {
                let mut held = Admission::new(1 << 20).begin();
                assert_eq!(
                    inflate(encoding, &packed, size as usize, &mut held).as_ref(),
                    Ok(&body),
                    "{encoding:?} {size}"
                );
                assert!(held.bytes() >= u64::from(size));
            }
        }
    }

    #[test]
    fn a_bomb_costs_no_more_than_the_limit() {
        let zeros = vec![0; 50 << 20];
        for (encoding, packed) in [(Encoding::Gzip, gzip(&zeros)), (Encoding::Zstd, zstd(&zeros))] {
            let admission = Admission::new(64 << 20);
            let mut held = admission.begin();
            let limit = 4 << 20;
            assert_eq!(inflate(encoding, &packed, limit, &mut held), Err(InflateError::TooLarge), "{encoding:?}");
            assert!(held.bytes() <= limit as u64 + 1, "{} bytes were made", held.bytes());
        }
    }

    #[test]
    fn a_body_that_is_not_compressed_is_corrupt() {
        for encoding in [Encoding::Gzip, Encoding::Zstd, Encoding::Deflate] {
            let mut held = Admission::new(1 << 20).begin();
            let result = inflate(encoding, b"not compressed", 1000, &mut held);
            assert!(matches!(result, Err(InflateError::Corrupt(_))), "{encoding:?}: {result:?}");
        }
        let mut held = Admission::new(1 << 20).begin();
        let cut = gzip(b"some spans");
        let result = inflate(Encoding::Gzip, &cut[..cut.len() - 9], 1000, &mut held);
        assert_eq!(result, Err(InflateError::Corrupt("unexpected EOF".into())));
    }

    #[test]
    fn output_is_admitted_before_it_is_made() {
        let admission = Admission::new(100_000);
        let mut other = admission.begin();
        other.grow(50_000).expect("room");
        let mut held = admission.begin();
        let result = inflate(Encoding::Gzip, &gzip(&vec![7; 1 << 20]), 4 << 20, &mut held);
        assert!(matches!(result, Err(InflateError::NoRoom(_))), "{result:?}");
    }
}
