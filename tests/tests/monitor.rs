//! The Monitor page has the same figures from what the store counts itself and from a real Prometheus that scrapes the collector.
//!
//! Guarantees: names, labels, series and times are equal. Quantiles and ratios of errors are equal within 2 %: they do not depend on how
//! Prometheus stretches a window to its borders. Calls a second are equal within 12 %: Prometheus does not see the first
//! sample's spans come, and stretches what grew over the scrapes that it has by up to one and a half of them. The store counts whole minutes by the time at
//! which spans began, Prometheus by the time at which they were stored; a window that holds both holds the same spans.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use jaeger_tests::binaries::Binary;
use jaeger_tests::http;
use jaeger_tests::prometheus::Prometheus;
use jaeger_tests::server::Server;
use jaeger_tests::wait::wait_for;
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(30);
/// The spans of a round: service, operation, OTLP's number of the kind, milliseconds, whether it failed, how many.
const ROUND: &[(&str, &str, u8, u64, bool, usize)] = &[
    ("shop", "GET /cart", 2, 3, false, 6),
    ("shop", "GET /cart", 2, 20, false, 3),
    ("shop", "GET /cart", 2, 300, true, 1),
    ("shop", "POST /pay", 2, 1, false, 2),
    ("shop", "till", 3, 30, true, 2),
    ("till", "pay", 2, 25, false, 4),
];
const ROUNDS: usize = 100;
/// Scrapes over which calls grew, so that one and a half of them more is little.
const SCRAPES: f64 = 16.0;

#[tokio::test]
async fn the_store_and_a_prometheus_give_the_same_figures() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &["--collector.span-metrics=true"]).await?;
    let prometheus = Prometheus::start(server.address("admin")?).await?;
    let query = Server::start_with_variables(
        Binary::Query,
        &[
            &format!("--prometheus.server-url=http://{}", prometheus.address()),
            "--prometheus.query.normalize-calls=true",
            "--prometheus.query.normalize-duration=true",
        ],
        &[("SPAN_STORAGE_TYPE", "memory"), ("METRICS_STORAGE_TYPE", "prometheus")],
    )
    .await?;

    let all = ROUND.iter().map(|(.., times)| times).sum::<usize>();
    let minute = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 60;
    // In the minute before this one, which is over.
    let start_ns = (minute * 60 - 30) * 1_000_000_000;
    // A counter begins with its first sample, which does not count as growth: it is to be small.
    send(&server, 0..1, start_ns).await?;
    scraped(&prometheus, "sum(traces_span_metrics_calls_total)", all as f64).await?;
    send(&server, 1..ROUNDS, start_ns).await?;
    scraped(&prometheus, "sum(traces_span_metrics_calls_total)", (all * ROUNDS) as f64).await?;
    let of_one = "max(count_over_time(traces_span_metrics_calls_total[2m]))";
    scraped(&prometheus, of_one, SCRAPES).await?;

    let end = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let mut compared = 0;
    for (of, tolerance) in [
        ("calls?", 0.12),
        ("errors?", 0.02),
        ("latencies?quantile=0.5&", 0.02),
        ("latencies?quantile=0.75&", 0.02),
        ("latencies?quantile=0.95&", 0.02),
    ] {
        for more in ["", "&groupByOperation=true", "&spanKind=client&spanKind=server&groupByOperation=true"] {
            let path = format!(
                "/api/metrics/{of}service=shop&service=till&endTs={end}&lookback=0&step=60000&ratePer=120000{more}"
            );
            let stored = family(&server, &path).await?;
            let scraped = family(&query, &path).await?;
            compared += same(&stored, &scraped, tolerance)
                .with_context(|| format!("{path}: the store says {stored}, Prometheus {scraped}"))?;
        }
    }
    ensure!(compared == 5 * (2 + 3 + 4), "{compared} points were compared");
    let min_step = json(&query, "/api/metrics/minstep").await?;
    ensure!(min_step["data"] == 1, "{min_step}");
    query.stop().await?;
    server.stop().await.map(drop)
}

/// Sends rounds in one request each, until it is stored.
async fn send(server: &Server, rounds: std::ops::Range<usize>, start_ns: u64) -> Result<()> {
    for round in rounds {
        let mut number = 0;
        let mut resources = Vec::new();
        for service in ["shop", "till"] {
            let mut spans = Vec::new();
            for (of, name, kind, millis, failed, times) in ROUND {
                for _ in 0..if of == &service { *times } else { 0 } {
                    number += 1;
                    spans.push(json!({
                        "traceId": format!("{:032x}", round + 1), "spanId": format!("{number:016x}"),
                        "name": name, "kind": kind,
                        "startTimeUnixNano": start_ns.to_string(),
                        "endTimeUnixNano": (start_ns + millis * 1_000_000).to_string(),
                        "status": {"code": if *failed { 2 } else { 0 }},
                    }));
                }
            }
            let name = json!({"key": "service.name", "value": {"stringValue": service}});
            resources.push(json!({"resource": {"attributes": [name]}, "scopeSpans": [{"spans": spans}]}));
        }
        let body = Bytes::from(serde_json::to_vec(&json!({"resourceSpans": resources}))?);
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        let answer = http::send(server.address("collector.otlp.http")?, "POST", "/v1/traces", &headers, body).await?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
    }
    Ok(())
}

async fn scraped(prometheus: &Prometheus, promql: &str, at_least: f64) -> Result<()> {
    wait_for(&format!("{promql} to be {at_least}"), DEADLINE, async || {
        let value = prometheus.value(promql).await?;
        ensure!(value >= at_least, "it is {value}");
        Ok(())
    })
    .await
}

async fn family(server: &Server, path: &str) -> Result<Value> {
    json(server, path).await
}

async fn json(server: &Server, path: &str) -> Result<Value> {
    Ok(serde_json::from_str(&http::get_text(server.address("query.http")?, path).await?)?)
}

/// Checks that two families are the same within the tolerance, and says how many points they have.
fn same(stored: &Value, scraped: &Value, tolerance: f64) -> Result<usize> {
    ensure!(stored["name"] == scraped["name"] && stored["help"] == scraped["help"], "another family");
    let series = |family: &Value| family["metrics"].as_array().cloned().context("no series");
    let (stored, scraped) = (series(stored)?, series(scraped)?);
    ensure!(stored.len() == scraped.len(), "{} and {} series", stored.len(), scraped.len());
    let mut points = 0;
    for (stored, scraped) in stored.iter().zip(&scraped) {
        ensure!(stored["labels"] == scraped["labels"], "{} and {}", stored["labels"], scraped["labels"]);
        let point = |series: &Value| series["metricPoints"].as_array().cloned().context("no points");
        let (stored, scraped) = (point(stored)?, point(scraped)?);
        ensure!(stored.len() == scraped.len(), "{} and {} points", stored.len(), scraped.len());
        for (stored, scraped) in stored.iter().zip(&scraped) {
            ensure!(stored["timestamp"] == scraped["timestamp"], "another time");
            let value = |point: &Value| point["gaugeValue"]["doubleValue"].as_f64().context("no number");
            let (stored, scraped) = (value(stored)?, value(scraped)?);
            ensure!((stored - scraped).abs() <= tolerance * stored.abs(), "{stored} and {scraped}");
            points += 1;
        }
    }
    Ok(points)
}
