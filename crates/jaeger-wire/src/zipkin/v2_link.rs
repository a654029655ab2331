//! Links of a span, which OpenTelemetry's exporters write as tags `otlp.link.N` =
//! `trace id|span id|trace state|{attributes}|dropped`.

use jaeger_model::{BatchBuilder, SpanId, TraceId, ValueIn};

use super::v2_event::fields;
use crate::otlp::finish::{Parent, REF_TYPE, reference_kind};

/// Makes a reference of a tag that is a link, and says whether it was one. What only looks like a link stays a tag.
pub(super) fn read(key: &[u8], value: &[u8], parent: &mut Parent, builder: &mut BatchBuilder) -> bool {
    let Some(number) = key.strip_prefix(b"otlp.link.") else { return false };
    if number.is_empty() || !number.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let Some((trace_id, span_id, attributes)) = parts(value) else { return false };
    let mut ref_type = Vec::new();
    let object = fields(attributes, |key, value| {
        if let (REF_TYPE, ValueIn::Str(text)) = (key, value) {
            ref_type = text.to_vec();
        }
    });
    if object {
        parent.link(builder, trace_id, span_id, reference_kind(&ref_type));
    }
    object
}

fn parts(value: &[u8]) -> Option<(TraceId, SpanId, &[u8])> {
    let mut first = value.splitn(4, |byte| *byte == b'|');
    let (trace_id, span_id, _trace_state) = (first.next()?, first.next()?, first.next()?);
    let rest = first.next()?;
    let last = rest.iter().rposition(|byte| *byte == b'|')?;
    str::from_utf8(rest.get(last + 1..)?).ok()?.parse::<u32>().ok()?;
    let id = |text: &'_ [u8], digits: usize| {
        let text = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
        let text = str::from_utf8(text).ok()?;
        (text.len() == digits).then(|| text.to_owned())
    };
    let trace_id = TraceId::from_hex(&id(trace_id, 32)?).ok()?;
    let span_id = SpanId::from_hex(&id(span_id, 16)?).ok()?;
    Some((trace_id, span_id, rest.get(..last)?))
}
