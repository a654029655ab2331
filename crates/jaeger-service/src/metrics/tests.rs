use std::collections::BTreeSet;

use super::*;

/// Series names with their labels, without values, of a page.
fn series(page: &str) -> BTreeSet<&str> {
    page.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(series, _)| series)
        .collect()
}

#[test]
fn the_text_form_is_the_one_prometheus_reads() {
    let registry = Registry::new();
    registry.counter("a_total", "Things\nthat \\ count.", &[("b", "x\"\\\n"), ("a", "1")]).increment(3);
    registry.gauge("g", "A gauge.", &[]).set(0.5);
    assert_eq!(
        registry.render(),
        "# HELP a_total Things\\nthat \\\\ count.\n# TYPE a_total counter\na_total{a=\"1\",b=\"x\\\"\\\\\\n\"} 3\n\
         # HELP g A gauge.\n# TYPE g gauge\ng 0.5\n"
    );
}

#[test]
fn histograms_are_cumulative_over_gos_buckets() {
    let registry = Registry::new();
    let histogram = registry.histogram("h", "Seconds.", &[("l", "v")]);
    histogram.observe_n(0.005, 20);
    histogram.observe(0.3);
    histogram.observe(100.0);
    let text = registry.render();
    for line in [
        "h_bucket{l=\"v\",le=\"0.005\"} 20",
        "h_bucket{l=\"v\",le=\"0.25\"} 20",
        "h_bucket{l=\"v\",le=\"0.5\"} 21",
        "h_bucket{l=\"v\",le=\"10\"} 21",
        "h_bucket{l=\"v\",le=\"+Inf\"} 22",
        "h_sum{l=\"v\"} 100.4",
        "h_count{l=\"v\"} 22",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert_eq!(text.lines().filter(|line| line.contains("_bucket")).count(), 12);
}

#[test]
fn two_handles_of_one_name_and_labels_count_into_one_series() {
    let registry = Registry::new();
    registry.counter("c_total", "", &[("a", "1"), ("b", "2")]).increment(1);
    registry.counter("c_total", "", &[("b", "2"), ("a", "1")]).increment(1);
    assert!(registry.render().contains("c_total{a=\"1\",b=\"2\"} 2\n"));
}

#[test]
fn the_macros_of_the_metrics_crate_reach_the_page() {
    let registry = Registry::new();
    ::metrics::with_local_recorder(&recorder::ToRegistry(registry.clone()), || {
        ::metrics::describe_counter!("m_total", "From a macro.");
        ::metrics::counter!("m_total", "a" => "1").increment(2);
        ::metrics::gauge!("m_gauge").set(4.0);
        ::metrics::histogram!("m_seconds").record(0.2);
    });
    let text = registry.render();
    assert!(text.contains("# HELP m_total From a macro.\n"));
    assert!(text.contains("m_total{a=\"1\"} 2\n"));
    assert!(text.contains("m_gauge 4\n"));
    assert!(text.contains("m_seconds_bucket{le=\"0.25\"} 1\n"));
}

#[test]
fn all_known_series_of_an_agent_exist_from_the_start() {
    let registry = Registry::new();
    let _agent = AgentMetrics::new(&registry);
    let text = registry.render();
    let found = series(&text);
    for expected in [
        "jaeger_agent_client_stats_spans_dropped_total{cause=\"send-failure\"}",
        "jaeger_agent_collector_proxy_total{endpoint=\"baggage\",protocol=\"grpc\",result=\"err\"}",
        "jaeger_agent_connection_status_collector_connected{protocol=\"grpc\"}",
        "jaeger_agent_http_server_errors_total{source=\"all\",status=\"4xx\"}",
        "jaeger_agent_http_server_requests_total{type=\"sampling-legacy\"}",
        "jaeger_agent_reporter_batches_failures_total{format=\"zipkin\",protocol=\"grpc\"}",
        "jaeger_agent_thrift_udp_server_queue_size{model=\"zipkin\",protocol=\"compact\"}",
        "jaeger_agent_thrift_udp_t_processor_close_time_count{model=\"jaeger\",protocol=\"binary\"}",
    ] {
        assert!(found.contains(expected), "{expected} is missing");
    }
    assert!(text.lines().filter(|line| !line.starts_with('#')).all(|line| line.ends_with(" 0")));
}

#[test]
fn a_collector_starts_with_every_combination_of_other_services() {
    let registry = Registry::new();
    let _collector = CollectorMetrics::new(&registry, "localhost");
    let text = registry.render();
    let count = |name: &str| text.lines().filter(|line| line.starts_with(name)).count();
    assert_eq!(count("jaeger_collector_spans_rejected_total{"), 32);
    assert_eq!(count("jaeger_collector_traces_rejected_total{"), 160);
    assert_eq!(count("jaeger_collector_spans_received_total{"), 32);
    assert_eq!(count("jaeger_collector_spans_saved_by_svc_total{"), 4);
    assert_eq!(count("jaeger_collector_traces_saved_by_svc_total{"), 20);
    assert!(text.contains(
        "jaeger_collector_http_request_duration_count{method=\"other\",path=\"other\",status=\"other\"} 0\n"
    ));
    assert!(text.contains("jaeger_collector_queue_capacity{host=\"localhost\"} 0\n"));
    assert!(!text.contains("error_busy"));
}

#[test]
fn a_batch_is_counted_by_service_debug_flag_and_sampler() {
    let registry = Registry::new();
    let collector = CollectorMetrics::new(&registry, "h");
    let mut tally = SpanTally::default();
    tally.add(false, None);
    tally.add(false, Some(SamplerType::from_tag("const")));
    tally.add(true, Some(SamplerType::from_tag("something")));
    let shop = collector.service("Shop");
    shop.received(Format::Proto, Transport::Grpc, &tally);
    shop.saved(true, &tally);
    let text = registry.render();
    for line in [
        "jaeger_collector_spans_received_total{debug=\"false\",format=\"proto\",svc=\"shop\",transport=\"grpc\"} 2",
        "jaeger_collector_spans_received_total{debug=\"true\",format=\"proto\",svc=\"shop\",transport=\"grpc\"} 1",
        "jaeger_collector_traces_received_total{debug=\"false\",format=\"proto\",sampler_type=\"const\",svc=\"shop\",transport=\"grpc\"} 1",
        "jaeger_collector_traces_saved_by_svc_total{debug=\"true\",result=\"ok\",sampler_type=\"unrecognized\",svc=\"shop\"} 1",
        "jaeger_collector_spans_serviceNames{host=\"h\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[test]
fn services_beyond_the_bound_share_one_label() {
    let registry = Registry::new();
    let collector = CollectorMetrics::new(&registry, "h");
    let mut tally = SpanTally::default();
    tally.add(false, None);
    for number in 0..service::MAX_SERVICES + 10 {
        collector.service(&format!("s{number}")).saved(true, &tally);
    }
    let text = registry.render();
    assert!(text.contains(
        "jaeger_collector_spans_saved_by_svc_total{debug=\"false\",result=\"ok\",svc=\"other-services\"} 10\n"
    ));
}

#[test]
fn http_requests_from_outside_cannot_make_series_without_bound() {
    let registry = Registry::new();
    let collector = CollectorMetrics::new(&registry, "h");
    for number in 0..1_000 {
        collector.http_request_duration("GET", &format!("/{number}"), "404").observe(0.1);
    }
    let text = registry.render();
    let series = text.lines().filter(|line| line.starts_with("jaeger_collector_http_request_duration_count")).count();
    assert_eq!(series, 200);
}

#[test]
fn a_query_registers_nine_operations_of_which_five_count_responses() {
    let registry = Registry::new();
    let query = QueryMetrics::new(&registry);
    query.finished(Operation::FindTraces, true, std::time::Duration::from_millis(20), 3);
    let text = registry.render();
    let count = |name: &str| text.lines().filter(|line| line.starts_with(name)).count();
    assert_eq!(count("jaeger_query_requests_total{"), 18);
    assert_eq!(count("jaeger_query_responses_count{"), 5);
    assert!(text.contains("jaeger_query_requests_total{operation=\"find_traces\",result=\"ok\"} 1\n"));
    assert!(text.contains("jaeger_query_responses_sum{operation=\"find_traces\"} 0.000000003\n"));
}

#[test]
fn the_articles_queries_find_their_series_on_the_old_pages() {
    let registry = Registry::new();
    let agent = AgentMetrics::new(&registry);
    agent.reporter_jaeger.batches_failures.increment(2);
    agent.http.errors_collector_proxy.increment(1);
    let text = registry.render_v1_6(Era16::Agent);
    assert!(text.contains("\njaeger_agent_tc_reporter_jaeger_batches_failures 2\n"), "{text}");
    assert!(text.contains("jaeger_agent_http_server_errors{source=\"tcollector-proxy\",status=\"5xx\"} 1\n"));
    assert!(!text.contains("source=\"proto\""));
    assert!(!text.contains("_total{"));

    let collector = CollectorMetrics::new(&registry, "h");
    collector.spans_dropped.increment(5);
    collector.in_queue_latency.observe_n(0.2, 7);
    let text = registry.render_v1_6(Era16::Collector);
    assert!(text.contains("jaeger_collector_spans_dropped{host=\"h\"} 5\n"));
    assert!(text.contains("jaeger_collector_in_queue_latency_bucket{host=\"h\",le=\"0.25\"} 7\n"));
    assert!(text.contains("jaeger_collector_error_busy{host=\"h\"} 0\n"));
    assert!(!text.contains("jaeger_agent_"));
}

#[test]
fn an_old_series_is_the_sum_over_the_labels_that_it_did_not_have() {
    let registry = Registry::new();
    let collector = CollectorMetrics::new(&registry, "h");
    let mut tally = SpanTally::default();
    tally.add(false, Some(SamplerType::Const));
    tally.add(false, Some(SamplerType::Probabilistic));
    let shop = collector.service("shop");
    shop.received(Format::Proto, Transport::Grpc, &tally);
    shop.received(Format::Jaeger, Transport::Http, &tally);
    shop.saved(true, &tally);
    shop.saved(false, &tally);
    let text = registry.render_v1_6(Era16::Collector);
    for line in [
        "jaeger_collector_spans_received{debug=\"false\",format=\"jaeger\",svc=\"shop\"} 4",
        "jaeger_collector_traces_received{debug=\"false\",format=\"jaeger\",svc=\"shop\"} 4",
        "jaeger_collector_spans_saved_by_svc{debug=\"false\",svc=\"shop\"} 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[test]
fn the_old_query_page_counts_attempts_and_latencies_by_operation() {
    let registry = Registry::new();
    let query = QueryMetrics::new(&registry);
    let took = std::time::Duration::from_millis(20);
    query.finished(Operation::GetTrace, true, took, 1);
    query.finished(Operation::GetTrace, false, took, 0);
    let text = registry.render_v1_6(Era16::Query);
    for line in [
        "jaeger_get_trace_attempts 2",
        "jaeger_get_trace_errors 1",
        "jaeger_get_trace_successes 1",
        "jaeger_get_trace_okLatency_count 1",
        "jaeger_get_trace_errLatency_count 1",
        "jaeger_find_traces_attempts 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[test]
fn the_process_registry_says_which_build_it_is() {
    let registry = install(Some("agent"));
    let text = registry.render();
    assert!(text.contains("\njaeger_build_info{"));
    assert!(text.contains("\njaeger_agent_build_info{"));
    assert!(text.contains(crate::version::VERSION));
}
