//! Bad input is answered as it should be, counted under its reason, and costs nothing else.
//!
//! Guarantees: whatever comes, the next good span is taken; lengths and counts that packets claim are not believed; a small
//! body that inflates to a large one is refused; a span without ids does not cost the spans beside it; and searches say
//! what is wrong with their parameters.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use base64::Engine;
use bytes::Bytes;
use jaeger_tests::binaries::Binary;
use jaeger_tests::http::{Answer, get, get_text, send};
use jaeger_tests::ledger::{Ledger, Reasons};
use jaeger_tests::otlp::{self, Ids};
use jaeger_tests::server::Server;
use jaeger_tests::wait::wait_for;
use jaeger_tests::{frames, load, thrift};
use serde_json::{Value, json};
use tokio::net::UdpSocket;

const DEADLINE: Duration = Duration::from_secs(15);
const PROTOBUF: &str = "application/x-protobuf";
const POST_SPANS: &str = "/jaeger.api_v2.CollectorService/PostSpans";
const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
/// What gRPC calls ResourceExhausted.
const RESOURCE_EXHAUSTED: &str = "8";
const MIB: usize = 1 << 20;

#[tokio::test]
async fn packets_that_lie_about_lengths_are_counted_as_malformed() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut sent = 0;
    for (listener, protocol) in [
        ("agent.jaeger-compact", thrift::Protocol::Compact),
        ("agent.zipkin-compact", thrift::Protocol::Compact),
        ("agent.jaeger-binary", thrift::Protocol::Binary),
    ] {
        for (what, packet) in thrift::bad_packets(protocol) {
            socket.send_to(&packet, server.address(listener)?).await?;
            sent += 1;
            let counted = wait_for_dropped(&server, "malformed", sent).await;
            counted.with_context(|| format!("{what} to {listener}"))?;
        }
    }
    check_good_packet(&server, &socket).await?;
    let ledger = Ledger::of(&server).await?;
    let packets = &ledger.agent()?.packets;
    ensure!(
        (packets.received, packets.decoded) == (sent + 1, 1),
        "{sent} bad packets and a good one came: {packets:?}"
    );
    server.stop().await.map(drop)
}

