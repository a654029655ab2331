//! Our own client, over the real binaries and beside the clients of other languages.
//!
//! Guarantees: what it writes is what the clients for Node and Python write for the same calls, field by field; a trace
//! that begins in Node over HTTP, goes on in Rust over HTTP and gRPC and ends in Python is one trace with its baggage;
//! a service that is told to end sends the spans of its last requests through an agent beside it; and an agent that
//! stands still costs an application nothing but spans, every one of which is counted.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use jaeger_client::{Config, Kind, Sampling};
use jaeger_tests::binaries::Binary;
use jaeger_tests::http;
use jaeger_tests::peers::{self, Sent};
use jaeger_tests::retold::{Capture, Told, process_tags, retell, told};
use jaeger_tests::server::Server;
use jaeger_tests::shop::{self, Shop};
use jaeger_tests::span::{Span, Tag};
use jaeger_tests::wait::wait_for;
use jaeger_wire::thrift::Protocol;
use nix::sys::signal::Signal;
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn packets_are_those_of_the_client_for_node_but_for_ids() -> Result<()> {
    let (theirs, ours) = (Capture::bind().await?, Capture::bind().await?);
    let settings = settings(theirs.port()?);
    let (packets, sent) = tokio::join!(theirs.packets(7, Protocol::Binary), async {
        peers::node::<Span>("jaeger_client.js", &settings).await
    });
    compare(packets?, &sent?, &ours, "Node-").await
}

#[tokio::test]
async fn packets_are_those_of_the_client_for_python_but_for_ids() -> Result<()> {
    let (theirs, ours) = (Capture::bind().await?, Capture::bind().await?);
    let settings = settings(theirs.port()?);
    let (packets, sent) = tokio::join!(theirs.packets(7, Protocol::Compact), async {
        peers::python::<Span>("jaeger_client_send.py", &settings).await
    });
    compare(packets?, &sent?, &ours, "Python-").await
}

fn settings(port: u16) -> Value {
    json!({"host": "127.0.0.1", "port": port, "front": "front", "back": "back", "traceId128bit": true})
}

async fn compare(
    packets: Vec<(jaeger_model::Batch, jaeger_wire::jaeger::BatchMeta)>,
    sent: &Sent<Span>,
    ours: &Capture,
    version: &str,
) -> Result<()> {
    ensure!(sent.spans.len() == 7, "{} spans", sent.spans.len());
    let port = ours.port()?;
    let retold = packets.clone();
    let (retold, packets_of_ours) =
        tokio::join!(tokio::task::spawn_blocking(move || retell(&retold, port)), ours.packets(7, Protocol::Compact));
    retold??;
    let packets_of_ours = packets_of_ours?;
    let (theirs, mut told_by_ours) = (told(&packets), told(&packets_of_ours));
    // Whether a trace is for debugging is said before it begins here, so that no sampler is asked.
    let sampler_tags =
        |told: &Told| told.tags.iter().filter(|tag| tag.0.starts_with("sampler.")).cloned().collect::<Vec<_>>();
    for (one, other) in told_by_ours.iter_mut().zip(&theirs).filter(|(one, _)| one.operation == "debugged") {
        one.tags.extend(sampler_tags(other));
        one.tags.sort();
    }
    for (one, other) in told_by_ours.iter().zip(&theirs) {
        ensure!(one == other, "a span was told otherwise\n  ours:   {one:?}\n  theirs: {other:?}");
    }
    ensure!(told_by_ours.len() == theirs.len(), "{} and {} spans", told_by_ours.len(), theirs.len());
    // Of the process: the same host, and what differs by the client's nature is there in the same type.
    let (first, first_of_ours) = (packets.first().context("a packet")?, packets_of_ours.first().context("a packet")?);
    let (theirs, ours) = (process_tags(&first.0), process_tags(&first_of_ours.0));
    ensure!(theirs.get("hostname") == ours.get("hostname"), "{theirs:?} {ours:?}");
    ensure!(theirs.get("jaeger.version").is_some_and(|text| text.contains(version)), "{theirs:?}");
    ensure!(ours.get("jaeger.version").is_some_and(|text| text.contains("Rust-")), "{ours:?}");
    ensure!(ours.get("client-uuid").is_some_and(|text| text.starts_with("Str(")), "{ours:?}");
    ensure!(first_of_ours.1.seq_no == Some(1), "{:?}", first_of_ours.1);
    Ok(())
}

