//! What somebody sees who starts it for the first time.
//!
//! Guarantees: every occupied port is named at once, with the flag that moves it; a store that is not there and a flag that
//! does not exist are answered with the next step; the terminal shows where to look and where to send; and the demo's links
//! lead to its traces.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::http::{get, get_text};
use jaeger_tests::program;
use jaeger_tests::server::Server;
use jaeger_tests::terminal::Terminal;
use jaeger_tests::wait::wait_for;
use nix::sys::signal::Signal;
use serde_json::Value;

const DEADLINE: Duration = Duration::from_secs(20);

/// Every listener of all-in-one: its name in the ports file, and the flag that moves it.
const LISTENERS: [(&str, &str); 10] = [
    ("agent.jaeger-compact", "processor.jaeger-compact.server-host-port"),
    ("agent.jaeger-binary", "processor.jaeger-binary.server-host-port"),
    ("agent.zipkin-compact", "processor.zipkin-compact.server-host-port"),
    ("agent.http", "http-server.host-port"),
    ("collector.grpc", "collector.grpc-server.host-port"),
    ("collector.http", "collector.http-server.host-port"),
    ("collector.otlp.grpc", "collector.otlp.grpc.host-port"),
    ("collector.otlp.http", "collector.otlp.http.host-port"),
    ("query.http", "query.http-server.host-port"),
    ("admin", "admin.http.host-port"),
];

/// Stories of `make demo`.
const STORIES: usize = 5;

#[tokio::test]
async fn every_occupied_port_is_named_with_the_flag_that_moves_it() -> Result<()> {
    let first = Server::start(Binary::AllInOne, &[]).await?;
    let mut flags = Vec::new();
    for (listener, flag) in LISTENERS {
        flags.push(format!("--{flag}={}", first.address(listener)?));
    }
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let second = Server::refuse(Binary::AllInOne, &flags, &[]).await?;
    ensure!(second.status.code() == Some(1), "the second one ended with {}", second.status);
    for (listener, flag) in LISTENERS {
        let address = first.address(listener)?.to_string();
        let says = second.log.lines().find(|line| line.contains(&format!("--{flag}:")));
        let says = says.with_context(|| format!("nothing about --{flag}: {}", second.log))?;
        let fits = says.contains(&address) && says.contains("in use") && says.contains(&format!("--{flag}=HOST:PORT"));
        ensure!(fits, "about {address} it says {says}");
    }
    // The first one has not noticed.
    ensure!(get(first.address("query.http")?, "/").await?.status == 200, "the first one is gone");
    first.stop().await.map(drop)
}

