use std::collections::HashMap;
use std::net::UdpSocket;

use jaeger_model::{Batch, BatchBuilder, ReferenceKind, SpanId, SpanView, TraceId, Value};
use jaeger_wire::jaeger::{BatchMeta, Message, decode_message};
use jaeger_wire::thrift::Protocol;

use super::*;
use crate::transport::{Memory, Outcome, Sending};
use crate::{Format, InSpan as _, Kind, SHORTENED};

const LONG: Duration = Duration::from_secs(60);

fn kept(config: Config) -> (Tracer, Memory) {
    let memory = Memory::new();
    (config.transport(memory.clone()).start().expect("a tracer"), memory)
}

fn all_sampled() -> Config {
    Config::new("shop").sampling(Sampling::Const(true)).flush_interval(LONG).queue_size(1000)
}

/// The spans that a closed tracer sent, by operation.
fn spans(memory: &Memory) -> HashMap<String, Batch> {
    let batches = memory.take();
    let each = batches.iter().flat_map(Batch::spans);
    each.map(|span| {
        let mut builder = BatchBuilder::new();
        builder.begin_span();
        builder.span_ids(span.trace_id(), span.span_id());
        builder.span_flags(span.flags());
        builder.span_duration(span.duration());
        span.references().for_each(|reference| builder.span_reference(reference));
        span.tags().for_each(|tag| builder.span_tag(tag.key.as_bytes(), tag.value.into()));
        for log in span.logs() {
            builder.begin_log(log.time());
            log.fields().for_each(|field| builder.log_field(field.key.as_bytes(), field.value.into()));
        }
        builder.end_span().expect("room");
        (span.operation().to_owned(), builder.finish())
    })
    .collect()
}

fn span<'a>(all: &'a HashMap<String, Batch>, operation: &str) -> SpanView<'a> {
    all.get(operation).and_then(|batch| batch.span(0)).unwrap_or_else(|| panic!("no {operation}"))
}

fn tags<'a>(span: &SpanView<'a>) -> Vec<(&'a str, Value<'a>)> {
    span.tags().map(|tag| (tag.key, tag.value)).collect()
}

#[test]
fn a_root_says_who_sampled_it_and_children_refer_to_it() {
    let (tracer, memory) = kept(all_sampled());
    let root = tracer.build_span("root").kind(Kind::Server).start();
    let ids = (root.context().trace_id(), root.context().span_id());
    assert_eq!(ids.0.0, u128::from(ids.1.0), "a root of 64 bits has one id");
    let child = root.child("child");
    tracer.build_span("cause").follows_from(child.context()).child_of(root.context()).start().finish();
    child.finish();
    root.tag("http.status_code", 200).tag("route", "/").log(&[("event", "done".into())]);
    root.finish();
    let ledger = tracer.close(LONG).expect("all were sent");
    assert_eq!((ledger.started, ledger.sent), (3, 3));
    let all = spans(&memory);
    let root = span(&all, "root");
    assert_eq!(
        tags(&root),
        [
            ("span.kind", Value::Str("server")),
            ("sampler.type", Value::Str("const")),
            ("sampler.param", Value::Bool(true)),
            ("http.status_code", Value::I64(200)),
            ("route", Value::Str("/")),
        ]
    );
    assert_eq!(root.logs().next().and_then(|log| log.fields().next()).map(|field| field.value), Some("done".into()));
    assert_eq!((root.flags(), root.references().count()), (1, 0));
    let child = span(&all, "child");
    assert_eq!((child.trace_id(), child.parent()), (ids.0, Some(ids.1)));
    assert!(tags(&child).is_empty());
    let cause = span(&all, "cause");
    let kinds: Vec<_> = cause.references().map(|reference| (reference.kind, reference.span_id)).collect();
    assert_eq!(kinds, [(ReferenceKind::ChildOf, ids.1), (ReferenceKind::FollowsFrom, child.span_id())]);
}

#[test]
fn what_is_not_sampled_is_not_sent_and_neither_are_its_children() {
    let (tracer, memory) = kept(all_sampled().sampling(Sampling::Const(false)));
    let root = tracer.span("root");
    let child = root.child("child");
    assert!(!root.is_recording() && !child.context().is_sampled());
    assert_eq!(child.context().trace_id(), root.context().trace_id());
    drop((child, root));
    assert_eq!(tracer.close(LONG).expect("nothing to send").started, 0);
    assert!(memory.take().is_empty());
}

