//! A real Prometheus (Debian's package `prometheus`), by default one that scrapes one server each second.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::child::Child;
use crate::wait::wait_for;
use crate::{http, port};

const START: Duration = Duration::from_secs(20);

pub struct Prometheus {
    /// Killed with it, before the folder goes.
    _child: Child,
    folder: TempDir,
    address: SocketAddr,
}

impl Prometheus {
    /// Starts one that scrapes `/metrics` of `target`, and waits until it is ready.
    pub async fn start(target: SocketAddr) -> Result<Self> {
        Self::start_with(&format!(
            "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nscrape_configs:\n  - job_name: jaeger\n    static_configs:\n      - targets: [\"{target}\"]\n"
        ))
        .await
    }

    /// Starts one with this configuration, and waits until it is ready.
    pub async fn start_with(config: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let address: SocketAddr = port::free()?.parse()?;
        std::fs::write(folder.path().join("prometheus.yml"), config)?;
        let mut command = Command::new("prometheus");
        command
            .current_dir(folder.path())
            .arg("--config.file=prometheus.yml")
            .arg("--storage.tsdb.path=data")
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("log"))?);
        let child = Child::spawn(command).context("is it installed? tools/needs prometheus")?;
        let prometheus = Self { _child: child, folder, address };
        wait_for("prometheus to be ready", START, async || {
            http::get_text(address, "/-/ready").await.with_context(|| prometheus.log()).map(drop)
        })
        .await?;
        Ok(prometheus)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The one value of an expression now.
    pub async fn value(&self, promql: &str) -> Result<f64> {
        let values = self.values(promql).await?;
        ensure!(values.len() == 1, "{promql} has {} values; the log: {}", values.len(), self.log());
        Ok(values[0])
    }

    /// All values of an expression now.
    pub async fn values(&self, promql: &str) -> Result<Vec<f64>> {
        let escaped: String = promql.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let text = http::get_text(self.address, &format!("/api/v1/query?query={escaped}")).await?;
        let answer: Value = serde_json::from_str(&text)?;
        let result = answer["data"]["result"].as_array().with_context(|| format!("{promql}: {text}"))?;
        let value = |one: &Value| one["value"][1].as_str().context("no value")?.parse().context("no number");
        result.iter().map(value).collect()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}
