//! TLS on the whole way of a span: SDK -> collector -> storage <- query <- curl, and an agent beside them.
//!
//! Guarantees: each hop works where both sides bring a certificate of one authority; each listener turns away who brings none, an expired one
//! or another authority's; certificates that are renewed in place are taken by both ends without a restart, and an agent that could not
//! connect meanwhile holds its spans; what cannot work is refused at the start.

#[path = "../../crates/jaeger-service/src/tls/tests/authority.rs"]
#[expect(dead_code, reason = "the tests beside the code need more of it")]
mod authority;

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use authority::{Authority, renew};
use http::{Request, Response};
use jaeger_service::accept::Listener;
use jaeger_service::http::{Body, HttpConfig, Shutdown, reply, serve};
use jaeger_service::settings::{Component, Settings};
use jaeger_service::tls::{Acceptor, HTTP_1};
use jaeger_tests::binaries::Binary;
use jaeger_tests::opentelemetry::OtelSpan;
use jaeger_tests::peers::{self, Sent};
use jaeger_tests::server::Server;
use jaeger_tests::wait::wait_for;
use jaeger_tests::{hop, http as plain, port, program};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(30);

/// `--{prefix}.tls.*` of a listener that takes clients of the authority alone.
fn listener(prefix: &str, authority: &Authority) -> Vec<String> {
    flags(
        prefix,
        &[
            ("cert", authority.text("server.pem")),
            ("key", authority.text("server.key")),
            ("client-ca", authority.text("ca.pem")),
        ],
    )
}

/// `--{prefix}.tls.*` of a client that brings a certificate.
fn client(prefix: &str, authority: &Authority) -> Vec<String> {
    flags(
        prefix,
        &[
            ("ca", authority.text("ca.pem")),
            ("cert", authority.text("client.pem")),
            ("key", authority.text("client.key")),
        ],
    )
}

fn flags(prefix: &str, rows: &[(&str, String)]) -> Vec<String> {
    let rows = rows.iter().map(|(row, value)| format!("--{prefix}.tls.{row}={value}"));
    std::iter::once(format!("--{prefix}.tls.enabled=true")).chain(rows).collect()
}

async fn start(binary: Binary, flags: &[Vec<String>]) -> Result<Server> {
    let flags: Vec<&str> = flags.iter().flatten().map(String::as_str).collect();
    Server::start(binary, &flags).await
}

/// What curl prints, or why it did not get an answer.
async fn curl(address: SocketAddr, path: &str, authority: &Authority, name: Option<&str>) -> Result<String, String> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "20", "--cacert", &authority.text("ca.pem")]);
    if let Some(name) = name {
        let (cert, key) = (authority.text(&format!("{name}.pem")), authority.text(&format!("{name}.key")));
        command.args(["--cert", &cert, "--key", &key]);
    }
    command.arg(format!("https://localhost:{}{path}", address.port()));
    let done = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic");
    let done = done.expect("the program curl is needed for this test: apt-get install curl");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if done.status.success() { Ok(text(done.stdout)) } else { Err(text(done.stderr)) }
}

fn authorities() -> (Authority, Authority) {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    for authority in [&ours, &theirs] {
        authority.issue("server");
        authority.issue("client");
    }
    ours.issue_expired("expired");
    // What a client of theirs brings to a server of ours, which it trusts.
    for file in ["client.pem", "client.key"] {
        renew(&theirs.at(file), &ours.at(&file.replace("client", "stranger")));
    }
    (ours, theirs)
}

