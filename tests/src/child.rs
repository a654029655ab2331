//! A child process that never outlives the test: it is killed when its handle goes, and when the test's thread ends.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::wait::wait_for;

pub struct Child {
    process: std::process::Child,
}

impl Child {
    pub fn spawn(mut command: Command) -> Result<Self> {
        end_with_parent(&mut command);
        let name = command.get_program().to_string_lossy().into_owned();
        let process = command.spawn().with_context(|| format!("{name} does not start"))?;
        Ok(Self { process })
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = i32::try_from(self.process.id())?;
        kill(Pid::from_raw(pid), signal).with_context(|| format!("{signal} to process {pid}"))
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.process.try_wait()?)
    }

    /// Waits for the process to end by itself.
    pub async fn exit(&mut self, what: &str, deadline: Duration) -> Result<ExitStatus> {
        wait_for(what, deadline, async || match self.process.try_wait()? {
            Some(status) => Ok(status),
            None => bail!("process {} still runs", self.process.id()),
        })
        .await
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // One that has ended already is fine.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn end_with_parent(command: &mut Command) {
    let parent = std::process::id();
    // SAFETY: between fork and exec only prctl and getppid are called, both async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
            // The parent may have gone before the line above.
            if u32::try_from(nix::unistd::getppid().as_raw()).ok() != Some(parent) {
                return Err(io::Error::from_raw_os_error(nix::errno::Errno::ESRCH as i32));
            }
            Ok(())
        });
    }
}
