//! A server whose process has no file descriptors left. It runs in a process of its own: the limit is the process's.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;
use crate::logs;

const IN_CHILD: &str = "JAEGER_TEST_FEW_DESCRIPTORS";
const NAME: &str = "http::tests::descriptors::a_server_without_file_descriptors_waits_and_goes_on_when_some_are_free";

#[test]
fn a_server_without_file_descriptors_waits_and_goes_on_when_some_are_free() {
    if std::env::var_os(IN_CHILD).is_some() {
        return child();
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(IN_CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The child ends when this end of its stdin is closed, whatever happens here.
    let alive = child.stdin.take();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut line_with = |what: &str| {
        lines
            .find_map(|line| Some(line.unwrap()).filter(|line| line.contains(what)))
            .unwrap_or_else(|| panic!("the child ended without {what:?}"))
    };
    let line: serde_json::Value = serde_json::from_str(&line_with("\"port\":")).unwrap();
    let address = ("127.0.0.1", u16::try_from(line["port"].as_u64().unwrap()).unwrap());

    let many: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(address).unwrap()).collect();
    line_with("Cannot accept connections");
    drop(many);

    let mut one = TcpStream::connect(address).unwrap();
    one.set_read_timeout(Some(PATIENCE)).unwrap();
    one.write_all(GET).unwrap();
    let mut answer = String::new();
    one.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    drop(alive);
    assert!(child.wait().unwrap().success());
}

fn child() {
    logs::init(logs::Level::Info, logs::Encoding::Json);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shutdown = Shutdown::default();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    // Reading the list is one descriptor itself; three are left.
    let open = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64;
    let limit = libc::rlimit { rlim_cur: open + 2, rlim_max: open + 2 };
    // SAFETY: `limit` is a valid rlimit.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
    std::thread::spawn({
        let shutdown = shutdown.clone();
        move || {
            let ended = std::io::stdin().read_to_end(&mut Vec::new());
            shutdown.close.cancel();
            ended
        }
    });
    tracing::info!(target: "jaeger_test", port, "serving");
    let served = serve(listener, echo, shutdown, HttpConfig::default());
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), served).await.unwrap() });
}
