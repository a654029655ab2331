//! A real Elasticsearch or OpenSearch on loopback, from the minimal distribution that its makers put on Maven Central: the server with
//! its own storage and search, without the parts that need a licence. One node, a folder of its own, gone with the test.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::child::Child;
use crate::servers::maven::{self, Artifact};
use crate::wait::wait_for;
use crate::{http, port};

/// A busy machine takes its time.
const START: Duration = Duration::from_secs(180);
const STOP: Duration = Duration::from_secs(60);
const HEAP: &str = "384m";
/// Not root, which the server refuses to be; outside of its namespace it is whoever runs the test.
const NOT_ROOT: &[&str] = &["--user", "--map-user=1000", "--map-group=1000", "--"];

/// Which server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    Elasticsearch7,
    Elasticsearch8,
    OpenSearch2,
}

impl Which {
    fn artifact(self) -> Artifact {
        let (group, name, version, sha256) = match self {
            Self::Elasticsearch7 => (
                "org.elasticsearch.distribution.integ-test-zip",
                "elasticsearch",
                "7.17.24",
                "6dcdb1996df736fed5a6698b8fd138fd570c0a8e181c82da93ef693e7f715f6a",
            ),
            Self::Elasticsearch8 => (
                "org.elasticsearch.distribution.integ-test-zip",
                "elasticsearch",
                "8.15.0",
                "c473366cf9e27bf6af9a9981a5e57dc206c04217439dbdf58df60e3683dff08b",
            ),
            Self::OpenSearch2 => (
                "org.opensearch.distribution.integ-test-zip",
                "opensearch",
                "2.11.0",
                "7101a793cc129476dfd4125ddefa1e1a7397c1f71f95e7fa5fd9fd7da958b70c",
            ),
        };
        Artifact { group, name, version, sha256 }
    }
}

/// Users and certificates of a server that asks for them (Elasticsearch 8).
#[derive(Clone, Debug)]
pub struct Secured<'a> {
    pub user: &'a str,
    pub password: &'a str,
    pub certificate: &'a Path,
    pub key: &'a Path,
}

/// A server; killed with its handle.
pub struct Elasticsearch {
    child: Child,
    folder: TempDir,
    which: Which,
    address: SocketAddr,
    home: PathBuf,
    authorization: Option<String>,
    secure: bool,
}

impl Elasticsearch {
    /// Starts one on a free port and waits until it takes requests.
    pub async fn start(which: Which) -> Result<Self> {
        Self::start_at(which, &port::free()?).await
    }

    /// The same at an address.
    pub async fn start_at(which: Which, address: &str) -> Result<Self> {
        let server = Self::prepare(which, address.parse()?, None)?;
        server.until_ready().await?;
        Ok(server)
    }

    /// One that asks for a user, over TLS.
    pub async fn start_secured(secured: &Secured<'_>) -> Result<Self> {
        let server = Self::prepare(Which::Elasticsearch8, port::free()?.parse()?, Some(secured))?;
        // Its own client speaks no TLS: it is asked through the log instead.
        wait_for("elasticsearch to say that it started", START, async || {
            ensure!(server.log().contains("\"started") || server.log().contains("] started"), "{}", server.log());
            Ok(())
        })
        .await?;
        Ok(server)
    }

    fn prepare(which: Which, address: SocketAddr, secured: Option<&Secured<'_>>) -> Result<Self> {
        let home = maven::unpacked(which.artifact())?;
        let folder = tempfile::tempdir()?;
        configure(folder.path(), &home, which, address, secured)?;
        if let Some(secured) = secured {
            let mut command = command(folder.path(), &home, which, &home.join("bin/elasticsearch-users"))?;
            command.args(["useradd", secured.user, "-p", secured.password, "-r", "superuser"]);
            let output = command.output()?;
            ensure!(output.status.success(), "no user: {}", String::from_utf8_lossy(&output.stderr));
        }
        let child = spawn(folder.path(), &home, which)?;
        let secure = secured.is_some();
        Ok(Self { child, folder, which, address, home, authorization: None, secure })
    }

    async fn until_ready(&self) -> Result<()> {
        wait_for("the server to take requests", START, async || {
            let health = "/_cluster/health?wait_for_status=yellow&timeout=1s";
            let answer = http::get(self.address, health).await.with_context(|| self.log())?;
            ensure!(answer.status == 200, "{} {}", answer.text(), self.log());
            Ok(())
        })
        .await
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// One request; an answer of 200 or 201, as JSON.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(self.authorization.iter().map(|text| ("authorization".to_owned(), text.clone())));
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let answer = http::send(self.address, method, path, &headers, body).await?;
        if !(200..=299).contains(&answer.status) {
            bail!("{method} {path} answered {}: {}", answer.status, answer.text());
        }
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// What was written is found from now on.
    pub async fn refresh(&self) -> Result<()> {
        self.ask("POST", "/_refresh", None).await.map(drop)
    }

    /// How many documents the indices of this pattern hold.
    pub async fn count(&self, indices: &str) -> Result<u64> {
        self.refresh().await?;
        let path = format!("/{indices}/_count?ignore_unavailable=true");
        self.ask("GET", &path, Some(json!({"query": {"match_all": {}}}))).await?["count"].as_u64().context("no count")
    }

    /// To the server itself: version 8 has a process around it.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = fs::read_to_string(self.folder.path().join("pid")).context("no file with the server's process")?;
        kill(Pid::from_raw(pid.trim().parse()?), signal).with_context(|| format!("{signal} to process {pid}"))
    }

