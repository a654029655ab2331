//! ExportTraceServiceRequest in OTLP's JSON: protobuf's JSON, but ids are hex.
//!
//! Parts that stand before what they need (spans before their scope, say) are passed over and read afterwards.

use std::borrow::Cow;

use jaeger_model::{BatchBuilder, ProcessIndex, Timestamp, ValueIn};

use super::finish::{EVENT, NO_SERVICE, Parent, REF_TYPE, Rest, SERVICE_NAME, reference_kind, scope_tags};
use super::json_value::{Any, key_value};
use super::outcome::{Outcome, Refusal, Tally, link_ids, parent_id, span_ids};
use crate::error::DecodeError;
use crate::json::Reader;

/// Reads a request's spans. Spans with ids that are zero or of a wrong length are left out and told about.
///
/// Members are known in camelCase and snake_case, 64-bit numbers bare and in quotes, enums by number and by name.
///
/// # Errors
/// [`DecodeError`] where the body is no such message, and then the builder is as it was before.
pub fn decode_json(body: &[u8], builder: &mut BatchBuilder) -> Result<Outcome, DecodeError> {
    let mark = builder.mark();
    let mut decoder = Decoder { builder, tally: Tally::default(), nested: Vec::new() };
    let mut reader = Reader::new(body);
    let read = decoder.request(&mut reader).and_then(|()| reader.end());
    let outcome = decoder.tally.outcome();
    match read {
        Ok(()) => Ok(outcome),
        Err(error) => {
            builder.rollback(mark);
            Err(error)
        }
    }
}

const KIND_NAMES: [&str; 6] = [
    "SPAN_KIND_UNSPECIFIED",
    "SPAN_KIND_INTERNAL",
    "SPAN_KIND_SERVER",
    "SPAN_KIND_CLIENT",
    "SPAN_KIND_PRODUCER",
    "SPAN_KIND_CONSUMER",
];
const STATUS_NAMES: [&str; 3] = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

struct Decoder<'b> {
    builder: &'b mut BatchBuilder,
    tally: Tally,
    /// JSON text of a nested value, kept for its memory.
    nested: Vec<u8>,
}

/// What the spans of one scope share.
struct Scope<'a> {
    process: ProcessIndex,
    name: Cow<'a, [u8]>,
    version: Cow<'a, [u8]>,
}

