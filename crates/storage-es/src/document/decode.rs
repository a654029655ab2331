//! `fetch -> DECODE -> batch`: spans out of documents, as Go Jaeger of any version wrote them: ids with and without zeros in front, a
//! `parentSpanID` instead of references, tags as fields.

use std::collections::{BTreeMap, HashMap};

use jaeger_model::{
    Batch, BatchBuilder, Duration, Full, ProcessIndex, Reference, ReferenceKind, SpanId, Timestamp, TraceId, ValueIn,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::scalar::Scalar;
use super::text::Text;

/// A span's document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Span<'a> {
    #[serde(borrow, rename = "traceID")]
    trace_id: Text<'a>,
    #[serde(borrow, rename = "spanID")]
    span_id: Text<'a>,
    #[serde(borrow, rename = "parentSpanID", default)]
    parent_span_id: Text<'a>,
    #[serde(borrow, default)]
    flags: Option<Scalar<'a>>,
    #[serde(borrow, default)]
    operation_name: Text<'a>,
    #[serde(borrow, default)]
    references: Option<Vec<Referred<'a>>>,
    #[serde(borrow, default)]
    start_time: Option<Scalar<'a>>,
    #[serde(borrow, default)]
    duration: Option<Scalar<'a>>,
    #[serde(borrow, default)]
    tags: Option<Vec<KeyValue<'a>>>,
    #[serde(borrow, default)]
    tag: Option<BTreeMap<Text<'a>, Scalar<'a>>>,
    #[serde(borrow, default)]
    logs: Option<Vec<Log<'a>>>,
    #[serde(borrow, default)]
    process: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Process<'a> {
    #[serde(borrow, default)]
    service_name: Text<'a>,
    #[serde(borrow, default)]
    tags: Option<Vec<KeyValue<'a>>>,
    #[serde(borrow, default)]
    tag: Option<BTreeMap<Text<'a>, Scalar<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Referred<'a> {
    #[serde(borrow, default)]
    ref_type: Text<'a>,
    #[serde(borrow, rename = "traceID", default)]
    trace_id: Text<'a>,
    #[serde(borrow, rename = "spanID", default)]
    span_id: Text<'a>,
}

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    timestamp: Scalar<'a>,
    #[serde(borrow, default)]
    fields: Option<Vec<KeyValue<'a>>>,
}

#[derive(Deserialize)]
struct KeyValue<'a> {
    #[serde(borrow, default)]
    key: Text<'a>,
    #[serde(borrow, default)]
    r#type: Text<'a>,
    #[serde(borrow, default = "other")]
    value: Scalar<'a>,
}

fn other<'a>() -> Scalar<'a> {
    Scalar::Other
}

