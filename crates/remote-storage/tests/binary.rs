//! The real binary: its ports, health and reflection over gRPC, its ledger, and two clients that share its store.

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use jaeger_model::TraceId;
use jaeger_storage::conformance::Spans;
use jaeger_storage::{SpanReader as _, SpanWriter as _, Store as _};
use support::{client, until};

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start(ports: &Path) -> Running {
    let child = Command::new(env!("CARGO_BIN_EXE_jaeger-remote-storage"))
        .env("SPAN_STORAGE_TYPE", "memory,blackhole")
        .args(["--grpc.host-port=127.0.0.1:0", "--admin.http.host-port=127.0.0.1:0", "--shutdown.lame-duck=0s"])
        .arg(format!("--ports-file={}", ports.display()))
        .stderr(Stdio::null())
        .spawn();
    Running(child.expect("the binary starts"))
}

fn page(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the admin port");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("asked");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("answered");
    page
}

fn address(ports: &str, name: &str) -> String {
    let (_, rest) = ports.split_once(&format!("\"{name}\":\"")).expect("the name is in the file");
    rest.split('"').next().expect("an address").to_owned()
}

#[tokio::test]
async fn two_processes_share_its_store_and_its_ledger_has_a_line_for_each_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ports.json");
    let _running = start(&file);
    until(|| std::fs::read_to_string(&file).is_ok_and(|ports| ports.ends_with('}'))).await;
    let ports = std::fs::read_to_string(&file).expect("the file");
    let (grpc, admin) = (address(&ports, "remote-storage.grpc"), address(&ports, "admin"));
    until(|| page(&admin, "/").starts_with("HTTP/1.1 200")).await;
    let (writer, reader) = (client(&grpc), client(&grpc));
    let batch = Spans::new().span(7, 1, "a", "op", 1).span(7, 2, "b", "op", 2).child_of(1).batch();
    let written = writer.write(Arc::new(batch)).await;
    assert_eq!((written.stored, written.refused.len()), (2, 0), "{:?}", written.refused);
    assert_eq!(reader.get_trace(TraceId(7)).await.expect("the trace").len(), 2);
    assert!(reader.status().description.contains("blackhole (written to)"), "{}", reader.status().description);
    let ledger = page(&admin, "/ledger");
    for part in [
        r#""balanced":true,"remote_storage":{"balanced":true,"received":2,"stored":2,"#,
        r#"{"store":"memory","offered":2,"stored":2,"#,
        r#"{"store":"blackhole","offered":2,"stored":2,"#,
    ] {
        assert!(ledger.contains(part), "{part} in {ledger}");
    }
    let metrics = page(&admin, "/metrics");
    let series = r#"jaeger_ledger_store_spans_total{column="stored",reason="",store="blackhole"} 2"#;
    assert!(metrics.contains(series), "{metrics}");
}
