//! Bytes of a body -> FRAMES: the messages in it, however they were cut on the way.

use std::io::Read as _;

use bytes::{Buf, Bytes, BytesMut};
use flate2::bufread::MultiGzDecoder;
use http::HeaderMap;

/// A message's flag and length.
const PREFIX_BYTES: usize = 5;

/// Takes parts of a body and gives its messages. Holds at most one message and the part that came last; a message that came in one part
/// is never copied.
#[derive(Debug)]
pub struct Frames {
    limit: usize,
    /// Whether messages that say that they are compressed are so by gzip, which every gRPC library has.
    gzip: bool,
    /// The beginning of a message, where its end is still to come.
    begun: BytesMut,
    part: Bytes,
}

/// Why a body holds no messages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than what is taken. (The first words are Go's, which people search for.)
    #[error("grpc: received message larger than max ({length} vs. {limit}); send smaller messages")]
    TooLarge {
        /// What the message claims.
        length: usize,
        /// What is taken.
        limit: usize,
    },
    /// Compressed in another way than gzip.
    #[error("grpc: Decompressor is not installed for this grpc-encoding; send messages uncompressed, or by gzip")]
    Compressed,
    /// It does not inflate.
    #[error("grpc: failed to decompress the received message: {0}")]
    Corrupt(String),
    /// A flag that gRPC does not know.
    #[error("grpc: received unexpected payload format {0}")]
    Flag(u8),
    /// The body ended within a message.
    #[error("the body ended within a message; send the whole message")]
    Unfinished,
}

