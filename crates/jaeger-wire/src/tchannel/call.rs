//! What stands before the arguments in the first frame of a call and of its answer.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};

use super::fragment::Fragment;
use super::{Tracing, text};
use crate::DecodeError;
use crate::error::Fault;
use crate::input::Input;

/// A response's code where all went well.
pub const OK: u8 = 0;
/// A response's code where the application says no: the third argument has its words.
pub const APPLICATION_ERROR: u8 = 1;

/// Headers that we write at most, so that they fit the first frame.
const MOST_HEADERS: usize = 64;

/// A call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallRequest {
    /// How long its caller waits.
    pub ttl: Duration,
    /// The caller's own.
    pub tracing: Tracing,
    /// Who is called.
    pub service: String,
    /// The transport's headers.
    pub headers: Vec<(String, String)>,
}

/// The answer to a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallResponse {
    /// [`OK`] or [`APPLICATION_ERROR`].
    pub code: u8,
    /// The call's own.
    pub tracing: Tracing,
    /// The transport's headers.
    pub headers: Vec<(String, String)>,
}

impl CallRequest {
    /// Reads a call's first frame up to its arguments, which are the fragment.
    ///
    /// # Errors
    /// [`DecodeError`] with the place in the body.
    pub fn decode(body: &Bytes) -> Result<(Self, Fragment), DecodeError> {
        first_frame(body, |input| {
            let ttl = input.array("ttl").map(u32::from_be_bytes)?;
            let tracing = input.array("tracing")?;
            let service = text::owned(text::short(input, "service")?);
            let headers = transport_headers(input)?;
            Ok(Self { ttl: Duration::from_millis(ttl.into()), tracing, service, headers })
        })
    }

    /// A transport header's value.
    #[must_use]
    pub fn header(&self, key: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub(super) fn encode(&self, out: &mut BytesMut) {
        // No call has no time at all.
        let ttl = u32::try_from(self.ttl.as_millis()).unwrap_or(u32::MAX).max(1);
        out.put_u32(ttl);
        out.put_slice(&self.tracing);
        text::put_short(out, &self.service);
        put_transport_headers(out, &self.headers);
    }
}

impl CallResponse {
    /// Reads an answer's first frame up to its arguments, which are the fragment.
    ///
    /// # Errors
    /// [`DecodeError`] with the place in the body.
    pub fn decode(body: &Bytes) -> Result<(Self, Fragment), DecodeError> {
        first_frame(body, |input| {
            let code = input.byte("response code")?;
            let tracing = input.array("tracing")?;
            Ok(Self { code, tracing, headers: transport_headers(input)? })
        })
    }

    pub(super) fn encode(&self, out: &mut BytesMut) {
        out.put_u8(self.code);
        out.put_slice(&self.tracing);
        put_transport_headers(out, &self.headers);
    }
}

fn first_frame<T>(
    body: &Bytes,
    read: impl FnOnce(&mut Input<'_>) -> Result<T, Fault>,
) -> Result<(T, Fragment), DecodeError> {
    let mut input = Input::new(body);
    let parts = Fragment::flags(&mut input).and_then(|more| {
        let head = read(&mut input)?;
        let (kind, sum) = Fragment::checksum(&mut input)?;
        Ok((head, Fragment { more, kind, sum, chunks: Bytes::new() }))
    });
    match parts {
        Ok((head, fragment)) => Ok((head, Fragment { chunks: body.slice(input.offset()..), ..fragment })),
        Err(fault) => Err(fault.at(input.offset())),
    }
}

fn transport_headers(input: &mut Input<'_>) -> Result<Vec<(String, String)>, Fault> {
    let count = input.byte("number of transport headers")?;
    text::pairs(count.into(), input, "transport header", text::short)
}

fn put_transport_headers(out: &mut BytesMut, headers: &[(String, String)]) {
    let headers = headers.get(..MOST_HEADERS).unwrap_or(headers);
    out.put_u8(u8::try_from(headers.len()).unwrap_or(u8::MAX));
    for (key, value) in headers {
        text::put_short(out, key);
        text::put_short(out, value);
    }
}