#[tokio::test]
async fn every_hop_of_a_span_goes_over_mutual_tls() -> Result<()> {
    let (ours, _) = authorities();
    let storage_at = port::free()?;
    let storage =
        [vec!["--span-storage.type=memory".into(), format!("--grpc.host-port={storage_at}")], listener("grpc", &ours)];
    let storage = start(Binary::RemoteStorage, &storage).await?;
    let store = [
        vec!["--span-storage.type=grpc".to_owned(), format!("--grpc-storage.server={storage_at}")],
        client("grpc-storage", &ours),
    ];
    let ways_in =
        ["collector.grpc", "collector.http", "collector.zipkin", "collector.otlp.grpc", "collector.otlp.http"];
    let mut of_collector = store.to_vec();
    of_collector.extend(ways_in.iter().map(|prefix| listener(prefix, &ours)));
    let collector = start(Binary::Collector, &of_collector).await?;
    let [store, client_of_store] = store;
    let query = [store, client_of_store, listener("query.http", &ours), listener("query.grpc", &ours)];
    let query = start(Binary::Query, &query).await?;
    let at = format!("localhost:{}", collector.address("collector.grpc")?.port());
    let agent = [vec![format!("--reporter.grpc.host-port={at}")], client("reporter.grpc", &ours)];
    let agent = start(Binary::Agent, &agent).await?;

    let files = json!({"ca": ours.text("ca.pem"), "cert": ours.text("client.pem"), "key": ours.text("client.key")});
    for (protocol, path) in [("grpc", ""), ("http", "/v1/traces")] {
        let address = collector.address(&format!("collector.otlp.{protocol}"))?;
        let mut settings = files.clone();
        settings["protocol"] = protocol.into();
        settings["endpoint"] = format!("https://localhost:{}{path}", address.port()).into();
        settings["front"] = format!("front-{protocol}").into();
        settings["back"] = "back".into();
        let sent: Sent<OtelSpan> = peers::python("otel_send.py", &settings).await?;
        let traces = traces_of(&query, &ours, &format!("front-{protocol}"), sent.spans.len()).await?;
        ensure!(!traces.is_empty(), "no traces of {protocol}");
    }

    let delivered = hop::send_packets(&agent, 5).await?;
    hop::wait_for_delivery(&agent, delivered).await?;
    // Sampling is asked over the same connection.
    let strategy = plain::get_text(agent.address("agent.http")?, "/sampling?service=any").await?;
    ensure!(strategy.contains("PROBABILISTIC"), "{strategy}");

    let listeners =
        ["collector.grpc", "collector.http", "collector.zipkin", "collector.otlp.grpc", "collector.otlp.http"]
            .map(|name| (&collector, name));
    let rest = [(&query, "query.http"), (&query, "query.grpc"), (&storage, "remote-storage.grpc")];
    for (server, name) in listeners.into_iter().chain(rest) {
        let address = server.address(name)?;
        curl(address, "/", &ours, Some("client")).await.map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
        for bad in [None, Some("expired"), Some("stranger")] {
            let refused = curl(address, "/", &ours, bad).await;
            ensure!(refused.is_err(), "{name} answers who brings {bad:?}: {refused:?}");
        }
        let prefix = if name == "remote-storage.grpc" { "grpc" } else { name };
        let page = plain::get_text(server.address("admin")?, "/metrics").await?;
        for result in ["no_certificate", "certificate"] {
            let of = format!("jaeger_tls_handshakes_total{{at=\"{prefix}\",result=\"{result}\"}} ");
            let count = page.lines().find_map(|line| line.strip_prefix(&of)).context(of.clone())?;
            ensure!(count != "0", "{of}{count}");
        }
    }
    for server in [agent, query, collector, storage] {
        server.stop().await?;
    }
    Ok(())
}

/// The traces of a service as curl is told them, once they hold so many spans.
async fn traces_of(query: &Server, ours: &Authority, service: &str, spans: usize) -> Result<Vec<Value>> {
    let address = query.address("query.http")?;
    wait_for("the spans that were sent", DEADLINE, async || {
        let path = format!("/api/traces?service={service}&lookback=1h&limit=100");
        let told = curl(address, &path, ours, Some("client")).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        let told: Value = serde_json::from_str(&told)?;
        let traces = told["data"].as_array().context("no data")?.clone();
        let found: usize = traces.iter().filter_map(|trace| trace["spans"].as_array().map(Vec::len)).sum();
        ensure!(found == spans, "{found} of {spans} spans are there");
        Ok(traces)
    })
    .await
}

#[tokio::test]
async fn renewed_certificates_are_taken_in_place_and_the_agent_holds_meanwhile() -> Result<()> {
    let (ours, theirs) = authorities();
    // The collector is theirs already; the agent still trusts ours alone.
    let collector = [listener("collector.grpc", &theirs), listener("admin.http", &theirs)];
    let admin = port::free()?;
    let mut flags: Vec<String> = collector.concat();
    flags.push(format!("--admin.http.host-port={admin}"));
    let at = port::free()?;
    flags.push(format!("--collector.grpc-server.host-port={at}"));
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let collector = Server::start_blindly(Binary::Collector, &flags, &[("SPAN_STORAGE_TYPE", "memory")])?;
    let agent = [
        vec![format!("--reporter.grpc.host-port=localhost:{}", at.rsplit(':').next().context("a port")?)],
        client("reporter.grpc", &ours),
    ];
    let agent = start(Binary::Agent, &agent).await?;
    let sent = hop::send_packets(&agent, 3).await?;
    hop::wait_for_held(&agent, sent.spans).await?;
    wait_for("the agent to say why", DEADLINE, async || {
        let log = agent.log();
        ensure!(log.contains("UnknownIssuer") && log.contains("--reporter.grpc.tls.*"), "{log}");
        Ok(())
    })
    .await?;

    // Half of a renewal does no harm: the key is not the certificate's.
    renew(&theirs.at("client.pem"), &ours.at("client.pem"));
    let reloads = |result: &str| format!("jaeger_tls_reloads_total{{at=\"reporter.grpc\",result=\"{result}\"}} ");
    wait_for("the agent to see what does not fit", DEADLINE, async || {
        let page = plain::get_text(agent.address("admin")?, "/metrics").await?;
        ensure!(page.contains(&(reloads("failed") + "1")), "{page}");
        Ok(())
    })
    .await?;
    ensure!(agent.log().contains("is not the key of"), "{}", agent.log());
    for file in ["client.key", "ca.pem"] {
        renew(&theirs.at(file), &ours.at(file));
    }
    hop::wait_for_delivery(&agent, sent).await?;
    agent.stop().await?;

    // The admin port has TLS too.
    let admin: SocketAddr = admin.parse()?;
    let told = curl(admin, "/metrics", &theirs, Some("client")).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    ensure!(told.contains("jaeger_tls_certificate_not_after_seconds{at=\"admin.http\"} 4102444799"), "{told}");
    ensure!(curl(admin, "/", &theirs, None).await.is_err(), "the admin port answers anybody");
    collector.stop().await.map(drop)
}

