//! Spans into a server: what they cost it in CPU and memory.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use jaeger_model::Timestamp;

use crate::observe;
use crate::profile::Profile;
use crate::send::{Sent, grpc};
use crate::server::Server;
use crate::wire::{Payloads, Wire};

const CONNECTIONS: usize = 4;
const QUIET_WITHIN: Duration = Duration::from_secs(120);

pub(super) struct Figures {
    /// Seconds per million spans, background work included.
    pub(super) cpu: f64,
    pub(super) bytes_per_span: f64,
    /// Spans a second.
    pub(super) rate: f64,
}

/// Sends `spans` spans as fast as they are acknowledged.
pub(super) async fn measure(server: &Server, profile: Profile, wire: Wire, spans: usize) -> anyhow::Result<Figures> {
    let payloads = Payloads::encode(profile, wire, spans, 1, now()?)?;
    let address = match wire {
        Wire::OtlpGrpc => server.port("collector.otlp.grpc")?,
        _ => server.port("collector.grpc")?,
    };
    let pid = server.pid();
    let cpu_before = observe::quiet(pid, QUIET_WITHIN).await?;
    let resident_before = observe::resident_bytes(pid)?;
    let sent = grpc::send(&address, wire, &payloads, CONNECTIONS).await?;
    let cpu_after = observe::quiet(pid, QUIET_WITHIN).await?;
    let resident_after = observe::resident_bytes(pid)?;
    accepted(sent)?;
    Ok(Figures {
        cpu: (cpu_after - cpu_before).as_secs_f64() * 1e6 / payloads.spans() as f64,
        bytes_per_span: resident_after.saturating_sub(resident_before) as f64 / payloads.spans() as f64,
        rate: sent.rate(),
    })
}

fn accepted(sent: Sent) -> anyhow::Result<()> {
    if sent.refused > 0 {
        bail!("{} of {} spans were refused; the figures would not be about all of them", sent.refused, sent.spans);
    }
    Ok(())
}

pub(super) fn now() -> anyhow::Result<Timestamp> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    Ok(Timestamp::from_micros(i64::try_from(now.as_micros())?))
}
