//! gzip for clients that take it: fast rather than small, since it is made while the client waits.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// Compresses in pieces.
pub struct Gzip(GzEncoder<Vec<u8>>);

impl Gzip {
    pub(crate) fn new() -> Self {
        Self(GzEncoder::new(Vec::new(), Compression::fast()))
    }

    /// What is ready after `piece`: possibly nothing yet.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        // Writing into a Vec cannot fail.
        let _infallible = self.0.write_all(piece);
        std::mem::take(self.0.get_mut())
    }

    /// The rest, with the end.
    pub(crate) fn finish(&mut self, piece: &[u8]) -> Vec<u8> {
        let _infallible = self.0.write_all(piece);
        let _infallible = self.0.try_finish();
        std::mem::take(self.0.get_mut())
    }
}

/// Whether the client takes gzip: it is named, and not with a weight of 0.
#[must_use]
pub fn accepted(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = parameters.trim().strip_prefix("q=").map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && weight > 0.0
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use http::HeaderValue;

    use super::*;

    #[test]
    fn pieces_make_one_stream() {
        let mut gzip = Gzip::new();
        let mut packed = gzip.push(b"one ");
        packed.extend(gzip.push(&[b'x'; 100_000]));
        packed.extend(gzip.finish(b" end"));
        let mut text = String::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).expect("a whole stream");
        assert_eq!(text.len(), 100_008);
        assert!(text.starts_with("one x") && text.ends_with("x end"));
    }

    #[test]
    fn gzip_is_taken_where_it_is_named() {
        for (header, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("gzip; q=0", false),
            ("deflate;q=0.5, br", false),
            ("*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(header));
            assert_eq!(accepted(&headers), expected, "{header}");
        }
        assert!(!accepted(&HeaderMap::new()));
    }
}
