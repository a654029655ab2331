//! A node of Cassandra, straight from the libraries of `cassandra-all`: one token, small, on loopback, durable as any other.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use nix::sys::signal::Signal;

use crate::libraries::Libraries;
use crate::process::Process;

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(180);

/// A release of Cassandra.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    V4,
    V5,
}

impl Version {
    fn libraries(self) -> Libraries {
        let (version, checksums) = match self {
            Self::V4 => ("4.1.10", include_str!("../cassandra-4.1.10.sha256")),
            Self::V5 => ("5.0.6", include_str!("../cassandra-5.0.6.sha256")),
        };
        let (name, group, artifact) = ("cassandra", "org.apache.cassandra", "cassandra-all");
        Libraries { name, group, artifact, version, checksums }
    }
}

/// How a node is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    pub version: Version,
    /// Users log in; there is `cassandra` with the password `cassandra`.
    pub login: bool,
    /// Every write is on disk before it is answered; else up to 100 ms of them are not there after a crash, as Cassandra is by default.
    pub synced: bool,
    /// TLS for clients: a PKCS#12 file with the node's key, and its password.
    pub tls: Option<(&'a Path, &'a str)>,
}

impl Setup<'static> {
    pub const V5: Self = Self { version: Version::V5, login: false, synced: false, tls: None };
    pub const V4: Self = Self { version: Version::V4, login: false, synced: false, tls: None };
}

/// A node that runs.
pub struct Cassandra {
    process: Option<Process>,
    folder: PathBuf,
    libraries: PathBuf,
    port: u16,
}

impl Cassandra {
    /// The node of Cassandra 5 that the tests of one process share.
    pub fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<Cassandra, String>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Self::start(Setup::V5).map_err(|error| format!("{error:#}")));
        shared.as_ref().map_err(|error| anyhow!("{error}"))
    }

    /// Starts a node and waits until it takes clients.
    pub fn start(setup: Setup<'_>) -> Result<Self> {
        let libraries = setup.version.libraries().folder()?;
        let folder = own_folder()?;
        let [port, storage, secure] = ports()?;
        std::fs::write(folder.join("cassandra.yaml"), configuration(&folder, setup, [port, storage, secure]))?;
        std::fs::write(folder.join("logback.xml"), LOGBACK)?;
        let mut node = Self { process: None, folder, libraries, port };
        node.start_again()?;
        Ok(node)
    }

    /// Starts a node that was killed, with the data that it had.
    pub fn start_again(&mut self) -> Result<()> {
        let log = self.folder.join("log");
        self.process = Some(Process::start(self.command(), &log)?);
        let end = Instant::now() + START;
        while !self.takes_clients() {
            if self.process.as_mut().is_none_or(Process::ended) {
                bail!("cassandra ended: {}", self.last_of_log());
            }
            if Instant::now() > end {
                bail!("waited {START:?} for cassandra: {}", self.last_of_log());
            }
            #[expect(clippy::disallowed_methods, reason = "a start takes seconds and nothing else is to be done")]
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The process's id.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Stops all its threads until [`go_on`](Self::go_on).
    pub fn freeze(&self) -> Result<()> {
        self.process.as_ref().context("it does not run")?.signal(Signal::SIGSTOP)
    }

    /// Ends a freeze.
    pub fn go_on(&self) -> Result<()> {
        self.process.as_ref().context("it does not run")?.signal(Signal::SIGCONT)
    }

    /// Ends it at once, as a crash does.
    pub fn kill(&mut self) {
        self.process = None;
    }

    fn takes_clients(&self) -> bool {
        // The port answers before the node does.
        self.last_of_log().contains("Starting listening for CQL clients") && TcpStream::connect(self.address()).is_ok()
    }

    fn last_of_log(&self) -> String {
        let text = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(30)..).unwrap_or_default().join("\n")
    }

    fn command(&self) -> Command {
        let in_folder = |name: &str| self.folder.join(name).display().to_string();
        let mut command = Command::new(java());
        for package in EXPORTS.split_whitespace() {
            command.arg(format!("--add-exports={package}=ALL-UNNAMED"));
        }
        for package in OPENS.split_whitespace() {
            command.arg(format!("--add-opens={package}=ALL-UNNAMED"));
        }
        if let Some(agent) = self.memory_meter() {
            command.arg(format!("-javaagent:{}", agent.display()));
        }
        command
            .args(JVM.split_whitespace())
            .arg(format!("-Dcassandra.config=file://{}", in_folder("cassandra.yaml")))
            .arg(format!("-Dlogback.configurationFile=file:{}", in_folder("logback.xml")))
            .arg(format!("-Dcassandra.storagedir={}", in_folder("data")))
            .arg(format!("-Dcassandra.logdir={}", in_folder("logs")))
            .arg(format!("-Djava.io.tmpdir={}", self.folder.display()))
            .arg(format!("-Djna.tmpdir={}", self.folder.display()))
            .arg("-cp")
            .arg(format!("{}:{}/*", self.folder.display(), self.libraries.display()))
            .arg("org.apache.cassandra.service.CassandraDaemon")
            .env("MALLOC_ARENA_MAX", "2")
            .env("HOME", &self.folder)
            .current_dir(&self.folder);
        command
    }

    fn memory_meter(&self) -> Option<PathBuf> {
        let files = std::fs::read_dir(&self.libraries).ok()?.flatten().map(|file| file.path());
        files.into_iter().find(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("jamm-")))
    }
}

