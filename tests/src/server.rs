//! A server under test: started on free loopback ports in a folder of its own, ready when its admin port says so,
//! stopped by SIGTERM. It ends with the test, however the test ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::binaries::Binary;
use crate::child::Child;
use crate::http;
use crate::wait::wait_for;

const START: Duration = Duration::from_secs(20);
const STOP: Duration = Duration::from_secs(20);
/// Longer than the default of `--shutdown.deadline`.
const ENDED: Duration = Duration::from_secs(35);

/// The store of a test that is not about stores.
const MEMORY: (&str, &str) = ("SPAN_STORAGE_TYPE", "memory");

const ADMIN: &[&str] = &["--admin.http.host-port=127.0.0.1:0"];
const AGENT: &[&str] = &[
    "--processor.jaeger-compact.server-host-port=127.0.0.1:0",
    "--processor.jaeger-binary.server-host-port=127.0.0.1:0",
    "--processor.zipkin-compact.server-host-port=127.0.0.1:0",
    "--http-server.host-port=127.0.0.1:0",
];
const COLLECTOR: &[&str] = &[
    "--collector.grpc-server.host-port=127.0.0.1:0",
    "--collector.http-server.host-port=127.0.0.1:0",
    "--collector.tchan-server.host-port=127.0.0.1:0",
    "--collector.zipkin.host-port=127.0.0.1:0",
    "--collector.otlp.grpc.host-port=127.0.0.1:0",
    "--collector.otlp.http.host-port=127.0.0.1:0",
];
const QUERY: &[&str] = &["--query.http-server.host-port=127.0.0.1:0", "--query.grpc-server.host-port=127.0.0.1:0"];
const REMOTE_STORAGE: &[&str] = &["--grpc.host-port=127.0.0.1:0"];
/// A test that waits for nobody: no lame duck, and only a moment of quiet. A test that sets one of them gets the binary's own defaults for
/// the others.
const SHUTDOWN: &[&str] = &["--shutdown.lame-duck=0s", "--shutdown.quiet=200ms"];

/// A running server.
pub struct Server {
    child: Child,
    folder: TempDir,
    ports: BTreeMap<String, SocketAddr>,
    name: &'static str,
}

/// What is left of a server after SIGTERM.
pub struct Stopped {
    pub log: String,
}

/// How a server ended after signals of the test's own.
pub struct Ended {
    pub status: ExitStatus,
    pub stopped: Stopped,
}

/// How a start ended that was not expected to last.
pub struct Refusal {
    pub status: ExitStatus,
    pub log: String,
}

impl Server {
    /// Starts a binary with free ports and waits until it is ready. `flags` come last, so they win.
    pub async fn start(binary: Binary, flags: &[&str]) -> Result<Self> {
        Self::start_with_files(binary, flags, &[]).await
    }

    /// As `start`, in a folder that holds these files (name, text).
    pub async fn start_with_files(binary: Binary, flags: &[&str], files: &[(&str, &str)]) -> Result<Self> {
        Self::spawn(binary, flags, files, &[MEMORY])?.until_ready().await
    }

    /// As `start_with_files`, with no store named: what people get who set nothing.
    pub async fn start_bare(binary: Binary, flags: &[&str], files: &[(&str, &str)]) -> Result<Self> {
        Self::spawn(binary, flags, files, &[])?.until_ready().await
    }

    /// As `start`, with this folder for temporary files.
    pub async fn start_in_tmp(binary: Binary, flags: &[&str], tmp: &Path) -> Result<Self> {
        let tmp = tmp.to_str().context("the folder's name is no text")?;
        Self::spawn(binary, flags, &[], &[MEMORY, ("TMPDIR", tmp)])?.until_ready().await
    }

    /// As `start_bare`, with these variables in its environment.
    pub async fn start_with_variables(binary: Binary, flags: &[&str], variables: &[(&str, &str)]) -> Result<Self> {
        Self::spawn(binary, flags, &[], variables)?.until_ready().await
    }

    /// Starts a binary and waits for nothing, its end or readiness included.
    pub fn start_blindly(binary: Binary, flags: &[&str], variables: &[(&str, &str)]) -> Result<Self> {
        Self::spawn(binary, flags, &[], variables)
    }

    async fn until_ready(self) -> Result<Self> {
        let mut server = self;
        let ready = wait_for("the server to be ready", START, async || {
            if let Some(status) = server.child.ended()? {
                // No waiting for one that has given up.
                return Ok(Err(anyhow!("{} ended with {status}; its log: {}", server.name, server.log())));
            }
            let ports = server.read_ports()?;
            server.check_ready(&ports).await?;
            Ok(Ok(ports))
        });
        server.ports = ready.await??;
        Ok(server)
    }

    /// Starts a binary that is expected to end by itself at once.
    pub async fn refuse(binary: Binary, flags: &[&str], files: &[(&str, &str)]) -> Result<Refusal> {
        let mut server = Self::spawn(binary, flags, files, &[MEMORY])?;
        let status = server.child.exit("the server to refuse its start", STOP).await.with_context(|| server.log())?;
        Ok(Refusal { status, log: server.log() })
    }

