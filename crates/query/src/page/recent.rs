//! Links to the newest traces.

use std::time::Duration as StdDuration;

use futures_util::StreamExt as _;
use jaeger_model::{Duration, Timestamp, Trace, Value, keys};
use jaeger_service::clock;

use super::html::Html;
use crate::go::duration::GoDuration;
use crate::search::Search;

pub(super) async fn write(page: &mut Html, search: &Search, limit: usize) {
    page.raw("<h2>Newest traces</h2>");
    if !search.store.capabilities().search_without_service {
        page.raw("<p>This store searches by service: see <code>/api/services</code>.</p>");
        return;
    }
    let query = super::newest(limit);
    let found = match search.store.find_traces(&query).await {
        Ok(found) => found,
        Err(error) => {
            page.raw("<p class=bad>").text(&error.to_string()).raw("</p>");
            return;
        }
    };
    let mut traces = found.traces;
    let mut rows = 0;
    while let Some(trace) = traces.next().await {
        match trace {
            Ok(trace) => {
                if rows == 0 {
                    page.raw("<table><tr><th>start (UTC)<th>trace<th>duration<th>spans<th>errors</tr>");
                }
                rows += 1;
                row(page, &Summary::of(&trace));
            }
            Err(error) => {
                page.raw("<p class=bad>").text(&error.to_string()).raw("</p>");
            }
        }
    }
    page.raw(if rows == 0 { "<p>No traces yet: <code>make demo</code></p>" } else { "</table>" });
}

fn row(page: &mut Html, trace: &Summary) {
    page.raw("<tr><td class=dim>").text(&utc(trace.start)).raw("</td><td>");
    page.link(&format!("/trace/{}", trace.id), &trace.name);
    page.raw("</td><td class=n>").show(short(trace.duration)).raw("</td><td class=n>").show(trace.spans);
    page.raw("</td><td class=\"n bad\">");
    if trace.errors > 0 {
        page.show(trace.errors);
    }
    page.raw("</td></tr>");
}

/// A trace in a line.
struct Summary {
    id: String,
    name: String,
    start: Timestamp,
    duration: Duration,
    spans: usize,
    errors: usize,
}

impl Summary {
    fn of(trace: &Trace) -> Self {
        let first = trace.spans().min_by_key(|span| (span.parent().is_some(), span.start()));
        let start = trace.spans().map(|span| span.start()).min().unwrap_or_default();
        let ends = trace.spans().map(|span| span.start().saturating_add(span.duration()));
        let failed = |value: Option<Value<'_>>| value.is_some_and(|value| value.text_is("true"));
        Self {
            id: trace.trace_id().unwrap_or_default().to_string(),
            name: first.map_or_else(String::new, |span| format!("{}: {}", span.service(), span.operation())),
            start,
            duration: ends.max().unwrap_or(start).since(start),
            spans: trace.len(),
            errors: trace.spans().filter(|span| failed(span.tag(keys::ERROR))).count(),
        }
    }
}

/// Date and time to the millisecond.
pub(super) fn utc(time: Timestamp) -> String {
    match u64::try_from(time.as_nanos()) {
        Ok(nanos) => clock::rfc3339(StdDuration::from_nanos(nanos), 3).replace('T', " ").replace('Z', ""),
        Err(_) => "before 1970".to_owned(),
    }
}

/// Three digits or so: nobody reads nanoseconds of a second.
pub(super) fn short(duration: Duration) -> GoDuration {
    let nanos = duration.as_nanos();
    let step = match nanos.unsigned_abs() {
        0..1_000_000 => 1_000,
        1_000_000..1_000_000_000 => 10_000,
        _ => 1_000_000,
    };
    GoDuration(Duration::from_nanos(nanos / step * step))
}