#[tokio::test]
async fn a_store_that_is_not_there_yet_is_refused_with_one_that_is() -> Result<()> {
    const SAYS: &str = "kafka is not there yet, set SPAN_STORAGE_TYPE=memory";
    for binary in [Binary::Collector, Binary::Query] {
        let output = program::run(binary, &[], &[("SPAN_STORAGE_TYPE", "kafka")]).await?;
        let fits = output.code == Some(1) && output.stderr.contains(SAYS);
        ensure!(fits, "{} says {output:?}", binary.name());
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_flag_is_refused_with_the_nearest_one() -> Result<()> {
    for (binary, wrong, nearest) in [
        (Binary::Agent, "--reporter.grpc.hostport=collector:14250", "--reporter.grpc.host-port"),
        (Binary::AllInOne, "--query.http-server.hostport=:80", "--query.http-server.host-port"),
        (Binary::Collector, "--collector.queue-sise=5", "--collector.queue-size"),
        (Binary::Query, "--query.base-pth=/jaeger", "--query.base-path"),
    ] {
        let output = program::run(binary, &[wrong], &[("SPAN_STORAGE_TYPE", "memory")]).await?;
        let suggestion = format!("did you mean {nearest}?");
        let fits = output.code == Some(1) && output.stderr.contains(&suggestion);
        ensure!(fits, "{} with {wrong} says {output:?}", binary.name());
    }
    Ok(())
}

#[tokio::test]
async fn a_demo_without_a_server_says_how_to_start_one() -> Result<()> {
    let nobody = jaeger_tests::port::free()?;
    let output = program::run(Binary::Load, &["demo", "--otlp", &nobody, "--query", &nobody], &[]).await?;
    let fits = output.code == Some(1) && output.stderr.contains("make run") && output.stderr.contains(&nobody);
    ensure!(fits, "it says {output:?}");
    Ok(())
}

#[tokio::test]
async fn the_terminal_shows_the_way_and_the_demo_leads_to_its_traces() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut screen = Terminal::start(all_in_one(folder.path())?)?;
    let ports = wait_for("the ports file", DEADLINE, async || {
        let text = std::fs::read_to_string(folder.path().join("ports.json")).context("no file")?;
        Ok(serde_json::from_str::<Value>(&text)?)
    })
    .await?;
    let port = |name: &str| ports.get(name).and_then(Value::as_str).with_context(|| format!("no port {name}: {ports}"));
    let query = port("query.http")?;

    let board = [
        "http://",
        "UDP compact",
        "UDP binary",
        "OTLP over gRPC",
        "OTLP over HTTP",
        "Thrift over HTTP",
        "TChannel",
        "Store",
        "make demo",
    ];
    wait_for("the board", DEADLINE, async || {
        let text = screen.text();
        board.iter().try_for_each(|part| {
            ensure!(text.contains(part), "no {part} on the screen: {text}");
            Ok(())
        })?;
        ensure!(counts(&screen).is_some(), "no line of counts on the screen: {text}");
        Ok(())
    })
    .await?;
    let text = screen.text();
    ensure!(text.contains(&format!("http://{query}/")), "the page is not on the screen: {text}");
    let health = format!("http://{}/", port("admin")?);
    ensure!(text.contains(&health), "{health} is not on the screen: {text}");
    ensure!(
        text.contains("embedded in ./data/jaeger, at most "),
        "the store and its bound are not on the screen: {text}"
    );
    for (listener, _) in
        LISTENERS.iter().filter(|(name, _)| !matches!(*name, "agent.zipkin-compact" | "collector.http"))
    {
        ensure!(text.contains(port(listener)?), "{listener} is not on the screen: {text}");
    }
    ensure!(!text.contains("\"level\""), "there are logs on the screen: {text}");
    ensure!(counts(&screen) == Some([0; 3]), "nothing came yet: {text}");

    let demo =
        ["demo", "--udp", port("agent.jaeger-compact")?, "--otlp", port("collector.otlp.http")?, "--query", query];
    let output = program::run(Binary::Load, &demo, &[]).await?;
    ensure!(output.code == Some(0), "the demo says {output:?}");
    let stories = output.stdout.lines().map(|line| Story::read(line, query)).collect::<Result<Vec<_>>>()?;
    ensure!(stories.len() == STORIES, "the demo tells {} stories: {}", stories.len(), output.stdout);
    let spans: u64 = stories.iter().map(|story| story.spans).sum();

    let counted = wait_for("the line to count the demo's spans", DEADLINE, async || {
        let counts = counts(&screen).context("no line of counts")?;
        ensure!(counts == [spans, spans, 0], "of {spans} spans it shows {counts:?}");
        Ok(screen.lines().len())
    });
    let lines = counted.await?;
    ensure!(lines == text.split('\n').count(), "the line was not rewritten but written again: {}", screen.text());

    let query = query.parse()?;
    let home = get_text(query, "/").await?;
    ensure!(home.contains("<div id=\"jaeger-ui-root\"></div>"), "the page is another: {home}");
    let ledger: Value = serde_json::from_str(&get_text(query, "/api/ledger").await?)?;
    let fits = ["received", "stored"].iter().all(|column| ledger.get(column).and_then(Value::as_u64) == Some(spans));
    ensure!(fits, "of {spans} spans the ledger says {ledger}");
    for story in stories {
        let page = get(query, &format!("/trace/{}", story.trace)).await?;
        ensure!(page.status == 200, "the link of {story:?} answers {}", page.status);
        let found: Value =
            serde_json::from_str(&get_text(query, &format!("/api/traces/{}?raw=true", story.trace)).await?)?;
        let found = found.pointer("/data/0/spans").and_then(Value::as_array).map_or(0, Vec::len) as u64;
        ensure!(found == story.spans, "{found} spans are found of {story:?}");
    }

    // Somebody presses Ctrl-C.
    screen.child.signal(Signal::SIGINT)?;
    wait_for("the terminal to say that it stops", DEADLINE, async || {
        let line = screen.lines().into_iter().rev().find(|line| line.contains("received ")).unwrap_or_default();
        ensure!(line.contains("stopping"), "the last line is {line}");
        Ok(())
    })
    .await?;
    let status = screen.child.exit("all-in-one to stop", DEADLINE).await?;
    ensure!(status.success(), "all-in-one ended with {status}: {}", screen.text());
    wait_for("the shell's prompt to get a line of its own", DEADLINE, async || {
        ensure!(screen.text().ends_with('\n'), "the screen ends with {:?}", screen.lines().last());
        Ok(())
    })
    .await
}

/// What `make run` starts, on free ports, in a folder.
fn all_in_one(folder: &Path) -> Result<Command> {
    let mut command = Command::new(Binary::AllInOne.path()?);
    command.current_dir(folder).env_clear().args(["--ports-file=ports.json", "--shutdown.lame-duck=2s"]);
    command.args(LISTENERS.map(|(_, flag)| format!("--{flag}=127.0.0.1:0")));
    command.args(["--query.grpc-server.host-port=127.0.0.1:0", "--collector.tchan-server.host-port=127.0.0.1:0"]);
    Ok(command)
}

/// Received, stored and dropped, as the last line of the screen has them.
fn counts(screen: &Terminal) -> Option<[u64; 3]> {
    let line = screen.lines().into_iter().rev().find(|line| line.contains("received "))?;
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["received", received, "stored", stored, "dropped", dropped] => {
            Some([received.parse().ok()?, stored.parse().ok()?, dropped.parse().ok()?])
        }
        _ => None,
    }
}

/// A line of the demo.
#[derive(Debug)]
struct Story {
    spans: u64,
    trace: String,
}

impl Story {
    fn read(line: &str, query: &str) -> Result<Self> {
        let link = format!("http://{query}/trace/");
        let (title, trace) = line.split_once(&link).with_context(|| format!("no link to {link} in {line}"))?;
        let words: Vec<&str> = title.split_whitespace().collect();
        let spans = match words.as_slice() {
            [_, .., count, "spans"] => count.parse()?,
            _ => anyhow::bail!("no number of spans in {line}"),
        };
        Ok(Self { spans, trace: trace.trim().to_owned() })
    }
}
