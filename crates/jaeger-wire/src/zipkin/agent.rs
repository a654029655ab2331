//! Zipkin's Thrift spans as they come through an agent (`emitZipkinBatch`, `submitZipkinBatch`): one pass to look
//! over a span's annotations, then the span is written as Go Jaeger's agent sanitizes and converts it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jaeger_model::{
    BatchBuilder, Duration, ProcessIndex, Reference, ReferenceKind, SpanId, Timestamp, TraceId, ValueIn, keys,
};

use super::core::{CLIENT_RECEIVE, CLIENT_SEND, COMPONENT, LOCAL_COMPONENT, SERVER_RECEIVE, SERVER_SEND};
use super::thrift_span::{Annotation, BinaryAnnotation, Endpoint, Span, kind, structs};
use crate::DecodeError;
use crate::error::Fault;
use crate::json;
use crate::thrift::{BinaryReader, CompactReader, Kind, Protocol, Reader, skip};

/// The service of a span of which nothing names one.
const UNKNOWN_SERVICE: &[u8] = b"unknown-service-name";
/// What a span lasts that does not say it, or says less than nothing.
const SHORTEST_MICROS: i64 = 1;

/// Reads the arguments of `emitZipkinBatch` and `submitZipkinBatch`: a struct whose field 1 is the list of spans.
/// Gives how many spans the list has; the builder may have more, since a span that is client and server at once
/// becomes two. Bytes behind the struct are not read.
///
/// # Errors
/// [`DecodeError`] with the place in the bytes; the builder is then as it was before.
pub fn decode_args(bytes: &[u8], protocol: Protocol, builder: &mut BatchBuilder) -> Result<usize, DecodeError> {
    match protocol {
        Protocol::Compact => whole(CompactReader::new(bytes), builder),
        Protocol::Binary => whole(BinaryReader::new(bytes), builder),
    }
}

fn whole<'a, R: Reader<'a>>(mut reader: R, builder: &mut BatchBuilder) -> Result<usize, DecodeError> {
    let before = builder.mark();
    spans(&mut reader, builder).map_err(|fault| {
        builder.rollback(before);
        fault.at(reader.offset())
    })
}

/// The same off a reader that stands before the struct.
pub(crate) fn spans<'a, R: Reader<'a>>(reader: &mut R, builder: &mut BatchBuilder) -> Result<usize, Fault> {
    let mut count = None;
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::List) => {
                let len = structs(reader, "spans")?;
                for _ in 0..len {
                    write(&Span::read(reader)?, builder)?;
                }
                count = Some(len);
            }
            _ => skip(reader, field.kind)?,
        }
    }
    count.ok_or_else(|| DecodeError::missing("spans"))
}

/// What the annotations of a span say besides themselves.
#[derive(Clone, Copy, Debug, Default)]
struct Seen<'a> {
    annotations: usize,
    /// Times of the first annotation that says each.
    client_send: Option<i64>,
    client_receive: Option<i64>,
    server_receive: Option<i64>,
    server_send: Option<i64>,
    /// The time that stands for a start which the span does not give.
    start: Option<i64>,
    /// The annotations' own span of time.
    first: i64,
    last: i64,
    kind: Option<&'static str>,
    /// Endpoints with a name: of a core annotation, of the local component, of any annotation.
    core_host: Option<Endpoint<'a>>,
    component_host: Option<Endpoint<'a>>,
    any_host: Option<Endpoint<'a>>,
    any_binary_host: Option<Endpoint<'a>>,
}

fn kind_of(annotation: &[u8]) -> Option<&'static str> {
    match annotation {
        CLIENT_SEND | CLIENT_RECEIVE => Some("client"),
        SERVER_SEND | SERVER_RECEIVE => Some("server"),
        _ => None,
    }
}