#[test]
fn debug_records_whatever_the_sampler_says_and_a_debug_id_is_told_once() {
    let (tracer, memory) = kept(all_sampled().sampling(Sampling::Const(false)));
    tracer.build_span("forced").debug().start().finish();
    let headers = HashMap::from([("jaeger-debug-id".to_owned(), "ticket 7".to_owned())]);
    let asked = tracer.extract(&headers).expect("readable").expect("there");
    let root = tracer.build_span("asked for").child_of(&asked).start();
    root.child("below").finish();
    drop(root);
    tracer.close(LONG).expect("all were sent");
    let all = spans(&memory);
    assert_eq!((span(&all, "forced").flags(), tags(&span(&all, "forced"))), (3, vec![]));
    assert_eq!(tags(&span(&all, "asked for")), [("jaeger-debug-id", Value::Str("ticket 7"))]);
    assert_eq!((span(&all, "below").flags(), tags(&span(&all, "below"))), (3, vec![]));
}

#[test]
fn a_trace_of_another_process_goes_on_with_its_flags_and_baggage() {
    let (tracer, memory) = kept(all_sampled().sampling(Sampling::Const(false)).propagation([Format::Jaeger]));
    let headers = HashMap::from([
        ("uber-trace-id".to_owned(), "abc:12:0:1".to_owned()),
        ("uberctx-user".to_owned(), "me".to_owned()),
    ]);
    let context = tracer.extract(&headers).expect("readable").expect("there");
    let mut joined = tracer.build_span("joined").child_of(&context).start();
    assert_eq!(joined.baggage("user"), Some("me"));
    joined.set_baggage("cart", "7");
    let mut out = HashMap::new();
    tracer.inject(joined.context(), &mut out);
    let id = joined.context().span_id();
    assert_eq!(out.get("uber-trace-id"), Some(&format!("0000000000000abc:{id}:0000000000000012:1")));
    assert_eq!((out.get("uberctx-user"), out.get("uberctx-cart")), (Some(&"me".into()), Some(&"7".into())));
    drop(joined);
    tracer.close(LONG).expect("all were sent");
    let all = spans(&memory);
    let joined = span(&all, "joined");
    assert_eq!((joined.trace_id(), joined.parent()), (TraceId(0xabc), Some(SpanId(0x12))));
    let log = joined.logs().next().expect("baggage is logged");
    let fields: Vec<_> = log.fields().map(|field| (field.key, field.value)).collect();
    assert_eq!(fields, [("event", "baggage".into()), ("key", "cart".into()), ("value", "7".into())]);
}

#[test]
fn a_disabled_tracer_hands_contexts_on() {
    let tracer = Config::new("").disabled(true).start().expect("needs no name");
    let headers = HashMap::from([("uber-trace-id".to_owned(), "abc:12:0:1".to_owned())]);
    let context = tracer.extract(&headers).expect("readable").expect("there");
    let span = tracer.build_span("joined").child_of(&context).start();
    assert!(!span.is_recording());
    let mut out = HashMap::new();
    tracer.inject(span.context(), &mut out);
    assert!(out.get("uber-trace-id").is_some_and(|text| text.starts_with("0000000000000abc:") && text.ends_with(":1")));
    let mut nothing = HashMap::new();
    tracer.inject(tracer.span("root").context(), &mut nothing);
    assert!(nothing.is_empty(), "whoever comes next decides by itself: {nothing:?}");
}

#[tokio::test]
async fn children_of_the_current_span_are_found_from_context() {
    let (tracer, memory) = kept(all_sampled());
    let root = tracer.span("root");
    let work = async {
        tokio::task::yield_now().await;
        crate::current().tag("found", true);
        tracer.span_in_current("child").finish();
    };
    work.in_span(root.handle()).await;
    tracer.span_in_current("alone").finish();
    drop(root);
    tracer.close(LONG).expect("all were sent");
    let all = spans(&memory);
    assert_eq!(span(&all, "child").parent(), Some(span(&all, "root").span_id()));
    assert_eq!(span(&all, "root").tag("found"), Some(Value::Bool(true)));
    assert_eq!(span(&all, "alone").parent(), None);
}

