//! The page, as people see it: Chromium opens it from the real all-in-one, filled by real senders.
//!
//! Guarantees: what `tests/ui` says, a sentence a test; without an error in the browser's console, a request to another
//! host, or a serious finding of axe.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use jaeger_tests::binaries::Binary;
use jaeger_tests::peers::{self, Sent};
use jaeger_tests::server::Server;
use jaeger_tests::{browser, port, program};
use serde_json::{Value, json};

#[tokio::test]
async fn the_pages_show_what_real_senders_sent() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let stories = demo(&server).await?;
    let agent = server.address("agent.jaeger-binary")?;
    let client = json!({
        "host": agent.ip().to_string(), "port": agent.port(), "front": "front", "back": "back", "traceId128bit": true,
    });
    let sent: Sent<Value> = peers::node("jaeger_client.js", &client).await?;
    let settings = json!({
        "base": format!("http://{}", server.address("query.http")?),
        "otlp": server.address("collector.otlp.http")?,
        "stories": stories,
        "client": sent.spans,
    });
    browser::check("filled", &settings).await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn an_operators_settings_are_obeyed_below_a_base_path() -> Result<()> {
    let logs = port::free()?;
    let config = json!({
        "archiveEnabled": false,
        "dependencies": {"menuEnabled": false},
        "search": {"maxLookback": {"label": "6 Hours", "value": "6h"}, "maxLimit": 50},
        "menu": [
            {"label": "Team page", "url": "https://example.org/team"},
            {"label": "Broken", "url": "javascript:alert(1)"},
        ],
        "linkPatterns": [
            {
                "type": "tags", "key": "request.id", "text": "Logs of #{request.id}",
                "url": format!("http://{logs}/find?q=#{{request.id}}&trace=#{{trace.traceID}}"),
            },
            {"type": "traces", "url": format!("http://{logs}/all?trace=#{{traceID}}"), "text": "All logs of this trace"},
        ],
        "topTagPrefixes": ["zone", "http."],
    });
    let flags = ["--query.base-path=/jaeger", "--query.ui-config=ui.json"];
    let server = Server::start_with_files(Binary::AllInOne, &flags, &[("ui.json", &config.to_string())]).await?;
    let settings = json!({
        "base": format!("http://{}/jaeger", server.address("query.http")?),
        "otlp": server.address("collector.otlp.http")?,
        "logsPort": logs.rsplit_once(':').context("no port")?.1.parse::<u16>()?,
    });
    browser::check("configured", &settings).await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn with_nothing_stored_it_shows_how_to_begin() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let settings = json!({
        "base": format!("http://{}", server.address("query.http")?),
        "otlp": server.address("collector.otlp.http")?,
    });
    browser::check("empty", &settings).await?;
    server.stop().await.map(drop)
}

/// Prints its times as lines that begin with FIGURE; only `make bench` judges them.
#[tokio::test]
async fn fifty_thousand_spans_are_one_trace_like_any_other() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let settings = json!({
        "base": format!("http://{}", server.address("query.http")?),
        "otlp": server.address("collector.otlp.http")?,
        "pid": server.pid(),
    });
    browser::check("large", &settings).await?;
    server.stop().await.map(drop)
}

/// Sends the five stories; their traces by title.
async fn demo(server: &Server) -> Result<BTreeMap<String, String>> {
    let address = |name| server.address(name).map(|address| address.to_string());
    let (udp, otlp, query) =
        (address("agent.jaeger-compact")?, address("collector.otlp.http")?, address("query.http")?);
    let output = program::run(Binary::Load, &["demo", "--udp", &udp, "--otlp", &otlp, "--query", &query], &[]).await?;
    ensure!(output.code == Some(0), "the demo says {output:?}");
    let story = |line: &str| {
        let (title, trace) = line.split_once("/trace/").with_context(|| format!("no link in {line}"))?;
        let title = title.split_once("  ").with_context(|| format!("no title in {line}"))?.0;
        Ok((title.to_owned(), trace.trim().to_owned()))
    };
    output.stdout.lines().map(story).collect()
}
