//! ExportTraceServiceRequest (TracesData has the same fields) in protobuf, straight into a builder.
//!
//! Levels whose parts may come in any order are read twice, the first time for what must come first: the resource
//! before its spans, the scope before its spans, an event's name before its attributes, the parent before links.

use jaeger_model::{BatchBuilder, ProcessIndex, Timestamp, ValueIn};

use super::finish::{EVENT, NO_SERVICE, Parent, REF_TYPE, Rest, SERVICE_NAME, reference_kind, scope_tags};
use super::outcome::{Outcome, Refusal, Tally, link_ids, parent_id, span_ids};
use super::protobuf_value::{Any, attribute, value_in};
use crate::error::DecodeError;
use crate::protobuf::Reader;

/// Reads a request's spans. Spans with ids that are zero or of a wrong length are left out and told about.
///
/// # Errors
/// [`DecodeError`] where the body is no such message, and then the builder is as it was before.
pub fn decode_protobuf(body: &[u8], builder: &mut BatchBuilder) -> Result<Outcome, DecodeError> {
    let mark = builder.mark();
    let mut decoder = Decoder { builder, tally: Tally::default(), text: Vec::new() };
    let read = decoder.request(body);
    let outcome = decoder.tally.outcome();
    match read {
        Ok(()) => Ok(outcome),
        Err(error) => {
            builder.rollback(mark);
            Err(error)
        }
    }
}

/// How many spans a request holds, without reading any; what comes after a fault is not counted.
#[must_use]
pub fn count_spans(body: &[u8]) -> usize {
    fn count(bytes: &[u8], level: usize) -> usize {
        let mut reader = Reader::new(bytes);
        let mut spans = 0;
        while let Ok(Some(field)) = reader.field() {
            match (level, field.number) {
                (2, 2) => spans += 1,
                (0, 1) | (1, 2 | OLD_SCOPE_SPANS) => {
                    spans += field.wire.bytes("").map_or(0, |inner| count(inner, level + 1));
                }
                _ => {}
            }
        }
        spans
    }
    count(body, 0)
}

/// `scope_spans` of the time when scopes were instrumentation libraries; the same inside.
const OLD_SCOPE_SPANS: u32 = 1000;

struct Decoder<'b> {
    builder: &'b mut BatchBuilder,
    tally: Tally,
    /// JSON text of nested values, kept for its memory.
    text: Vec<u8>,
}

/// What the spans of one scope share.
#[derive(Clone, Copy)]
struct Scope<'a> {
    process: ProcessIndex,
    name: &'a [u8],
    version: &'a [u8],
}