#[tokio::test]
async fn a_packet_cut_anywhere_is_malformed_and_leaves_nothing() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let whole = good_packet()?;
    let mut sent = 0;
    // The last byte ends the message's arguments, the one before ends the batch.
    for length in [1, 10, whole.len() / 2, whole.len() - 10, whole.len() - 2, whole.len() - 1] {
        let part = whole.get(..length).context("shorter than the packet")?;
        socket.send_to(part, server.address("agent.jaeger-compact")?).await?;
        sent += 1;
        wait_for_dropped(&server, "malformed", sent).await.with_context(|| format!("the first {length} bytes"))?;
    }
    ensure!(Ledger::of(&server).await?.agent()?.spans.decoded == 0, "spans of cut packets were taken");
    check_good_packet(&server, &socket).await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn a_packet_over_65000_bytes_is_too_large() -> Result<()> {
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    // What stands behind a message is not read, so that only the size decides.
    let mut packet = good_packet()?.to_vec();
    packet.resize(65_001, 0);
    socket.send_to(&packet, server.address("agent.jaeger-compact")?).await?;
    wait_for_dropped(&server, "too_large", 1).await?;
    packet.truncate(65_000);
    socket.send_to(&packet, server.address("agent.jaeger-compact")?).await?;
    wait_for("the packet of 65,000 bytes to be decoded", DEADLINE, async || {
        let ledger = Ledger::of(&server).await?;
        ensure!(ledger.agent()?.packets.decoded == 1, "{ledger:?}");
        Ok(())
    })
    .await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn otlp_over_http_refuses_what_it_cannot_read() -> Result<()> {
    let server = Server::start(Binary::Collector, &[]).await?;
    let to = server.address("collector.otlp.http")?;
    for kind in [Some("text/plain"), Some("application/x-thrift"), None] {
        let headers: Vec<_> = kind.map(|kind| ("content-type", kind)).into_iter().collect();
        let answer = post(to, &headers, good_request()).await?;
        ensure!(answer.status == 415, "the content type {kind:?} was answered {}: {}", answer.status, answer.text());
    }
    check_requests_refused(&server, "unknown_content_type", 3).await?;

    for body in [&b"no protobuf"[..], &[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]] {
        let answer = post(to, &[("content-type", PROTOBUF)], body.to_vec()).await?;
        ensure!(answer.status == 400, "{body:?} was answered {}: {}", answer.status, answer.text());
    }
    check_requests_refused(&server, "malformed", 2).await?;

    // 65 levels of attributes; of JSON as many that its reader would run out of stack.
    let request = otlp::nested_request(65, &Ids { trace: &TRACE, span: &SPAN });
    let answer = post(to, &[("content-type", PROTOBUF)], request).await?;
    ensure!(answer.status == 400, "65 levels were answered {}: {}", answer.status, answer.text());
    let json = format!("{{\"resourceSpans\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = post(to, &[("content-type", "application/json")], json.into_bytes()).await?;
    ensure!(answer.status == 400, "100,000 levels were answered {}: {}", answer.status, answer.text());
    check_requests_refused(&server, "malformed", 4).await?;
    check_good_request(&server).await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_compressed_or_not() -> Result<()> {
    const LIMIT: usize = 20 * MIB;
    let server = Server::start(Binary::Collector, &[]).await?;
    let to = server.address("collector.otlp.http")?;
    let zeros = vec![0; LIMIT + 1];
    let (gzip, zstd) = (gzip(&zeros)?, zstd::encode_all(&zeros[..], 1)?);
    ensure!(gzip.len() < MIB && zstd.len() < MIB, "the bombs are no bombs: {} and {}", gzip.len(), zstd.len());
    for (encoding, body) in [(None, zeros), (Some("gzip"), gzip), (Some("zstd"), zstd)] {
        let mut headers = vec![("content-type", PROTOBUF)];
        headers.extend(encoding.map(|encoding| ("content-encoding", encoding)));
        let answer = post(to, &headers, body).await.with_context(|| format!("{encoding:?}"))?;
        ensure!(answer.status == 413, "{encoding:?} was answered {}: {}", answer.status, answer.text());
    }
    check_requests_refused(&server, "too_large", 3).await?;
    check_good_request(&server).await?;
    server.stop().await.map(drop)
}

#[tokio::test]
async fn a_message_over_4_mib_is_refused_compressed_or_not() -> Result<()> {
    let server = Server::start(Binary::Collector, &[]).await?;
    let zeros = vec![0; 4 * MIB + 1];
    let messages =
        [(None, zeros.clone()), (Some("gzip"), gzip(&zeros)?), (Some("zstd"), zstd::encode_all(&zeros[..], 1)?)];
    let mut refused = 0;
    for (listener, path) in [("collector.grpc", POST_SPANS), ("collector.otlp.grpc", EXPORT)] {
        for (encoding, message) in &messages {
            let what = || format!("{} bytes, {encoding:?}, to {path}", message.len());
            let answer = frames::call(server.address(listener)?, path, *encoding, message).await.with_context(what)?;
            ensure!(answer.status == RESOURCE_EXHAUSTED, "{} were answered {answer:?}", what());
            refused += 1;
        }
    }
    check_requests_refused(&server, "too_large", refused).await?;

    // The same encodings are fine for spans.
    for (encoding, message) in [
        (None, good_request()),
        (Some("gzip"), gzip(&good_request())?),
        (Some("zstd"), zstd::encode_all(&good_request()[..], 1)?),
    ] {
        let answer = frames::call(server.address("collector.otlp.grpc")?, EXPORT, encoding, &message).await?;
        ensure!(answer.status == "0", "a good request, {encoding:?}, was answered {answer:?}");
    }
    ensure!(Ledger::of(&server).await?.collector()?.stored == 3, "the good spans are not stored");
    server.stop().await.map(drop)
}

const TRACE: [u8; 16] = *b"trace-of-16-byte";
const SPAN: [u8; 8] = *b"span-of8";

/// Ids that are none; each with the length that is wrong or right.
fn bad_ids() -> [Ids<'static>; 6] {
    [
        Ids { trace: &[0; 16], span: &SPAN },
        Ids { trace: &TRACE, span: &[0; 8] },
        Ids { trace: b"fifteen bytes..", span: &SPAN },
        Ids { trace: &TRACE, span: b"seven.." },
        Ids { trace: &[], span: &SPAN },
        Ids { trace: &TRACE, span: b"nine bytes" },
    ]
}

#[tokio::test]
async fn otlp_spans_without_proper_ids_are_refused_one_by_one() -> Result<()> {
    let server = Server::start(Binary::Collector, &[]).await?;
    let bad = bad_ids().len() as u64;
    let spans = std::iter::once(Ids { trace: &TRACE, span: &SPAN }).chain(bad_ids());
    let request = otlp::request("ids", now_ns()?, spans);

    let to = server.address("collector.otlp.http")?;
    let answer = post(to, &[("content-type", PROTOBUF)], request.clone()).await?;
    ensure!(answer.status == 200, "protobuf was answered {}: {}", answer.status, answer.text());
    check_partial_success(&answer.body, bad)?;
    check_refused(&server, 1, bad).await?;

    let answer = frames::call(server.address("collector.otlp.grpc")?, EXPORT, None, &request).await?;
    ensure!(answer.status == "0", "gRPC was answered {answer:?}");
    check_partial_success(&answer.body, bad)?;
    check_refused(&server, 2, 2 * bad).await?;

    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let spans = std::iter::once(Ids { trace: &TRACE, span: &SPAN }).chain(bad_ids());
    let spans: Vec<_> =
        spans.map(|ids| json!({"traceId": hex(ids.trace), "spanId": hex(ids.span), "name": "a span"})).collect();
    let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).to_string();
    let answer = post(to, &[("content-type", "application/json")], body.into_bytes()).await?;
    ensure!(answer.status == 200, "JSON was answered {}: {}", answer.status, answer.text());
    let said: Value = serde_json::from_slice(&answer.body)?;
    let rejected = said.pointer("/partialSuccess/rejectedSpans").and_then(Value::as_str);
    ensure!(rejected == Some(&bad.to_string()), "JSON was answered {said}");
    check_refused(&server, 3, 3 * bad).await?;
    server.stop().await.map(drop)
}

/// `ExportTraceServiceResponse { partial_success { rejected_spans, error_message } }`, read field by field.
fn check_partial_success(body: &[u8], rejected: u64) -> Result<()> {
    let expected = u8::try_from(rejected)?;
    // The length of the message takes two bytes where its text is long.
    let within = match body {
        [0x0a, 0x80..=0xff, _, within @ ..] | [0x0a, _, within @ ..] => within,
        _ => &[],
    };
    let fits = matches!(within, [0x08, count, 0x12, text, ..] if *count == expected && *text > 0);
    let shown = base64::engine::general_purpose::STANDARD.encode(body);
    ensure!(fits, "the answer does not say that {rejected} spans are rejected, and why: {shown}");
    Ok(())
}

async fn check_refused(server: &Server, stored: u64, invalid: u64) -> Result<()> {
    let ledger = Ledger::of(server).await?;
    let ledger = ledger.collector()?;
    ensure!(count(&ledger.refused, "invalid_ids") == invalid, "{invalid} spans have no proper ids: {ledger:?}");
    ensure!(ledger.stored == stored, "{stored} spans are good: {ledger:?}");
    Ok(())
}

#[tokio::test]
async fn searches_say_what_is_wrong_with_their_parameters() -> Result<()> {
    const TRACES: u64 = 10_100;
    let server = Server::start(Binary::AllInOne, &[]).await?;
    let ids: Vec<_> = (1..=TRACES).map(|n| ((u128::from(n) << 64 | 7).to_be_bytes(), n.to_be_bytes())).collect();
    let spans = ids.iter().map(|(trace, span)| Ids { trace, span });
    let request = otlp::request("many", now_ns()?, spans);
    let answer = post(server.address("collector.otlp.http")?, &[("content-type", PROTOBUF)], request).await?;
    ensure!(answer.status == 200, "the traces were answered {}: {}", answer.status, answer.text());

    let query = server.address("query.http")?;
    for (limit, traces) in
        [("", 100), ("&limit=0", 100), ("&limit=3", 3), ("&limit=10000", 10_000), ("&limit=10001", 10_000)]
    {
        let answer = get(query, &format!("/api/traces?service=many{limit}")).await?;
        ensure!(answer.status == 200, "{limit} was answered {}: {}", answer.status, answer.text());
        let found: Value = serde_json::from_slice(&answer.body)?;
        let found = found.get("data").and_then(Value::as_array).map_or(0, Vec::len);
        ensure!(found == traces, "{limit:?} found {found} traces, not {traces}");
        let truncated = answer.header("x-jaeger-truncated");
        ensure!(truncated == Some("true"), "{limit:?} does not say that there are more: {truncated:?}");
    }
    for (path, names) in [
        ("/api/traces?service=many&limit=-1", "limit"),
        ("/api/traces?service=many&start=2&end=1", "start"),
        ("/api/traces?service=many&tags=error", "tags"),
        ("/api/traces?service=many&tags=%7B%22error%22%3A", "tags"),
        ("/api/traces/111111111111111111111111111111111", "32 hex"),
        ("/api/traces?traceID=111111111111111111111111111111111", "32 hex"),
        ("/api/traces/no-trace-id", "no-trace-id"),
        ("/api/traces", "service"),
    ] {
        let answer = get(query, path).await?;
        ensure!(answer.status == 400, "{path} was answered {}: {}", answer.status, answer.text());
        let said: Value = serde_json::from_slice(&answer.body)?;
        ensure!(said.pointer("/errors/0/code") == Some(&json!(400)), "{path} was answered {said}");
        let message = said.pointer("/errors/0/msg").and_then(Value::as_str).unwrap_or_default();
        ensure!(message.contains(names), "{path} was answered {message:?}, which does not name {names}");
    }
    server.stop().await.map(drop)
}

fn good_packet() -> Result<Bytes> {
    load::packets(1)?.bodies.pop().context("one packet was made")
}

/// A span that is fine.
fn good_request() -> Vec<u8> {
    otlp::request("good", 1_700_000_000_000_000_000, [Ids { trace: &TRACE, span: &SPAN }])
}

fn now_ns() -> Result<u64> {
    Ok(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos())?)
}

fn gzip(body: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body)?;
    Ok(encoder.finish()?)
}