    fn spawn(binary: Binary, flags: &[&str], files: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text)?;
        }
        let mut command = Command::new(binary.path()?);
        command
            .current_dir(folder.path())
            .args(default_flags(binary, flags))
            .arg("--ports-file=ports.json")
            .args(flags)
            .stdin(Stdio::null())
            .stdout(File::create(folder.path().join("stdout"))?)
            .stderr(File::create(folder.path().join("log"))?);
        // What a shell has set for another Jaeger must not reach this one.
        command.env_clear();
        command.envs(std::env::vars_os().filter(|(key, _)| key == "PATH" || key == "HOME" || key == "TMPDIR"));
        command.envs(variables.iter().copied());
        Ok(Self { child: Child::spawn(command)?, folder, ports: BTreeMap::new(), name: binary.name() })
    }

    fn read_ports(&self) -> Result<BTreeMap<String, SocketAddr>> {
        let text = std::fs::read_to_string(self.folder.path().join("ports.json"))
            .with_context(|| format!("{} wrote no ports file; its log: {}", self.name, self.log()))?;
        Ok(serde_json::from_str(&text)?)
    }

    async fn check_ready(&self, ports: &BTreeMap<String, SocketAddr>) -> Result<()> {
        let admin = ports.get("admin").context("the ports file names no admin port")?;
        let answer = http::get(*admin, "/").await.with_context(|| format!("its log: {}", self.log()))?;
        ensure!(
            answer.status == 200,
            "{} answers {} on its admin port; its log: {}",
            self.name,
            answer.status,
            self.log()
        );
        Ok(())
    }

    /// Where a listener was bound, by its name in the ports file.
    pub fn address(&self, listener: &str) -> Result<SocketAddr> {
        let known = || self.ports.keys().cloned().collect::<Vec<_>>().join(", ");
        self.ports.get(listener).copied().with_context(|| format!("no listener {listener}; there are {}", known()))
    }

    /// All that it has logged so far.
    pub fn log(&self) -> String {
        read(&self.folder.path().join("log"))
    }

    /// The folder that it runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// For signals of its own and for /proc.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// Sends a signal and waits for nothing.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.child.signal(signal)
    }

    /// SIGSTOP, and waits until no thread runs any more; SIGCONT lets it go on.
    pub async fn freeze(&self) -> Result<()> {
        self.child.signal(Signal::SIGSTOP)?;
        wait_for("every thread to stand still", START, async || {
            for task in std::fs::read_dir(format!("/proc/{}/task", self.pid()))? {
                let status = std::fs::read_to_string(task?.path().join("status"))?;
                ensure!(status.contains("\nState:\tT"), "one is {status}");
            }
            Ok(())
        })
        .await
    }

    /// Waits for the end of a server that the test has sent signals to.
    pub async fn ended(mut self) -> Result<Ended> {
        let exit = self.child.exit("the server to end after a signal", ENDED).await;
        let status = exit.with_context(|| format!("the log of {}: {}", self.name, self.log()))?;
        Ok(Ended { status, stopped: Stopped { log: self.log() } })
    }

    /// SIGTERM, then a clean exit within the deadline.
    pub async fn stop(mut self) -> Result<Stopped> {
        self.child.signal(Signal::SIGTERM)?;
        let exit = self.child.exit("the server to stop after SIGTERM", STOP).await;
        let status = exit.with_context(|| format!("the log of {}: {}", self.name, self.log()))?;
        if !status.success() {
            bail!("{} ended with {status} after SIGTERM; its log: {}", self.name, self.log());
        }
        Ok(Stopped { log: self.log() })
    }
}

impl Stopped {
    /// The last ledger, which a server logs as one line when it ends.
    pub fn ledger(&self) -> Result<Value> {
        let lines = self.log.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut ledgers = lines.filter_map(|line| line.get("ledger").cloned());
        let ledger = ledgers.next().with_context(|| format!("no ledger in the log: {}", self.log))?;
        // A document inside a log field is text.
        match ledger.as_str() {
            Some(text) => Ok(serde_json::from_str(text)?),
            None => Ok(ledger),
        }
    }
}

/// The flags that give a binary free ports and a short stop, less those that the test sets itself.
fn default_flags(binary: Binary, flags: &[&str]) -> Vec<&'static str> {
    let groups: &[&[&'static str]] = match binary {
        Binary::Agent => &[ADMIN, AGENT, SHUTDOWN],
        Binary::AllInOne => &[ADMIN, AGENT, COLLECTOR, QUERY, SHUTDOWN],
        Binary::Collector => &[ADMIN, COLLECTOR, SHUTDOWN],
        Binary::Query => &[ADMIN, QUERY, SHUTDOWN],
        Binary::RemoteStorage => &[ADMIN, REMOTE_STORAGE, SHUTDOWN],
        Binary::CassandraSchema | Binary::Load | Binary::Shop => &[],
    };
    let name = |flag: &str| flag.split('=').next().map(str::to_owned);
    let set: Vec<_> = flags.iter().map(|flag| name(flag)).collect();
    let stops_its_own_way = flags.iter().any(|flag| flag.starts_with("--shutdown."));
    let groups = groups.iter().filter(|group| !(stops_its_own_way && **group == SHUTDOWN));
    groups.flat_map(|group| group.iter().copied()).filter(|flag| !set.contains(&name(flag))).collect()
}

fn read(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
