//! The example of the client as a process of its own: started on free ports, asked for orders, ended by SIGTERM.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::binaries::Binary;
use crate::child::Child;
use crate::wait::wait_for;

const START: Duration = Duration::from_secs(20);
const STOP: Duration = Duration::from_secs(20);

pub struct Shop {
    child: Child,
    folder: TempDir,
}

impl Shop {
    /// Starts a part of it, whose spans go to an agent at `agent` and are all sampled.
    pub fn start(part: &str, flags: &[&str], agent: SocketAddr) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(Binary::Shop.path()?);
        command
            .args([part, "--listen", "127.0.0.1:0", "--sample-all"])
            .args(flags)
            .env_clear()
            .env("JAEGER_AGENT_HOST", agent.ip().to_string())
            .env("JAEGER_AGENT_PORT", agent.port().to_string())
            // On a busy machine the reporter may not run for a while.
            .env("JAEGER_REPORTER_MAX_QUEUE_SIZE", "5000")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("log"))?);
        Ok(Self { child: Child::spawn(command)?, folder })
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Where a service of it listens.
    pub async fn address(&self, service: &str) -> Result<SocketAddr> {
        wait_for("the shop to listen", START, async || {
            let log = self.log();
            let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let is = |line: &Value, key: &str, text: &str| line.get(key).and_then(Value::as_str) == Some(text);
            let mut lines = lines.filter(|line| is(line, "msg", "listens") && is(line, "service", service));
            let line = lines.next().with_context(|| format!("{service} does not listen: {log}"))?;
            Ok(line.get("address").and_then(Value::as_str).context("no address")?.parse()?)
        })
        .await
    }

    /// SIGTERM, a clean exit, and what it logged.
    pub async fn stop(mut self) -> Result<String> {
        self.child.signal(Signal::SIGTERM)?;
        let exit = self.child.exit("the shop to stop after SIGTERM", STOP).await;
        let status = exit.with_context(|| format!("its log: {}", self.log()))?;
        ensure!(status.success(), "the shop ended with {status}: {}", self.log());
        Ok(self.log())
    }
}

/// How many spans it says it has sent, all services together; none may be lost.
pub fn sent(log: &str) -> Result<u64> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told = lines.filter_map(|line| Some(line.get("msg")?.as_str()?.to_owned()));
    let told: Vec<_> = told.filter(|text| text.contains(" sampled spans ")).collect();
    ensure!(!told.is_empty(), "no ledger in {log}");
    let mut all = 0;
    for text in told {
        let number = |before: &str| -> Result<u64> {
            let rest = text.split_once(before).context("no such number")?.1;
            Ok(rest.split(' ').next().context("no number")?.parse()?)
        };
        let (started, sent) = (number("of ")?, number("sampled spans ")?);
        ensure!(started == sent, "{text}");
        all += sent;
    }
    Ok(all)
}