async fn post(to: SocketAddr, headers: &[(&str, &str)], body: Vec<u8>) -> Result<Answer> {
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    send(to, "POST", "/v1/traces", &headers, body.into()).await
}

fn count(reasons: &Reasons, reason: &str) -> u64 {
    reasons.get(reason).copied().unwrap_or(0)
}

async fn wait_for_dropped(server: &Server, reason: &str, packets: u64) -> Result<()> {
    wait_for("the agent's ledger to count the packet", DEADLINE, async || {
        let ledger = Ledger::of(server).await?;
        let dropped = &ledger.agent()?.packets.dropped;
        ensure!(count(dropped, reason) == packets, "{packets} are {reason}: {dropped:?}");
        ensure!(dropped.values().sum::<u64>() == packets, "all {packets} are {reason}: {dropped:?}");
        Ok(())
    })
    .await
}

async fn check_good_packet(server: &Server, socket: &UdpSocket) -> Result<()> {
    socket.send_to(&good_packet()?, server.address("agent.jaeger-compact")?).await?;
    wait_for("a good packet after bad ones", DEADLINE, async || {
        let ledger = Ledger::of(server).await?;
        ensure!(ledger.agent()?.spans.acknowledged == 20, "{ledger:?}");
        Ok(())
    })
    .await
}

/// In the ledger and in the metrics that are made of it.
async fn check_requests_refused(server: &Server, reason: &str, requests: u64) -> Result<()> {
    let ledger = Ledger::of(server).await?;
    let refused = &ledger.collector()?.requests_refused;
    ensure!(count(refused, reason) == requests, "{requests} requests are {reason}: {refused:?}");
    let metrics = get_text(server.address("admin")?, "/metrics").await?;
    let line = format!("jaeger_ledger_collector_requests_refused_total{{reason=\"{reason}\"}} {requests}");
    ensure!(metrics.lines().any(|one| one == line), "no line {line} in the metrics");
    Ok(())
}

async fn check_good_request(server: &Server) -> Result<()> {
    let answer = post(server.address("collector.otlp.http")?, &[("content-type", PROTOBUF)], good_request()).await?;
    ensure!(answer.status == 200, "a good request was answered {}: {}", answer.status, answer.text());
    let ledger = Ledger::of(server).await?;
    let ledger = ledger.collector()?;
    ensure!((ledger.received, ledger.stored) == (1, 1), "one span was good: {ledger:?}");
    Ok(())
}
