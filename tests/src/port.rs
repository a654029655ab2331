//! A port that two servers have one after the other.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context, Result};

/// Below what Linux gives to outgoing connections: a client that waits for this port could be given it itself.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// `127.0.0.1:PORT` of a TCP port that is free now and that no other test of this machine is likely to ask for.
pub fn free() -> Result<String> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Tests of other processes begin elsewhere.
    let begin = std::process::id().wrapping_mul(97) % u32::from(COUNT);
    let mut ports = (0..COUNT).map(|_| {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        FIRST + u16::try_from((begin + step) % u32::from(COUNT)).unwrap_or(0)
    });
    let free = ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    free.map(|port| format!("127.0.0.1:{port}")).context("no port is free")
}
