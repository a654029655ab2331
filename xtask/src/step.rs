//! One step of a task: a command with a time limit, whose seconds are printed.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// Runs `command`; `minutes` is what it may take at most.
pub(crate) fn step(name: &str, minutes: u64, command: &mut Command) -> anyhow::Result<()> {
    eprintln!("== {name}");
    let began = Instant::now();
    let mut child = command.spawn().with_context(|| format!("{name}: cannot start {:?}", command.get_program()))?;
    let status = wait(name, minutes, began, &mut child)?;
    eprintln!("== {name}: {} s", began.elapsed().as_secs());
    if !status.success() {
        bail!("{name} failed ({status}): {command:?}");
    }
    Ok(())
}

fn wait(name: &str, minutes: u64, began: Instant, child: &mut Child) -> anyhow::Result<std::process::ExitStatus> {
    let limit = Duration::from_secs(minutes * 60);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if began.elapsed() > limit {
            // It may end by itself in this moment.
            drop(child.kill());
            bail!("{name} took longer than {minutes} minutes and was ended");
        }
        #[expect(clippy::disallowed_methods, reason = "a build task waits for its child, nothing else runs here")]
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A call of cargo.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}
