//! Starts after a kill: at rest, and in the middle of a load, with as much log as there can be.

use std::time::{Duration, Instant};

use anyhow::bail;

use super::START_GOAL_MS;
use super::paced::Load;
use crate::bench::disk::Folder;
use crate::bench::report::{Report, Unit};
use crate::bench::{embedded, ingest, millis};
use crate::send::grpc;
use crate::server::Server;
use crate::wire::{Payloads, Wire};

/// What the goal is about.
const WANTED_LOG_BYTES: u64 = 256 << 20;
/// Where there is never so much, the kill comes at nine tenths of the most that was seen in this time.
const LOOK: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(30);
/// The spans of the load that ends with a kill; they are sent again and again.
const SPANS: usize = 500_000;
/// More than the store answers at a time: it has always more to write.
const CONNECTIONS: usize = 16;

pub(super) async fn measure(report: &mut Report, folder: &Folder, load: &Load, about: &str) -> anyhow::Result<()> {
    embedded::start(folder).await?.kill();
    let log = megabytes_of_log(folder)?;
    let server = embedded::start(folder).await?;
    let work = format!("start to ready after a kill at rest, {log} MB of log ({about})");
    report.figure(&work, Unit::Milliseconds, millis(server.ready_after), Some(START_GOAL_MS));

    let log = kill_with_log(server, folder, load).await?;
    let server = embedded::start(folder).await?;
    let work = format!("start to ready after a kill under load, {:.0} MB of log ({about})", log as f64 / 1e6);
    report.figure(&work, Unit::Milliseconds, millis(server.ready_after), Some(START_GOAL_MS));
    if log < WANTED_LOG_BYTES {
        report.note(format!("{about}: under load the log never had the 268 MB that the goal is about"));
    }
    server.stop().await
}

/// Loads the server as much as it takes, kills it when its log is long, and gives the bytes of log it left.
async fn kill_with_log(server: Server, folder: &Folder, load: &Load) -> anyhow::Result<u64> {
    let channels = grpc::connect(&ingest::address(&server, Wire::ApiV2)?, CONNECTIONS).await?;
    let seed = Load::seed(load.chunks());
    let payloads = Payloads::encode(load.profile, Wire::ApiV2, SPANS, seed, load.now)?;
    let sending = tokio::spawn(async move {
        let manner = grpc::Manner { insists: true, ..grpc::Manner::default() };
        while grpc::send_over(&channels, Wire::ApiV2, &payloads, manner).await.is_ok() {}
    });
    let (began, mut most) = (Instant::now(), 0);
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let log = folder.log_bytes()?;
        most = most.max(log);
        let looked = began.elapsed() > LOOK && log >= most / 10 * 9;
        if log >= WANTED_LOG_BYTES || looked || began.elapsed() > LONGEST {
            break;
        }
        if sending.is_finished() {
            bail!("the load ended before the server was killed");
        }
    }
    server.kill();
    sending.abort();
    folder.log_bytes()
}

fn megabytes_of_log(folder: &Folder) -> anyhow::Result<String> {
    Ok(format!("{:.0}", folder.log_bytes()? as f64 / 1e6))
}
