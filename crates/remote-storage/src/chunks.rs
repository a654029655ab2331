//! `store -> CHUNKS`: a trace as messages that every client takes.

use bytes::Bytes;
use jaeger_model::{SpanView, Trace};
use jaeger_wire::api_v2::{encode_spans, framed};

/// Spans of a chunk, as Go's server has it.
const CHUNK_SPANS: usize = 1_000;
/// Bytes of a chunk, a span more or less: clients take 4 MiB.
const CHUNK_BYTES: usize = 1 << 20;
/// Spans that are encoded before the bytes are looked at again.
const STEP_SPANS: usize = 50;

/// The framed chunks of a trace, made as they are wanted.
pub(crate) struct Chunks {
    trace: Trace,
    next: usize,
}

impl Chunks {
    pub(crate) fn of(trace: Trace) -> Self {
        Self { trace, next: 0 }
    }
}

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let spans = self.trace.len();
        if self.next >= spans {
            return None;
        }
        let (trace, next) = (&self.trace, &mut self.next);
        let last = (*next + CHUNK_SPANS).min(spans);
        let mut out = Vec::new();
        framed(&mut out, |out| {
            while *next < last && out.len() < CHUNK_BYTES {
                let to = step(trace, *next, last);
                encode_spans((*next..to).filter_map(|place| trace.span(place)), out);
                *next = to;
            }
        });
        Some(out.into())
    }
}

/// How far the next spans go that are encoded at once: large ones alone.
fn step(trace: &Trace, from: usize, last: usize) -> usize {
    let mut weight = 0;
    let mut to = from;
    while to < last && to < from + STEP_SPANS && (to == from || weight < CHUNK_BYTES / 4) {
        weight += trace.span(to).map_or(0, about);
        to += 1;
    }
    to
}

/// A span's bytes, about: what may be long.
fn about(span: SpanView<'_>) -> usize {
    let tags = |tags: jaeger_model::Tags<'_>| tags.map(|tag| tag.key.len() + size_of_value(tag.value)).sum::<usize>();
    let process = span.process().map_or(0, |process| tags(process.tags()));
    span.operation().len() + tags(span.tags()) + process + span.logs().map(|log| tags(log.fields())).sum::<usize>()
}

fn size_of_value(value: jaeger_model::Value<'_>) -> usize {
    match value {
        jaeger_model::Value::Str(text) => text.len(),
        jaeger_model::Value::Bytes(bytes) => bytes.len(),
        _ => 8,
    }
}
