//! A server under measurement: started with free ports, ended with this process at the latest.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::send::http::Connection;

const READY_WITHIN: Duration = Duration::from_secs(30);
/// Longer than the default of `--shutdown.deadline`.
const STOPPED_WITHIN: Duration = Duration::from_secs(35);

/// A running server.
pub struct Server {
    child: Child,
    ports: serde_json::Map<String, serde_json::Value>,
    /// From the start of the process until it said that it is ready.
    pub ready_after: Duration,
}

/// Our binaries, beside this one.
///
/// # Errors
/// When the binary was not built.
pub fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("where this program is")?;
    let path = own.with_file_name(name);
    if !path.exists() {
        bail!("{} is not built; build it with the same profile as this program", path.display());
    }
    Ok(path)
}

/// The flags that let a binary listen where there is room; everything else keeps its default.
fn free_ports(name: &str) -> Vec<String> {
    const AGENT: [&str; 4] = [
        "processor.jaeger-compact.server-host-port",
        "processor.jaeger-binary.server-host-port",
        "processor.zipkin-compact.server-host-port",
        "http-server.host-port",
    ];
    const COLLECTOR: [&str; 5] = [
        "collector.tchan-server.host-port",
        "collector.grpc-server.host-port",
        "collector.http-server.host-port",
        "collector.otlp.grpc.host-port",
        "collector.otlp.http.host-port",
    ];
    const QUERY: [&str; 2] = ["query.http-server.host-port", "query.grpc-server.host-port"];
    let own: Vec<&str> = match name {
        "jaeger-agent" => AGENT.to_vec(),
        "jaeger-collector" => COLLECTOR.to_vec(),
        "jaeger-query" => QUERY.to_vec(),
        "jaeger-remote-storage" => vec!["grpc.host-port"],
        _ => AGENT.into_iter().chain(COLLECTOR).chain(QUERY).collect(),
    };
    own.into_iter().chain(["admin.http.host-port"]).map(|flag| format!("--{flag}=127.0.0.1:0")).collect()
}