/// A page that clients get who bring a certificate of the authority, if they must.
async fn page(authority: &Authority, client_ca: bool, text: &'static str) -> Result<SocketAddr> {
    let mut flags = vec![
        ("collector.http.tls.enabled", "true".to_owned()),
        ("collector.http.tls.cert", authority.text("server.pem")),
        ("collector.http.tls.key", authority.text("server.key")),
    ];
    if client_ca {
        flags.push(("collector.http.tls.client-ca", authority.text("ca.pem")));
    }
    let flags: Vec<_> = flags.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let settings = Settings::for_test(Component::Collector, &flags);
    let tls = Acceptor::from_settings(&settings, "collector.http", &[HTTP_1])?;
    let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = tcp.local_addr()?;
    let handler = move |_request: Request<hyper::body::Incoming>| {
        std::future::ready::<Response<Body>>(reply::json(http::StatusCode::OK, text))
    };
    tokio::spawn(serve(Listener { tcp, tls }, handler, Shutdown::default(), HttpConfig::default()));
    Ok(address)
}

#[tokio::test]
async fn prometheus_and_sampling_strategies_are_asked_over_tls() -> Result<()> {
    let (ours, _) = authorities();
    let series = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"service_name":"shop"},"values":[[1,"2.5"]]}]}}"#;
    let prometheus = page(&ours, true, series).await?;
    let url = vec![format!("--prometheus.server-url=https://localhost:{}", prometheus.port())];
    let query = [url, client("prometheus", &ours)].concat();
    let query: Vec<&str> = query.iter().map(String::as_str).collect();
    let variables = [("SPAN_STORAGE_TYPE", "memory"), ("METRICS_STORAGE_TYPE", "prometheus")];
    let query = Server::start_with_variables(Binary::Query, &query, &variables).await?;
    let told = plain::get_text(query.address("query.http")?, "/api/metrics/calls?service=shop").await?;
    ensure!(told.contains("2.5"), "{told}");
    query.stop().await?;

    let strategies = page(&ours, false, r#"{"default_strategy":{"type":"probabilistic","param":0.25}}"#).await?;
    let place = format!("--sampling.strategies-file=https://localhost:{}/s.json", strategies.port());
    let trusted = ours.text("ca.pem");
    let variables = [("SPAN_STORAGE_TYPE", "memory"), ("SSL_CERT_FILE", trusted.as_str())];
    let collector = Server::start_with_variables(Binary::Collector, &[&place], &variables).await?;
    let told = plain::get_text(collector.address("collector.http")?, "/api/sampling?service=any").await?;
    ensure!(told.contains("0.25"), "{told}");
    collector.stop().await?;

    // Without that authority nobody vouches for the address.
    let refusal = Server::refuse(Binary::Collector, &[&place], &[]).await?;
    ensure!(refusal.log.contains("--sampling.strategies-file https://"), "{}", refusal.log);
    Ok(())
}

#[tokio::test]
async fn what_cannot_work_is_told_before_anything_starts() -> Result<()> {
    let (ours, _) = authorities();
    let (cert, key) = (ours.text("server.pem"), ours.text("none.key"));
    let flags = [
        "--query.http.tls.enabled".to_owned(),
        format!("--query.http.tls.cert={cert}"),
        format!("--query.http.tls.key={key}"),
        "--query.grpc.tls.min-version=1.3".to_owned(),
    ];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let refusal = Server::refuse(Binary::Query, &flags, &[]).await?;
    ensure!(!refusal.status.success(), "it starts");
    for words in ["--query.http.tls.key", &key, "mount or make the file", "--query.grpc.tls.enabled"] {
        ensure!(refusal.log.contains(words), "no {words} in: {}", refusal.log);
    }
    let checked = [&["check"], &flags[..]].concat();
    let checked = program::run(Binary::Query, &checked, &[("SPAN_STORAGE_TYPE", "memory")]).await?;
    ensure!(checked.code == Some(1) && checked.stdout.contains("--query.http.tls.key"), "{checked:?}");
    Ok(())
}
