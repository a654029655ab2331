//! `batch -> ENCODE -> bulk`: a span as the document that Go Jaeger makes of it, field by field in Go's order.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jaeger_model::{Batch, ReferenceKind, SpanView, TagView, Tags, Value, float_text};

use super::fields;
use super::json::{hex, integer, string};
use crate::config::TagsAsFields;

/// Writes the documents of one batch's spans; what a process becomes is made once.
pub(crate) struct Encoder<'a> {
    config: &'a TagsAsFields,
    processes: Vec<Vec<u8>>,
    text: String,
}

impl<'a> Encoder<'a> {
    pub(crate) fn new(batch: &Batch, config: &'a TagsAsFields) -> Self {
        let mut this = Self { config, processes: Vec::with_capacity(batch.processes().len()), text: String::new() };
        for process in batch.processes() {
            let mut out = b"{\"serviceName\":".to_vec();
            string(&mut out, process.service());
            this.tags(&mut out, process.tags());
            out.push(b'}');
            this.processes.push(out);
        }
        this
    }

    /// A span's document.
    pub(crate) fn span(&mut self, out: &mut Vec<u8>, span: SpanView<'_>) {
        let (start, duration) = (span.start().as_micros(), span.duration().as_micros());
        out.extend_from_slice(b"{\"traceID\":\"");
        self.shown(out, &span.trace_id());
        out.extend_from_slice(b"\",\"spanID\":\"");
        self.shown(out, &span.span_id());
        if span.flags() != 0 {
            out.extend_from_slice(b"\",\"flags\":");
            integer(out, i64::from(span.flags()));
            out.extend_from_slice(b",\"operationName\":");
        } else {
            out.extend_from_slice(b"\",\"operationName\":");
        }
        string(out, span.operation());
        out.extend_from_slice(b",\"references\":");
        self.list(out, span.references(), |this, out, reference| {
            out.extend_from_slice(match reference.kind {
                ReferenceKind::ChildOf => b"{\"refType\":\"CHILD_OF\",\"traceID\":\"".as_slice(),
                ReferenceKind::FollowsFrom => b"{\"refType\":\"FOLLOWS_FROM\",\"traceID\":\"",
            });
            this.shown(out, &reference.trace_id);
            out.extend_from_slice(b"\",\"spanID\":\"");
            this.shown(out, &reference.span_id);
            out.extend_from_slice(b"\"}");
        });
        out.extend_from_slice(b",\"startTime\":");
        integer(out, start);
        out.extend_from_slice(b",\"startTimeMillis\":");
        // Elasticsearch has no milliseconds before 1970; `startTime` is what counts.
        integer(out, (start / 1000).max(0));
        out.extend_from_slice(b",\"duration\":");
        integer(out, duration);
        self.tags(out, span.tags());
        out.extend_from_slice(b",\"logs\":");
        self.list(out, span.logs(), |this, out, log| {
            out.extend_from_slice(b"{\"timestamp\":");
            integer(out, log.time().as_micros());
            out.extend_from_slice(b",\"fields\":");
            match log.fields().len() {
                0 => out.extend_from_slice(b"null"),
                _ => this.list(out, log.fields(), |this, out, TagView { key, value }| this.tag(out, key, value)),
            }
            out.push(b'}');
        });
        out.extend_from_slice(b",\"process\":");
        match span.process_index().and_then(|index| self.processes.get(index)) {
            Some(process) => out.extend_from_slice(process),
            None => out.extend_from_slice(b"{\"serviceName\":\"\",\"tags\":[]}"),
        }
        out.push(b'}');
    }

    /// `,"tags":[...]` and, where some are fields, `,"tag":{...}`.
    fn tags(&mut self, out: &mut Vec<u8>, tags: Tags<'_>) {
        out.extend_from_slice(b",\"tags\":");
        if !self.config.all && self.config.keys.is_empty() {
            return self.list(out, tags, |this, out, TagView { key, value }| this.tag(out, key, value));
        }
        let (list, fields) = fields::split(tags, self.config);
        self.list(out, list.into_iter(), |this, out, (key, value)| this.tag(out, key, value));
        if !fields.is_empty() {
            out.extend_from_slice(b",\"tag\":");
            fields::encode(out, &fields);
        }
    }

    fn tag(&mut self, out: &mut Vec<u8>, key: &str, value: Value<'_>) {
        out.extend_from_slice(b"{\"key\":");
        string(out, key);
        match value {
            Value::Str(text) => {
                out.extend_from_slice(b",\"type\":\"string\",\"value\":");
                string(out, text);
                out.push(b'}');
                return;
            }
            Value::Bool(true) => out.extend_from_slice(b",\"type\":\"bool\",\"value\":\"true"),
            Value::Bool(false) => out.extend_from_slice(b",\"type\":\"bool\",\"value\":\"false"),
            Value::I64(number) => {
                out.extend_from_slice(b",\"type\":\"int64\",\"value\":\"");
                integer(out, number);
            }
            Value::F64(number) => {
                out.extend_from_slice(b",\"type\":\"float64\",\"value\":\"");
                out.extend_from_slice(float_text(number, 10).as_bytes());
            }
            Value::Bytes(bytes) => {
                out.extend_from_slice(b",\"type\":\"binary\",\"value\":\"");
                hex(out, bytes);
            }
        }
        out.extend_from_slice(b"\"}");
    }

    fn list<T>(
        &mut self,
        out: &mut Vec<u8>,
        items: impl Iterator<Item = T>,
        mut one: impl FnMut(&mut Self, &mut Vec<u8>, T),
    ) {
        out.push(b'[');
        for (place, item) in items.enumerate() {
            if place > 0 {
                out.push(b',');
            }
            one(self, out, item);
        }
        out.push(b']');
    }

    fn shown(&mut self, out: &mut Vec<u8>, id: &impl std::fmt::Display) {
        self.text.clear();
        // Writing to a String cannot fail.
        let _infallible = write!(self.text, "{id}");
        out.extend_from_slice(self.text.as_bytes());
    }
}

/// The id of a span's document: its trace and its identity, in 22 letters or 32.
///
/// The identity alone is of 64 bits, too few for all the spans of an index; within a trace they are enough. Spans of one trace share the
/// first letters, which Elasticsearch keeps once.
pub(crate) fn document_id(out: &mut Vec<u8>, span: SpanView<'_>) {
    let (trace, identity) = (span.trace_id(), span.identity().0.to_be_bytes());
    let mut bytes = [0; 24];
    let (high, rest) = bytes.split_at_mut(8);
    high.copy_from_slice(&trace.high().to_be_bytes());
    let (low, last) = rest.split_at_mut(8);
    low.copy_from_slice(&trace.low().to_be_bytes());
    last.copy_from_slice(&identity);
    let bytes = if trace.high() == 0 { &bytes[8..] } else { &bytes[..] };
    let mut text = [0; 32];
    if let Ok(length) = URL_SAFE_NO_PAD.encode_slice(bytes, &mut text) {
        out.extend_from_slice(&text[..length]);
    }
}