impl Server {
    /// Starts one of our binaries over a memory store with every port free, and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start(name: &str, flags: &[&str]) -> anyhow::Result<Self> {
        Self::start_over("memory", name, flags).await
    }

    /// As `start`, over a store of this kind.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start_over(store: &str, name: &str, flags: &[&str]) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("jaeger-load-{}-{}", std::process::id(), fastrand::u32(..)));
        std::fs::create_dir_all(&folder)?;
        let ports_file = folder.join("ports.json");
        let mut command = Command::new(binary(name)?);
        command.arg(format!("--ports-file={}", ports_file.display())).args(free_ports(name)).args(flags);
        command.env("SPAN_STORAGE_TYPE", store);
        let result = Self::spawn(command, &ports_file).await;
        // What is read is read; the file was this start's alone.
        drop(std::fs::remove_dir_all(&folder));
        result
    }

    async fn spawn(mut command: Command, ports_file: &std::path::Path) -> anyhow::Result<Self> {
        ends_with_us(&mut command);
        let shown = format!("{command:?}");
        let began = Instant::now();
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context(shown.clone())?;
        drain(&mut child);
        let mut server = Self { child, ports: serde_json::Map::new(), ready_after: Duration::ZERO };
        loop {
            if let Some(status) = server.child.try_wait()? {
                bail!("{shown} ended with {status} before it was ready");
            }
            if server.ports.is_empty()
                && let Ok(text) = std::fs::read_to_string(ports_file)
                && let Ok(ports) = serde_json::from_str(&text)
            {
                server.ports = ports;
            }
            if let Some(admin) = server.ports.get("admin").and_then(|port| port.as_str())
                && let Ok(mut connection) = Connection::open(admin).await
                && let Ok(reply) = connection.get("/").await
                && reply.status == 200
            {
                server.ready_after = began.elapsed();
                return Ok(server);
            }
            if began.elapsed() > READY_WITHIN {
                bail!("{shown} was not ready within {READY_WITHIN:?}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Starts somebody else's server by its command line; `ports` say where it listens.
    ///
    /// # Errors
    /// When its query port does not answer.
    pub async fn start_peer(
        command_line: &str,
        ports: serde_json::Map<String, serde_json::Value>,
    ) -> anyhow::Result<Self> {
        let mut words = command_line.split_whitespace();
        let mut command = Command::new(words.next().context("PEER_ALL_IN_ONE is empty")?);
        command.args(words);
        ends_with_us(&mut command);
        let began = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context(command_line.to_owned())?;
        drain(&mut child);
        let mut server = Self { child, ports, ready_after: Duration::ZERO };
        let query = server.port("query.http")?;
        loop {
            if let Some(status) = server.child.try_wait()? {
                bail!("{command_line} ended with {status} before it was ready");
            }
            if let Ok(mut connection) = Connection::open(&query).await
                && connection.get("/api/services").await.is_ok_and(|reply| reply.status == 200)
            {
                server.ready_after = began.elapsed();
                return Ok(server);
            }
            if began.elapsed() > READY_WITHIN {
                bail!("{command_line} does not answer on {query} after {READY_WITHIN:?}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where a listener is, by its name in the ports file, as an address to connect to.
    ///
    /// # Errors
    /// When it has no such listener.
    pub fn port(&self, name: &str) -> anyhow::Result<String> {
        let address = self.ports.get(name).and_then(|port| port.as_str());
        let address = address.with_context(|| format!("the server has no listener {name:?}"))?;
        Ok(address.replace("0.0.0.0", "127.0.0.1").replace("[::]", "127.0.0.1"))
    }

    /// Its ledger.
    ///
    /// # Errors
    /// When it has none.
    pub async fn ledger(&self) -> anyhow::Result<serde_json::Value> {
        let reply = Connection::open(&self.port("admin")?).await?.get("/ledger").await?;
        serde_json::from_slice(&reply.body).context("the ledger is no JSON")
    }

    /// The lines of its metrics whose names begin so.
    ///
    /// # Errors
    /// When it has no such page.
    pub async fn metrics(&self, prefix: &str) -> anyhow::Result<Vec<String>> {
        let reply = Connection::open(&self.port("admin")?).await?.get("/metrics").await?;
        let page = String::from_utf8_lossy(&reply.body);
        Ok(page.lines().filter(|line| line.starts_with(prefix)).map(str::to_owned).collect())
    }

    /// SIGTERM, and waits for its end.
    ///
    /// # Errors
    /// When it does not end in time, or not well.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        terminate(self.pid());
        let end = Instant::now() + STOPPED_WITHIN;
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("process {} ended with {status} after SIGTERM", self.pid()),
                None if Instant::now() > end => {
                    bail!("process {} still runs {STOPPED_WITHIN:?} after SIGTERM", self.pid())
                }
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }

    /// SIGKILL, in the middle of whatever it does.
    pub fn kill(self) {
        drop(self);
    }
}

#[allow(unsafe_code)]
fn terminate(pid: u32) {
    // SAFETY: a system call that touches nothing of this process; the child has not been waited for, so the number is its own.
    unsafe { libc::kill(pid.cast_signed(), libc::SIGTERM) };
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The child gets SIGKILL when this process ends, however it ends.
#[allow(unsafe_code)]
fn ends_with_us(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    // SAFETY: prctl is async-signal-safe and touches nothing of this process.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
}

/// Reads what it logs, so that a full pipe never stops it; the last lines are shown where it fails.
fn drain(child: &mut Child) {
    if let Some(mut stderr) = child.stderr.take() {
        let show = std::env::var_os("SHOW_LOGS").is_some();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read) = stderr.read(&mut buffer) {
                if read == 0 {
                    break;
                }
                if show && let Some(text) = buffer.get(..read) {
                    eprint!("{}", String::from_utf8_lossy(text));
                }
            }
        });
    }
}
