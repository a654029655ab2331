//! `/api/v3/trace-summaries`: what the list of a search shows of each trace, without its spans. In JSON here, and over
//! gRPC as the messages of `proto/api_v3`.

use std::collections::{BTreeMap, HashSet};

use jaeger_model::{SpanId, SpanView, Trace, TraceId};
use jaeger_storage::TraceQuery;
use jaeger_wire::generated::api_v3::{ServiceSummary, TraceSummary};
use jaeger_wire::otlp;

use crate::answer::{Answer, ClientGone};
use crate::each::{Admitted, Sink, Stop};
use crate::error::ApiError;
use crate::render::json;
use crate::search::{Search, beside_others};

/// Of a trace that is not empty.
pub(crate) fn of(trace: &Trace) -> TraceSummary {
    let ids: HashSet<SpanId> = trace.spans().map(|span| span.span_id()).collect();
    let mut root: Option<SpanView<'_>> = None;
    let mut services: BTreeMap<&str, ServiceSummary> = BTreeMap::new();
    let mut summary = TraceSummary {
        trace_id: trace.trace_id().map(|id| format!("{:032x}", id.0)).unwrap_or_default(),
        min_start_time_unix_nano: u64::MAX,
        ..TraceSummary::default()
    };
    for span in trace.spans() {
        let start = span.start().as_nanos().cast_unsigned();
        let end = span.start().saturating_add(span.duration()).as_nanos().cast_unsigned();
        summary.min_start_time_unix_nano = summary.min_start_time_unix_nano.min(start);
        summary.max_end_time_unix_nano = summary.max_end_time_unix_nano.max(end);
        let failed = i32::from(otlp::failed(span));
        summary.span_count = summary.span_count.saturating_add(1);
        summary.error_span_count = summary.error_span_count.saturating_add(failed);
        match span.parent().filter(|parent| parent.0 != 0) {
            Some(parent) if !ids.contains(&parent) => {
                summary.orphan_span_count = summary.orphan_span_count.saturating_add(1);
            }
            Some(_) => {}
            None if root.is_none_or(|root| span.start() < root.start()) => root = Some(span),
            None => {}
        }
        let service = services.entry(span.service()).or_default();
        service.span_count = service.span_count.saturating_add(1);
        service.error_span_count = service.error_span_count.saturating_add(failed);
    }
    if let Some(root) = root {
        summary.root_service_name = root.service().to_owned();
        summary.root_operation_name = root.operation().to_owned();
    }
    summary.services =
        services.into_iter().map(|(name, service)| ServiceSummary { name: name.to_owned(), ..service }).collect();
    summary
}

/// Answers a search.
pub(super) async fn find(search: Search, query: TraceQuery, answer: Answer) {
    let mut list = List::open(answer);
    match search.each(&query, &mut list).await {
        Ok(()) => list.close().await,
        Err(Stop::Refused(error)) => list.answer.refuse(&error),
        Err(Stop::Gone(_)) => {}
    }
}

struct List {
    answer: Answer,
    traces: u64,
    left_out: Option<ApiError>,
}

impl List {
    fn open(mut answer: Answer) -> Self {
        answer.buffer().extend_from_slice(b"{\"summaries\":[");
        Self { answer, traces: 0, left_out: None }
    }

    async fn close(mut self) {
        let out = self.answer.buffer();
        out.push(b']');
        if let Some(error) = &self.left_out {
            out.push(b',');
            error.push_v3(out);
        }
        out.push(b'}');
        if let Err(gone) = self.answer.finish().await {
            tracing::debug!(%gone, "Answer was not read to its end");
        }
    }
}

impl Sink for List {
    fn nothing_sent(&self) -> bool {
        self.answer.nothing_sent()
    }

    fn taken(&self) -> u64 {
        self.traces
    }

    fn truncated(&mut self) {
        self.answer.truncate();
    }

    fn left_out(&mut self, _id: Option<TraceId>, error: ApiError) {
        self.left_out.get_or_insert(error);
    }

    async fn take(&mut self, Admitted { trace, room }: Admitted) -> Result<(), ClientGone> {
        let summary = beside_others(trace.len(), || of(&trace));
        drop(trace);
        drop(room);
        if self.traces > 0 {
            self.answer.buffer().push(b',');
        }
        self.traces += 1;
        push(self.answer.buffer(), &summary);
        self.answer.send_full().await
    }
}

/// Counts of 0 are left out, names are not: Jaeger's page refuses a summary without one.
fn push(out: &mut Vec<u8>, summary: &TraceSummary) {
    out.extend_from_slice(b"{\"traceId\":");
    json::string(out, &summary.trace_id);
    out.extend_from_slice(b",\"rootServiceName\":");
    json::string(out, &summary.root_service_name);
    out.extend_from_slice(b",\"rootOperationName\":");
    json::string(out, &summary.root_operation_name);
    for (name, nanos) in [
        ("minStartTimeUnixNano", summary.min_start_time_unix_nano),
        ("maxEndTimeUnixNano", summary.max_end_time_unix_nano),
    ] {
        out.extend_from_slice(format!(",\"{name}\":\"{nanos}\"").as_bytes());
    }
    counts(
        out,
        &[
            ("spanCount", summary.span_count),
            ("errorSpanCount", summary.error_span_count),
            ("orphanSpanCount", summary.orphan_span_count),
        ],
    );
    out.extend_from_slice(b",\"services\":[");
    for (place, service) in summary.services.iter().enumerate() {
        out.extend_from_slice(if place > 0 { b",{\"name\":" } else { b"{\"name\":".as_slice() });
        json::string(out, &service.name);
        counts(out, &[("spanCount", service.span_count), ("errorSpanCount", service.error_span_count)]);
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
}

fn counts(out: &mut Vec<u8>, counts: &[(&str, i32)]) {
    for (name, count) in counts.iter().filter(|(_, count)| *count != 0) {
        out.extend_from_slice(format!(",\"{name}\":{count}").as_bytes());
    }
}