impl Drop for Cassandra {
    fn drop(&mut self) {
        self.process = None;
        // What stays goes with the next start.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Cassandra 4 and 5 run on Java 17; a newer default of the machine does not.
fn java() -> PathBuf {
    let homes = [std::env::var_os("JAVA_HOME").map(PathBuf::from), Some("/usr/lib/jvm/java-17-openjdk-amd64".into())];
    let found = homes.into_iter().rev().flatten().map(|home| home.join("bin/java")).find(|java| java.is_file());
    found.unwrap_or_else(|| "java".into())
}

/// A folder that names this process, so that those of processes that are gone can be removed.
fn own_folder() -> Result<PathBuf> {
    const PREFIX: &str = "jaeger-test-cassandra-";
    let base = std::env::temp_dir();
    for old in std::fs::read_dir(&base)?.flatten() {
        let name = old.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            // Another test may remove it in this moment.
            drop(std::fs::remove_dir_all(old.path()));
        }
    }
    let now = std::time::UNIX_EPOCH.elapsed()?.as_nanos();
    let folder = base.join(format!("{PREFIX}{}-{now}", std::process::id()));
    std::fs::create_dir_all(folder.join("triggers"))?;
    Ok(folder)
}

fn ports() -> Result<[u16; 3]> {
    // Held together, so that they differ.
    let listeners = [(); 3].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let mut ports = [0; 3];
    for (port, listener) in ports.iter_mut().zip(listeners) {
        *port = listener?.local_addr()?.port();
    }
    Ok(ports)
}

fn configuration(folder: &Path, setup: Setup<'_>, [port, storage, secure]: [u16; 3]) -> String {
    let folder = folder.display();
    let (authenticator, authorizer) = match setup.login {
        true => ("PasswordAuthenticator", "CassandraAuthorizer"),
        false => ("AllowAllAuthenticator", "AllowAllAuthorizer"),
    };
    let mut text = format!(
        "cluster_name: test\n\
         num_tokens: 1\n\
         initial_token: 0\n\
         partitioner: org.apache.cassandra.dht.Murmur3Partitioner\n\
         endpoint_snitch: SimpleSnitch\n\
         seed_provider:\n- class_name: org.apache.cassandra.locator.SimpleSeedProvider\n  parameters:\n  - seeds: \"127.0.0.1:{storage}\"\n\
         listen_address: 127.0.0.1\n\
         rpc_address: 127.0.0.1\n\
         native_transport_port: {port}\n\
         storage_port: {storage}\n\
         ssl_storage_port: {secure}\n\
         authenticator: {authenticator}\n\
         authorizer: {authorizer}\n\
         role_manager: CassandraRoleManager\n\
         data_file_directories: [ \"{folder}/data/data\" ]\n\
         commitlog_directory: \"{folder}/data/commitlog\"\n\
         saved_caches_directory: \"{folder}/data/caches\"\n\
         hints_directory: \"{folder}/data/hints\"\n\
         cdc_raw_directory: \"{folder}/data/cdc\"\n"
    );
    text.push_str(match setup.synced {
        true => "commitlog_sync: batch\n",
        false => "commitlog_sync: periodic\ncommitlog_sync_period: 10000ms\n",
    });
    text.push_str(SETTINGS);
    if let Some((store, password)) = setup.tls {
        // Writing to a text cannot fail.
        let _infallible = write!(
            text,
            "client_encryption_options:\n  enabled: true\n  optional: false\n  keystore: \"{}\"\n  keystore_password: \"{password}\"\n  \
             store_type: PKCS12\n",
            store.display()
        );
    }
    text
}

/// Small, and patient on a busy machine.
const SETTINGS: &str = "\
commitlog_segment_size: 8MiB
commitlog_total_space: 256MiB
disk_failure_policy: stop
commit_failure_policy: stop
concurrent_reads: 8
concurrent_writes: 8
concurrent_compactors: 1
memtable_heap_space: 128MiB
memtable_offheap_space: 64MiB
file_cache_size: 32MiB
auto_snapshot: false
hinted_handoff_enabled: false
dynamic_snitch: false
sasi_indexes_enabled: true
write_request_timeout: 10000ms
read_request_timeout: 20000ms
range_request_timeout: 30000ms
request_timeout: 30000ms
";

const LOGBACK: &str = "<configuration><appender name=\"O\" class=\"ch.qos.logback.core.ConsoleAppender\"><encoder>\
<pattern>%-5level %date{ISO8601} %F:%L - %msg%n</pattern></encoder></appender>\
<root level=\"INFO\"><appender-ref ref=\"O\"/></root></configuration>";

const JVM: &str = "-Xms512m -Xmx512m -Xss512k -XX:+UseSerialGC -XX:MaxDirectMemorySize=256m -XX:-UsePerfData
-XX:+ExitOnOutOfMemoryError -Djdk.attach.allowAttachSelf=true -Djava.security.manager=allow -Djava.net.preferIPv4Stack=true
-Djava.awt.headless=true -Dfile.encoding=UTF-8 -Dio.netty.tryReflectionSetAccessible=true -Dcassandra-foreground=yes
-Dcassandra.triggers_dir=triggers -Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra.ring_delay_ms=1
-Dcassandra.superuser_setup_delay_ms=0 -Dcassandra.load_ring_state=false -Dcassandra.consistent.rangemovement=false
-Dcassandra.auto_bootstrap=false -Dcassandra.skip_sync=true -Dcassandra.max_local_pause_in_ms=60000";

/// What Cassandra reaches into on Java 17.
const EXPORTS: &str =
    "java.base/jdk.internal.misc java.base/jdk.internal.ref java.base/sun.nio.ch java.base/java.lang.ref
java.base/java.lang.reflect java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry
java.rmi/sun.rmi.server java.rmi/sun.rmi.transport.tcp java.sql/java.sql jdk.unsupported/sun.misc
jdk.attach/sun.tools.attach";
const OPENS: &str = "java.base/java.io java.base/java.lang java.base/java.lang.module java.base/java.lang.reflect
java.base/java.math java.base/java.net java.base/java.nio java.base/java.nio.charset java.base/java.nio.file.spi
java.base/java.security java.base/java.text java.base/java.time java.base/java.util java.base/java.util.concurrent
java.base/java.util.concurrent.atomic java.base/java.util.concurrent.locks java.base/java.util.regex
java.base/jdk.internal.loader java.base/jdk.internal.math java.base/jdk.internal.misc java.base/jdk.internal.module
java.base/jdk.internal.ref java.base/jdk.internal.reflect java.base/jdk.internal.util java.base/jdk.internal.util.jar
java.base/jdk.internal.vm java.base/sun.net.spi java.base/sun.nio.ch java.management/sun.management
java.rmi/sun.rmi.transport.tcp jdk.management/com.sun.management.internal";