    /// SIGKILL.
    pub async fn kill(&mut self) -> Result<()> {
        self.signal(Signal::SIGKILL)?;
        self.child.exit("the killed server to end", STOP).await.map(drop)
    }

    /// A new process on the same data and port, ready.
    pub async fn restart(&mut self) -> Result<()> {
        self.child = spawn(self.folder.path(), &self.home, self.which)?;
        self.until_ready().await
    }

    fn log(&self) -> String {
        let text = fs::read(self.folder.path().join("out")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        text.get(text.len().saturating_sub(3000)..).unwrap_or(&text).to_owned()
    }
}

fn configure(
    folder: &Path,
    home: &Path,
    which: Which,
    address: SocketAddr,
    secured: Option<&Secured<'_>>,
) -> Result<()> {
    let config = folder.join("config");
    for name in ["config/jvm.options.d", "data", "logs", "tmp"] {
        fs::create_dir_all(folder.join(name))?;
    }
    for file in fs::read_dir(home.join("config"))? {
        let file = file?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), config.join(file.file_name()))?;
        }
    }
    let transport: SocketAddr = port::free()?.parse()?;
    let mut settings = format!(
        "cluster.name: tests\nnode.name: one\npath.data: {0}/data\npath.logs: {0}/logs\nnetwork.host: 127.0.0.1\nhttp.port: {1}\n\
         transport.port: {2}\ndiscovery.type: single-node\ncluster.routing.allocation.disk.threshold_enabled: false\n\
         action.destructive_requires_name: false\n",
        folder.display(),
        address.port(),
        transport.port(),
    );
    if which != Which::OpenSearch2 {
        settings.push_str(&format!("xpack.security.enabled: {}\n", secured.is_some()));
    }
    if let Some(secured) = secured {
        fs::create_dir_all(config.join("certs"))?;
        fs::copy(secured.certificate, config.join("certs/http.crt"))?;
        fs::copy(secured.key, config.join("certs/http.key"))?;
        settings
            .push_str("xpack.security.http.ssl: { enabled: true, certificate: certs/http.crt, key: certs/http.key }\n");
    }
    let name = if which == Which::OpenSearch2 { "opensearch.yml" } else { "elasticsearch.yml" };
    fs::write(config.join(name), settings)?;
    // Neither logs of the collector of garbage nor dumps, which would go into the distribution's folder.
    let options = fs::read_to_string(config.join("jvm.options"))?;
    let kept = options.lines().filter(|line| {
        !["-Xlog:gc", "HeapDump", "-XX:ErrorFile", "-Xms", "-Xmx"].iter().any(|word| line.contains(word))
    });
    fs::write(config.join("jvm.options"), kept.map(|line| format!("{line}\n")).collect::<String>())?;
    fs::write(config.join("jvm.options.d/heap.options"), format!("-Xms{HEAP}\n-Xmx{HEAP}\n"))?;
    Ok(())
}

fn command(folder: &Path, home: &Path, which: Which, program: &Path) -> Result<Command> {
    let java = java_home()?;
    let mut command = if nix::unistd::geteuid().is_root() {
        let mut command = Command::new("unshare");
        command.args(NOT_ROOT).arg(program);
        command
    } else {
        Command::new(program)
    };
    let brand = if which == Which::OpenSearch2 { "OPENSEARCH" } else { "ES" };
    command
        .current_dir(home)
        .env_clear()
        .envs(std::env::vars_os().filter(|(key, _)| key == "PATH"))
        .env("HOME", folder)
        .env("JAVA_HOME", &java)
        .env(format!("{brand}_JAVA_HOME"), &java)
        .env(format!("{brand}_PATH_CONF"), folder.join("config"))
        .env(format!("{brand}_TMPDIR"), folder.join("tmp"));
    Ok(command)
}

fn spawn(folder: &Path, home: &Path, which: Which) -> Result<Child> {
    let name = if which == Which::OpenSearch2 { "opensearch" } else { "elasticsearch" };
    let mut command = command(folder, home, which, &home.join("bin").join(name))?;
    let out = File::options().create(true).append(true).open(folder.join("out"))?;
    command.arg("-p").arg(folder.join("pid"));
    command.stdin(Stdio::piped()).stdout(out.try_clone()?).stderr(out);
    Child::spawn(command).context("unshare is missing (Debian: util-linux)")
}

/// A Java 17: the versions here are proven on it, whatever `java` stands first in PATH.
fn java_home() -> Result<PathBuf> {
    let named = std::env::var_os("JAVA_17_HOME").map(PathBuf::from);
    let found = named
        .into_iter()
        .chain(["amd64", "arm64"].map(|machine| PathBuf::from(format!("/usr/lib/jvm/java-17-openjdk-{machine}"))));
    let mut found = found.filter(|home| home.join("bin/java").is_file());
    found.next().context("Java 17 is missing: install it (Debian: openjdk-17-jre-headless), or set JAVA_17_HOME")
}
