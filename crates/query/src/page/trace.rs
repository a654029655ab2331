//! One trace as an indented list, children below their parents in order of time.

use jaeger_model::{Duration, SpanId, Timestamp, Value, keys};

use super::html::Html;
use super::recent::{short, utc};
use crate::draft::{Draft, DraftSpan, DraftTag, DraftValue};
use crate::render::{float, json};

/// More spans are counted and not shown.
const MAX_SHOWN: usize = 2_000;
/// Indents no deeper: a chain of a thousand spans would leave the page.
const MAX_INDENT: usize = 24;

pub(super) fn write(page: &mut Html, draft: &Draft<'_>) {
    let start = draft.spans.iter().map(|span| span.start).min().unwrap_or_default();
    let ends = draft.spans.iter().map(|span| span.start.saturating_add(span.duration()));
    let total = ends.max().unwrap_or(start).since(start);
    let id = draft.trace_id().to_string();
    let walk = walk(draft);

    let root = walk.first().and_then(|(place, _)| draft.spans.get(*place));
    page.raw("<p>").link("/", "all traces").raw("</p><h1>");
    if let Some(root) = root {
        page.text(service(draft, root)).raw(": ").text(root.view.operation());
    }
    page.raw("</h1><p class=dim>trace <code>").text(&id).raw("</code>, ").text(&utc(start)).raw(" UTC, ");
    page.show(short(total)).raw(", ").show(draft.spans.len()).raw(" spans, ");
    page.link(&format!("/api/traces/{id}?prettyPrint=true"), "JSON").raw("</p><ol class=spans>");
    for (place, depth) in walk.iter().take(MAX_SHOWN) {
        if let Some(span) = draft.spans.get(*place) {
            row(page, draft, span, *depth, Window { start, total });
        }
    }
    page.raw("</ol>");
    if walk.len() > MAX_SHOWN {
        page.raw("<p>").show(walk.len() - MAX_SHOWN).raw(" more spans stand in the JSON.</p>");
    }
}

#[derive(Clone, Copy)]
struct Window {
    start: Timestamp,
    total: Duration,
}

fn row(page: &mut Html, draft: &Draft<'_>, span: &DraftSpan<'_>, depth: usize, window: Window) {
    let after = span.start.since(window.start);
    let percent = |part: Duration| {
        #[expect(clippy::cast_precision_loss, reason = "a bar's length in percent")]
        let percent = part.as_nanos() as f64 * 100.0 / window.total.as_nanos().max(1) as f64;
        percent.clamp(0.0, 100.0)
    };
    let failed =
        span.tags.of(&draft.tags).iter().any(|tag| {
            tag.key == keys::ERROR && matches!(tag.value, DraftValue::Stored(value) if value.text_is("true"))
        });
    let indent = depth.min(MAX_INDENT);
    page.raw("<li><details><summary class=row><span style=\"padding-left:").show(indent).raw("rem\">");
    page.raw(if failed { "<b class=bad>" } else { "<b>" }).text(service(draft, span)).raw("</b> ");
    page.text(span.view.operation()).raw("</span><span class=dim>+").show(short(after)).raw(" &nbsp; ");
    page.show(short(span.duration()))
        .raw("<i class=bar style=\"margin-left:")
        .show(format_args!("{:.2}", percent(after)));
    page.raw("%;width:").show(format_args!("{:.2}", percent(span.duration()).min(100.0 - percent(after))));
    page.raw("%\"></i></span></summary><table>");
    for tag in span.tags.of(&draft.tags) {
        tag_row(page, tag);
    }
    for log in span.logs.of(&draft.logs) {
        page.raw("<tr><td class=dim>log</td><td>+").show(short(log.time.since(span.start))).raw("</td></tr>");
        for field in log.fields.of(&draft.tags) {
            tag_row(page, field);
        }
    }
    for warning in span.view.warnings() {
        page.raw("<tr><td class=bad>warning</td><td>").text(warning).raw("</td></tr>");
    }
    for note in &span.notes {
        page.raw("<tr><td class=bad>warning</td><td>").show(note).raw("</td></tr>");
    }
    page.raw("</table></details></li>");
}

fn tag_row(page: &mut Html, tag: &DraftTag<'_>) {
    page.raw("<tr><td class=dim>").text(tag.key).raw("</td><td>");
    match tag.value {
        DraftValue::Stored(Value::Str(text)) => page.text(text),
        DraftValue::Ipv4(address) => page.show(address),
        DraftValue::Stored(Value::F64(number)) => {
            let mut out = Vec::new();
            float::push(&mut out, number);
            page.text(&String::from_utf8_lossy(&out))
        }
        DraftValue::Stored(Value::Bytes(bytes)) => {
            let mut out = Vec::new();
            json::base64(&mut out, bytes);
            page.text(&String::from_utf8_lossy(&out))
        }
        DraftValue::Stored(value) => page.text(&value.text()),
    };
    page.raw("</td></tr>");
}

fn service<'t>(draft: &Draft<'t>, span: &DraftSpan<'_>) -> &'t str {
    draft.processes.get(span.process as usize).map_or("", |process| process.service)
}

/// Every span once, with its depth: roots by time, each followed by its children by time; then spans that hang
/// in a circle.
fn walk(draft: &Draft<'_>) -> Vec<(usize, usize)> {
    let mut by_id: Vec<(SpanId, usize)> = draft.spans.iter().map(|span| span.span_id).zip(0..).collect();
    by_id.sort_unstable();
    let place_of = |id: SpanId| {
        let at = by_id.partition_point(|(known, _)| *known < id);
        by_id.get(at).filter(|(known, _)| *known == id).map(|(_, place)| *place)
    };
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); draft.spans.len()];
    let mut roots = Vec::new();
    for (place, span) in draft.spans.iter().enumerate() {
        match draft.parent(span).and_then(place_of).filter(|parent| *parent != place) {
            Some(parent) => {
                if let Some(siblings) = children.get_mut(parent) {
                    siblings.push(place);
                }
            }
            None => roots.push(place),
        }
    }
    let start = |place: &usize| draft.spans.get(*place).map(|span| (span.start, span.span_id));
    let mut shown = vec![false; draft.spans.len()];
    let mut order = Vec::with_capacity(draft.spans.len());
    roots.sort_by_key(start);
    // Spans of a circle have no root: each that is left begins one.
    for root in roots.into_iter().chain(0..draft.spans.len()) {
        let mut stack = vec![(root, 0)];
        while let Some((place, depth)) = stack.pop() {
            let Some(seen) = shown.get_mut(place) else { continue };
            if std::mem::replace(seen, true) {
                continue;
            }
            order.push((place, depth));
            let mut below = children.get_mut(place).map(std::mem::take).unwrap_or_default();
            below.sort_by_key(start);
            stack.extend(below.into_iter().rev().map(|child| (child, depth + 1)));
        }
    }
    order
}
