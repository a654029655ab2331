//! A collector over an Elasticsearch that somebody started: `ELASTICSEARCH_URL`, and `ELASTICSEARCH_PID` where its own CPU is wanted.

use anyhow::Context as _;

use super::report::{Report, Unit};
use super::{ingest, waiting};
use crate::observe;
use crate::profile::Profile;
use crate::server::Server;
use crate::wire::Wire;

const SPANS: usize = 200_000;
const GOAL: f64 = 4.0;
const WORK: &str = "collector, api_v2 gRPC, Elasticsearch: CPU";

pub(super) async fn measure(report: &mut Report) -> anyhow::Result<()> {
    let Some(url) = std::env::var("ELASTICSEARCH_URL").ok().filter(|url| !url.is_empty()) else {
        report.not_yet(WORK);
        report
            .note("Elasticsearch: name a server in ELASTICSEARCH_URL, and its process in ELASTICSEARCH_PID".to_owned());
        return Ok(());
    };
    let pid: Option<u32> = std::env::var("ELASTICSEARCH_PID").ok().and_then(|pid| pid.parse().ok());
    for ids in ["identity", "automatic"] {
        let collector = start(&url, ids).await?;
        let before = pid.map(observe::cpu).transpose()?;
        let figures = ingest::measure(&collector, Profile::Plain, Wire::ApiV2, SPANS).await?;
        let goal = (ids == "identity").then_some(GOAL);
        report.figure(&format!("{WORK} ({ids} ids)"), Unit::CpuSeconds, figures.cpu, goal);
        report.note(format!("Elasticsearch, {ids} ids: {:.0} spans/s over 4 connections", figures.sent.rate()));
        if let (Some(pid), Some(before)) = (pid, before) {
            let own = (observe::cpu(pid)? - before).as_secs_f64() * 1e6 / figures.sent.spans as f64;
            report.figure(&format!("Elasticsearch's own CPU ({ids} ids)"), Unit::CpuSeconds, own, None);
        }
        if ids == "identity" {
            waiting::measure(report, "Elasticsearch", &collector, SPANS / 4, figures.sent.rate()).await?;
        }
    }
    Ok(())
}

async fn start(url: &str, ids: &str) -> anyhow::Result<Server> {
    let flags = [
        format!("--es.server-urls={url}"),
        format!("--es.document-ids={ids}"),
        format!("--es.index-prefix=bench-{ids}"),
        "--es.num-replicas=0".to_owned(),
    ];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    Server::start_over("elasticsearch", "jaeger-collector", &flags).await.context("is ELASTICSEARCH_URL right?")
}
