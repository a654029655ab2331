//! A v1 span that came to 9411, in Thrift or JSON, becomes one of ours: as an OpenTelemetry receiver does it. The
//! span's annotations and tags are gone through twice, once to see what they say about the span, once to write them.

use std::borrow::Cow;

use jaeger_model::{BatchBuilder, Reference, ReferenceKind, SpanId, Timestamp, TraceId, ValueIn, keys};

use super::core::{
    CLIENT_RECEIVE, CLIENT_SEND, COMPONENT, LOCAL_COMPONENT, MESSAGE_RECEIVE, MESSAGE_SEND, SERVER_RECEIVE, SERVER_SEND,
};
use super::v1_status::Status;
use super::{START_ABSENT, span_kind};
use crate::DecodeError;
use crate::otlp::finish::Rest;

/// The service of a span of which nothing names one.
const UNKNOWN_SERVICE: &[u8] = b"unknown-service";

/// A span's own fields.
#[derive(Clone, Debug)]
pub(super) struct Span<'a> {
    pub(super) trace_id: TraceId,
    pub(super) id: SpanId,
    /// 0 for none.
    pub(super) parent: u64,
    pub(super) name: Cow<'a, [u8]>,
    pub(super) micros: Option<i64>,
    pub(super) duration_micros: i64,
    /// The start of a span that gives none at all.
    pub(super) now: Option<Timestamp>,
}

/// Who an annotation is about; addresses as text.
#[derive(Clone, Debug, Default)]
pub(super) struct Host<'a> {
    pub(super) service: Cow<'a, [u8]>,
    pub(super) ipv4: Cow<'a, [u8]>,
    pub(super) ipv6: Cow<'a, [u8]>,
    pub(super) port: i32,
}

/// Something that happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Annotation<'a> {
    pub(super) micros: i64,
    pub(super) value: Cow<'a, [u8]>,
    pub(super) host: Option<Host<'a>>,
}

/// A tag's value.
#[derive(Clone, Debug)]
pub(super) enum TagValue<'a> {
    Bool(bool),
    I64(i64),
    F64(f64),
    Str(Cow<'a, [u8]>),
}

/// A binary annotation.
#[derive(Clone, Debug)]
pub(super) struct Tag<'a> {
    pub(super) key: Cow<'a, [u8]>,
    pub(super) value: TagValue<'a>,
    /// The value's bytes, whatever its type.
    pub(super) bytes: Cow<'a, [u8]>,
    /// The service of the tag's host, where that is to stand for the span's.
    pub(super) service: Option<Cow<'a, [u8]>>,
}