/// Why a document is no span.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoSpan {
    /// It has not the parts of one.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// An id.
    #[error("{name} {value:?}: {source}")]
    Id { name: &'static str, value: String, source: jaeger_model::IdError },
    /// A time or a flag.
    #[error("{0} is no whole number")]
    Number(&'static str),
    /// The batch takes no more.
    #[error(transparent)]
    Full(#[from] Full),
}

/// Builds a batch from documents.
pub(crate) struct Spans<'a> {
    builder: BatchBuilder,
    dot: &'a str,
    /// Processes by their text: nearly all are one of few.
    processes: HashMap<String, ProcessIndex>,
}

impl<'a> Spans<'a> {
    /// `dot` stands for a dot in the names of tags that are fields.
    pub(crate) fn new(dot: &'a str) -> Self {
        Self { builder: BatchBuilder::new(), dot, processes: HashMap::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.builder.len()
    }

    pub(crate) fn finish(self) -> Batch {
        self.builder.finish()
    }

    /// A document's span; one that is none leaves nothing behind.
    pub(crate) fn add(&mut self, document: &str) -> Result<(), NoSpan> {
        let span: Span<'_> = serde_json::from_str(document)?;
        let process = self.process(span.process)?;
        self.builder.begin_span();
        match self.fill(&span) {
            Ok(()) => {
                self.builder.span_process(process);
                Ok(self.builder.end_span()?)
            }
            Err(error) => {
                self.builder.abandon_span();
                Err(error)
            }
        }
    }

    fn process(&mut self, process: Option<&RawValue>) -> Result<ProcessIndex, NoSpan> {
        let text = process.map_or("{}", RawValue::get);
        if let Some(known) = self.processes.get(text) {
            return Ok(*known);
        }
        let process: Process<'_> = serde_json::from_str(text)?;
        for tag in process.tags.iter().flatten() {
            nested(tag, |key, value| self.builder.process_tag(key, value));
        }
        for (key, value) in process.tag.iter().flatten() {
            field(self.dot, key, value, |key, value| self.builder.process_tag(key, value));
        }
        let index = self.builder.process(process.service_name.0.as_bytes())?;
        self.processes.insert(text.to_owned(), index);
        Ok(index)
    }

    fn fill(&mut self, span: &Span<'_>) -> Result<(), NoSpan> {
        let trace_id = trace_id("traceID", &span.trace_id.0)?;
        self.builder.span_ids(trace_id, span_id("spanID", &span.span_id.0)?);
        self.builder.span_operation(span.operation_name.0.as_bytes());
        let number = |value: &Option<Scalar<'_>>, name| match value {
            None | Some(Scalar::Other) => Ok(0),
            Some(value) => value.integer().ok_or(NoSpan::Number(name)),
        };
        self.builder.span_flags(u32::try_from(number(&span.flags, "flags")?).unwrap_or_default());
        self.builder.span_start(Timestamp::from_micros(number(&span.start_time, "startTime")?));
        self.builder.span_duration(Duration::from_micros(number(&span.duration, "duration")?));
        for referred in span.references.iter().flatten() {
            let kind = match &*referred.ref_type.0 {
                "FOLLOWS_FROM" => ReferenceKind::FollowsFrom,
                _ => ReferenceKind::ChildOf,
            };
            let trace_id = self::trace_id("the traceID of a reference", &referred.trace_id.0)?;
            let span_id = self::span_id("the spanID of a reference", &referred.span_id.0)?;
            self.builder.span_reference(Reference { kind, trace_id, span_id });
        }
        self.parent(trace_id, &span.parent_span_id.0)?;
        for tag in span.tags.iter().flatten() {
            nested(tag, |key, value| self.builder.span_tag(key, value));
        }
        for (key, value) in span.tag.iter().flatten() {
            field(self.dot, key, value, |key, value| self.builder.span_tag(key, value));
        }
        for log in span.logs.iter().flatten() {
            let time = log.timestamp.integer().ok_or(NoSpan::Number("the timestamp of a log"))?;
            self.builder.begin_log(Timestamp::from_micros(time));
            for field in log.fields.iter().flatten() {
                nested(field, |key, value| self.builder.log_field(key, value));
            }
        }
        Ok(())
    }

    /// Before version 1.7 the parent had a field of its own, and 2.x fills it again besides.
    fn parent(&mut self, trace_id: TraceId, parent: &str) -> Result<(), NoSpan> {
        if parent.is_empty() {
            return Ok(());
        }
        let span_id = span_id("parentSpanID", parent)?;
        let known = self.builder.span_references().any(|it| (it.trace_id, it.span_id) == (trace_id, span_id));
        if span_id != SpanId(0) && !known {
            self.builder.span_reference_first(Reference { kind: ReferenceKind::ChildOf, trace_id, span_id });
        }
        Ok(())
    }
}

fn trace_id(name: &'static str, text: &str) -> Result<TraceId, NoSpan> {
    TraceId::from_hex(text).map_err(|source| NoSpan::Id { name, value: shortened(text), source })
}

fn span_id(name: &'static str, text: &str) -> Result<SpanId, NoSpan> {
    SpanId::from_hex(text).map_err(|source| NoSpan::Id { name, value: shortened(text), source })
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A tag of the list: what its text says, by its type; a text that does not fit its type stays text.
fn nested(tag: &KeyValue<'_>, mut give: impl FnMut(&[u8], ValueIn<'_>)) {
    let key = tag.key.0.as_bytes();
    let text = match &tag.value {
        Scalar::Text(text) => text,
        Scalar::Bool(value) => return give(key, ValueIn::Bool(*value)),
        Scalar::Integer(number) => return give(key, ValueIn::I64(*number)),
        Scalar::Float(number) => return give(key, ValueIn::F64(*number)),
        Scalar::Other => return give(key, ValueIn::Str(b"")),
    };
    let as_text = ValueIn::Str(text.as_bytes());
    match &*tag.r#type.0 {
        "bool" => give(key, text.parse().map_or(as_text, ValueIn::Bool)),
        "int64" => give(key, text.parse().map_or(as_text, ValueIn::I64)),
        "float64" => give(key, text.parse().map_or(as_text, ValueIn::F64)),
        "binary" => match bytes(text) {
            Some(bytes) => give(key, ValueIn::Bytes(&bytes)),
            None => give(key, as_text),
        },
        _ => give(key, as_text),
    }
}

/// A tag that is a field.
fn field(dot: &str, key: &Text<'_>, value: &Scalar<'_>, mut give: impl FnMut(&[u8], ValueIn<'_>)) {
    let key = if dot.is_empty() { key.0.to_string() } else { key.0.replace(dot, ".") };
    match value {
        Scalar::Text(text) => give(key.as_bytes(), ValueIn::Str(text.as_bytes())),
        Scalar::Bool(value) => give(key.as_bytes(), ValueIn::Bool(*value)),
        Scalar::Integer(number) => give(key.as_bytes(), ValueIn::I64(*number)),
        // JSON does not tell 1.0 from 1.
        #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is small enough")]
        Scalar::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            give(key.as_bytes(), ValueIn::I64(*number as i64));
        }
        Scalar::Float(number) => give(key.as_bytes(), ValueIn::F64(*number)),
        Scalar::Other => {}
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}
