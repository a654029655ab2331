//! A v2 span, in JSON or protobuf, becomes one of ours: as an OpenTelemetry receiver does it. Tags that describe a
//! process go to the process, those that stand for a span's fields become what these become; see `v2_tags`.

use std::borrow::Cow;
use std::collections::HashMap;

use jaeger_model::{BatchBuilder, SpanId, Timestamp, TraceId, ValueIn, keys};

use super::v2_tags::{Fields, Place, SERVICE_NAME, place};
use super::{START_ABSENT, span_kind, v2_event, v2_link};
use crate::DecodeError;
use crate::otlp::finish::{NO_SERVICE, Parent, Rest, scope_tags};

/// A span's own fields.
#[derive(Clone, Debug)]
pub(super) struct Span<'a> {
    pub(super) trace_id: TraceId,
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: Cow<'a, [u8]>,
    /// As OTLP numbers it.
    pub(super) kind: u32,
    pub(super) micros: Option<u64>,
    pub(super) duration_micros: u64,
    pub(super) local: Endpoint<'a>,
    pub(super) remote: Endpoint<'a>,
}

/// One side of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Endpoint<'a> {
    pub(super) service: Cow<'a, [u8]>,
    /// The IPv6 address where there is one, else the other, as text.
    pub(super) ip: Option<String>,
    pub(super) port: u16,
}

/// The lists of a span, wherever they stand.
pub(super) trait Lists {
    /// Each tag.
    fn tags(&self, each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), DecodeError>;
    /// Each annotation: microseconds and text.
    fn annotations(&self, each: &mut dyn FnMut(u64, &[u8])) -> Result<(), DecodeError>;
}

/// Services by the name of the endpoint, where a tag `service.name` of one of its spans has the word for all of them.
#[derive(Debug, Default)]
pub(super) struct Renamed(HashMap<Vec<u8>, Vec<u8>>);

impl Renamed {
    /// Whether a body may rename anything: nearly none does, and then nothing is looked for.
    pub(super) fn possible(body: &[u8]) -> bool {
        body.windows(SERVICE_NAME.len()).any(|window| window == SERVICE_NAME)
    }

    /// Looks at one span.
    pub(super) fn see(&mut self, span: &Span<'_>, lists: &dyn Lists) -> Result<(), DecodeError> {
        lists.tags(&mut |key, value| {
            if key == SERVICE_NAME && !span.local.service.is_empty() {
                self.0.insert(span.local.service.to_vec(), value.to_vec());
            }
        })
    }

    fn of<'s>(&'s self, service: &'s [u8]) -> &'s [u8] {
        if self.0.is_empty() { service } else { self.0.get(service).map_or(service, Vec::as_slice) }
    }
}

/// Writes a span into the builder.
pub(super) fn write(
    span: &Span<'_>,
    lists: &dyn Lists,
    renamed: &Renamed,
    builder: &mut BatchBuilder,
) -> Result<(), DecodeError> {
    let mut fields = Fields::default();
    let says_kind = span.kind == span_kind::UNSPECIFIED;
    lists.tags(&mut |key, value| match place(key) {
        Place::Resource => builder.process_tag(key, ValueIn::Str(value)),
        Place::Field => fields.see(key, value),
        Place::Span => {}
    })?;
    let service = if span.local.service.is_empty() {
        fields.service.as_deref().unwrap_or(NO_SERVICE)
    } else {
        // A key that stands for the service's name is a tag of the process too.
        if let Some(key) = &fields.service_source {
            builder.process_tag(key, ValueIn::Str(&span.local.service));
        }
        renamed.of(&span.local.service)
    };
    let process = builder.process(service)?;

    let span_id = SpanId(span.id);
    builder.begin_span();
    builder.span_process(process);
    builder.span_ids(span.trace_id, span_id);
    builder.span_operation(&span.name);
    scope_tags(builder, &fields.scope_name, &fields.scope_version);
    let parent = span.parent.filter(|parent| *parent != 0 && *parent != span.id).map(SpanId);
    let mut parent = Parent::new(span.trace_id, parent);
    lists.tags(&mut |key, value| {
        let taken = match place(key) {
            Place::Resource => true,
            Place::Field => fields.takes(key, value, says_kind),
            Place::Span => span.says(key),
        };
        if !taken && !v2_link::read(key, value, &mut parent, builder) {
            builder.span_tag(key, ValueIn::Str(value));
        }
    })?;
    parent.put(builder);
    span.addresses(builder);
    if span.micros.is_none() {
        builder.span_tag(START_ABSENT, ValueIn::Bool(true));
    }
    lists.annotations(&mut |micros, text| v2_event::write(time(micros), text, builder))?;
    let start_nanos = span.micros.unwrap_or(0).wrapping_mul(1000);
    let (status_code, status_message) = fields.status();
    let rest = Rest {
        kind: if says_kind { fields.kind } else { span.kind },
        start_nanos,
        end_nanos: start_nanos.wrapping_add(span.duration_micros.wrapping_mul(1000)),
        status_code,
        status_message,
        trace_state: &fields.trace_state,
    };
    rest.put(builder);
    builder.end_span()?;
    Ok(())
}

fn time(micros: u64) -> Timestamp {
    Timestamp::from_nanos(micros.wrapping_mul(1000).cast_signed())
}

const HOST_IP: &[u8] = b"net.host.ip";
const HOST_PORT: &[u8] = b"net.host.port";
const PEER_SERVICE: &[u8] = keys::PEER_SERVICE.as_bytes();
const PEER_IP: &[u8] = b"net.peer.ip";
const PEER_PORT: &[u8] = b"net.peer.port";

impl Span<'_> {
    /// Whether an endpoint says what a tag of this key says: an endpoint has the word.
    fn says(&self, key: &[u8]) -> bool {
        match key {
            HOST_IP => self.local.ip.is_some(),
            HOST_PORT => self.local.port != 0,
            PEER_SERVICE => !self.remote.service.is_empty(),
            PEER_IP => self.remote.ip.is_some(),
            PEER_PORT => self.remote.port != 0,
            _ => false,
        }
    }

    fn addresses(&self, builder: &mut BatchBuilder) {
        self.local.address(HOST_IP, HOST_PORT, builder);
        if !self.remote.service.is_empty() {
            builder.span_tag(PEER_SERVICE, ValueIn::Str(&self.remote.service));
        }
        self.remote.address(PEER_IP, PEER_PORT, builder);
    }
}

impl Endpoint<'_> {
    fn address(&self, ip: &[u8], port: &[u8], builder: &mut BatchBuilder) {
        if let Some(text) = &self.ip {
            builder.span_tag(ip, ValueIn::Str(text.as_bytes()));
        }
        if self.port != 0 {
            builder.span_tag(port, ValueIn::I64(self.port.into()));
        }
    }
}
