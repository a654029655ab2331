//! Spans into a server: what they cost it in CPU and memory.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use jaeger_model::Timestamp;

use super::disk::Folder;
use super::settle::settled;
use crate::observe;
use crate::profile::Profile;
use crate::send::{Sent, grpc, http, tchannel};
use crate::server::Server;
use crate::wire::{Payloads, Wire};

const CONNECTIONS: usize = 4;
const QUIET_WITHIN: Duration = Duration::from_secs(120);

pub(super) struct Figures {
    /// Seconds per million spans, background work included.
    pub(super) cpu: f64,
    pub(super) bytes_per_span: f64,
    pub(super) sent: Sent,
}

/// Of a store that keeps spans on a disk, and all processes on the way there.
pub(super) struct Kept {
    /// As in `Figures`.
    pub(super) cpu: f64,
    pub(super) sent: Sent,
}

/// Sends `spans` spans as fast as they are acknowledged.
pub(super) async fn measure(server: &Server, profile: Profile, wire: Wire, spans: usize) -> anyhow::Result<Figures> {
    let payloads = Payloads::encode(profile, wire, spans, 1, now()?)?;
    let pid = server.pid();
    let cpu_before = observe::quiet(pid, QUIET_WITHIN).await?;
    let resident_before = observe::resident_bytes(pid)?;
    let address = address(server, wire)?;
    let sent = match wire {
        Wire::OtlpHttp | Wire::ThriftHttp | Wire::ZipkinJson => {
            http::send(&address, wire, &payloads, CONNECTIONS).await?
        }
        Wire::Tchannel => tchannel::send(&address, &payloads, CONNECTIONS).await?,
        _ => grpc::send(&address, wire, &payloads, CONNECTIONS).await?,
    };
    let cpu_after = observe::quiet(pid, QUIET_WITHIN).await?;
    let resident_after = observe::resident_bytes(pid)?;
    accepted(sent)?;
    Ok(Figures {
        cpu: seconds_a_million(cpu_after - cpu_before, payloads.spans()),
        bytes_per_span: resident_after.saturating_sub(resident_before) as f64 / payloads.spans() as f64,
        sent,
    })
}

/// As `measure`, into a store in a folder: the first server receives, those behind it work too, and all of it is over when
/// nothing of the store waits.
pub(super) async fn measure_kept(
    servers: &[&Server],
    folder: &Folder,
    profile: Profile,
    wire: Wire,
    spans: usize,
) -> anyhow::Result<Kept> {
    let Some(first) = servers.first() else { bail!("no server to send to") };
    let payloads = Payloads::encode(profile, wire, spans, 1, now()?)?;
    // An empty store has nothing to do.
    let mut before = Duration::ZERO;
    for server in servers {
        before += observe::quiet(server.pid(), QUIET_WITHIN).await?;
    }
    let channels = grpc::connect(&address(first, wire)?, CONNECTIONS).await?;
    let manner = grpc::Manner { insists: true, ..grpc::Manner::default() };
    let sent = grpc::send_over(&channels, wire, &payloads, manner).await?;
    accepted(sent)?;
    let after = settled(servers, folder).await?;
    Ok(Kept { cpu: seconds_a_million(after - before, payloads.spans()), sent })
}

fn seconds_a_million(cpu: Duration, spans: usize) -> f64 {
    cpu.as_secs_f64() * 1e6 / spans as f64
}

pub(super) fn address(server: &Server, wire: Wire) -> anyhow::Result<String> {
    server.port(match wire {
        Wire::OtlpGrpc => "collector.otlp.grpc",
        Wire::OtlpHttp => "collector.otlp.http",
        Wire::ThriftHttp => "collector.http",
        Wire::ZipkinJson => "collector.zipkin",
        Wire::Tchannel => "collector.tchannel",
        _ => "collector.grpc",
    })
}

pub(super) fn accepted(sent: Sent) -> anyhow::Result<()> {
    if sent.refused > 0 {
        bail!("{} of {} spans were refused; the figures would not be about all of them", sent.refused, sent.spans);
    }
    Ok(())
}

pub(super) fn now() -> anyhow::Result<Timestamp> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    Ok(Timestamp::from_micros(i64::try_from(now.as_micros())?))
}
