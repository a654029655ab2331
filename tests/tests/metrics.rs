//! Every series that Go Jaeger had on `/metrics` is on ours, with the same type and labels.
//!
//! Guarantees: dashboards and alerts written for Go Jaeger 1.62 find their series, whatever their values. What waits for
//! a part that is not there yet stands in `recorded/rules.toml` and is counted.

use std::io::Write;

use anyhow::{Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::exposition::series;
use jaeger_tests::http;
use jaeger_tests::replay::recording;
use jaeger_tests::replay::rules::{Rules, matches};
use jaeger_tests::server::Server;

#[tokio::test]
async fn all_in_one_has_the_series_of_go() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    check(&server, "all-in-one").await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn agent_has_the_series_of_go() -> Result<()> {
    let collector = Server::start(Binary::AllInOne, &[]).await?;
    let flag = format!("--reporter.grpc.host-port={}", collector.address("collector.grpc")?);
    let agent = Server::start(Binary::Agent, &[&flag]).await?;
    check(&agent, "agent").await?;
    agent.stop().await?;
    collector.stop().await.map(drop)
}

#[tokio::test]
async fn collector_has_the_series_of_go() -> Result<()> {
    let server = Server::start(Binary::Collector, &[]).await?;
    check(&server, "collector").await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn query_has_the_series_of_go() -> Result<()> {
    let server = Server::start(Binary::Query, &[]).await?;
    check(&server, "query").await?;
    server.stop().await.map(drop)
}

async fn check(server: &Server, component: &str) -> Result<()> {
    // Series of an endpoint's answers begin with the first one.
    if let Ok(collector) = server.address("collector.http") {
        http::get_text(collector, "/api/sampling?service=x").await?;
        let input = recording::input("thrift-http-types")?;
        let headers: Vec<_> = input.headers.clone().into_iter().collect();
        let batch = input.bodies()?.into_iter().next().unwrap_or_default();
        for (body, status) in [(batch, 202), (bytes::Bytes::new(), 400)] {
            let answer = http::send(collector, "POST", "/api/traces", &headers, body).await?;
            ensure!(answer.status == status, "a batch in Thrift is answered {}: {}", answer.status, answer.text());
        }
    }
    let ours = series(&http::get_text(server.address("admin")?, "/metrics").await?)?;
    let path = recording::folder().join("metrics").join(format!("{component}.txt"));
    let go = series(&std::fs::read_to_string(path)?)?;
    let rules = Rules::read()?;
    let mut used = vec![0; rules.series_not_there.len()];
    let mut missing = Vec::new();
    let mut equal = 0;
    for one in go {
        if ours.contains(&one) {
            equal += 1;
            continue;
        }
        match rules.series_not_there.iter().position(|rule| matches(&rule.series, &one)) {
            Some(rule) => used[rule] += 1,
            None => missing.push(one),
        }
    }
    let mut text =
        format!("series of Go Jaeger on the page of {component}: {equal} there, {} missing\n", missing.len());
    for (rule, count) in rules.series_not_there.iter().zip(used).filter(|(_, count)| *count > 0) {
        text.push_str(&format!("{count:>7} not there: {} ({})\n", rule.series, rule.why));
    }
    std::io::stderr().write_all(text.as_bytes())?;
    ensure!(missing.is_empty(), "series that Go Jaeger has on the page of {component}: {missing:#?}");
    Ok(())
}

/// Of the metrics of 1.6, which were served on the main port of each component: those that are there from the start.
const AGENT_1_6: &[&str] = &[
    "counter jaeger_agent_tc_reporter_jaeger_batches_submitted{}",
    "counter jaeger_agent_tc_reporter_jaeger_batches_failures{}",
    "counter jaeger_agent_tc_reporter_jaeger_spans_submitted{}",
    "counter jaeger_agent_tc_reporter_jaeger_spans_failures{}",
    "gauge jaeger_agent_tc_reporter_jaeger_batch_size{}",
    "gauge jaeger_agent_thrift_udp_server_queue_size{model=\"jaeger\",protocol=\"compact\"}",
    "gauge jaeger_agent_thrift_udp_server_packet_size{model=\"jaeger\",protocol=\"binary\"}",
    "counter jaeger_agent_thrift_udp_server_packets_processed{model=\"jaeger\",protocol=\"compact\"}",
    "counter jaeger_agent_thrift_udp_server_packets_dropped{model=\"jaeger\",protocol=\"compact\"}",
    "counter jaeger_agent_thrift_udp_server_read_errors{model=\"zipkin\",protocol=\"compact\"}",
    "counter jaeger_agent_thrift_udp_t_processor_handler_errors{model=\"jaeger\",protocol=\"binary\"}",
    "counter jaeger_agent_http_server_requests{type=\"sampling\"}",
    "counter jaeger_agent_http_server_errors{source=\"all\",status=\"4xx\"}",
    "counter jaeger_agent_collector_proxy{endpoint=\"sampling\",result=\"ok\"}",
];
const COLLECTOR_1_6: &[&str] = &[
    "histogram jaeger_collector_in_queue_latency_bucket{host=\"*\",le=\"0.005\"}",
    "histogram jaeger_collector_save_latency_count{host=\"*\"}",
    "counter jaeger_collector_spans_dropped{host=\"*\"}",
    "gauge jaeger_collector_batch_size{host=\"*\"}",
    "gauge jaeger_collector_queue_length{host=\"*\"}",
    "gauge jaeger_collector_spans_serviceNames{host=\"*\"}",
    "counter jaeger_collector_spans_received{debug=\"false\",format=\"jaeger\",svc=\"other-services\"}",
    "counter jaeger_collector_spans_rejected{debug=\"true\",format=\"unknown\",svc=\"other-services\"}",
    "counter jaeger_collector_traces_received{debug=\"false\",format=\"zipkin\",svc=\"other-services\"}",
    "counter jaeger_collector_spans_saved_by_svc{debug=\"false\",svc=\"other-services\"}",
];

#[tokio::test]
async fn the_main_ports_serve_the_metrics_of_1_6() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    for (listener, expected) in [("agent.http", AGENT_1_6), ("collector.http", COLLECTOR_1_6), ("query.http", &[])] {
        let answer = http::get(server.address(listener)?, "/metrics").await?;
        ensure!(answer.status == 200, "{listener} answers {} to /metrics", answer.status);
        let kind = answer.header("content-type").unwrap_or_default();
        ensure!(kind.starts_with("text/plain; version=0.0.4"), "{listener} has the content type {kind}");
        let page = series(&answer.text())?;
        let missing: Vec<_> = expected.iter().filter(|one| !page.contains(**one)).collect();
        ensure!(missing.is_empty(), "{listener} lacks {missing:#?}; it has {page:#?}");
    }
    server.stop().await.map(drop)
}