impl<'a> Seen<'a> {
    fn of<R: Reader<'a>>(span: &Span<'a, R>) -> Result<Self, Fault> {
        let mut seen = Self::default();
        let (mut first, mut last) = (None, None);
        span.annotations(|annotation| {
            let Annotation { micros, value, host } = annotation;
            if seen.annotations == 0 {
                seen.first = micros;
            }
            seen.annotations += 1;
            seen.last = micros;
            match value {
                CLIENT_SEND => {
                    first = Some(micros);
                    if seen.client_send.is_none() {
                        seen.start = Some(micros);
                    }
                    seen.client_send.get_or_insert(micros);
                }
                CLIENT_RECEIVE => {
                    last = Some(micros);
                    seen.client_receive.get_or_insert(micros);
                }
                SERVER_RECEIVE => {
                    // A server that continues its caller's span does not know when that began.
                    if seen.client_send.is_none() && span.parent.is_none() {
                        seen.start = Some(micros);
                    }
                    seen.server_receive.get_or_insert(micros);
                }
                SERVER_SEND => {
                    seen.server_send.get_or_insert(micros);
                }
                _ => {}
            }
            let kind = kind_of(value);
            seen.kind = seen.kind.or(kind);
            let host = host.filter(|host| !host.service.is_empty());
            seen.any_host = seen.any_host.or(host);
            if kind.is_some() {
                seen.core_host = seen.core_host.or(host);
            }
        })?;
        seen.first = first.unwrap_or(seen.first);
        seen.last = last.unwrap_or(seen.last);
        span.binary_annotations(|annotation| {
            let host = annotation.host.filter(|host| !host.service.is_empty());
            seen.any_binary_host = seen.any_binary_host.or(host);
            if annotation.key == LOCAL_COMPONENT {
                seen.component_host = seen.component_host.or(host);
            }
        })?;
        Ok(seen)
    }

    fn host(&self) -> Option<Endpoint<'a>> {
        self.core_host.or(self.component_host).or(self.any_host).or(self.any_binary_host)
    }

    /// Start and duration of the span, after the sanitizers.
    fn times(&self, micros: Option<i64>, duration: Option<i64>) -> (i64, i64) {
        let mut start = micros.or(self.start);
        let mut lasts = duration.map_or(SHORTEST_MICROS, |micros| if micros < 0 { SHORTEST_MICROS } else { micros });
        if duration.is_none() && self.annotations >= 2 && self.first < self.last {
            lasts = self.last.saturating_sub(self.first);
            start = start.or(Some(self.first));
        }
        let start = start.unwrap_or(0);
        if start != 0 {
            return (start, lasts);
        }
        let between = |from: i64, to: Option<i64>| match to {
            Some(to) if lasts == 0 => to.saturating_sub(from),
            _ => lasts,
        };
        match (self.client_send, self.server_receive) {
            (Some(sent), _) => (sent, between(sent, self.client_receive)),
            (None, Some(received)) => (received, between(received, self.server_send)),
            (None, None) => (0, lasts),
        }
    }
}

fn write<'a, R: Reader<'a>>(span: &Span<'a, R>, builder: &mut BatchBuilder) -> Result<(), Fault> {
    let seen = Seen::of(span)?;
    let process = process(span, &seen, builder)?;
    let (start, lasts) = seen.times(span.micros, span.duration_micros);
    begin(span, process, builder);
    builder.span_start(Timestamp::from_micros(start));
    builder.span_duration(Duration::from_micros(lasts));
    tags(span, builder)?;
    if let Some(kind) = seen.kind {
        builder.span_tag(keys::SPAN_KIND.as_bytes(), kind.into());
    }
    span.annotations(|annotation| log(annotation, builder))?;
    builder.end_span().map_err(full)?;
    if let (Some(sent), Some(received)) = (seen.client_send, seen.server_receive) {
        other_side(span, &seen, (sent, received), process, builder)?;
    }
    Ok(())
}

/// Client and server reported one span together: the side that the span is not becomes a second one.
fn other_side<'a, R: Reader<'a>>(
    span: &Span<'a, R>,
    seen: &Seen<'a>,
    (sent, received): (i64, i64),
    process: ProcessIndex,
    builder: &mut BatchBuilder,
) -> Result<(), Fault> {
    let (kind, start, end) = if seen.kind == Some("client") {
        ("server", received, seen.server_send)
    } else {
        ("client", sent, seen.client_receive)
    };
    begin(span, process, builder);
    builder.span_start(Timestamp::from_micros(start));
    builder.span_duration(Duration::from_micros(end.map_or(0, |end| end.saturating_sub(start))));
    builder.span_tag(keys::SPAN_KIND.as_bytes(), kind.into());
    builder.end_span().map_err(full)
}

