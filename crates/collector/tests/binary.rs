//! The binary as people start it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Every listener that it has by default.
const PORTS: [&str; 6] = [
    "collector.grpc-server",
    "collector.http-server",
    "collector.tchan-server",
    "collector.otlp.grpc",
    "collector.otlp.http",
    "admin.http",
];

/// Ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn collector() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jaeger-collector"));
    command.env_remove("SPAN_STORAGE_TYPE").stderr(Stdio::piped()).stdout(Stdio::null());
    command
}

#[test]
fn a_kind_of_storage_that_is_not_there_yet_says_what_to_set_and_ends() {
    let output = collector().env("SPAN_STORAGE_TYPE", "kafka").output().expect("started");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("kafka is not there yet, set SPAN_STORAGE_TYPE=memory"), "{text}");
}

#[test]
fn a_strategies_file_that_is_not_there_ends_it_with_the_flags_name() {
    let output = collector()
        .env("SPAN_STORAGE_TYPE", "memory")
        .args(PORTS.map(|port| format!("--{port}.host-port=127.0.0.1:0")))
        .arg("--sampling.strategies-file=/nowhere/strategies.json")
        .output()
        .expect("started");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("--sampling.strategies-file"), "{text}");
}

#[test]
fn sigterm_ends_it_with_a_last_ledger() {
    let folder = tempfile::tempdir().expect("a folder");
    let ports_file = folder.path().join("ports.json");
    let child = collector()
        .env("SPAN_STORAGE_TYPE", "memory")
        .args(PORTS.map(|port| format!("--{port}.host-port=127.0.0.1:0")))
        .arg(format!("--ports-file={}", ports_file.display()))
        .arg("--shutdown.lame-duck=10ms")
        .spawn()
        .expect("started");
    let mut process = Process(child);
    let mut lines = BufReader::new(process.0.stderr.take().expect("piped"));
    let begun = Instant::now();
    let mut log = String::new();
    while !log.contains("Starting jaeger-collector") {
        assert!(begun.elapsed() < Duration::from_secs(20), "{log}");
        assert!(lines.read_line(&mut log).expect("a line") > 0, "{log}");
    }
    assert!(ports_file.exists());
    let pid = process.0.id().to_string();
    let killed = Command::new("kill").arg("-TERM").arg(pid).status().expect("kill");
    assert!(killed.success());
    lines.read_to_string(&mut log).expect("text");
    assert!(process.0.wait().expect("ended").success(), "{log}");
    assert!(log.contains("Last ledger") && log.contains("Shutdown complete"), "{log}");
}
