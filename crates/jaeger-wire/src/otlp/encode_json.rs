//! TracesData in OTLP's JSON, with the members and the order that Go Jaeger's api_v3 has.

use jaeger_model::{SpanId, SpanView, TagView, TraceId, Value};

use super::convert::{self, Attributes};
use super::group::{Resource, group};
use super::nested::{Elements, put_bytes, put_float, put_text};

/// Appends spans as TracesData, grouped by process and then by scope, each in order of first appearance.
///
/// Flags and warnings have no place there and are left out.
pub fn encode_json<'a>(spans: impl IntoIterator<Item = SpanView<'a>>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"resourceSpans\":[");
    encode_json_resources(spans, out);
    out.extend_from_slice(b"]}");
}

/// Appends the elements of `resourceSpans` alone, for an answer that is written in parts.
pub fn encode_json_resources<'a>(spans: impl IntoIterator<Item = SpanView<'a>>, out: &mut Vec<u8>) {
    let (mut attributes, mut event) = (Attributes::default(), Attributes::default());
    for (place, group) in group(spans).into_iter().enumerate() {
        out.extend_from_slice(if place == 0 { b"{\"resource\":".as_slice() } else { b",{\"resource\":" });
        put_resource(out, &group);
        out.extend_from_slice(b",\"scopeSpans\":");
        let mut scopes = Elements::begin(out, b'[');
        for scope in &group.scopes {
            scopes.next(out);
            out.extend_from_slice(b"{\"scope\":");
            let mut members = Elements::begin(out, b'{');
            put_text_member(out, &mut members, "name", scope.name);
            put_text_member(out, &mut members, "version", scope.version);
            out.extend_from_slice(b"},\"spans\":");
            let mut spans = Elements::begin(out, b'[');
            for span in &scope.spans {
                spans.next(out);
                put_span(out, *span, &mut attributes, &mut event);
            }
            out.extend_from_slice(b"]}");
        }
        out.extend_from_slice(b"]}");
    }
}

fn put_resource(out: &mut Vec<u8>, group: &Resource<'_>) {
    let mut members = Elements::begin(out, b'{');
    if let Some(process) = group.process {
        let version = convert::exporter_version(process);
        let mut attributes = Attributes::default();
        convert::resource(&mut attributes, process, version.as_deref());
        if !attributes.is_empty() {
            put_key(out, &mut members, "attributes");
            put_attributes(out, &attributes);
        }
    }
    out.push(b'}');
}

fn put_span<'a>(out: &mut Vec<u8>, span: SpanView<'a>, attributes: &mut Attributes<'a>, event: &mut Attributes<'a>) {
    let fields = convert::span(attributes, span);
    let mut members = Elements::begin(out, b'{');
    put_ids(out, &mut members, span.trace_id(), span.span_id());
    put_text_member(out, &mut members, "traceState", fields.trace_state);
    put_key(out, &mut members, "parentSpanId");
    put_span_id(out, fields.parent.unwrap_or_default());
    put_text_member(out, &mut members, "name", span.operation());
    if fields.kind != 0 {
        put_key(out, &mut members, "kind");
        put_number(out, fields.kind);
    }
    put_time(out, &mut members, "startTimeUnixNano", fields.start_nanos);
    put_time(out, &mut members, "endTimeUnixNano", fields.end_nanos);
    if !attributes.is_empty() {
        put_key(out, &mut members, "attributes");
        put_attributes(out, attributes);
    }
    if span.logs().len() > 0 {
        put_key(out, &mut members, "events");
        let mut events = Elements::begin(out, b'[');
        for log in span.logs() {
            events.next(out);
            let name = convert::event(event, log);
            let mut members = Elements::begin(out, b'{');
            put_time(out, &mut members, "timeUnixNano", log.time().as_nanos().cast_unsigned());
            put_text_member(out, &mut members, "name", name);
            if log.fields().len() > 0 {
                put_key(out, &mut members, "attributes");
                put_attributes(out, event);
            }
            out.push(b'}');
        }
        out.push(b']');
    }
    let mut links = convert::links(span, fields.parent).peekable();
    if links.peek().is_some() {
        put_key(out, &mut members, "links");
        let mut list = Elements::begin(out, b'[');
        for link in links {
            list.next(out);
            let mut members = Elements::begin(out, b'{');
            put_ids(out, &mut members, link.trace_id, link.span_id);
            out.extend_from_slice(b",\"attributes\":[{\"key\":\"opentracing.ref_type\",\"value\":{\"stringValue\":\"");
            out.extend_from_slice(convert::ref_type(link.kind).as_bytes());
            out.extend_from_slice(b"\"}}]}");
        }
        out.push(b']');
    }
    put_key(out, &mut members, "status");
    let mut members = Elements::begin(out, b'{');
    put_text_member(out, &mut members, "message", fields.status_message);
    if fields.status_code != 0 {
        put_key(out, &mut members, "code");
        put_number(out, fields.status_code);
    }
    out.extend_from_slice(b"}}");
}