impl Frames {
    /// Takes messages of at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, gzip: false, begun: BytesMut::new(), part: Bytes::new() }
    }

    /// As [`new`](Self::new), with the compression that the call's headers name. `limit` holds before and after it.
    #[must_use]
    pub fn of(headers: &HeaderMap, limit: usize) -> Self {
        let gzip = headers.get("grpc-encoding").is_some_and(|name| name == "gzip");
        Self { gzip, ..Self::new(limit) }
    }

    /// Whether messages may be larger than what came in for them.
    #[must_use]
    pub fn inflates(&self) -> bool {
        self.gzip
    }

    /// The next part; ask for [`next_message`](Self::next_message) until there is none.
    pub fn push(&mut self, part: Bytes) {
        if self.part.is_empty() {
            self.part = part;
        } else {
            self.begun.extend_from_slice(&self.part);
            self.part = part;
        }
    }

    /// The next whole message.
    ///
    /// # Errors
    /// [`FrameError`]; the rest of the body is then worth nothing.
    pub fn next_message(&mut self) -> Result<Option<Bytes>, FrameError> {
        if self.begun.is_empty() {
            let Some(length) = self.length_of(&self.part)? else { return Ok(self.keep()) };
            if self.part.len() < PREFIX_BYTES + length {
                return Ok(self.keep());
            }
            let compressed = self.part.first() == Some(&1);
            self.part.advance(PREFIX_BYTES);
            let message = self.part.split_to(length);
            return self.inflated(compressed, message).map(Some);
        }
        self.fill(PREFIX_BYTES);
        let Some(length) = self.length_of(&self.begun)? else { return Ok(None) };
        self.fill(PREFIX_BYTES + length);
        if self.begun.len() < PREFIX_BYTES + length {
            return Ok(None);
        }
        let compressed = self.begun.first() == Some(&1);
        self.begun.advance(PREFIX_BYTES);
        let message = self.begun.split_to(length).freeze();
        self.inflated(compressed, message).map(Some)
    }

    /// Whether the body may end here.
    ///
    /// # Errors
    /// [`FrameError::Unfinished`] within a message.
    pub fn end(&self) -> Result<(), FrameError> {
        if self.begun.is_empty() && self.part.is_empty() { Ok(()) } else { Err(FrameError::Unfinished) }
    }

    fn length_of(&self, bytes: &[u8]) -> Result<Option<usize>, FrameError> {
        let [flag, a, b, c, d, ..] = *bytes else { return Ok(None) };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        match flag {
            1 if !self.gzip => Err(FrameError::Compressed),
            0 | 1 if length > self.limit => Err(FrameError::TooLarge { length, limit: self.limit }),
            0 | 1 => Ok(Some(length)),
            flag => Err(FrameError::Flag(flag)),
        }
    }

    fn inflated(&self, compressed: bool, message: Bytes) -> Result<Bytes, FrameError> {
        if !compressed {
            return Ok(message);
        }
        let mut inflated = Vec::new();
        let mut source = MultiGzDecoder::new(&message[..]).take(self.limit as u64 + 1);
        source.read_to_end(&mut inflated).map_err(|error| FrameError::Corrupt(error.to_string()))?;
        if inflated.len() > self.limit {
            return Err(FrameError::TooLarge { length: inflated.len(), limit: self.limit });
        }
        Ok(inflated.into())
    }

    /// Moves what is left of the part into the message that began there.
    fn keep(&mut self) -> Option<Bytes> {
        self.begun.extend_from_slice(&self.part);
        self.part.clear();
        None
    }

    /// Takes from the part until the message that began has `wanted` bytes.
    fn fill(&mut self, wanted: usize) {
        let missing = wanted.saturating_sub(self.begun.len()).min(self.part.len());
        self.begun.extend_from_slice(&self.part.split_to(missing));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(parts: &[&[u8]], limit: usize) -> Result<Vec<Bytes>, FrameError> {
        let mut frames = Frames::new(limit);
        let mut found = Vec::new();
        for part in parts {
            frames.push(Bytes::copy_from_slice(part));
            while let Some(message) = frames.next_message()? {
                found.push(message);
            }
        }
        frames.end()?;
        Ok(found)
    }

    #[test]
    fn messages_may_come_in_any_parts() {
        let whole: &[u8] = &[0, 0, 0, 0, 3, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5];
        let expected: Vec<Bytes> = vec![Bytes::from_static(&[7, 8, 9]), Bytes::new(), Bytes::from_static(&[5])];
        for at in 0..=whole.len() {
            for then in at..=whole.len() {
                let parts = [&whole[..at], &whole[at..then], &whole[then..]];
                assert_eq!(messages(&parts, 3).as_ref(), Ok(&expected), "cut at {at}, {then}");
            }
        }
    }

    #[test]
    fn gzip_is_inflated_up_to_the_limit() {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&[7; 5000]).unwrap();
        let message = encoder.finish().unwrap();
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        let body = Bytes::from([&[1][..], &length, &message].concat());
        let headers = HeaderMap::from_iter([(
            http::HeaderName::from_static("grpc-encoding"),
            http::HeaderValue::from_static("gzip"),
        )]);
        let next = |limit, cut: usize| {
            let mut frames = Frames::of(&headers, limit);
            frames.push(body.slice(..cut));
            let first = frames.next_message()?;
            frames.push(body.slice(cut..));
            frames.next_message().map(|next| first.or(next))
        };
        for cut in [body.len(), 3, 20] {
            assert_eq!(next(5000, cut), Ok(Some(Bytes::from(vec![7; 5000]))), "cut at {cut}");
        }
        assert_eq!(next(4999, 20), Err(FrameError::TooLarge { length: 5000, limit: 4999 }));
        let mut frames = Frames::of(&headers, 99);
        frames.push(Bytes::from_static(&[1, 0, 0, 0, 2, 7, 7]));
        assert!(matches!(frames.next_message(), Err(FrameError::Corrupt(_))));
    }

    #[test]
    fn says_what_is_wrong_with_a_body() {
        assert_eq!(messages(&[&[0, 0, 0, 0, 9]], 8), Err(FrameError::TooLarge { length: 9, limit: 8 }));
        assert_eq!(messages(&[&[0, 0, 0, 0, 2, 1]], 9), Err(FrameError::Unfinished));
        assert_eq!(messages(&[&[0, 0]], 9), Err(FrameError::Unfinished));
        assert_eq!(messages(&[&[1, 0, 0, 0, 0]], 9), Err(FrameError::Compressed));
        assert_eq!(messages(&[&[7, 0, 0, 0, 0]], 9), Err(FrameError::Flag(7)));
    }
}
