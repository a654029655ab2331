//! Waiting until servers over an embedded store have nothing left to do: only then has all of the work been measured.

use std::time::{Duration, Instant};

use anyhow::bail;

use super::disk::Folder;
use crate::observe;
use crate::server::Server;

const WITHIN: Duration = Duration::from_secs(180);
/// So many seconds without work, one after the other: longer than the store waits before it tries something again.
const SECONDS: usize = 3;

/// Until no process works, no file of the store changes and no figure of it either; then the CPU time of all processes.
pub(super) async fn settled(servers: &[&Server], folder: &Folder) -> anyhow::Result<Duration> {
    let end = Instant::now() + WITHIN;
    let (mut cpu, mut files, mut figures) = (cpu_of(servers)?, folder.files()?, figures_of(servers).await?);
    let mut still = 0;
    while still < SECONDS {
        if Instant::now() > end {
            bail!("the store in {} still works after {WITHIN:?}", folder.path().display());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (cpu_now, files_now) = (cpu_of(servers)?, folder.files()?);
        // Asking costs it something too, so it is asked after its time was read.
        let figures_now = figures_of(servers).await?;
        let worked = cpu_now.saturating_sub(cpu) > Duration::from_millis(20) * u32::try_from(servers.len())?;
        still = if worked || files_now != files || figures_now != figures { 0 } else { still + 1 };
        (cpu, files, figures) = (cpu_now, files_now, figures_now);
    }
    Ok(cpu)
}

pub(super) fn cpu_of(servers: &[&Server]) -> anyhow::Result<Duration> {
    servers.iter().map(|server| observe::cpu(server.pid())).sum()
}

async fn figures_of(servers: &[&Server]) -> anyhow::Result<Vec<String>> {
    let mut figures = Vec::new();
    for server in servers {
        figures.extend(server.metrics("jaeger_embedded_").await?);
    }
    Ok(figures)
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
