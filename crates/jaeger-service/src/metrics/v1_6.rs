//! The metric names of Go Jaeger 1.6, as views of the 1.62 series. Only this file knows the old names.
//!
//! A view sums the series that differ only in labels which 1.6 did not have (`transport`, `sampler_type`, `protocol` of the reporter).

use super::page::{Labels, Page};

/// A component whose main port carries a 1.6 page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era16 {
    /// 5778.
    Agent,
    /// 14268.
    Collector,
    /// 16686.
    Query,
}

/// Series that exist only for the 1.6 pages.
const ONLY_1_6: &[&str] = &["jaeger_collector_error_busy_total"];

struct View {
    name: String,
    source: &'static str,
    /// Only series with these labels, which then go away.
    only: Vec<(&'static str, &'static str)>,
    /// Labels that 1.6 did not have.
    without: &'static [&'static str],
    /// Series with this label value did not exist in 1.6.
    never: &'static [(&'static str, &'static str)],
    /// (label, value at 1.62, value at 1.6)
    renamed: &'static [(&'static str, &'static str, &'static str)],
}

impl View {
    fn plain(name: &str, source: &'static str) -> View {
        View { name: name.to_owned(), source, only: Vec::new(), without: &[], never: &[], renamed: &[] }
    }

    fn labels(&self, labels: &Labels) -> Option<Labels> {
        let has = |name: &str, value: &str| labels.iter().any(|(label, found)| label == name && found == value);
        if !self.only.iter().all(|(name, value)| has(name, value))
            || self.never.iter().any(|(name, value)| has(name, value))
        {
            return None;
        }
        let kept = labels.iter().filter(|(name, _)| {
            !self.without.contains(&name.as_str()) && !self.only.iter().any(|(only, _)| only == name)
        });
        Some(
            kept.map(|(name, value)| {
                let renamed = self.renamed.iter().find(|(label, from, _)| label == name && from == value);
                let value = renamed.map_or(value.as_str(), |(_, _, to)| to);
                (name.clone(), value.to_owned())
            })
            .collect(),
        )
    }
}

fn agent() -> Vec<View> {
    let mut views = Vec::new();
    for format in ["jaeger", "zipkin"] {
        for (leaf, source) in [
            ("batches_submitted", "jaeger_agent_reporter_batches_submitted_total"),
            ("batches_failures", "jaeger_agent_reporter_batches_failures_total"),
            ("spans_submitted", "jaeger_agent_reporter_spans_submitted_total"),
            ("spans_failures", "jaeger_agent_reporter_spans_failures_total"),
            ("batch_size", "jaeger_agent_reporter_batch_size"),
        ] {
            views.push(View {
                only: vec![("format", format)],
                without: &["protocol"],
                ..View::plain(&format!("jaeger_agent_tc_reporter_{format}_{leaf}"), source)
            });
        }
    }
    for (name, source) in [
        ("jaeger_agent_thrift_udp_server_queue_size", "jaeger_agent_thrift_udp_server_queue_size"),
        ("jaeger_agent_thrift_udp_server_packet_size", "jaeger_agent_thrift_udp_server_packet_size"),
        ("jaeger_agent_thrift_udp_server_packets_processed", "jaeger_agent_thrift_udp_server_packets_processed_total"),
        ("jaeger_agent_thrift_udp_server_packets_dropped", "jaeger_agent_thrift_udp_server_packets_dropped_total"),
        ("jaeger_agent_thrift_udp_server_read_errors", "jaeger_agent_thrift_udp_server_read_errors_total"),
        (
            "jaeger_agent_thrift_udp_t_processor_handler_errors",
            "jaeger_agent_thrift_udp_t_processor_handler_errors_total",
        ),
        ("jaeger_agent_thrift_udp_t_processor_close_time", "jaeger_agent_thrift_udp_t_processor_close_time"),
        ("jaeger_agent_http_server_requests", "jaeger_agent_http_server_requests_total"),
    ] {
        views.push(View::plain(name, source));
    }
    views.push(View {
        without: &["protocol"],
        ..View::plain("jaeger_agent_collector_proxy", "jaeger_agent_collector_proxy_total")
    });
    views.push(View {
        never: &[("source", "proto")],
        renamed: &[("source", "collector-proxy", "tcollector-proxy")],
        ..View::plain("jaeger_agent_http_server_errors", "jaeger_agent_http_server_errors_total")
    });
    views
}

