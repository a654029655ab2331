//! Spans as text and bodies as hex, for tests to compare.

use jaeger_model::{Batch, Tags, Value};

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
    let spans = batch.spans().map(|span| {
        let process = span.process().map_or("no process".into(), |p| format!("{}{{{}}}", p.service(), tags(p.tags())));
        let references = span.references().map(|r| format!("{:?} {}:{}", r.kind, r.trace_id, r.span_id));
        let logs = span.logs().map(|log| format!("@{} {}", log.time().as_nanos(), tags(log.fields())));
        format!(
            "{process} {}:{} '{}' {}+{} [{}] {{{}}} [{}]",
            span.trace_id(),
            span.span_id(),
            span.operation(),
            span.start().as_nanos(),
            span.duration().as_nanos(),
            references.collect::<Vec<_>>().join(", "),
            tags(span.tags()),
            logs.collect::<Vec<_>>().join(", ")
        )
    });
    spans.collect()
}

fn tags(tags: Tags<'_>) -> String {
    let each = tags.map(|tag| match tag.value {
        Value::Str(text) => format!("{}='{text}'", tag.key),
        Value::Bytes(_) => format!("{}=0x{}", tag.key, tag.value.text()),
        value => format!("{}={}", tag.key, value.text()),
    });
    each.collect::<Vec<_>>().join(" ")
}