#[tokio::test]
async fn every_kind_of_value_arrives_whole_through_the_agent() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let agent = server.address("agent.jaeger-compact")?;
    let config = Config::new("rust").agent(agent.ip().to_string(), agent.port()).wide_trace_ids(true);
    let tracer = config.sampling(Sampling::Const(true)).tag("zone", "eu <&>").start()?;
    let root = tracer.build_span("GET /checkout").kind(Kind::Server).start();
    root.tag("text", "überraschung \u{2028} 日本").tag("empty", "").tag("yes", true).tag("no", false);
    root.tag("max", i64::MAX).tag("min", i64::MIN).tag("float", -0.0625).tag("bytes", [0, 127, 255].as_slice());
    root.log(&[("event", "started".into()), ("n", 1.5.into())]);
    let (trace, id) = (root.context().trace_id().to_string(), root.context().span_id().to_string());
    root.child("select").error(&"no such table");
    root.finish();
    tracer.close(DEADLINE)?;
    let spans = trace_of(&server, &trace, 2).await?;
    let root = spans.iter().find(|span| span.span_id == id).context("the root")?;
    for (key, kind, value) in [
        ("span.kind", "string", json!("server")),
        ("sampler.type", "string", json!("const")),
        ("sampler.param", "bool", json!(true)),
        ("text", "string", json!("überraschung \u{2028} 日本")),
        ("empty", "string", json!("")),
        ("yes", "bool", json!(true)),
        ("no", "bool", json!(false)),
        ("max", "int64", json!("9223372036854775807")),
        ("min", "int64", json!("-9223372036854775808")),
        ("float", "float64", json!(-0.0625)),
        ("bytes", "binary", json!("AH//")),
    ] {
        ensure!(root.tags.contains(&Tag::new(key, kind, value)), "{key} is not in {:?}", root.tags);
    }
    let expected = [Tag::new("event", "string", "started"), Tag::new("n", "float64", 1.5)];
    ensure!(root.logs.len() == 1 && root.logs.iter().all(|log| log.fields == expected), "{:?}", root.logs);
    ensure!(root.process.service_name == "rust" && root.process.tags.contains(&Tag::new("zone", "string", "eu <&>")));
    let child = spans.iter().find(|span| span.span_id != id).context("the child")?;
    ensure!(child.references.iter().any(|one| one.span_id == id && one.ref_type == "CHILD_OF"), "{child:?}");
    ensure!(child.tags.contains(&Tag::new("error", "bool", true)), "{child:?}");
    server.stop().await.map(drop)
}

#[tokio::test]
async fn spans_over_http_arrive_in_thrift_and_otlp() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let thrift = format!("http://{}/api/traces", server.address("collector.http")?);
    let otlp = format!("http://{}/v1/traces", server.address("collector.otlp.http")?);
    let config = || Config::new("rust").sampling(Sampling::Const(true)).wide_trace_ids(true);
    for config in [config().collector(thrift, jaeger_client::Credentials::None), config().otlp(otlp)] {
        let tracer = config.start()?;
        let root = tracer.span("root");
        root.tag("number", 7);
        let trace = root.context().trace_id().to_string();
        root.child("child").finish();
        root.finish();
        tokio::task::spawn_blocking(move || tracer.close(DEADLINE)).await??;
        let spans = trace_of(&server, &trace, 2).await?;
        let root = spans.iter().find(|span| span.operation_name == "root").context("the root")?;
        ensure!(root.process.service_name == "rust", "{root:?}");
        ensure!(root.tags.contains(&Tag::new("number", "int64", 7)), "{root:?}");
    }
    server.stop().await.map(drop)
}