fn collector() -> Vec<View> {
    let mut views: Vec<View> = [
        ("jaeger_collector_in_queue_latency", "jaeger_collector_in_queue_latency"),
        ("jaeger_collector_save_latency", "jaeger_collector_save_latency"),
        ("jaeger_collector_spans_dropped", "jaeger_collector_spans_dropped_total"),
        ("jaeger_collector_error_busy", "jaeger_collector_error_busy_total"),
        ("jaeger_collector_batch_size", "jaeger_collector_batch_size"),
        ("jaeger_collector_queue_length", "jaeger_collector_queue_length"),
        ("jaeger_collector_spans_serviceNames", "jaeger_collector_spans_serviceNames"),
    ]
    .into_iter()
    .map(|(name, source)| View::plain(name, source))
    .collect();
    for (name, source) in [
        ("jaeger_collector_spans_received", "jaeger_collector_spans_received_total"),
        ("jaeger_collector_spans_rejected", "jaeger_collector_spans_rejected_total"),
        ("jaeger_collector_traces_received", "jaeger_collector_traces_received_total"),
        ("jaeger_collector_traces_rejected", "jaeger_collector_traces_rejected_total"),
    ] {
        views.push(View {
            without: &["transport", "sampler_type"],
            // An agent's spans were "jaeger" before gRPC.
            renamed: &[("format", "proto", "jaeger")],
            ..View::plain(name, source)
        });
    }
    for (name, source) in [
        ("jaeger_collector_spans_saved_by_svc", "jaeger_collector_spans_saved_by_svc_total"),
        ("jaeger_collector_traces_saved_by_svc", "jaeger_collector_traces_saved_by_svc_total"),
    ] {
        views.push(View { only: vec![("result", "ok")], without: &["sampler_type"], ..View::plain(name, source) });
    }
    views
}

fn query() -> Vec<View> {
    const REQUESTS: &str = "jaeger_query_requests_total";
    const LATENCY: &str = "jaeger_query_latency";
    let mut views = Vec::new();
    for operation in ["find_traces", "get_trace", "get_services", "get_operations"] {
        let of = |leaf: &str, source, result: Option<&'static str>| View {
            only: std::iter::once(("operation", operation)).chain(result.map(|result| ("result", result))).collect(),
            without: &["result"],
            ..View::plain(&format!("jaeger_{operation}_{leaf}"), source)
        };
        views.push(of("attempts", REQUESTS, None));
        views.push(of("errors", REQUESTS, Some("err")));
        views.push(of("successes", REQUESTS, Some("ok")));
        views.push(of("okLatency", LATENCY, Some("ok")));
        views.push(of("errLatency", LATENCY, Some("err")));
        views.push(of("responses", "jaeger_query_responses", None));
    }
    views
}

/// The 1.6 page of one component.
pub(super) fn view(page: &Page, component: Era16) -> Page {
    let views = match component {
        Era16::Agent => agent(),
        Era16::Collector => collector(),
        Era16::Query => query(),
    };
    let mut old = Page::default();
    for view in views {
        let Some(source) = page.families.get(view.source) else {
            continue;
        };
        for (labels, value) in &source.series {
            let Some(labels) = view.labels(labels) else {
                continue;
            };
            let known = old.families.get_mut(&view.name).and_then(|family| family.series.get_mut(&labels));
            match known {
                Some(sum) => sum.add(value),
                None => old.put(&view.name, &source.help, source.kind, labels, value.clone()),
            }
        }
    }
    // The Go process collector stood on these pages as well.
    for (name, family) in &page.families {
        if name.starts_with("process_") {
            old.families.insert(name.clone(), family.clone());
        }
    }
    old
}

/// Takes the series of 1.6 off the admin page.
pub(super) fn leave_out(page: &mut Page) {
    for name in ONLY_1_6 {
        page.families.remove(*name);
    }
}
