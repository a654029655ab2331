//! v2 in JSON: a body of `POST /api/v2/spans`.

use std::borrow::Cow;
use std::net::IpAddr;

use jaeger_model::{BatchBuilder, TraceId};

use super::gos_words::said;
use super::host::ipv6_text;
use super::span_kind;
use super::strict::Field;
use super::v2::{Endpoint, Lists, Renamed, Span, write};
use crate::DecodeError;
use crate::json::Reader;

/// Reads a body and gives how many spans it has.
///
/// # Errors
/// [`DecodeError`] in Go's words; the builder is then as it was before.
pub fn decode_v2_json(body: &[u8], builder: &mut BatchBuilder) -> Result<usize, DecodeError> {
    let before = builder.mark();
    let mut renamed = Renamed::default();
    let mut read = || {
        if Renamed::possible(body) {
            each_span(body, &mut |span, lists| renamed.see(&span, lists))?;
        }
        each_span(body, &mut |span, lists| write(&span, lists, &renamed, builder))
    };
    let read = read();
    read.map_err(|error| {
        builder.rollback(before);
        said(error, body)
    })
}

type Each<'e, 'a> = &'e mut dyn FnMut(Span<'a>, &dyn Lists) -> Result<(), DecodeError>;

fn each_span<'a>(body: &'a [u8], each: Each<'_, 'a>) -> Result<usize, DecodeError> {
    let mut reader = Reader::new(body);
    let mut count = 0;
    Field("").array(&mut reader, "[]*model.SpanModel")?;
    reader.array(|reader| {
        if reader.null()? {
            return Ok(());
        }
        count += 1;
        let mut lists = Later::default();
        let span = span(reader, &mut lists)?;
        each(span, &lists)
    })?;
    reader.end()?;
    Ok(count)
}

/// The lists, wherever in the object they stood.
#[derive(Default)]
struct Later<'a> {
    annotations: Option<Reader<'a>>,
    tags: Option<Reader<'a>>,
}

