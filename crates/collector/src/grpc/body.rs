//! `connection -> BODY -> handler`: the one message of a request, admitted as it arrives and never over the limit.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::patience;
use crate::Refused;
use crate::admit::Held;
use crate::inflate::{Encoding, InflateError, inflate};

/// A message's flag and length.
const PREFIX_BYTES: usize = 5;
/// Room that is made for a message on its word alone.
const FIRST_BYTES: usize = 256 * 1024;

/// What a message may take to come in, if its caller waits that long: what it holds meanwhile others cannot have.
const SLOWEST: Duration = Duration::from_secs(30);

/// Reads the message of a request. `held` grows with what arrives; `limit` holds before and after decompression.
pub(crate) async fn read_message(
    headers: &HeaderMap,
    body: &mut Incoming,
    limit: usize,
    held: &mut Held,
) -> Result<Bytes, Refused> {
    let patience = patience(headers).max(SLOWEST);
    let reading = tokio::time::timeout(patience, collect(body, limit, held)).await;
    let late = |_elapsed| {
        Refused::Unfinished(format!("the message was not whole after {patience:?}; send it faster or in parts"))
    };
    let (compressed, bytes) = reading.map_err(late)??;
    if compressed { decompress(headers, &bytes, limit, held) } else { Ok(bytes) }
}

async fn collect(body: &mut Incoming, limit: usize, held: &mut Held) -> Result<(bool, Bytes), Refused> {
    let mut message = Message { limit, ..Message::default() };
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Refused::Unfinished(format!("the request broke off: {error}")))?;
        if let Ok(data) = frame.into_data() {
            message.push(data, held)?;
        }
    }
    message.finish()
}

/// A message as its parts come in.
#[derive(Default)]
struct Message {
    limit: usize,
    /// What is there, with the prefix. A message that came in one part is never copied.
    parts: Parts,
    /// Whole length with the prefix, once that is there.
    wanted: Option<usize>,
}

#[derive(Default)]
enum Parts {
    #[default]
    None,
    One(Bytes),
    Several(BytesMut),
}

impl Parts {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::None => &[],
            Self::One(part) => part,
            Self::Several(parts) => parts,
        }
    }
}

impl Message {
    fn push(&mut self, part: Bytes, held: &mut Held) -> Result<(), Refused> {
        held.grow(part.len())?;
        self.parts = match std::mem::take(&mut self.parts) {
            Parts::None => Parts::One(part),
            Parts::One(first) => {
                let room = self.wanted.unwrap_or(0).min(FIRST_BYTES).max(first.len() + part.len());
                let mut parts = BytesMut::with_capacity(room);
                parts.extend_from_slice(&first);
                parts.extend_from_slice(&part);
                Parts::Several(parts)
            }
            Parts::Several(mut parts) => {
                parts.extend_from_slice(&part);
                Parts::Several(parts)
            }
        };
        let bytes = self.parts.bytes();
        if self.wanted.is_none()
            && let [_flag, a, b, c, d, ..] = *bytes
        {
            let length = u32::from_be_bytes([a, b, c, d]) as usize;
            if length > self.limit {
                return Err(too_large(length, self.limit));
            }
            self.wanted = Some(PREFIX_BYTES + length);
        }
        if self.wanted.is_some_and(|wanted| bytes.len() > wanted) {
            return Err(Refused::Malformed("grpc: the request holds more than one message".into()));
        }
        Ok(())
    }

    /// Whether it is compressed, and its bytes.
    fn finish(self) -> Result<(bool, Bytes), Refused> {
        let bytes = match self.parts {
            Parts::None => Bytes::new(),
            Parts::One(part) => part,
            Parts::Several(parts) => parts.freeze(),
        };
        let unfinished = || Refused::Unfinished("the request ended within its message; send the whole message".into());
        let wanted = self.wanted.ok_or_else(unfinished)?;
        if bytes.len() < wanted {
            return Err(unfinished());
        }
        match bytes.first() {
            Some(0) => Ok((false, bytes.slice(PREFIX_BYTES..))),
            Some(1) => Ok((true, bytes.slice(PREFIX_BYTES..))),
            flag => Err(Refused::Malformed(format!("grpc: received unexpected payload format {flag:?}"))),
        }
    }
}

fn decompress(headers: &HeaderMap, bytes: &[u8], limit: usize, held: &mut Held) -> Result<Bytes, Refused> {
    let name = headers.get("grpc-encoding").and_then(|value| value.to_str().ok()).unwrap_or("identity");
    let encoding = Encoding::named(name).ok_or_else(|| {
        Refused::UnknownEncoding(format!(
            "grpc: Decompressor is not installed for grpc-encoding \"{}\"; send gzip, zstd or deflate",
            name.chars().take(32).collect::<String>()
        ))
    })?;
    inflate(encoding, bytes, limit, held).map(Bytes::from).map_err(|error| match error {
        InflateError::TooLarge => {
            Refused::TooLarge(format!("grpc: received message after decompression larger than max {limit}"))
        }
        InflateError::Corrupt(why) => {
            Refused::Malformed(format!("grpc: failed to decompress the received message: {why}"))
        }
        InflateError::NoRoom(refused) => refused,
    })
}

fn too_large(length: usize, limit: usize) -> Refused {
    Refused::TooLarge(format!("grpc: received message larger than max ({length} vs. {limit})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admit::Admission;

    fn message(parts: &[&[u8]], limit: usize) -> Result<(bool, Bytes), Refused> {
        let mut held = Admission::new(1 << 20).begin();
        let mut message = Message { limit, ..Message::default() };
        for part in parts {
            message.push(Bytes::copy_from_slice(part), &mut held)?;
        }
        message.finish()
    }

    #[test]
    fn a_message_may_come_in_any_parts() {
        let whole: &[u8] = &[0, 0, 0, 0, 3, 7, 8, 9];
        for at in 0..=whole.len() {
            for then in at..=whole.len() {
                let parts = [&whole[..at], &whole[at..then], &whole[then..]];
                let parts: Vec<&[u8]> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                assert_eq!(message(&parts, 3), Ok((false, Bytes::from_static(&[7, 8, 9]))), "cut at {at}, {then}");
            }
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_message() {
        let too_large = "grpc: received message larger than max (4194347 vs. 4194304)";
        let prefix = [&[0][..], &4_194_347_u32.to_be_bytes()].concat();
        assert_eq!(message(&[&prefix], 4_194_304), Err(Refused::TooLarge(too_large.into())));
        assert!(matches!(message(&[], 9), Err(Refused::Unfinished(_))));
        assert!(matches!(message(&[&[0, 0, 0, 0, 2, 1]], 9), Err(Refused::Unfinished(_))));
        assert!(matches!(message(&[&[0, 0, 0, 0, 1, 1, 1]], 9), Err(Refused::Malformed(_))));
        assert!(matches!(message(&[&[2, 0, 0, 0, 0]], 9), Err(Refused::Malformed(_))));
    }
}
