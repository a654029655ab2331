//! Waits until what was sent over UDP has come to rest: the agent's ledger has seen every datagram and holds nothing.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::http;
use crate::server::Server;
use crate::wait::wait_for;

const DEADLINE: Duration = Duration::from_secs(15);

/// Waits until `server` (with an agent in it) has settled `datagrams`; its ledger then.
pub async fn settle(server: &Server, datagrams: usize) -> Result<Value> {
    let admin = server.address("admin")?;
    wait_for("the agent's ledger to come to rest", DEADLINE, async || {
        let ledger: Value = serde_json::from_str(&http::get_text(admin, "/ledger").await?)?;
        let number =
            |path: &str| ledger.pointer(path).and_then(Value::as_u64).with_context(|| format!("no {path} in {ledger}"));
        let seen = number("/agent/packets/received")? + number("/agent/packets/kernel_dropped")?;
        let held = number("/agent/packets/queued")? + number("/agent/spans/in_flight")?;
        if seen < datagrams as u64 || held > 0 {
            bail!("{datagrams} datagrams were sent: {ledger}");
        }
        Ok(ledger)
    })
    .await
}