/// Node begins, the shop's frontend goes on over HTTP and its driver over gRPC, and a server of gRPC in Python ends.
#[tokio::test]
async fn a_trace_over_node_rust_and_python_is_one() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let compact = server.address("agent.jaeger-compact")?;
    let driver = Shop::start("driver", &[], compact)?;
    let driver_url = format!("http://{}", driver.address("driver").await?);
    let free = free_port().await?;
    let route_url = format!("http://{free}");
    let frontend = Shop::start("frontend", &["--driver", &driver_url, "--route", &route_url], compact)?;
    let order = format!("http://{}/order?customer=7", frontend.address("frontend").await?);
    let python = json!({"host": compact.ip().to_string(), "port": compact.port(), "listen": free.to_string()});
    let binary = server.address("agent.jaeger-binary")?;
    let node = json!({"host": binary.ip().to_string(), "port": binary.port(), "url": order, "last": free.to_string()});
    let (ended, begun) = tokio::join!(
        peers::python_answers::<Value>("route_server.py", &python),
        peers::node::<Value>("order.js", &node)
    );
    let (ended, begun) = (ended?, begun?);
    driver.stop().await?;
    frontend.stop().await?;
    let first = begun.spans.first().context("Node's span")?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let trace = text(first, "traceID");
    ensure!(text(&ended, "traceID") == trace, "Python was in another trace: {ended} {first}");
    ensure!(text(&ended, "customer") == "7", "the baggage of the frontend reached Python: {ended}");
    ensure!(text(&ended, "basket") == "books", "the baggage of Node reached Python: {ended}");
    // Node's; the frontend's own and its three calls; the driver's two, and its look-up; Python's.
    let spans = trace_of(&server, &trace, 9).await?;
    let one = |service: &str, operation: &str, kind: &str| -> Result<&Span> {
        let is = |span: &&Span| {
            let of_kind = kind.is_empty() || span.tags.contains(&Tag::new("span.kind", "string", kind));
            span.process.service_name == service && span.operation_name == operation && of_kind
        };
        let seen = || spans.iter().map(|span| format!("{} {}", span.process.service_name, span.operation_name));
        spans.iter().find(is).with_context(|| format!("no {service} {operation} in {:?}", seen().collect::<Vec<_>>()))
    };
    let chain = [
        ("shopper", "order a ride", ""),
        ("frontend", "HTTP GET /order", "server"),
        ("frontend", "/shop.Driver/FindNearest", "client"),
        ("driver", "/shop.Driver/FindNearest", "server"),
        ("driver", "look up", ""),
    ];
    follows(&chain, &one)?;
    follows(
        &[chain[1], ("frontend", "/shop.Driver/Track", "client"), ("driver", "/shop.Driver/Track", "server")],
        &one,
    )?;
    follows(&[chain[1], ("frontend", "/shop.Route/Estimate", "client"), ("router", "estimate", "server")], &one)?;
    let track = one("frontend", "/shop.Driver/Track", "client")?;
    let ids = track.logs.iter().filter(|log| log.fields.contains(&Tag::new("message.type", "string", "RECEIVED")));
    ensure!(ids.count() == 3, "three positions came: {:?}", track.logs);
    ensure!(track.tags.contains(&Tag::new("grpc.status_code", "int64", 0)), "{:?}", track.tags);
    ensure!(spans.len() == 9, "{} spans", spans.len());
    server.stop().await.map(drop)
}

/// Each is the child of the one before.
fn follows<'s>(chain: &[(&str, &str, &str)], one: &impl Fn(&str, &str, &str) -> Result<&'s Span>) -> Result<()> {
    for pair in chain.windows(2) {
        let [above, below] = pair else { continue };
        let (parent, child) = (one(above.0, above.1, above.2)?, one(below.0, below.1, below.2)?);
        let refers = child.references.iter().any(|reference| reference.span_id == parent.span_id);
        ensure!(refers, "{below:?} is no child of {above:?}: {:?}", child.references);
    }
    Ok(())
}

