//! What a process costs, read from outside: `/proc`.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// User and system time of a process so far, all threads, ended ones included.
///
/// # Errors
/// When there is no such process.
pub fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("no process {pid}"))?;
    // The name in parentheses may hold anything; the numbers follow it.
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut fields = after.split_ascii_whitespace().skip(11);
    let mut ticks = 0u64;
    for _ in 0..2 {
        ticks += fields.next().and_then(|field| field.parse::<u64>().ok()).context("no times in /proc/PID/stat")?;
    }
    // Linux counts in hundredths of a second on every machine that this runs on.
    Ok(Duration::from_millis(ticks * 10))
}

/// Resident memory in bytes.
///
/// # Errors
/// When there is no such process.
pub fn resident_bytes(pid: u32) -> anyhow::Result<u64> {
    status_bytes(pid, "VmRSS:")
}

/// The most resident memory so far in bytes, mapped files included.
///
/// # Errors
/// When there is no such process.
pub fn peak_resident_bytes(pid: u32) -> anyhow::Result<u64> {
    status_bytes(pid, "VmHWM:")
}

fn status_bytes(pid: u32, name: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).with_context(|| format!("no process {pid}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let line = line.with_context(|| format!("no {name} in /proc/PID/status"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().with_context(|| format!("{name} is no number"))?;
    Ok(kib * 1024)
}

/// This process's own CPU time.
///
/// # Errors
/// When `/proc` is not there.
pub fn own_cpu() -> anyhow::Result<Duration> {
    cpu(std::process::id())
}

/// Waits until a process has used no more than 1 % of a processor for a second, and gives its CPU time then.
///
/// # Errors
/// When it is not quiet within `most`.
pub async fn quiet(pid: u32, most: Duration) -> anyhow::Result<Duration> {
    let end = Instant::now() + most;
    let mut before = cpu(pid)?;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = cpu(pid)?;
        if now - before <= Duration::from_millis(10) {
            return Ok(now);
        }
        if Instant::now() > end {
            bail!("process {pid} still works after {most:?}");
        }
        before = now;
    }
}