fn span<'a>(reader: &mut Reader<'a>, lists: &mut Later<'a>) -> Result<Span<'a>, DecodeError> {
    let mut span = Span {
        trace_id: TraceId(0),
        id: 0,
        parent: None,
        name: Cow::default(),
        kind: span_kind::UNSPECIFIED,
        micros: None,
        duration_micros: 0,
        local: Endpoint::default(),
        remote: Endpoint::default(),
    };
    Field("").object(reader, "model.SpanModel")?;
    reader.object(|reader, member| {
        match member {
            b"traceId" => span.trace_id = trace_id(&Field(".traceId").text(reader)?)?,
            b"id" => span.id = id(&Field(".id").text(reader)?)?.unwrap_or(0),
            b"parentId" => span.parent = id(&Field(".parentId").text(reader)?)?,
            b"name" => span.name = Field(".name").text(reader)?,
            b"kind" => span.kind = kind(&Field(".kind").text(reader)?),
            b"timestamp" => span.micros = Some(Field(".timestamp").uint64(reader)?).filter(|micros| *micros != 0),
            b"duration" => span.duration_micros = Field(".duration").uint64(reader)?,
            b"localEndpoint" => span.local = endpoint(reader)?,
            b"remoteEndpoint" => span.remote = endpoint(reader)?,
            b"annotations" => lists.annotations = Some(reader.later()?),
            b"tags" => lists.tags = Some(reader.later()?),
            b"debug" => drop(Field(".debug").bool(reader)?),
            b"shared" => drop(Field(".shared").bool(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    if span.id == 0 {
        return Err(DecodeError::Said("valid span id required".to_owned()));
    }
    Ok(span)
}

/// Names that no kind has are none.
fn kind(name: &[u8]) -> u32 {
    match name {
        b"CLIENT" => span_kind::CLIENT,
        b"SERVER" => span_kind::SERVER,
        b"PRODUCER" => span_kind::PRODUCER,
        b"CONSUMER" => span_kind::CONSUMER,
        _ => span_kind::UNSPECIFIED,
    }
}

/// Up to 16 digits, then up to 16 more in front of them.
fn trace_id(text: &[u8]) -> Result<TraceId, DecodeError> {
    if text.is_empty() {
        return Err(DecodeError::Said("valid traceId required".to_owned()));
    }
    let (high, low) = text.split_at_checked(text.len().saturating_sub(16)).unwrap_or((&[], text));
    let high = if high.is_empty() { 0 } else { digits(high)? };
    Ok(TraceId::new(high, digits(low)?))
}

fn id(text: &[u8]) -> Result<Option<u64>, DecodeError> {
    if text.is_empty() { Ok(None) } else { digits(text).map(Some) }
}

/// Hex digits, in the words of Go's `ParseUint` where they are none or too many.
fn digits(text: &[u8]) -> Result<u64, DecodeError> {
    let wrong = |why: &str| {
        let shown: String = String::from_utf8_lossy(text).chars().take(64).collect();
        DecodeError::Said(format!("strconv.ParseUint: parsing {shown:?}: {why}"))
    };
    let mut id = 0_u64;
    for byte in text {
        let Some(digit) = char::from(*byte).to_digit(16) else { return Err(wrong("invalid syntax")) };
        if id >> 60 != 0 {
            return Err(wrong("value out of range"));
        }
        id = id << 4 | u64::from(digit);
    }
    Ok(id)
}

fn endpoint<'a>(reader: &mut Reader<'a>) -> Result<Endpoint<'a>, DecodeError> {
    let mut endpoint = Endpoint::default();
    let (mut ipv4, mut ipv6) = (None, None);
    Field("Endpoint.endpoint").object(reader, "model.Endpoint")?;
    reader.object(|reader, member| {
        match member {
            b"serviceName" => endpoint.service = Field("Endpoint.serviceName").text(reader)?,
            b"ipv4" => ipv4 = ip(&Field("Endpoint.ipv4").text(reader)?)?,
            b"ipv6" => ipv6 = ip(&Field("Endpoint.ipv6").text(reader)?)?,
            b"port" => endpoint.port = Field("Endpoint.port").uint16(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    endpoint.ip = ipv6.or(ipv4);
    Ok(endpoint)
}

fn ip(text: &[u8]) -> Result<Option<String>, DecodeError> {
    if text.is_empty() {
        return Ok(None);
    }
    match str::from_utf8(text).ok().and_then(|text| text.parse().ok()) {
        Some(IpAddr::V4(address)) => Ok(Some(address.to_string())),
        Some(IpAddr::V6(address)) => Ok(Some(ipv6_text(address))),
        None => {
            let shown: String = String::from_utf8_lossy(text).chars().take(64).collect();
            Err(DecodeError::Said(format!("invalid IP address: {shown}")))
        }
    }
}

impl Lists for Later<'_> {
    fn tags(&self, each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), DecodeError> {
        let Some(mut reader) = self.tags.clone() else { return Ok(()) };
        Field(".tags").object(&mut reader, "map[string]string")?;
        reader.object(|reader, key| {
            each(key, &Field(".tags").text(reader)?);
            Ok(())
        })
    }

    fn annotations(&self, each: &mut dyn FnMut(u64, &[u8])) -> Result<(), DecodeError> {
        let Some(mut reader) = self.annotations.clone() else { return Ok(()) };
        Field(".annotations").array(&mut reader, "[]model.Annotation")?;
        reader.array(|reader| {
            let (mut micros, mut value) = (0, Cow::default());
            Field(".annotations").object(reader, "model.Annotation")?;
            reader.object(|reader, member| {
                match member {
                    b"timestamp" => micros = Field(".timestamp").uint64(reader)?,
                    b"value" => value = Field(".value").text(reader)?,
                    _ => reader.skip()?,
                }
                Ok(())
            })?;
            if micros == 0 {
                return Err(DecodeError::Said("valid annotation timestamp required".to_owned()));
            }
            each(micros, &value);
            Ok(())
        })
    }
}
