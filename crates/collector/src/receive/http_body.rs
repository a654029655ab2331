//! A body over HTTP: admitted as it arrives, inflated, and never over the limit, compressed or not.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use jaeger_service::http::body::discard;

use crate::Refused;
use crate::admit::Held;
use crate::inflate::{Encoding, InflateError, inflate};

/// Bounds of a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) max_bytes: usize,
    /// The setting that says so.
    pub(super) flag: &'static str,
    /// Until the whole body is there.
    pub(super) timeout: Option<Duration>,
}

/// Reads a body, and inflates it as its headers say.
pub(super) async fn read(
    headers: &HeaderMap,
    mut body: Incoming,
    limits: Limits,
    held: &mut Held,
) -> Result<Bytes, Refused> {
    let encoding = match encoding(headers) {
        Ok(encoding) => encoding,
        Err(refused) => {
            discard(&mut body).await;
            return Err(refused);
        }
    };
    let bytes = read_as_it_is(body, limits, held).await?;
    let Some(encoding) = encoding else { return Ok(bytes) };
    inflate(encoding, &bytes, limits.max_bytes, held).map(Bytes::from).map_err(|error| match error {
        InflateError::TooLarge => too_large(limits),
        InflateError::Corrupt(why) => Refused::Malformed(why),
        InflateError::NoRoom(refused) => refused,
    })
}

/// Reads a body, whatever its headers say.
pub(super) async fn read_as_it_is(mut body: Incoming, limits: Limits, held: &mut Held) -> Result<Bytes, Refused> {
    let reading = collect(&mut body, limits, held);
    let read = match limits.timeout {
        None => reading.await,
        Some(after) => tokio::time::timeout(after, reading).await.unwrap_or_else(|_| {
            Err(Refused::Unfinished(format!("the body was not whole after {after:?}; send it faster or in parts")))
        }),
    };
    if matches!(read, Err(ref refused) if !matches!(refused, Refused::Unfinished(_))) {
        held.set(0);
        discard(&mut body).await;
    }
    read
}

fn encoding(headers: &HeaderMap) -> Result<Option<Encoding>, Refused> {
    let name = headers.get(header::CONTENT_ENCODING).map_or("", |name| name.to_str().unwrap_or("?"));
    if name.is_empty() {
        return Ok(None);
    }
    let unknown = || {
        let name: String = name.chars().take(32).collect();
        Refused::UnknownEncoding(format!("unsupported Content-Encoding: {name}"))
    };
    Encoding::named(name).map(Some).ok_or_else(unknown)
}

async fn collect(body: &mut Incoming, limits: Limits, held: &mut Held) -> Result<Bytes, Refused> {
    let limit = limits.max_bytes;
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large(limits));
    }
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Refused::Unfinished(format!("the body broke off: {error}")))?;
        let Ok(part) = frame.into_data() else { continue };
        if first.len() + all.len() + part.len() > limit {
            return Err(too_large(limits));
        }
        held.grow(part.len())?;
        if first.is_empty() && all.is_empty() {
            first = part;
        } else {
            // A body that came in one part is never copied.
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&part);
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

fn too_large(limits: Limits) -> Refused {
    let Limits { max_bytes, flag, .. } = limits;
    Refused::TooLarge(format!("the body is over --{flag}, {max_bytes} bytes compressed or not; send it in parts"))
}
