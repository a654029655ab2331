//! Spans as text and bodies as hex, for tests to compare.

use jaeger_model::{Batch, SpanView, Tags, Value};

/// The bytes of hex digits; what stands behind `//` on a line is a remark.
pub(super) fn hex(text: &str) -> Vec<u8> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or(""));
    let digits: Vec<u32> = code.flat_map(|line| line.chars().filter_map(|char| char.to_digit(16))).collect();
    let (pairs, odd) = digits.as_chunks::<2>();
    assert!(odd.is_empty(), "half a byte");
    pairs.iter().map(|[high, low]| u8::try_from(high << 4 | low).expect("two digits")).collect()
}

/// One span a line: process, ids, operation, start and duration, references, tags, logs.
pub(super) fn show(batch: &Batch) -> Vec<String> {
    batch.spans().map(|span| line(span, |fields| fields)).collect()
}

/// The same with each log's fields sorted.
pub(super) fn show_logs_sorted(batch: &Batch) -> Vec<String> {
    let sorted = |mut fields: Vec<String>| {
        fields.sort();
        fields
    };
    batch.spans().map(|span| line(span, sorted)).collect()
}

fn line(span: SpanView<'_>, order: impl Fn(Vec<String>) -> Vec<String>) -> String {
    let process =
        span.process().map_or("no process".into(), |p| format!("{}{{{}}}", p.service(), tags(p.tags()).join(" ")));
    let references = span.references().map(|r| format!("{:?} {}:{}", r.kind, r.trace_id, r.span_id));
    let logs = span.logs().map(|log| format!("@{} {}", log.time().as_nanos(), order(tags(log.fields())).join(" ")));
    format!(
        "{process} {}:{} '{}' {}+{} [{}] {{{}}} [{}]",
        span.trace_id(),
        span.span_id(),
        span.operation(),
        span.start().as_nanos(),
        span.duration().as_nanos(),
        references.collect::<Vec<_>>().join(", "),
        tags(span.tags()).join(" "),
        logs.collect::<Vec<_>>().join(", ")
    )
}

fn tags(tags: Tags<'_>) -> Vec<String> {
    let each = tags.map(|tag| match tag.value {
        Value::Str(text) => format!("{}='{text}'", tag.key),
        Value::Bytes(_) => format!("{}=0x{}", tag.key, tag.value.text()),
        // All digits, and a form of its own.
        Value::F64(number) => format!("{}={number:?}", tag.key),
        value => format!("{}={}", tag.key, value.text()),
    });
    each.collect()
}
