//! Waiting until servers over an embedded store have nothing left to do: only then has all of the work been measured.

use std::time::{Duration, Instant};

use anyhow::bail;

use super::disk::Folder;
use crate::observe;
use crate::server::Server;

const WITHIN: Duration = Duration::from_secs(180);
/// So many seconds without work, one after the other: longer than the store waits before it tries something again.
const SECONDS: usize = 3;

/// Until no process works, no file of the store changes and no figure of it either; then the CPU time of all processes. The last of
/// them has the store.
pub(super) async fn settled(servers: &[&Server], folder: &Folder) -> anyhow::Result<Duration> {
    let end = Instant::now() + WITHIN;
    let mut known: Option<(Duration, Vec<String>)> = None;
    loop {
        let cpu = quiet(servers, folder, end).await?;
        // Asking costs the server something, so it is not part of the time that counts.
        let figures = match servers.last() {
            Some(server) => server.metrics("jaeger_embedded_").await?,
            None => Vec::new(),
        };
        match known {
            Some((cpu, same)) if same == figures => return Ok(cpu),
            _ => known = Some((cpu, figures)),
        }
    }
}

/// Until no process works and no file changes.
async fn quiet(servers: &[&Server], folder: &Folder, end: Instant) -> anyhow::Result<Duration> {
    // A hundredth of a second is the least that the system counts.
    let most = Duration::from_millis(10) * u32::try_from(servers.len())?;
    let (mut cpu, mut files, mut still) = (cpu_of(servers)?, folder.files()?, 0);
    while still < SECONDS {
        if Instant::now() > end {
            bail!("the store in {} still works after {WITHIN:?}", folder.path().display());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (cpu_now, files_now) = (cpu_of(servers)?, folder.files()?);
        still = if cpu_now.saturating_sub(cpu) > most || files_now != files { 0 } else { still + 1 };
        (cpu, files) = (cpu_now, files_now);
    }
    Ok(cpu)
}

fn cpu_of(servers: &[&Server]) -> anyhow::Result<Duration> {
    servers.iter().map(|server| observe::cpu(server.pid())).sum()
}

/// A figure of the store of spans (not of the archive) at this server.
pub(super) async fn figure(server: &Server, name: &str) -> anyhow::Result<f64> {
    let lines = server.metrics(&format!("{name}{{")).await?;
    let line = lines.iter().find(|line| line.contains(r#"part="spans""#));
    match line.and_then(|line| line.rsplit_once(' ')).and_then(|(_, value)| value.parse().ok()) {
        Some(value) => Ok(value),
        None => bail!("no {name} of the spans in the metrics: {lines:?}"),
    }
}