/// The lists of a span, wherever they stand.
pub(super) trait Lists<'a> {
    fn annotations(&self, each: &mut dyn FnMut(Annotation<'a>)) -> Result<(), DecodeError>;
    fn tags(&self, each: &mut dyn FnMut(Tag<'a>)) -> Result<(), DecodeError>;
}

impl<'a> TagValue<'a> {
    fn value(&self) -> ValueIn<'_> {
        match self {
            Self::Bool(value) => ValueIn::Bool(*value),
            Self::I64(value) => ValueIn::I64(*value),
            Self::F64(value) => ValueIn::F64(*value),
            Self::Str(text) => ValueIn::Str(text),
        }
    }
}

impl<'a> Tag<'a> {
    /// Its key in the span that it becomes a tag of.
    fn key(&self) -> &[u8] {
        if *self.key == *LOCAL_COMPONENT { COMPONENT } else { &self.key }
    }
}

/// The kind that a core annotation says.
fn kind_of(annotation: &[u8]) -> Option<u32> {
    match annotation {
        CLIENT_SEND | CLIENT_RECEIVE => Some(span_kind::CLIENT),
        SERVER_SEND | SERVER_RECEIVE => Some(span_kind::SERVER),
        MESSAGE_SEND => Some(span_kind::PRODUCER),
        MESSAGE_RECEIVE => Some(span_kind::CONSUMER),
        _ => None,
    }
}

/// What the annotations say about the span.
#[derive(Debug, Default)]
struct Seen<'a> {
    host: Option<Host<'a>>,
    kind: Option<u32>,
    earliest: Option<i64>,
    latest: Option<i64>,
}

impl<'a> Seen<'a> {
    fn see(&mut self, annotation: Annotation<'a>) {
        let Annotation { micros, value, host } = annotation;
        if value.is_empty() {
            return;
        }
        self.earliest = Some(self.earliest.map_or(micros, |known| known.min(micros)));
        self.latest = Some(self.latest.map_or(micros, |known| known.max(micros)));
        let Some(kind) = kind_of(&value) else { return };
        self.kind.get_or_insert(kind);
        if self.host.is_none() {
            self.host = host.filter(|host| !host.service.is_empty() && *host.service != *UNKNOWN_SERVICE);
        }
    }
}

/// What stands before 1970 is no time.
fn nanos(micros: i64) -> u64 {
    u64::try_from(micros).unwrap_or(0).wrapping_mul(1000)
}

/// Writes a span into the builder.
pub(super) fn write<'a>(span: &Span<'a>, lists: &dyn Lists<'a>, builder: &mut BatchBuilder) -> Result<(), DecodeError> {
    let mut seen = Seen::default();
    lists.annotations(&mut |annotation| seen.see(annotation))?;
    let mut status = Status::default();
    let (mut service, mut component) = (Cow::Borrowed(&b""[..]), Cow::Borrowed(&b""[..]));
    lists.tags(&mut |tag| {
        status.see(tag.key(), &tag.value);
        if *tag.key == *LOCAL_COMPONENT {
            component = tag.bytes;
        }
        if let Some(named) = tag.service {
            service = named;
        }
    })?;
    if service.is_empty() {
        service = component;
    }
    if service.is_empty() {
        service = Cow::Borrowed(UNKNOWN_SERVICE);
    }
    let process = process(&seen.host.take().unwrap_or(Host { service, ..Host::default() }), builder)?;

    let (mut start, mut end) = (seen.earliest.map_or(0, nanos), seen.latest.map_or(0, nanos));
    if let Some(micros) = span.micros {
        start = nanos(micros);
        end = nanos(micros.wrapping_add(span.duration_micros));
    }
    let now = span.now.filter(|_| start == 0).map(|now| now.as_nanos().cast_unsigned());
    if let Some(now) = now {
        (start, end) = (now, now);
    }
    builder.begin_span();
    builder.span_process(process);
    builder.span_ids(span.trace_id, span.id);
    builder.span_operation(&span.name);
    if span.parent != 0 {
        let (trace_id, span_id) = (span.trace_id, SpanId(span.parent));
        builder.span_reference(Reference { kind: ReferenceKind::ChildOf, trace_id, span_id });
    }
    lists.tags(&mut |tag| {
        if !Status::takes(tag.key()) {
            builder.span_tag(tag.key(), tag.value.value());
        }
    })?;
    if now.is_some() {
        builder.span_tag(START_ABSENT, ValueIn::Bool(true));
    }
    lists.annotations(&mut |Annotation { micros, value, .. }| {
        if !value.is_empty() && kind_of(&value).is_none() {
            builder.begin_log(Timestamp::from_nanos(nanos(micros).cast_signed()));
            builder.log_field(keys::EVENT.as_bytes(), ValueIn::Str(&value));
        }
    })?;
    let (status_code, status_message) = status.said();
    let kind = seen.kind.unwrap_or(span_kind::UNSPECIFIED);
    Rest { kind, start_nanos: start, end_nanos: end, status_code, status_message, trace_state: &[] }.put(builder);
    builder.end_span()?;
    Ok(())
}

fn process(host: &Host<'_>, builder: &mut BatchBuilder) -> Result<jaeger_model::ProcessIndex, DecodeError> {
    for (key, text) in [(&b"ipv4"[..], &host.ipv4), (b"ipv6", &host.ipv6)] {
        if !text.is_empty() {
            builder.process_tag(key, ValueIn::Str(text));
        }
    }
    if host.port != 0 {
        builder.process_tag(b"port", ValueIn::Str(host.port.to_string().as_bytes()));
    }
    Ok(builder.process(&host.service)?)
}
