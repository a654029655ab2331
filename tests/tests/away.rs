//! A collector that is away for a while, and an agent that holds meanwhile.
//!
//! Guarantees: what came in is held in its order, tried again and again, and delivered once when the collector is back;
//! nothing is lost and nothing is there twice. `AWAY_TRIES` says how often the oldest must have been tried: 6 take some
//! seconds; `make chaos` takes 24, which is about a minute.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use jaeger_load::wire::Wire;
use jaeger_model::{BatchBuilder, SpanId, TraceId};
use jaeger_tests::binaries::Binary;
use jaeger_tests::hop::{self, start_agent, wait_for_delivery, wait_for_held};
use jaeger_tests::ledger::Ledger;
use jaeger_tests::load::Datagrams;
use jaeger_tests::server::Server;
use jaeger_tests::wait::wait_for;
use jaeger_tests::{http, port};
use serde_json::Value;

const TRACE: u128 = 0x7e57;
/// Each in a request of its own, as far as there may be: 64 are under way, the rest waits behind them and is few enough
/// for one request.
const ONE_BY_ONE: u64 = 150;
const IN_A_ROW: u64 = 100;
const UNDER_WAY: u64 = 64;
const DEADLINE: Duration = Duration::from_secs(180);

#[tokio::test]
async fn what_came_while_the_collector_was_away_is_delivered_in_its_order() -> Result<()> {
    let tries: u64 = std::env::var("AWAY_TRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    let collector = format!("--collector.grpc-server.host-port={}", port::free()?);
    let address = collector.split('=').next_back().unwrap_or_default();
    let first = Server::start(Binary::AllInOne, &[&collector]).await?;
    let agent = start_agent(address, &["--shutdown.quiet=200ms", "--shutdown.lame-duck=0s"]).await?;
    hop::send(&agent, &[packet(0)?]).await?;
    wait_for_delivery(&agent, Datagrams { packets: 1, spans: 1 }).await?;
    first.stop().await?;

    let began = Instant::now();
    for number in 1..=ONE_BY_ONE {
        hop::send(&agent, &[packet(number)?]).await?;
        wait_for_held(&agent, number).await?;
    }
    let rest = (ONE_BY_ONE + 1..=ONE_BY_ONE + IN_A_ROW).map(packet).collect::<Result<Vec<_>>>()?;
    hop::send(&agent, &rest).await?;
    let all = ONE_BY_ONE + IN_A_ROW;
    wait_for_held(&agent, all).await?;
    let tried = wait_for("the agent to have tried again and again", DEADLINE, async || {
        let ledger = Ledger::of(&agent).await?;
        let unanswered = ledger.agent()?.spans.unanswered;
        ensure!(unanswered >= UNDER_WAY * tries, "spans of attempts without an answer: {unanswered}");
        Ok(())
    });
    tried.await?;
    let away = began.elapsed();

    let back = Server::start(Binary::AllInOne, &[&collector]).await?;
    wait_for_delivery(&agent, Datagrams { packets: all + 1, spans: all + 1 }).await?;
    let found = stored(&back).await?;
    let mut sorted = found.clone();
    sorted.sort_unstable();
    ensure!(sorted == (1..=all).collect::<Vec<_>>(), "each span once: {found:?}");
    let held: Vec<_> = found.iter().copied().filter(|number| *number > ONE_BY_ONE).collect();
    ensure!(held.is_sorted(), "what waited behind the requests under way has lost its order: {found:?}");
    writeln!(std::io::stderr(), "the collector was away for {away:?}; {all} spans were held and are there")?;
    agent.stop().await?;
    back.stop().await.map(drop)
}

/// One span, whose id is its number.
fn packet(number: u64) -> Result<Bytes> {
    let mut builder = BatchBuilder::new();
    let process = builder.process(b"away")?;
    builder.begin_span();
    builder.span_ids(TraceId(TRACE), SpanId(number));
    builder.span_operation(b"an operation");
    builder.span_process(process);
    builder.end_span()?;
    Ok(Wire::UdpCompact.encode(&builder.finish())?.into())
}

/// The numbers of the stored spans, in order of arrival.
async fn stored(server: &Server) -> Result<Vec<u64>> {
    let path = format!("/api/traces/{TRACE:x}?raw=true");
    let answer: Value = serde_json::from_str(&http::get_text(server.address("query.http")?, &path).await?)?;
    let spans = answer.pointer("/data/0/spans").and_then(Value::as_array).context("no trace")?;
    let number = |span: &Value| Ok(u64::from_str_radix(span["spanID"].as_str().context("a span without an id")?, 16)?);
    spans.iter().map(number).collect()
}