fn begin<'a, R: Reader<'a>>(span: &Span<'a, R>, process: ProcessIndex, builder: &mut BatchBuilder) {
    let trace_id = TraceId::new(span.trace_id_high, span.trace_id);
    builder.begin_span();
    builder.span_process(process);
    builder.span_ids(trace_id, SpanId(span.id));
    builder.span_operation(span.name);
    builder.span_flags(if span.debug { keys::FLAG_DEBUG } else { 0 });
    if let Some(parent @ 1..) = span.parent {
        builder.span_reference(Reference { kind: ReferenceKind::ChildOf, trace_id, span_id: SpanId(parent) });
    }
}

#[cold]
fn full(full: jaeger_model::Full) -> Fault {
    DecodeError::Full(full).into()
}

/// The process's tag that a binary annotation stands for.
fn process_key(annotation: &[u8]) -> Option<&'static str> {
    match annotation {
        b"jaegerClient" | b"jaeger.version" => Some("jaeger.version"),
        b"jaeger.hostname" => Some("hostname"),
        _ => None,
    }
}

fn process<'a, R: Reader<'a>>(
    span: &Span<'a, R>,
    seen: &Seen<'a>,
    builder: &mut BatchBuilder,
) -> Result<ProcessIndex, Fault> {
    let mut tags: Vec<(&'static str, Tag<'a>)> = Vec::new();
    span.binary_annotations(|annotation| {
        if let Some(key) = process_key(annotation.key) {
            tags.push((key, Tag::of(annotation)));
        }
    })?;
    let host = seen.host();
    if let Some(ipv4) = host.map(|host| host.ipv4).filter(|ipv4| *ipv4 != 0) {
        tags.push((keys::IP, Tag::I64(ipv4.into())));
    }
    tags.sort_by_key(|(key, _)| *key);
    for (key, value) in &tags {
        builder.process_tag(key.as_bytes(), value.value());
    }
    builder.process(host.map_or(UNKNOWN_SERVICE, |host| host.service)).map_err(full)
}

/// A binary annotation's value.
#[derive(Clone, PartialEq, Debug)]
enum Tag<'a> {
    Bool(bool),
    I64(i64),
    F64(f64),
    Bytes(&'a [u8]),
    Str(Cow<'a, [u8]>),
}

impl<'a> Tag<'a> {
    fn of(annotation: BinaryAnnotation<'a>) -> Self {
        let BinaryAnnotation { value, kind, .. } = annotation;
        let number = match kind {
            kind::BOOL => return Self::Bool(value == [1]),
            kind::BYTES => return Self::Bytes(value),
            kind::STRING => return Self::Str(Cow::Borrowed(value)),
            kind::I16 => value.first_chunk().map(|bytes| Self::I64(i16::from_be_bytes(*bytes).into())),
            kind::I32 => value.first_chunk().map(|bytes| Self::I64(i32::from_be_bytes(*bytes).into())),
            kind::I64 => value.first_chunk().map(|bytes| Self::I64(i64::from_be_bytes(*bytes))),
            kind::DOUBLE => value.first_chunk().map(|bytes| Self::F64(f64::from_be_bytes(*bytes))),
            _ => return Self::unreadable(value, &format!("unknown zipkin annotation type: {kind}")),
        };
        number.unwrap_or_else(|| Self::unreadable(value, if value.is_empty() { "EOF" } else { "unexpected EOF" }))
    }

    /// Go Jaeger's words, by which people search.
    #[cold]
    fn unreadable(value: &[u8], why: &str) -> Self {
        Self::Str(Cow::Owned(format!("Cannot parse Zipkin value {}: {why}", STANDARD.encode(value)).into_bytes()))
    }

    fn value(&self) -> ValueIn<'_> {
        match self {
            Self::Bool(value) => ValueIn::Bool(*value),
            Self::I64(value) => ValueIn::I64(*value),
            Self::F64(value) => ValueIn::F64(*value),
            Self::Bytes(bytes) => ValueIn::Bytes(bytes),
            Self::Str(text) => ValueIn::Str(text),
        }
    }
}