#[test]
fn a_span_ends_once_and_what_is_added_later_goes_nowhere() {
    let (tracer, memory) = kept(all_sampled());
    let root = tracer.span("root");
    let handle = root.handle();
    root.finish();
    handle.tag("late", true);
    handle.child("late child").finish();
    assert_eq!(tracer.close(LONG).expect("all were sent").sent, 2);
    assert_eq!(span(&spans(&memory), "root").tag("late"), None);
}

#[test]
fn times_of_the_callers_are_kept() {
    let (tracer, memory) = kept(all_sampled());
    let start = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    tracer.build_span("past").start_at(start).start().finish_at(start + Duration::from_millis(1500));
    tracer.close(LONG).expect("all were sent");
    assert_eq!(span(&spans(&memory), "past").duration().as_micros(), 1_500_000);
}

/// Takes nothing until it is told to.
struct Stuck(std::sync::mpsc::Receiver<()>);

impl Transport for Stuck {
    fn send(&mut self, batch: &Batch, _: &Sending<'_>) -> Outcome {
        // Closed, it is free for good.
        let _closed = self.0.recv();
        Outcome { sent: batch.len() as u64, ..Outcome::default() }
    }
}

#[test]
fn a_full_queue_drops_and_counts_to_the_span() {
    let (go, wait) = sync_channel(0);
    let tracer = all_sampled().queue_size(10).transport(Stuck(wait)).start().expect("a tracer");
    for _ in 0..1000 {
        tracer.span("one").finish();
    }
    drop(go);
    let ledger = tracer.close(LONG).expect_err("not all had room").ledger;
    assert_eq!((ledger.started, ledger.open, ledger.queued, ledger.send_failed), (1000, 0, 0, 0));
    assert_eq!(ledger.sent + ledger.queue_full, 1000, "{ledger}");
    assert!(ledger.queue_full > 900, "{ledger}");
}

struct Broken;

impl Transport for Broken {
    fn send(&mut self, _: &Batch, _: &Sending<'_>) -> Outcome {
        panic!("a transport of the user's");
    }
}

#[test]
fn a_transport_that_panics_holds_nobody_up() {
    let tracer = all_sampled().transport(Broken).start().expect("a tracer");
    tracer.span("one").finish();
    tracer.flush(LONG);
    tracer.span("two").finish();
    let ledger = tracer.close(LONG).expect_err("none was sent").ledger;
    assert_eq!((ledger.started, ledger.sent, ledger.send_failed), (2, 0, 1), "{ledger}");
    assert_eq!(ledger.queued, 1, "what the transport had when it broke: {ledger}");
}

#[test]
fn many_threads_and_a_close_among_them_lose_count_of_nothing() {
    let (tracer, memory) = kept(all_sampled().queue_size(64).flush_interval(Duration::from_millis(1)));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let tracer = tracer.clone();
            thread::spawn(move || (0..5000).for_each(|_| tracer.span("one").finish()))
        })
        .collect();
    let _some_dropped = tracer.close(LONG);
    for thread in threads {
        thread.join().expect("a thread");
    }
    let ledger = tracer.ledger();
    assert_eq!((ledger.started, ledger.open, ledger.queued), (40_000, 0, 0), "{ledger}");
    assert_eq!(ledger.sent, memory.take().iter().map(Batch::len).sum::<usize>() as u64);
    assert_eq!(ledger.sent + ledger.dropped(), 40_000, "{ledger}");
}

#[test]
fn spans_open_at_the_end_are_told() {
    let (tracer, _memory) = kept(all_sampled());
    let open = tracer.span("open");
    let unsent = tracer.close(LONG).expect_err("one is open");
    assert_eq!(
        unsent.to_string(),
        "not all spans were sent: of 1 sampled spans 0 were sent, 1 are open, 0 wait, and 0 were dropped \
         (0 queue full, 0 too large, 0 not taken)"
    );
    drop(open);
    assert_eq!(tracer.ledger().send_failed, 1);
}

