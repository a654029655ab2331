use jaeger_model::{BatchBuilder, Duration, SpanId, TraceId, Value};

use super::*;

/// One span: service, operation, tags, duration in microseconds.
type Span<'a> = (&'a str, &'a str, &'a [(&'a str, Value<'a>)], i64);

fn batch(spans: &[Span<'_>]) -> Batch {
    let mut builder = BatchBuilder::new();
    for (id, (service, operation, tags, micros)) in (1..).zip(spans) {
        let process = builder.process(service.as_bytes()).expect("room");
        builder.begin_span();
        builder.span_ids(TraceId(1), SpanId(id));
        builder.span_operation(operation.as_bytes());
        builder.span_process(process);
        builder.span_duration(Duration::from_micros(*micros));
        for (key, value) in *tags {
            builder.span_tag(key.as_bytes(), (*value).into());
        }
        builder.end_span().expect("room");
    }
    builder.finish()
}

fn page(spans: &[Span<'_>]) -> String {
    let registry = Registry::new();
    SpanMetrics::new(&registry).observe(&batch(spans), |_| true);
    registry.render()
}

fn has(page: &str, line: &str) {
    assert!(page.lines().any(|found| found == line), "{line} is not in\n{page}");
}

#[test]
fn calls_and_durations_are_counted_by_service_operation_kind_and_status() {
    let server = [("span.kind", Value::Str("server"))];
    let failed = [("error", Value::Bool(true)), ("span.kind", Value::Str("server"))];
    let page = page(&[
        ("shop", "GET /", &server, 2_000),
        ("shop", "GET /", &server, 2_001),
        ("shop", "GET /", &failed, 20_000_000),
        ("till", "pay", &[], -5),
    ]);
    let of = |status: &str| {
        format!("service_name=\"shop\",span_kind=\"SPAN_KIND_SERVER\",span_name=\"GET /\",status_code=\"{status}\"")
    };
    let (unset, error) = (of("STATUS_CODE_UNSET"), of("STATUS_CODE_ERROR"));
    for line in [
        format!("traces_span_metrics_calls_total{{{unset}}} 2"),
        format!("traces_span_metrics_calls_total{{{error}}} 1"),
        format!("traces_span_metrics_duration_milliseconds_bucket{{{unset},le=\"2\"}} 1"),
        format!("traces_span_metrics_duration_milliseconds_bucket{{{unset},le=\"4\"}} 2"),
        format!("traces_span_metrics_duration_milliseconds_bucket{{{error},le=\"15000\"}} 0"),
        format!("traces_span_metrics_duration_milliseconds_bucket{{{error},le=\"+Inf\"}} 1"),
        format!("traces_span_metrics_duration_milliseconds_sum{{{unset}}} 4.001"),
        format!("traces_span_metrics_duration_milliseconds_count{{{unset}}} 2"),
    ] {
        has(&page, &line);
    }
    has(
        &page,
        "traces_span_metrics_duration_milliseconds_sum{service_name=\"till\",span_kind=\"SPAN_KIND_UNSPECIFIED\",span_name=\"pay\",status_code=\"STATUS_CODE_UNSET\"} 0",
    );
}

#[test]
fn kind_and_status_are_read_as_stores_read_them() {
    let of = |tags: &[(&str, Value<'_>)]| {
        let batch = batch(&[("a", "b", tags, 0)]);
        let Outcome { kind, status } = kind_and_status(&batch, &batch.span(0).expect("a span"));
        (kind.label(), status.label())
    };
    let text = Value::Str;
    assert_eq!(of(&[]), ("SPAN_KIND_UNSPECIFIED", "STATUS_CODE_UNSET"));
    assert_eq!(of(&[("span.kind", text("client")), ("span.kind", text("server"))]).0, "SPAN_KIND_CLIENT");
    assert_eq!(of(&[("span.kind", Value::I64(1)), ("span.kind", text("server"))]).0, "SPAN_KIND_UNSPECIFIED");
    assert_eq!(of(&[("span.kind", text("odd"))]).0, "SPAN_KIND_UNSPECIFIED");
    assert_eq!(of(&[("error", text("true"))]).1, "STATUS_CODE_ERROR");
    assert_eq!(of(&[("error", Value::Bool(true)), ("error", Value::Bool(false))]).1, "STATUS_CODE_UNSET");
    assert_eq!(of(&[("error", text("boom"))]).1, "STATUS_CODE_UNSET");
    assert_eq!(of(&[("otel.status_code", text("OK"))]).1, "STATUS_CODE_OK");
    assert_eq!(of(&[("error", Value::Bool(true)), ("otel.status_code", text("OK"))]).1, "STATUS_CODE_ERROR");
}

#[test]
fn only_what_is_stored_counts() {
    let registry = Registry::new();
    let metrics = SpanMetrics::new(&registry);
    metrics.observe(&batch(&[("a", "x", &[], 0), ("a", "y", &[], 0)]), |at| at == 1);
    let page = registry.render();
    assert!(page.contains("span_name=\"y\"") && !page.contains("span_name=\"x\""), "{page}");
}

#[test]
fn rows_have_a_bound_and_the_rest_is_other() {
    let metrics = SpanMetrics::new(&Registry::new());
    let observe = |service: &str, operation: &str| metrics.observe(&batch(&[(service, operation, &[], 0)]), |_| true);
    for number in 0..table::MAX_NAMED + 10 {
        observe("first", &format!("op{number}"));
    }
    for number in 0..table::MAX_ROWS {
        observe(&format!("service{number}"), "op");
    }
    observe("first", &"long".repeat(1000));
    let table = metrics.0.lock();
    assert!(table.rows().len() <= table::MAX_ROWS, "{} rows", table.rows().len());
    let calls = |service: &str, operation: &str| {
        let found = table.rows().iter().find(|row| *row.service == *service && *row.operation == *operation);
        found.map(Row::calls)
    };
    assert_eq!(calls("first", "op0"), Some(1));
    assert_eq!(calls("first", table::OTHER), Some(11));
    assert_eq!(calls("service0", table::OTHER), Some(1));
    assert!(calls(table::OTHER_SERVICES, table::OTHER).is_some_and(|calls| calls > 4_000));
    let all: u64 = table.rows().iter().map(Row::calls).sum();
    assert_eq!(all, (table::MAX_NAMED + 10 + table::MAX_ROWS + 1) as u64);
}