impl Decoder<'_> {
    fn request(&mut self, body: &[u8]) -> Result<(), DecodeError> {
        let mut reader = Reader::new(body);
        while let Some(field) = reader.field()? {
            if field.number == 1 {
                self.resource_spans(field.wire.bytes("OTLP resource_spans")?)?;
            }
        }
        Ok(())
    }

    fn resource_spans(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut service = None;
        let mut attributes = 0usize;
        let mut scopes = false;
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.field()? {
            scopes |= matches!(field.number, 2 | OLD_SCOPE_SPANS);
        }
        if !scopes {
            return Ok(());
        }
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.field()? {
            if field.number == 1 {
                self.resource(field.wire.bytes("OTLP resource")?, &mut service, &mut attributes)?;
            }
        }
        let service = if attributes == 0 { NO_SERVICE } else { service.unwrap_or(b"") };
        let process = self.builder.process(service)?;
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.field()? {
            if matches!(field.number, 2 | OLD_SCOPE_SPANS) {
                self.scope_spans(field.wire.bytes("OTLP scope_spans")?, process)?;
            }
        }
        Ok(())
    }

    /// The first service name names the process; a name that is no text is an empty one.
    fn resource<'a>(
        &mut self,
        bytes: &'a [u8],
        service: &mut Option<&'a [u8]>,
        attributes: &mut usize,
    ) -> Result<(), DecodeError> {
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.field()? {
            if field.number != 1 {
                continue;
            }
            *attributes += 1;
            let (key, value) = attribute(field.wire.bytes("OTLP resource attribute")?)?;
            if key == SERVICE_NAME {
                service.get_or_insert(if let Any::Str(name) = value { name } else { b"" });
            } else {
                let value = value_in(value, &mut self.text)?;
                self.builder.process_tag(key, value);
            }
        }
        Ok(())
    }

    fn scope_spans(&mut self, bytes: &[u8], process: ProcessIndex) -> Result<(), DecodeError> {
        let mut scope = Scope { process, name: b"", version: b"" };
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.field()? {
            if field.number != 1 {
                continue;
            }
            let mut inner = field.wire.message("OTLP scope")?;
            while let Some(field) = inner.field()? {
                match field.number {
                    1 => scope.name = field.wire.bytes("OTLP scope name")?,
                    2 => scope.version = field.wire.bytes("OTLP scope version")?,
                    _ => {}
                }
            }
        }
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.field()? {
            if field.number == 2 {
                self.span(field.wire.bytes("OTLP span")?, scope)?;
            }
        }
        Ok(())
    }

    fn span(&mut self, bytes: &[u8], scope: Scope<'_>) -> Result<(), DecodeError> {
        let builder = &mut *self.builder;
        builder.begin_span();
        builder.span_process(scope.process);
        scope_tags(builder, scope.name, scope.version);
        let (mut trace_id, mut span_id, mut parent): (&[u8], &[u8], &[u8]) = (b"", b"", b"");
        let mut rest = Rest::default();
        let mut links = 0usize;
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.field()? {
            let wire = field.wire;
            match field.number {
                1 => trace_id = wire.bytes("OTLP trace id")?,
                2 => span_id = wire.bytes("OTLP span id")?,
                3 => rest.trace_state = wire.bytes("OTLP trace state")?,
                4 => parent = wire.bytes("OTLP parent span id")?,
                5 => self.builder.span_operation(wire.bytes("OTLP span name")?),
                6 => rest.kind = wire.uint32("OTLP span kind")?,
                7 => rest.start_nanos = wire.fixed64("OTLP span start")?,
                8 => rest.end_nanos = wire.fixed64("OTLP span end")?,
                9 => {
                    let (key, value) = attribute(wire.bytes("OTLP span attribute")?)?;
                    let value = value_in(value, &mut self.text)?;
                    self.builder.span_tag(key, value);
                }
                11 => self.event(wire.bytes("OTLP event")?)?,
                13 => links += 1,
                15 => {
                    let mut status = wire.message("OTLP status")?;
                    while let Some(field) = status.field()? {
                        match field.number {
                            2 => rest.status_message = field.wire.bytes("OTLP status message")?,
                            3 => rest.status_code = field.wire.uint32("OTLP status code")?,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        let ids = span_ids(trace_id, span_id).and_then(|ids| Ok((ids, parent_id(parent)?)));
        let linked = match ids {
            Ok(((trace_id, span_id), parent)) => {
                self.builder.span_ids(trace_id, span_id);
                let mut parent = Parent::new(trace_id, parent);
                let linked = if links > 0 { self.links(bytes, &mut parent)? } else { Ok(()) };
                parent.put(self.builder);
                linked
            }
            Err(refusal) => Err(refusal),
        };
        match linked {
            Ok(()) => {
                rest.put(self.builder);
                self.builder.end_span()?;
                self.tally.accepted += 1;
            }
            Err(refusal) => {
                self.builder.abandon_span();
                self.tally.refuse(refusal);
            }
        }
        Ok(())
    }

    fn event(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut name: &[u8] = b"";
        let mut nanos = 0;
        let mut named = false;
        let mut attributes = false;
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.field()? {
            match field.number {
                1 => nanos = field.wire.fixed64("OTLP event time")?,
                2 => name = field.wire.bytes("OTLP event name")?,
                3 => {
                    attributes = true;
                    named = named || attribute(field.wire.bytes("OTLP event attribute")?)?.0 == EVENT;
                }
                _ => {}
            }
        }
        self.builder.begin_log(Timestamp::from_nanos(nanos.cast_signed()));
        if !name.is_empty() && !named {
            self.builder.log_field(EVENT, ValueIn::Str(name));
        }
        if !attributes {
            return Ok(());
        }
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.field()? {
            if field.number == 3 {
                let (key, value) = attribute(field.wire.bytes("OTLP event attribute")?)?;
                let value = value_in(value, &mut self.text)?;
                self.builder.log_field(key, value);
            }
        }
        Ok(())
    }

    /// The links of the span in `bytes`, as references.
    fn links(&mut self, bytes: &[u8], parent: &mut Parent) -> Result<Result<(), Refusal>, DecodeError> {
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.field()? {
            if field.number != 13 {
                continue;
            }
            let (mut trace_id, mut span_id): (&[u8], &[u8]) = (b"", b"");
            let mut ref_type = None;
            let mut link = field.wire.message("OTLP link")?;
            while let Some(field) = link.field()? {
                match field.number {
                    1 => trace_id = field.wire.bytes("OTLP link trace id")?,
                    2 => span_id = field.wire.bytes("OTLP link span id")?,
                    4 => {
                        let (key, value) = attribute(field.wire.bytes("OTLP link attribute")?)?;
                        if key == REF_TYPE {
                            ref_type.get_or_insert(if let Any::Str(text) = value { text } else { b"" });
                        }
                    }
                    _ => {}
                }
            }
            match link_ids(trace_id, span_id) {
                Ok((trace_id, span_id)) => {
                    parent.link(self.builder, trace_id, span_id, reference_kind(ref_type.unwrap_or(b"")));
                }
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        Ok(Ok(()))
    }
}
