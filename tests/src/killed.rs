//! A store whose processes are killed, again and again, and that is looked at after each.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;

use crate::acknowledged::Sent;
use crate::binaries::Binary;
use crate::program;
use crate::server::Server;

/// A store of one folder, and the flags of whoever opens it.
pub struct Store {
    folder: tempfile::TempDir,
    flags: [String; 3],
    /// Processes that died by SIGKILL where a test wanted it.
    pub kills: usize,
}

/// The flags of a process with this store.
pub fn flags(folder: &Path, max_bytes: u64) -> [String; 3] {
    [
        "--span-storage.type=embedded".to_owned(),
        format!("--embedded.directory={}", folder.display()),
        format!("--embedded.max-bytes={max_bytes}"),
    ]
}

/// Its end by SIGKILL, of the test's or of its own.
pub async fn killed(server: Server, what: &str) -> Result<()> {
    let ended = server.ended().await.with_context(|| format!("{what} was not reached"))?;
    ensure!(ended.status.signal() == Some(9), "{what}: it ended with {}: {}", ended.status, ended.stopped.log);
    Ok(())
}

impl Store {
    pub fn new(max_bytes: u64) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let flags = flags(folder.path(), max_bytes);
        Ok(Self { folder, flags, kills: 0 })
    }

    /// A folder or file of it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a process that dies at its fail point, where that is not empty.
    pub async fn start(&self, point: &str) -> Result<Server> {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        Server::start_with_variables(Binary::AllInOne, &flags, &[("JAEGER_FAIL_POINT", point)]).await
    }

    /// As `start`; none where it came by the point before it was ready.
    pub async fn start_unless_killed(&mut self, point: &str) -> Result<Option<Server>> {
        match self.start(point).await {
            Ok(server) => Ok(Some(server)),
            Err(error) => {
                ensure!(format!("{error:#}").contains("SIGKILL"), "{point}: {error:#}");
                self.kills += 1;
                Ok(None)
            }
        }
    }

    /// Waits for the end that a test made.
    pub async fn killed(&mut self, server: Server, what: &str) -> Result<()> {
        killed(server, what).await?;
        self.kills += 1;
        Ok(())
    }

    /// A process under load until it dies at the point.
    pub async fn kill_at(&mut self, sent: &mut Sent, point: &str) -> Result<()> {
        let Some(server) = self.start_unless_killed(point).await? else { return Ok(()) };
        sent.until_killed(&server, None).await?;
        self.killed(server, point).await
    }

    /// A process that dies while it starts.
    pub async fn kill_at_start(&mut self, point: &str) -> Result<()> {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        let server = Server::start_blindly(Binary::AllInOne, &flags, &[("JAEGER_FAIL_POINT", point)])?;
        self.killed(server, point).await
    }

    /// Everything that was acknowledged is there; who tells that dies too.
    pub async fn check(&self, sent: &Sent, after: &str) -> Result<()> {
        let server = self.start("").await?;
        sent.check(&server).await.with_context(|| format!("after {after}"))?;
        server.signal(Signal::SIGKILL)?;
        killed(server, after).await
    }

    /// As `check`, of a store from which the oldest may be gone, but for so many requests.
    pub async fn check_newest(&self, sent: &Sent, requests: usize, after: &str) -> Result<()> {
        let server = self.start("").await?;
        sent.check_newest(&server, requests).await.with_context(|| format!("after {after}"))?;
        server.signal(Signal::SIGKILL)?;
        killed(server, after).await
    }

    /// The end of a phase: it had its kills, something was acknowledged, and nothing on the disk is damaged.
    pub async fn end(&self, sent: &Sent, kills: usize) -> Result<()> {
        ensure!(self.kills >= kills, "only {} were killed", self.kills);
        ensure!(!sent.acknowledged.is_empty(), "nothing was acknowledged");
        self.start("").await?.stop().await?;
        let directory = format!("--embedded.directory={}", self.folder.path().display());
        let verify = program::run(Binary::AllInOne, &["storage", "verify", &directory], &[]).await?;
        ensure!(verify.code == Some(0), "{verify:?}");
        Ok(())
    }
}
