//! A collector whose store is in another process: what both cost.

use std::path::Path;

use anyhow::Context as _;

use super::disk::Folder;
use super::report::{Report, Unit};
use super::{Extent, ingest, profile_name};
use crate::observe;
use crate::profile::Profile;
use crate::server::Server;
use crate::wire::Wire;

pub(super) async fn measure(report: &mut Report, extent: Extent, disk: Option<&Path>) -> anyhow::Result<()> {
    for (profile, goal) in [(Profile::Plain, 3.5), (Profile::Real, 7.0)] {
        one(report, profile, goal, extent.spans, disk)
            .await
            .with_context(|| format!("measuring profile {profile:?}"))?;
    }
    Ok(())
}

async fn one(
    report: &mut Report,
    profile: Profile,
    goal: f64,
    spans: usize,
    disk: Option<&Path>,
) -> anyhow::Result<()> {
    let name = profile_name(profile);
    let folder = Folder::make(disk)?;
    let [directory, bytes] = folder.flags();
    let storage = Server::start_over("embedded", "jaeger-remote-storage", &[&directory, &bytes]).await?;
    let address = format!("--grpc-storage.server={}", storage.port("remote-storage.grpc")?);
    let collector = Server::start_over("grpc", "jaeger-collector", &[&address]).await?;
    let cpu_before = observe::cpu(storage.pid())?;
    let figures = ingest::measure_kept(&[&collector, &storage], &folder, profile, Wire::ApiV2, spans).await?;
    let storage_cpu = (observe::cpu(storage.pid())? - cpu_before).as_secs_f64() * 1e6 / figures.sent.spans as f64;
    let work = format!("collector -> remote-storage -> embedded: CPU of both ({name})");
    report.figure(&work, Unit::CpuSeconds, figures.cpu, Some(goal));
    report.note(format!(
        "remote, {name}: {:.0} spans/s over 4 connections, {storage_cpu:.2} s a million of it in jaeger-remote-storage, {} \
         spans told to come again",
        figures.sent.rate(),
        figures.sent.again
    ));
    Ok(())
}
