//! A span too big for a packet is made smaller step by step, and says so in a tag.

use jaeger_model::{Batch, BatchBuilder, Full, SpanView, Value, ValueIn};

use crate::context::cut_at;
use crate::recording::SHORTENED;

/// Where texts of a span too big are cut.
const TEXT_BYTES: usize = 256;

/// How much of a span stays.
#[derive(Clone, Copy, Debug)]
struct Keep {
    tags: usize,
    logs: usize,
}

/// The most of `span` that `fits`, as a batch of one span; none where not even its bones do.
///
/// First texts are cut, then the last logs go, then the last tags.
pub(super) fn shorten(span: SpanView<'_>, fits: impl Fn(&Batch) -> bool) -> Option<Batch> {
    let all = Keep { tags: span.tags().len(), logs: span.logs().len() };
    let keep = |tags: usize, logs: usize| rebuilt(span, all, Keep { tags, logs }).ok().filter(|batch| fits(batch));
    if let Some(batch) = keep(all.tags, all.logs) {
        return Some(batch);
    }
    most(all.logs, |logs| keep(all.tags, logs)).or_else(|| most(all.tags, |tags| keep(tags, 0)))
}

/// The result of `of` for the greatest number below `end` for which there is one, if there is one for 0.
fn most<T>(end: usize, of: impl Fn(usize) -> Option<T>) -> Option<T> {
    let mut best = of(0)?;
    let (mut low, mut high) = (0, end);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match of(middle) {
            Some(found) => (best, low) = (found, middle),
            None => high = middle,
        }
    }
    Some(best)
}

fn rebuilt(span: SpanView<'_>, all: Keep, keep: Keep) -> Result<Batch, Full> {
    let mut builder = BatchBuilder::new();
    let process = span.process();
    for tag in process.iter().flat_map(|process| process.tags()) {
        builder.process_tag(tag.key.as_bytes(), tag.value.into());
    }
    let process = builder.process(span.service().as_bytes())?;
    builder.begin_span();
    builder.span_ids(span.trace_id(), span.span_id());
    builder.span_process(process);
    builder.span_operation(cut_at(span.operation(), TEXT_BYTES).as_bytes());
    builder.span_flags(span.flags());
    builder.span_start(span.start());
    builder.span_duration(span.duration());
    span.references().for_each(|reference| builder.span_reference(reference));
    let mut told = String::new();
    for tag in span.tags().take(keep.tags) {
        if tag.key == SHORTENED {
            told = format!("{}; ", tag.value.text());
            continue;
        }
        builder.span_tag(cut_at(tag.key, TEXT_BYTES).as_bytes(), cut(tag.value));
    }
    for log in span.logs().take(keep.logs) {
        builder.begin_log(log.time());
        for field in log.fields() {
            builder.log_field(cut_at(field.key, TEXT_BYTES).as_bytes(), cut(field.value));
        }
    }
    let (tags, logs) = (all.tags - keep.tags, all.logs - keep.logs);
    let mark = format!(
        "{told}the span was too large for a packet: texts were cut at {TEXT_BYTES} bytes, {tags} tags and {logs} logs were left out"
    );
    builder.span_tag(SHORTENED.as_bytes(), ValueIn::Str(mark.as_bytes()));
    builder.end_span()?;
    Ok(builder.finish())
}

fn cut(value: Value<'_>) -> ValueIn<'_> {
    match value {
        Value::Str(text) => ValueIn::Str(cut_at(text, TEXT_BYTES).as_bytes()),
        Value::Bytes(bytes) => ValueIn::Bytes(bytes.get(..TEXT_BYTES).unwrap_or(bytes)),
        other => other.into(),
    }
}
