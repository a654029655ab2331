//! The agent under UDP load: what it costs, and what it loses, alone and with busy neighbours.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::report::{Report, Unit};
use super::{Extent, ingest};
use crate::observe;
use crate::profile::Profile;
use crate::send::udp;
use crate::server::Server;
use crate::wire::{Payloads, Wire};

/// Rates in spans a second, each with the spans of one run and the goals in percent lost: median and worst run.
const RATES: [(f64, usize, f64, f64); 4] = [
    (50_000.0, 500_000, 0.0, 0.0),
    (100_000.0, 500_000, 0.0, 0.0),
    (200_000.0, 1_000_000, 0.0, 0.0),
    (400_000.0, 1_200_000, 0.0, 0.1),
];
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

struct Run {
    rate: f64,
    lost_percent: f64,
    cpu: f64,
    sender_cpu: f64,
}

pub(super) async fn measure(report: &mut Report, extent: Extent) -> anyhow::Result<()> {
    let collector = Server::start("jaeger-all-in-one", &[]).await?;
    let target = format!("--reporter.grpc.host-port={}", collector.port("collector.grpc")?);
    let agent = Server::start("jaeger-agent", &[&target]).await?;
    // Other spans each time: the same ones again would be a load of copies.
    let mut seed = 0;
    // The first run pays for connections and caches of everybody.
    one(&agent, seed, 50_000.0, 100_000).await?;
    for busy in [false, true] {
        let neighbours = busy.then(Neighbours::start);
        for (rate, spans, median_goal, worst_goal) in RATES {
            let mut runs = Vec::new();
            for _ in 0..extent.runs {
                seed += 1;
                runs.push(one(&agent, seed, rate, spans.min(extent.spans.max(200_000))).await?);
            }
            runs.sort_by(|a, b| a.lost_percent.total_cmp(&b.lost_percent));
            let (Some(median), Some(worst)) = (runs.get(runs.len() / 2), runs.last()) else { continue };
            let with = if busy { ", busy neighbours" } else { "" };
            let name = format!("agent, UDP at {rate:.0}/s{with}");
            let (median_goal, worst_goal) =
                if busy && rate >= 400_000.0 { (0.1, 0.1) } else { (median_goal, worst_goal) };
            report.figure(
                &format!("{name}: lost, median of {}", runs.len()),
                Unit::Percent,
                median.lost_percent,
                Some(median_goal),
            );
            report.figure(
                &format!("{name}: lost, worst of {}", runs.len()),
                Unit::Percent,
                worst.lost_percent,
                Some(worst_goal),
            );
            let reached = runs.iter().map(|run| run.rate).fold(f64::INFINITY, f64::min);
            let mut cpus: Vec<f64> = runs.iter().map(|run| run.cpu).collect();
            cpus.sort_by(f64::total_cmp);
            let cpu = cpus.get(cpus.len() / 2).copied().unwrap_or(0.0);
            if !busy && rate <= 50_000.0 {
                report.figure("agent, UDP compact at 50000/s: CPU", Unit::CpuSeconds, cpu, Some(0.7));
                let sender = runs.iter().map(|run| run.sender_cpu).fold(f64::INFINITY, f64::min);
                report.figure("jaeger-load itself over UDP: CPU", Unit::CpuSeconds, sender, Some(0.15));
            }
            report.note(format!("{name}: at least {reached:.0} spans/s reached, agent's CPU {cpu:.2} s a million"));
        }
        drop(neighbours);
    }
    Ok(())
}

/// One run: send, wait until everything is settled, compare what was sent with what a collector acknowledged.
async fn one(agent: &Server, seed: u64, rate: f64, spans: usize) -> anyhow::Result<Run> {
    let payloads = Payloads::encode(Profile::Plain, Wire::UdpCompact, spans, seed, ingest::now()?)?;
    let to = agent.port("agent.jaeger-compact")?.parse().context("the agent's UDP port")?;
    let (acknowledged_before, cpu_before) = (acknowledged(agent).await?, observe::cpu(agent.pid())?);
    let own_before = observe::own_cpu()?;
    let sent = tokio::task::spawn_blocking(move || udp::send(to, &payloads, Some(rate))).await??;
    let own = observe::own_cpu()? - own_before;
    let end = Instant::now() + SETTLED_WITHIN;
    // Settled twice in a row: what the kernel still holds shows up in between.
    let mut settled = 0;
    while settled < 2 && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(300)).await;
        settled = if in_hand(agent).await? == 0 { settled + 1 } else { 0 };
    }
    let got = acknowledged(agent).await? - acknowledged_before;
    let million = sent.spans as f64 / 1e6;
    Ok(Run {
        rate: sent.rate(),
        lost_percent: (sent.spans as f64 - got as f64) * 100.0 / sent.spans as f64,
        cpu: (observe::cpu(agent.pid())? - cpu_before).as_secs_f64() / million,
        sender_cpu: own.as_secs_f64() / million,
    })
}

/// Packets and spans that the agent still holds.
async fn in_hand(agent: &Server) -> anyhow::Result<u64> {
    let ledger = agent.ledger().await?;
    let number = |pointer: &str| ledger.pointer(pointer).and_then(serde_json::Value::as_u64).unwrap_or(0);
    Ok(number("/agent/packets/queued") + number("/agent/spans/in_flight"))
}

async fn acknowledged(agent: &Server) -> anyhow::Result<u64> {
    let ledger = agent.ledger().await?;
    ledger
        .pointer("/agent/spans/acknowledged")
        .and_then(serde_json::Value::as_u64)
        .context("no acknowledged spans in the ledger")
}

/// Two threads that want a processor each, all the time.
struct Neighbours(Arc<AtomicBool>);

impl Neighbours {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..2 {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Self(stop)
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
