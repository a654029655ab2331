//! A server's process, which ends with its handle and with the process of the test.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts it. The kernel ends a child when the *thread* that started it ends, which a test's own thread does too early for a
    /// server that several tests share; so a thread that waits for ever starts it.
    pub(crate) fn start(mut command: Command, output: &Path) -> Result<Self> {
        let log = File::create(output)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // SAFETY: between fork and exec only prctl is called, which is async-signal-safe.
        unsafe {
            command.pre_exec(|| nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).map_err(io::Error::from));
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        std::thread::Builder::new().name("server".to_owned()).spawn(move || {
            // Nobody listens where the test has ended meanwhile.
            drop(sender.send(command.spawn()));
            loop {
                std::thread::park();
            }
        })?;
        let child = receiver.recv()?.context("the server cannot be started")?;
        Ok(Self { child })
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.child.id())?), signal).context("a signal to the server")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already is fine.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
