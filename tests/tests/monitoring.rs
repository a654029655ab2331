//! What `k8s/monitoring` says to Prometheus and Grafana, with a real Prometheus over real servers.
//!
//! Guarantees: rules are what promtool takes and pass their own tests, each alert has one and an entry in the runbook; with the scrape config's
//! own relabelling each query of the dashboard, of the rules and of the article of 2018 has data from a live run.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::http;
use jaeger_tests::load::Load;
use jaeger_tests::manifests::{list, root, text};
use jaeger_tests::prometheus::Prometheus;
use jaeger_tests::server::Server;
use jaeger_tests::wait::wait_for;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const DEADLINE: Duration = Duration::from_secs(60);
const FOLDER: &str = "k8s/monitoring";
/// The article's: failures of agents, losses of collectors, time in the queue, memory and CPU of containers.
const ARTICLE: [&str; 5] = [
    "rate(jaeger_agent_tc_reporter_jaeger_batches_failures[1m])",
    "rate(jaeger_collector_spans_dropped[1m])",
    "histogram_quantile(0.95, sum(rate(jaeger_collector_in_queue_latency_bucket[1m])) by (le, pod))",
    r#"sum(container_memory_usage_bytes{container_name=~"^jaeger-.+"}) by (pod_name)"#,
    r#"sum(rate(container_cpu_usage_seconds_total{container_name=~"^jaeger-.+"}[1m])) by (pod_name)"#,
];
/// As a kubelet of today writes it; the series of the whole pod has no container.
const CADVISOR: &str = r#"container_memory_usage_bytes{container="",pod="jaeger-agent-0"} 2000
container_memory_usage_bytes{container="jaeger-agent",pod="jaeger-agent-0"} 1000
container_cpu_usage_seconds_total{container="jaeger-agent",pod="jaeger-agent-0",cpu="total"} 12
"#;

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(root()?.join(path)).with_context(|| path.to_owned())
}

/// What stands behind a key on lines of its own.
fn after<'a>(content: &'a str, key: &str) -> BTreeSet<&'a str> {
    content.lines().filter_map(|line| line.trim_start().strip_prefix(key)).map(str::trim).collect()
}