fn put_attributes(out: &mut Vec<u8>, attributes: &Attributes<'_>) {
    let mut list = Elements::begin(out, b'[');
    for TagView { key, value } in attributes.iter() {
        list.next(out);
        let mut members = Elements::begin(out, b'{');
        put_text_member(out, &mut members, "key", key);
        put_key(out, &mut members, "value");
        match value {
            Value::Str(text) => {
                out.extend_from_slice(b"{\"stringValue\":");
                put_text(out, text.as_bytes());
            }
            Value::Bool(true) => out.extend_from_slice(b"{\"boolValue\":true"),
            Value::Bool(false) => out.extend_from_slice(b"{\"boolValue\":false"),
            Value::I64(number) => {
                out.extend_from_slice(b"{\"intValue\":\"");
                put_number(out, *number);
                out.push(b'"');
            }
            Value::F64(number) => {
                out.extend_from_slice(b"{\"doubleValue\":");
                // Minus zero is 0, as Go Jaeger answers.
                put_float(out, if *number == 0.0 { 0.0 } else { *number });
            }
            Value::Bytes([]) => out.extend_from_slice(b"{\"bytesValue\":null"),
            Value::Bytes(bytes) => {
                out.extend_from_slice(b"{\"bytesValue\":");
                put_bytes(out, bytes);
            }
        }
        out.extend_from_slice(b"}}");
    }
    out.push(b']');
}

/// Always 32 and 16 digits; ids of zero are empty.
fn put_ids(out: &mut Vec<u8>, members: &mut Elements, trace_id: TraceId, span_id: SpanId) {
    put_key(out, members, "traceId");
    out.push(b'"');
    if trace_id.0 != 0 {
        put_hex(out, &trace_id.0.to_be_bytes());
    }
    out.push(b'"');
    put_key(out, members, "spanId");
    put_span_id(out, span_id);
}

fn put_span_id(out: &mut Vec<u8>, id: SpanId) {
    out.push(b'"');
    if id.0 != 0 {
        put_hex(out, &id.0.to_be_bytes());
    }
    out.push(b'"');
}

fn put_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    let digit = |half: u8| if half < 10 { b'0' + half } else { b'a' + half - 10 };
    for byte in bytes {
        out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
}

fn put_time(out: &mut Vec<u8>, members: &mut Elements, key: &str, nanos: u64) {
    if nanos != 0 {
        put_key(out, members, key);
        out.push(b'"');
        put_number(out, nanos);
        out.push(b'"');
    }
}

fn put_text_member(out: &mut Vec<u8>, members: &mut Elements, key: &str, text: &str) {
    if !text.is_empty() {
        put_key(out, members, key);
        put_text(out, text.as_bytes());
    }
}

fn put_key(out: &mut Vec<u8>, members: &mut Elements, key: &str) {
    members.next(out);
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
}

fn put_number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}