#[test]
fn a_quarter_full_queue_does_not_wait_for_the_interval() {
    let (tracer, memory) = kept(all_sampled().queue_size(100));
    assert!(tracer.flush(LONG), "the reporter rests");
    (0..25).for_each(|_| tracer.span("one").finish());
    let deadline = Instant::now() + LONG;
    while tracer.ledger().sent < 25 {
        assert!(Instant::now() < deadline, "{}", tracer.ledger());
        thread::yield_now();
    }
    tracer.span("two").finish();
    assert!(tracer.flush(LONG));
    assert_eq!((tracer.ledger().sent, memory.take().iter().map(Batch::len).sum::<usize>()), (26, 26));
}

/// A socket as an agent's.
fn agent() -> (UdpSocket, u16) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(LONG)).expect("a timeout");
    let port = socket.local_addr().expect("bound").port();
    (socket, port)
}

fn packet(socket: &UdpSocket) -> (usize, BatchMeta, Batch) {
    let mut bytes = vec![0; 70_000];
    let length = socket.recv(&mut bytes).expect("a packet");
    let mut builder = BatchBuilder::new();
    let message = decode_message(&bytes[..length], Protocol::Compact, &mut builder).expect("a message");
    let Message::EmitBatch(meta) = message else { panic!("{message:?}") };
    (length, meta, builder.finish())
}

#[test]
fn packets_hold_many_spans_and_their_process_once_and_are_numbered() {
    let (socket, port) = agent();
    let tracer = all_sampled().agent("localhost", port).tag("zone", "eu").start().expect("a tracer");
    let text = "x".repeat(250);
    for number in 0..250 {
        let span = tracer.span("one");
        span.tag("number", number).tag("text", &text);
    }
    let closing = thread::spawn(move || tracer.close(LONG));
    let (mut seen, mut number) = (0, 0);
    while seen < 250 {
        let (length, meta, batch) = packet(&socket);
        number += 1;
        assert!(length <= MAX_PACKET_BYTES, "{length}");
        assert_eq!(meta.seq_no, Some(number));
        assert_eq!(meta.stats, Some(Default::default()));
        assert_eq!(batch.processes().len(), 1);
        let process = batch.process(0).expect("a process");
        let keys: Vec<_> = process.tags().map(|tag| tag.key).filter(|key| *key != "ip").collect();
        assert_eq!(process.service(), "shop");
        assert_eq!(keys, ["jaeger.version", "hostname", "client-uuid", "zone"]);
        seen += batch.len();
    }
    assert_eq!(number, 2, "packets for 250 spans of 350 bytes");
    assert_eq!(closing.join().expect("a thread").expect("all were sent").sent, 250);
}

#[test]
fn a_span_too_large_for_a_packet_is_shortened_and_says_so() {
    let (socket, port) = agent();
    let large = "y".repeat(25_000);
    let tracer = all_sampled().agent("127.0.0.1", port).tag("large", &large).start().expect("a tracer");
    let span = tracer.span("large");
    for _ in 0..40 {
        span.log(&[("event", "x".repeat(1000).as_str().into())]);
    }
    for number in 0..9 {
        span.tag(&format!("tag {number}"), "z".repeat(1000).as_str());
    }
    span.finish();
    tracer.close(LONG).expect("it was sent");
    let (_, _, batch) = packet(&socket);
    let span = batch.span(0).expect("a span");
    let told = "the span was too large for a packet: texts were cut at 256 bytes, 0 tags and 0 logs were left out";
    assert_eq!(span.tag(SHORTENED), Some(Value::Str(told)));
    assert_eq!(span.logs().len(), 40);
}

#[test]
fn a_span_that_fits_no_packet_is_dropped_as_too_large_and_the_next_batch_says_so() {
    let (socket, port) = agent();
    let tracer = all_sampled().agent("127.0.0.1", port).tag("large", "y".repeat(64_700)).start().expect("a tracer");
    let many = tracer.span("many references");
    let mut builder = tracer.build_span("too large");
    for _ in 0..100 {
        builder = builder.follows_from(many.context());
    }
    builder.start().finish();
    assert!(tracer.flush(LONG));
    assert_eq!(tracer.ledger().too_large, 1, "{}", tracer.ledger());
    many.finish();
    tracer.close(LONG).expect_err("one was too large");
    let (_, meta, _) = packet(&socket);
    assert_eq!(meta.stats.map(|stats| stats.too_large_dropped_spans), Some(1));
}