#[test]
fn rules_pass_their_tests() -> Result<()> {
    for arguments in [["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml"]] {
        let output = Command::new("promtool").args(arguments).current_dir(root()?.join(FOLDER)).output();
        let output = output.context("is it installed? tools/needs prometheus")?;
        ensure!(
            output.status.success(),
            "{arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

#[test]
fn each_alert_has_a_test_and_an_entry_in_the_runbook() -> Result<()> {
    let (rules, tests, runbook) =
        (read("k8s/monitoring/rules.yml")?, read("k8s/monitoring/rules.test.yml")?, read("docs/runbook.md")?);
    let alerts = after(&rules, "- alert:");
    ensure!(!alerts.is_empty(), "no alerts");
    ensure!(after(&tests, "- alertname:") == alerts, "alerts without a test, or tests without one");
    ensure!(after(&runbook, "## ") == alerts, "alerts without an entry, or entries without one");
    for name in alerts {
        let link = format!("runbook: docs/runbook.md#{}\n", name.to_lowercase());
        ensure!(rules.contains(&link), "{name} does not name its entry");
    }
    Ok(())
}

#[test]
fn rules_for_prometheus_operator_are_the_same() -> Result<()> {
    let plain = read("k8s/monitoring/rules.yml")?;
    let (_, groups) = plain.split_once("groups:\n").context("no groups")?;
    let indented: String = groups.lines().map(|line| format!("  {line}\n")).collect();
    let object = read("k8s/monitoring/operator/rules.yaml")?;
    let (_, wrapped) = object.split_once("  groups:\n").context("no groups in the object")?;
    ensure!(wrapped == indented, "operator/rules.yaml is not rules.yml, two columns to the right");
    Ok(())
}

#[tokio::test]
async fn each_query_has_data_from_a_live_run() -> Result<()> {
    let store = Server::start_with_variables(Binary::RemoteStorage, &[], &[("SPAN_STORAGE_TYPE", "embedded")]).await?;
    let address = format!("--grpc-storage.server={}", store.address("remote-storage.grpc")?);
    let remote = [("SPAN_STORAGE_TYPE", "grpc")];
    let collector = Server::start_with_variables(Binary::Collector, &[&address], &remote).await?;
    let query = Server::start_with_variables(Binary::Query, &[&address], &remote).await?;
    let reporter = format!("--reporter.grpc.host-port={}", collector.address("collector.grpc")?);
    let agent = Server::start(Binary::Agent, &[&reporter]).await?;
    let prometheus = Prometheus::start_with(&config(
        &[
            pod("jaeger-agent", 14271, agent.address("admin")?, None),
            pod("jaeger-collector", 14269, collector.address("admin")?, None),
            pod("jaeger-query", 16687, query.address("admin")?, None),
            pod("jaeger-remote-storage", 17270, store.address("admin")?, None),
            pod("jaeger-collector", 14250, collector.address("collector.grpc")?, None),
        ],
        &[
            annotated("jaeger-agent", agent.address("agent.http")?),
            annotated("jaeger-collector", collector.address("collector.http")?),
            annotated("jaeger-query", query.address("query.http")?),
        ],
        cadvisor().await?,
    )?)
    .await?;

    let load = Load::new().udp(&agent).await?;
    wait_for("each target to be scraped, and no port beside them", DEADLINE, async || {
        let up = prometheus.values("up").await?;
        ensure!(up.len() == 8 && up.iter().all(|one| *one == 1.0), "{up:?}");
        Ok(())
    })
    .await?;
    let dashboard: Value = serde_json::from_str(&read("k8s/monitoring/dashboard.json")?)?;
    let mut queries: Vec<&str> = ARTICLE.to_vec();
    for target in list(&dashboard["panels"]).iter().flat_map(|panel| list(&panel["targets"])) {
        queries.push(text(&target["expr"]));
    }
    let rules = read("k8s/monitoring/rules.yml")?;
    queries.extend(after(&rules, "- record:"));
    ensure!(queries.len() > ARTICLE.len() + 10, "few queries: {queries:?}");
    for promql in queries {
        wait_for(promql, DEADLINE, async || {
            // Reads, so that the query service has something to say.
            http::get_text(query.address("query.http")?, "/api/services").await?;
            let values = prometheus.values(promql).await?;
            ensure!(values.iter().any(|value| value.is_finite()), "{values:?}");
            Ok(())
        })
        .await?;
    }
    load.stop().await?;
    for server in [agent, query, collector, store] {
        server.stop().await?;
    }
    Ok(())
}

/// The scrape config, with targets that discovery would have found.
fn config(pods: &[String], annotated: &[String], kubelet: SocketAddr) -> Result<String> {
    let discovery = "    kubernetes_sd_configs:\n      - role: pod\n";
    let mut config = read("k8s/monitoring/prometheus.yml")?;
    ensure!(config.matches(discovery).count() == 2, "not two jobs look for pods");
    for targets in [pods, annotated] {
        config = config.replacen(discovery, &format!("    static_configs:\n{}", targets.concat()), 1);
    }
    let (jobs, cadvisor) = config.split_once("  - job_name: cadvisor\n").context("no job cadvisor")?;
    let (_, relabelling) = cadvisor.split_once("    metric_relabel_configs:\n").context("no relabelling")?;
    let rules = root()?.join("k8s/monitoring/rules.yml");
    let jobs = jobs
        .replace("scrape_interval: 30s", "scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s")
        .replace("- rules.yml", &format!("- {}", rules.display()));
    Ok(format!(
        "{jobs}  - job_name: cadvisor\n    metrics_path: /metrics/cadvisor\n    static_configs:\n      - targets: [\"{kubelet}\"]\n    metric_relabel_configs:\n{relabelling}"
    ))
}

fn pod(container: &str, port: u16, at: SocketAddr, annotation: Option<u16>) -> String {
    let annotation = annotation.map_or(String::new(), |port| {
        let key = "__meta_kubernetes_pod_annotation_prometheus_io";
        format!(", {key}_scrape: \"true\", {key}_port: \"{port}\"")
    });
    format!(
        "      - targets: [\"{at}\"]\n        labels: {{__meta_kubernetes_pod_container_name: {container}, __meta_kubernetes_pod_container_port_number: \"{port}\", __meta_kubernetes_namespace: tracing, __meta_kubernetes_pod_name: {container}-0, __meta_kubernetes_pod_ip: {}{annotation}}}\n",
        at.ip()
    )
}

/// A pod that says itself where it is scraped.
fn annotated(container: &str, at: SocketAddr) -> String {
    pod(container, at.port(), at, Some(at.port()))
}

/// Something that answers as a kubelet does; it ends with the test.
async fn cadvisor() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{CADVISOR}",
            CADVISOR.len()
        );
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok() {
                drop(stream.write_all(answer.as_bytes()).await);
            }
        }
    });
    Ok(address)
}
