//! The store that nobody would ship: a list of spans, looked through for each answer.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use jaeger_model::{Batch, SpanView, TraceId, Value};

use crate::TraceQuery;

/// Spans in order of arrival, each once.
pub fn unique(batches: &[Arc<Batch>]) -> Vec<SpanView<'_>> {
    let mut known = HashSet::new();
    batches.iter().flat_map(|batch| batch.spans()).filter(|span| known.insert(span.identity())).collect()
}

/// The spans of each trace, in order of arrival.
pub fn by_trace<'a>(spans: &[SpanView<'a>]) -> BTreeMap<TraceId, Vec<SpanView<'a>>> {
    let mut traces: BTreeMap<TraceId, Vec<SpanView<'_>>> = BTreeMap::new();
    for span in spans {
        traces.entry(span.trace_id()).or_default().push(*span);
    }
    traces
}

/// The ids of the newest traces that match, and whether there were more.
pub fn search(traces: &BTreeMap<TraceId, Vec<SpanView<'_>>>, query: &TraceQuery) -> (Vec<TraceId>, bool) {
    let newest = |spans: &Vec<SpanView<'_>>| spans.iter().filter(|s| query.matches(**s)).map(SpanView::start).max();
    let mut found: Vec<_> = traces.iter().filter_map(|(id, spans)| Some((newest(spans)?, *id))).collect();
    found.sort_by_key(|(start, id)| (std::cmp::Reverse(*start), *id));
    let truncated = query.limit > 0 && found.len() > query.limit;
    (found.into_iter().take(query.limit).map(|(_, id)| id).collect(), truncated)
}

/// Everything of a span, floats by their bits.
pub fn show(span: SpanView<'_>) -> String {
    fn tags<'a>(tags: impl Iterator<Item = jaeger_model::TagView<'a>>, out: &mut String) {
        for tag in tags {
            match tag.value {
                Value::F64(value) => write!(out, "{}=f{:x} ", tag.key, value.to_bits()),
                value => write!(out, "{}={value:?} ", tag.key),
            }
            .expect("a string");
        }
    }
    let mut out = format!(
        "{} {} {:?} {:?} {} {:?} {:?} ",
        span.trace_id(),
        span.span_id(),
        span.start(),
        span.duration(),
        span.flags(),
        span.operation(),
        span.references().collect::<Vec<_>>()
    );
    match span.process() {
        Some(process) => {
            out += process.service();
            out.push('(');
            tags(process.tags(), &mut out);
        }
        None => out += "none(",
    }
    out += ") tags ";
    tags(span.tags(), &mut out);
    for log in span.logs() {
        write!(out, "log {:?} ", log.time()).expect("a string");
        tags(log.fields(), &mut out);
    }
    write!(out, "warnings {:?}", span.warnings().collect::<Vec<_>>()).expect("a string");
    out
}