/// What `error` says where it is no bool.
enum ErrorText {
    Yes,
    No,
    Message,
}

fn error_text(annotation: &BinaryAnnotation<'_>) -> Option<ErrorText> {
    if annotation.kind == kind::BOOL || !annotation.key.eq_ignore_ascii_case(b"error") {
        return None;
    }
    Some(match annotation.value {
        [] => ErrorText::Yes,
        text if text.eq_ignore_ascii_case(b"true") => ErrorText::Yes,
        text if text.eq_ignore_ascii_case(b"false") => ErrorText::No,
        _ => ErrorText::Message,
    })
}

/// The span's tags: what the binary annotations say, then what the sanitizers found.
fn tags<'a, R: Reader<'a>>(span: &Span<'a, R>, builder: &mut BatchBuilder) -> Result<(), Fault> {
    let mut messages = 0;
    span.binary_annotations(|annotation| match (annotation.key, error_text(&annotation)) {
        (key, _) if process_key(key).is_some() => {}
        (LOCAL_COMPONENT, _) => builder.span_tag(COMPONENT, ValueIn::Str(annotation.value)),
        (b"sa" | b"ca" | b"ma", _) => peer(annotation.host, builder),
        (key, Some(text)) => {
            messages += usize::from(matches!(text, ErrorText::Message));
            builder.span_tag(key, ValueIn::Bool(!matches!(text, ErrorText::No)));
        }
        (key, None) => builder.span_tag(key, Tag::of(annotation).value()),
    })?;
    if let Some(negative) = span.duration_micros.filter(|micros| *micros < 0) {
        builder.span_tag(b"errNegativeDuration", ValueIn::Str(negative.to_string().as_bytes()));
    }
    if span.parent == Some(0) {
        builder.span_tag(b"errZeroParentID", ValueIn::Str(b"0"));
    }
    if messages > 0 {
        span.binary_annotations(|annotation| {
            if let Some(ErrorText::Message) = error_text(&annotation) {
                builder.span_tag(b"error.message", ValueIn::Str(annotation.value));
            }
        })?;
    }
    Ok(())
}

/// The other side's address.
fn peer(host: Option<Endpoint<'_>>, builder: &mut BatchBuilder) {
    let Some(host) = host else { return };
    builder.span_tag(keys::PEER_SERVICE.as_bytes(), ValueIn::Str(host.service));
    if host.ipv4 != 0 {
        builder.span_tag(keys::PEER_IPV4.as_bytes(), ValueIn::I64(host.ipv4.cast_unsigned().into()));
    }
    if !host.ipv6.is_empty() {
        builder.span_tag(b"peer.ipv6", ValueIn::Bytes(host.ipv6));
    }
    if host.port != 0 {
        builder.span_tag(b"peer.port", ValueIn::I64(host.port.cast_unsigned().into()));
    }
}

/// An annotation that is no core one is a log. Some clients write a log's fields as a JSON object of texts.
fn log(annotation: Annotation<'_>, builder: &mut BatchBuilder) {
    let value = annotation.value;
    if value.is_empty() || kind_of(value).is_some() {
        return;
    }
    builder.begin_log(Timestamp::from_micros(annotation.micros));
    if json_fields(value, |_, _| {}) {
        json_fields(value, |key, text| builder.log_field(key, ValueIn::Str(text)));
    } else {
        builder.log_field(keys::EVENT.as_bytes(), ValueIn::Str(value));
    }
}

/// Whether `value` is a JSON object of texts; gives each to `each`.
fn json_fields(value: &[u8], mut each: impl FnMut(&[u8], &[u8])) -> bool {
    let mut reader = json::Reader::new(value);
    reader.peek() == Some(b'{')
        && reader
            .object(|reader, key| {
                each(key, &reader.text()?);
                Ok(())
            })
            .and_then(|()| reader.end())
            .is_ok()
}
