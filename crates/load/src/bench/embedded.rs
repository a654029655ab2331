//! The embedded store: what a span costs until it is durable and lies in a partition, on the disk too.

use std::path::Path;

use anyhow::Context as _;

use super::disk::Folder;
use super::report::{Report, Unit};
use super::{Extent, ingest, megabytes, profile_name, settle};
use crate::observe;
use crate::profile::Profile;
use crate::server::Server;
use crate::wire::Wire;

/// An all-in-one over a store in this folder.
pub(super) async fn start(folder: &Folder) -> anyhow::Result<Server> {
    let [directory, bytes] = folder.flags();
    Server::start_over("embedded", "jaeger-all-in-one", &[&directory, &bytes]).await
}

pub(super) async fn measure(report: &mut Report, extent: Extent, disk: Option<&Path>) -> anyhow::Result<()> {
    for profile in [Profile::Plain, Profile::Real] {
        for (wire, wire_name) in [(Wire::ApiV2, "api_v2"), (Wire::OtlpGrpc, "OTLP")] {
            let measured = one(report, profile, wire, wire_name, extent.spans, disk).await;
            measured.with_context(|| format!("measuring {wire_name}, profile {profile:?}"))?;
        }
    }
    Ok(())
}

async fn one(
    report: &mut Report,
    profile: Profile,
    wire: Wire,
    wire_name: &str,
    spans: usize,
    disk: Option<&Path>,
) -> anyhow::Result<()> {
    let (name, goal) = (profile_name(profile), cpu_goal(profile));
    let folder = Folder::make(disk)?;
    let server = start(&folder).await?;
    let figures = ingest::measure_kept(&[&server], &folder, profile, wire, spans).await?;
    let work = format!("collector, {wire_name} gRPC, embedded: CPU ({name})");
    report.figure(&work, Unit::CpuSeconds, figures.cpu, Some(goal));
    report.note(format!(
        "{wire_name}, embedded, {name}: {:.0} spans/s over 4 connections, {} spans told to come again",
        figures.sent.rate(),
        figures.sent.again
    ));
    if wire == Wire::ApiV2 {
        disk_bytes(report, &server, &folder, profile, figures.sent.spans).await?;
        let peak = megabytes(observe::peak_resident_bytes(server.pid())?);
        report.figure(&format!("embedded, as fast as can be: most memory ({name})"), Unit::Megabytes, peak, None);
    }
    Ok(())
}

/// What `du` counts for each span: partitions, the log that is none yet, and the one kept to be used again.
pub(super) async fn disk_bytes(
    report: &mut Report,
    server: &Server,
    folder: &Folder,
    profile: Profile,
    spans: usize,
) -> anyhow::Result<()> {
    let goal = match profile {
        Profile::Plain => 60.0,
        Profile::Real => 120.0,
    };
    let name = profile_name(profile);
    let all = folder.bytes()? as f64;
    let count = shown(spans);
    report.figure(&format!("disk per span, {count} spans ({name})"), Unit::Bytes, all / spans as f64, Some(goal));
    let in_partitions = settle::figure(server, "jaeger_embedded_partition_spans").await?;
    // Both were counted at the same moment.
    let log = settle::figure(server, "jaeger_embedded_log_bytes").await?;
    let partitions = settle::figure(server, "jaeger_embedded_disk_bytes").await? - log;
    if in_partitions > 0.0 {
        let work = format!("disk per span, in partitions alone ({count} spans, {name})");
        report.figure(&work, Unit::Bytes, partitions / in_partitions, Some(goal));
    }
    report.note(format!(
        "disk, {count} spans, {name}: {:.1} MB in all: partitions of {:.1} MB with {in_partitions:.0} spans, log files of {:.1} MB that \
         are no partitions yet, and one of before, kept to be used again",
        all / 1e6,
        partitions / 1e6,
        folder.log_bytes()? as f64 / 1e6
    ));
    Ok(())
}

fn cpu_goal(profile: Profile) -> f64 {
    match profile {
        Profile::Plain => 2.0,
        Profile::Real => 4.0,
    }
}

pub(super) fn shown(spans: usize) -> String {
    if spans.is_multiple_of(1_000_000) { format!("{}M", spans / 1_000_000) } else { format!("{}k", spans / 1000) }
}