/// The agent is a process beside the shop, as in a pod; both are told to end, and the shop flushes last.
#[tokio::test]
async fn the_spans_of_the_last_requests_arrive_when_a_pod_ends() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let collector = format!("--reporter.grpc.host-port={}", server.address("collector.grpc")?);
    let agent = Server::start(Binary::Agent, &[&collector, "--shutdown.quiet=3s"]).await?;
    let shop = Shop::start("all", &["--load", "50"], agent.address("agent.jaeger-compact")?)?;
    let frontend = shop.address("frontend").await?;
    let enough = wait_for("orders to be taken", DEADLINE, async || {
        let orders = shop.log().matches("order taken").count();
        ensure!(orders >= 100, "{orders} orders; the shop's log: {}", shop.log());
        Ok(())
    });
    enough.await?;
    let health = http::get_text(frontend, "/health").await?;
    ensure!(health == "fine", "{health}");
    agent.signal(Signal::SIGTERM)?;
    let sent = shop::sent(&shop.stop().await?)?;
    let stopped = agent.ended().await?.stopped;
    let ledger = stopped.ledger()?;
    ensure!(ledger.pointer("/agent/spans/acknowledged") == Some(&Value::from(sent)), "{sent} were sent: {ledger}");
    let ledger = server.stop().await?.ledger()?;
    ensure!(ledger.pointer("/collector/stored") == Some(&Value::from(sent)), "{sent} were sent: {ledger}");
    Ok(())
}

#[tokio::test]
async fn an_agent_that_stands_still_costs_spans_and_every_one_is_counted() -> Result<()> {
    const THREADS: usize = 16;
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let agent = server.address("agent.jaeger-compact")?;
    let config = Config::new("rust").agent(agent.ip().to_string(), agent.port());
    let tracer = config.sampling(Sampling::Const(true)).start()?;
    server.freeze().await?;
    let until = Instant::now() + Duration::from_secs(3);
    let work = |tracer: jaeger_client::Tracer| {
        move || {
            let mut ended = 0_u64;
            while Instant::now() < until {
                tracer.span("GET /cart").tag("http.method", "GET");
                ended += 1;
            }
            ended
        }
    };
    let threads: Vec<_> = (0..THREADS).map(|_| tokio::task::spawn_blocking(work(tracer.clone()))).collect();
    let mut ended = 0;
    for thread in threads {
        ended += thread.await?;
    }
    let closing = tracer.clone();
    let ledger = tokio::task::spawn_blocking(move || closing.close(DEADLINE)).await?;
    let ledger = ledger.unwrap_or_else(|unsent| unsent.ledger);
    ensure!(ledger.started == ended && ledger.open == 0 && ledger.queued == 0, "{ended} ended: {ledger}");
    ensure!(ledger.started == ledger.sent + ledger.dropped(), "{ledger}");
    ensure!(ledger.sent > 0 && ledger.queue_full > 0, "{ledger}");
    server.signal(Signal::SIGCONT)?;
    server.stop().await.map(drop)
}

/// The trace's spans, once there are as many as that.
async fn trace_of(server: &Server, trace: &str, spans: usize) -> Result<Vec<Span>> {
    let path = format!("/api/traces/{trace}");
    wait_for("the trace to be whole", DEADLINE, async || {
        let text = http::get_text(server.address("query.http")?, &path).await?;
        let answer: Value = serde_json::from_str(&text)?;
        let found = answer.pointer("/data/0").context("no trace")?;
        let found = Span::of_trace(found)?;
        let seen = || found.iter().map(|span| format!("{} {}", span.process.service_name, span.operation_name));
        ensure!(found.len() >= spans, "{} of {spans} spans: {:?}", found.len(), seen().collect::<Vec<_>>());
        Ok(found)
    })
    .await
}

/// A port that nobody listens on for now: the server in Python takes it.
async fn free_port() -> Result<SocketAddr> {
    Ok(tokio::net::TcpListener::bind("127.0.0.1:0").await?.local_addr()?)
}
