//! TracesData in protobuf: what api_v3 streams, and what another OTLP receiver takes as an export request.

use jaeger_model::{SpanView, TagView, Value};

use super::convert::{self, Attributes};
use super::finish::REF_TYPE;
use super::group::{Resource, group};
use crate::protobuf::Writer;

/// Appends spans as TracesData, grouped by process and then by scope, each in order of first appearance.
///
/// Flags and warnings have no place there and are left out.
pub fn encode_protobuf<'a>(spans: impl IntoIterator<Item = SpanView<'a>>, out: &mut Vec<u8>) {
    let mut writer = Writer::new(out);
    let (mut attributes, mut event) = (Attributes::default(), Attributes::default());
    for group in group(spans) {
        writer.message(1, |writer| {
            writer.message(1, |writer| put_resource(writer, &group));
            for scope in &group.scopes {
                writer.message(2, |writer| {
                    writer.message(1, |writer| {
                        put_text(writer, 1, scope.name);
                        put_text(writer, 2, scope.version);
                    });
                    for span in &scope.spans {
                        writer.message(2, |writer| put_span(writer, *span, &mut attributes, &mut event));
                    }
                });
            }
        });
    }
}

fn put_resource(writer: &mut Writer<'_>, group: &Resource<'_>) {
    if let Some(process) = group.process {
        let version = convert::exporter_version(process);
        let mut attributes = Attributes::default();
        convert::resource(&mut attributes, process, version.as_deref());
        put_attributes(writer, 1, &attributes);
    }
}

fn put_span<'a>(
    writer: &mut Writer<'_>,
    span: SpanView<'a>,
    attributes: &mut Attributes<'a>,
    event: &mut Attributes<'a>,
) {
    let fields = convert::span(attributes, span);
    writer.bytes(1, &span.trace_id().0.to_be_bytes());
    writer.bytes(2, &span.span_id().0.to_be_bytes());
    put_text(writer, 3, fields.trace_state);
    if let Some(parent) = fields.parent {
        writer.bytes(4, &parent.0.to_be_bytes());
    }
    put_text(writer, 5, span.operation());
    if fields.kind != 0 {
        writer.varint(6, fields.kind.into());
    }
    put_time(writer, 7, fields.start_nanos);
    put_time(writer, 8, fields.end_nanos);
    put_attributes(writer, 9, attributes);
    for log in span.logs() {
        let name = convert::event(event, log);
        writer.message(11, |writer| {
            put_time(writer, 1, log.time().as_nanos().cast_unsigned());
            put_text(writer, 2, name);
            put_attributes(writer, 3, event);
        });
    }
    for link in convert::links(span, fields.parent) {
        writer.message(13, |writer| {
            writer.bytes(1, &link.trace_id.0.to_be_bytes());
            writer.bytes(2, &link.span_id.0.to_be_bytes());
            writer.message(4, |writer| {
                writer.bytes(1, REF_TYPE);
                writer.message(2, |writer| writer.bytes(1, convert::ref_type(link.kind).as_bytes()));
            });
        });
    }
    if fields.status_code != 0 || !fields.status_message.is_empty() {
        writer.message(15, |writer| {
            put_text(writer, 2, fields.status_message);
            if fields.status_code != 0 {
                writer.varint(3, fields.status_code.into());
            }
        });
    }
}

fn put_attributes(writer: &mut Writer<'_>, number: u32, attributes: &Attributes<'_>) {
    for TagView { key, value } in attributes.iter() {
        writer.message(number, |writer| {
            put_text(writer, 1, key);
            writer.message(2, |writer| match value {
                Value::Str(text) => writer.bytes(1, text.as_bytes()),
                Value::Bool(value) => writer.varint(2, u64::from(*value)),
                Value::I64(number) => writer.int64(3, *number),
                Value::F64(number) => writer.double(4, *number),
                Value::Bytes(bytes) => writer.bytes(7, bytes),
            });
        });
    }
}

fn put_text(writer: &mut Writer<'_>, number: u32, text: &str) {
    if !text.is_empty() {
        writer.bytes(number, text.as_bytes());
    }
}

fn put_time(writer: &mut Writer<'_>, number: u32, nanos: u64) {
    if nanos != 0 {
        writer.fixed64(number, nanos);
    }
}