impl Decoder<'_> {
    fn request(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        reader.object(|reader, member| match member {
            b"resourceSpans" | b"resource_spans" => reader.array(|reader| self.resource_spans(reader)),
            _ => reader.skip(),
        })
    }

    fn resource_spans(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let mut resource = None;
        let mut process = None;
        let mut waiting = Vec::new();
        reader.object(|reader, member| match member {
            b"resource" => {
                resource = Some(reader.later()?);
                Ok(())
            }
            b"scopeSpans" | b"scope_spans" if resource.is_some() => {
                self.scopes_of(reader, resource.as_ref(), &mut process)
            }
            b"scopeSpans" | b"scope_spans" => {
                waiting.push(reader.later()?);
                Ok(())
            }
            _ => reader.skip(),
        })?;
        waiting.iter_mut().try_for_each(|reader| self.scopes_of(reader, resource.as_ref(), &mut process))
    }

    /// Reads the scopes of a resource; its process is made once there is a scope.
    fn scopes_of(
        &mut self,
        reader: &mut Reader<'_>,
        resource: Option<&Reader<'_>>,
        process: &mut Option<ProcessIndex>,
    ) -> Result<(), DecodeError> {
        reader.array(|reader| {
            let process = match *process {
                Some(known) => known,
                None => *process.insert(self.process(resource)?),
            };
            self.scope_spans(reader, process)
        })
    }

    /// The first service name names the process; a name that is no text is an empty one.
    fn process(&mut self, resource: Option<&Reader<'_>>) -> Result<ProcessIndex, DecodeError> {
        let mut service: Option<Vec<u8>> = None;
        let mut attributes = 0usize;
        if let Some(mut reader) = resource.cloned() {
            reader.object(|reader, member| {
                if member != b"attributes" {
                    return reader.skip();
                }
                reader.array(|reader| {
                    attributes += 1;
                    let (key, value) = key_value(reader, &mut self.nested)?;
                    if *key == *SERVICE_NAME {
                        service.get_or_insert_with(|| value.text().to_vec());
                    } else {
                        self.builder.process_tag(&key, value.value_in(&self.nested));
                    }
                    Ok(())
                })
            })?;
        }
        let service = if attributes == 0 { NO_SERVICE } else { service.as_deref().unwrap_or(b"") };
        Ok(self.builder.process(service)?)
    }

    fn scope_spans(&mut self, reader: &mut Reader<'_>, process: ProcessIndex) -> Result<(), DecodeError> {
        let mut scope = Scope { process, name: Cow::Borrowed(b""), version: Cow::Borrowed(b"") };
        let mut known = false;
        let mut waiting = Vec::new();
        reader.object(|reader, member| match member {
            b"scope" => {
                known = true;
                reader.object(|reader, member| {
                    match member {
                        b"name" => scope.name = reader.text()?,
                        b"version" => scope.version = reader.text()?,
                        _ => reader.skip()?,
                    }
                    Ok(())
                })
            }
            b"spans" if known => reader.array(|reader| self.span(reader, &scope)),
            b"spans" => {
                waiting.push(reader.later()?);
                Ok(())
            }
            _ => reader.skip(),
        })?;
        waiting.iter_mut().try_for_each(|reader| reader.array(|reader| self.span(reader, &scope)))
    }

    fn span(&mut self, reader: &mut Reader<'_>, scope: &Scope<'_>) -> Result<(), DecodeError> {
        self.builder.begin_span();
        self.builder.span_process(scope.process);
        scope_tags(self.builder, &scope.name, &scope.version);
        let (mut trace_id, mut span_id, mut parent) = (Id::default(), Id::default(), Id::default());
        let (mut trace_state, mut message) = (Cow::Borrowed(&b""[..]), Cow::Borrowed(&b""[..]));
        let mut rest = Rest::default();
        let mut links = Vec::new();
        reader.object(|reader, member| {
            match member {
                b"traceId" | b"trace_id" => trace_id = Id::read(reader)?,
                b"spanId" | b"span_id" => span_id = Id::read(reader)?,
                b"parentSpanId" | b"parent_span_id" => parent = Id::read(reader)?,
                b"traceState" | b"trace_state" => trace_state = reader.text()?,
                b"name" => self.builder.span_operation(&reader.text()?),
                b"kind" => rest.kind = reader.enumeration(&KIND_NAMES)?,
                b"startTimeUnixNano" | b"start_time_unix_nano" => rest.start_nanos = reader.uint64()?,
                b"endTimeUnixNano" | b"end_time_unix_nano" => rest.end_nanos = reader.uint64()?,
                b"attributes" => reader.array(|reader| {
                    let (key, value) = key_value(reader, &mut self.nested)?;
                    self.builder.span_tag(&key, value.value_in(&self.nested));
                    Ok(())
                })?,
                b"events" => reader.array(|reader| self.event(reader))?,
                b"links" => links.push(reader.later()?),
                b"status" => reader.object(|reader, member| {
                    match member {
                        b"message" => message = reader.text()?,
                        b"code" => rest.status_code = reader.enumeration(&STATUS_NAMES)?,
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let ids = span_ids(trace_id.bytes(), span_id.bytes()).and_then(|ids| Ok((ids, parent_id(parent.bytes())?)));
        let refusal = match ids {
            Ok(((trace_id, span_id), parent)) => {
                self.builder.span_ids(trace_id, span_id);
                let mut parent = Parent::new(trace_id, parent);
                let mut refusal = None;
                for reader in &mut links {
                    reader.array(|reader| self.link(reader, &mut parent, &mut refusal))?;
                }
                parent.put(self.builder);
                refusal
            }
            Err(refusal) => Some(refusal),
        };
        if let Some(refusal) = refusal {
            self.builder.abandon_span();
            self.tally.refuse(refusal);
            return Ok(());
        }
        Rest { trace_state: &trace_state, status_message: &message, ..rest }.put(self.builder);
        self.builder.end_span()?;
        self.tally.accepted += 1;
        Ok(())
    }

    fn event(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let mut name = Cow::Borrowed(&b""[..]);
        let mut nanos = 0;
        let mut attributes = Vec::new();
        reader.object(|reader, member| {
            match member {
                b"timeUnixNano" | b"time_unix_nano" => nanos = reader.uint64()?,
                b"name" => name = reader.text()?,
                b"attributes" => attributes.push(reader.later()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        self.builder.begin_log(Timestamp::from_nanos(nanos.cast_signed()));
        let mut named = false;
        for mut reader in attributes.iter().cloned() {
            reader.array(|reader| {
                named |= *key_value(reader, &mut self.nested)?.0 == *EVENT;
                Ok(())
            })?;
        }
        if !name.is_empty() && !named {
            self.builder.log_field(EVENT, ValueIn::Str(&name));
        }
        for reader in &mut attributes {
            reader.array(|reader| {
                let (key, value) = key_value(reader, &mut self.nested)?;
                self.builder.log_field(&key, value.value_in(&self.nested));
                Ok(())
            })?;
        }
        Ok(())
    }

    fn link(
        &mut self,
        reader: &mut Reader<'_>,
        parent: &mut Parent,
        refusal: &mut Option<Refusal>,
    ) -> Result<(), DecodeError> {
        let (mut trace_id, mut span_id) = (Id::default(), Id::default());
        let mut ref_type: Option<Any<'_>> = None;
        reader.object(|reader, member| {
            match member {
                b"traceId" | b"trace_id" => trace_id = Id::read(reader)?,
                b"spanId" | b"span_id" => span_id = Id::read(reader)?,
                b"attributes" => reader.array(|reader| {
                    let (key, value) = key_value(reader, &mut self.nested)?;
                    if *key == *REF_TYPE {
                        ref_type.get_or_insert(value);
                    }
                    Ok(())
                })?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        match link_ids(trace_id.bytes(), span_id.bytes()) {
            Ok((trace_id, span_id)) => {
                let kind = reference_kind(ref_type.as_ref().map_or(b"", Any::text));
                parent.link(self.builder, trace_id, span_id, kind);
            }
            Err(link) => *refusal = Some(link),
        }
        Ok(())
    }
}

/// An id's bytes, at most one more than the longest id has.
#[derive(Clone, Copy, Default)]
struct Id {
    bytes: [u8; 17],
    len: usize,
}

impl Id {
    /// Hex of either case. What is no hex at all is no OTLP, while a wrong length costs only the span.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let text = reader.text()?;
        let (pairs, odd) = text.as_chunks::<2>();
        let mut id = Self::default();
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        for [high, low] in pairs {
            let (Some(high), Some(low)) = (digit(*high), digit(*low)) else {
                return Err(reader.expected("an id of hex digits before this"));
            };
            if let Some(byte) = id.bytes.get_mut(id.len) {
                *byte = high << 4 | low;
                id.len += 1;
            }
        }
        if odd.is_empty() { Ok(id) } else { Err(reader.expected("an id of whole bytes before this")) }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}