/// The head and body of a request.
type Request = (String, Vec<u8>);

/// A collector that answers each request with the next of these, and gives back what it was sent.
fn collector(answers: Vec<&'static str>) -> (String, thread::JoinHandle<Vec<Request>>) {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/api/traces", listener.local_addr().expect("bound"));
    let served = thread::spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (stream, _) = listener.accept().expect("a client");
            let mut reader = BufReader::new(&stream);
            let mut head = String::new();
            while reader.read_line(&mut head).expect("a line") > 2 {}
            let length = head.split("Content-Length: ").nth(1).and_then(|rest| rest.lines().next()).expect("a length");
            let mut body = vec![0; length.parse().expect("a number")];
            reader.read_exact(&mut body).expect("a body");
            requests.push((head, body));
            write!(&stream, "HTTP/1.1 {answer}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").expect("an answer");
        }
        requests
    });
    (url, served)
}

#[test]
fn a_busy_collector_is_asked_again_and_a_span_is_sent_once_it_said_yes() {
    let (url, served) = collector(vec!["503 Busy", "202 Accepted"]);
    let credentials = crate::Credentials::Basic { user: "me".into(), password: "secret".into() };
    let tracer = all_sampled().collector(url, credentials).start().expect("a tracer");
    tracer.span("one").finish();
    assert!(tracer.flush(LONG));
    assert_eq!(tracer.close(LONG).expect("it was sent").sent, 1);
    let requests = served.join().expect("the collector");
    assert_eq!(requests[0].1, requests[1].1);
    let (head, body) = &requests[1];
    assert!(head.starts_with("POST /api/traces HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("Content-Type: application/x-thrift\r\nContent-Length: "), "{head}");
    assert!(head.contains("Authorization: Basic bWU6c2VjcmV0\r\n"), "{head}");
    let mut builder = BatchBuilder::new();
    let meta = jaeger_wire::jaeger::decode_batch(body, Protocol::Binary, &mut builder).expect("a batch");
    assert_eq!((meta.seq_no, builder.finish().len()), (Some(1), 1));
}

#[test]
fn what_a_collector_refuses_is_not_sent_again_and_counts() {
    let (url, served) = collector(vec!["400 Bad Request"]);
    let tracer = all_sampled().collector(url, crate::Credentials::None).start().expect("a tracer");
    tracer.span("one").finish();
    assert!(tracer.flush(LONG));
    assert_eq!(tracer.close(LONG).expect_err("refused").ledger.send_failed, 1);
    served.join().expect("the collector");
}

#[test]
fn a_close_waits_for_nobody_longer_than_it_was_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/api/traces", listener.local_addr().expect("bound"));
    let tracer = all_sampled().collector(url, crate::Credentials::None).start().expect("a tracer");
    tracer.span("one").finish();
    tracer.close(Duration::from_millis(50)).expect_err("nobody answers");
    let deadline = Instant::now() + LONG;
    while tracer.ledger().send_failed == 0 {
        assert!(Instant::now() < deadline, "{}", tracer.ledger());
        thread::yield_now();
    }
}

#[test]
fn the_sampler_of_the_agent_is_followed() {
    use std::io::{Read as _, Write as _};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}/sampling", listener.local_addr().expect("bound"));
    let served = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut request = [0; 1000];
        let length = stream.read(&mut request).expect("a request");
        let body = r#"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":1000000}}"#;
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).expect("an answer");
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let remote = Sampling::Remote { initial: 0.0, endpoint: Some(endpoint), refresh: LONG, max_operations: 10 };
    let (tracer, memory) = kept(all_sampled().sampling(remote));
    let deadline = Instant::now() + LONG;
    while !tracer.span("root").is_recording() {
        assert!(Instant::now() < deadline, "nothing is sampled");
        thread::yield_now();
    }
    assert!(served.join().expect("the server").starts_with("GET /sampling?service=shop HTTP/1.1\r\n"));
    tracer.close(LONG).expect("all were sent");
    let all = spans(&memory);
    assert_eq!(span(&all, "root").tag("sampler.type"), Some(Value::Str("ratelimiting")));
    assert_eq!(span(&all, "root").tag("sampler.param"), Some(Value::F64(1e6)));
}
