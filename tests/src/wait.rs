//! Waiting for a condition with a deadline, the only way in which these tests wait.

use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::time::Instant;

/// How often a condition is looked at again.
const PAUSE: Duration = Duration::from_millis(20);

/// Calls `condition` until it answers `Ok`; past the deadline its last error is the result, with what was waited for.
pub async fn wait_for<T>(what: &str, deadline: Duration, mut condition: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    let end = Instant::now() + deadline;
    loop {
        let error = match condition().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if Instant::now() >= end {
            return Err(anyhow!("waited {deadline:?} for {what}: {error:#}"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
