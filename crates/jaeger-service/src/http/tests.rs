mod descriptors;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{Empty, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;

const SMALL: ReadLimits = ReadLimits { max_bytes: 1_000, timeout: None };
const PATIENCE: Duration = Duration::from_secs(20);

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} for {what}"),
    }
}

async fn echo(request: Request<Incoming>) -> Response<Body> {
    let peer = request.extensions().get::<Peer>().copied();
    if request.uri().path() == "/peer" {
        let known = peer.is_some_and(|peer| peer.0.ip().is_loopback());
        return reply::text(StatusCode::OK, format!("{known}"));
    }
    let limits = ReadLimits { max_bytes: 1_000, timeout: Some(Duration::from_millis(300)) };
    match body::read(request.into_body(), limits).await {
        Ok(bytes) => reply::text(StatusCode::OK, bytes),
        Err(error @ ReadError::TooLarge { .. }) => reply::error(StatusCode::PAYLOAD_TOO_LARGE, &error.to_string()),
        Err(error) => reply::error(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

struct Server {
    address: SocketAddr,
    shutdown: Shutdown,
    task: JoinHandle<()>,
}

async fn server(config: HttpConfig) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = Shutdown::default();
    let task = tokio::spawn(serve(listener, echo, shutdown.clone(), config));
    Server { address, shutdown, task }
}

/// Sends bytes and reads until the server closes.
async fn raw(address: SocketAddr, send: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(send).await.unwrap();
    let mut answer = Vec::new();
    within("the server to close", stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// Reads one answer with a body of `body` bytes.
async fn answer_with(stream: &mut TcpStream, body: usize) -> String {
    let mut seen = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some(head) = text.find("\r\n\r\n")
            && text.len() >= head + 4 + body
        {
            return text;
        }
        let read = within("an answer", stream.read(&mut buffer)).await.unwrap();
        assert!(read > 0, "closed after {text:?}");
        seen.extend_from_slice(&buffer[..read]);
    }
}

#[tokio::test]
async fn http_1_is_answered_and_the_handler_knows_the_peer() {
    let server = server(HttpConfig::default()).await;
    let answer = raw(server.address, b"GET /peer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("true"), "{answer}");
}

#[tokio::test]
async fn http_2_without_tls_is_answered_on_the_same_port() {
    let server = server(HttpConfig::default()).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post("http://x/").body(Full::new(Bytes::from_static(b"hello"))).unwrap();
    let response = within("the answer", sender.send_request(request)).await.unwrap();
    assert_eq!(response.version(), http::Version::HTTP_2);
    let body = body::read(response.into_body(), SMALL).await.unwrap();
    assert_eq!(body, "hello");
}

#[tokio::test]
async fn errors_have_gos_form() {
    let server = server(HttpConfig::default()).await;
    let answer =
        raw(server.address, b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1001\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("content-type: text/plain; charset=utf-8\r\n"));
    assert!(answer.contains("x-content-type-options: nosniff\r\n"));
    assert!(answer.ends_with("send it in parts\n"), "{answer}");
}

#[tokio::test]
async fn a_body_in_chunks_over_the_limit_is_refused_too() {
    let server = server(HttpConfig::default()).await;
    let mut request = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..3 {
        request.extend_from_slice(b"190\r\n");
        request.extend_from_slice(&[b'x'; 400]);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    let answer = raw(server.address, &request).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_stalls_is_answered_and_does_not_hold_the_handler() {
    let server = server(HttpConfig::default()).await;
    let answer = raw(server.address, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("not whole after"), "{answer}");
}

#[tokio::test]
async fn a_head_that_does_not_become_whole_in_time_is_cut() {
    let config = HttpConfig { read_header_timeout: Some(Duration::from_millis(50)), ..HttpConfig::default() };
    let server = server(config).await;
    assert_eq!(raw(server.address, b"").await, "");
    assert_eq!(raw(server.address, b"GET / HTT").await, "");
    // The beginning of HTTP/2's preface is a head too.
    assert_eq!(raw(server.address, b"PR").await, "");
}

#[tokio::test]
async fn a_connection_that_waits_for_its_next_request_outlives_the_header_timeout() {
    let config = HttpConfig { read_header_timeout: Some(Duration::from_millis(50)), ..HttpConfig::default() };
    let server = server(config).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    for _ in 0..2 {
        let post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab";
        stream.write_all(post).await.unwrap();
        assert!(answer_with(&mut stream, 2).await.ends_with("ab"));
        // Idle for several header timeouts: nothing may come, not even an end.
        let mut byte = [0];
        let waited = tokio::time::timeout(Duration::from_millis(1_300), stream.read(&mut byte));
        assert!(waited.await.is_err(), "the idle connection was closed");
    }
    // A head that stalls on the same connection is still cut.
    stream.write_all(b"GET").await.unwrap();
    let mut rest = Vec::new();
    within("the cut", stream.read_to_end(&mut rest)).await.ok();
    assert!(rest.is_empty());
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_idle_timeout() {
    let config = HttpConfig { idle_timeout: Some(Duration::from_millis(50)), ..HttpConfig::default() };
    let server = server(config).await;
    let answer = raw(server.address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn closing_ends_idle_connections_and_answers_those_the_kernel_holds() {
    // Room for one: the second client waits in the kernel.
    let config = HttpConfig { max_connections: 1, ..HttpConfig::default() };
    let server = server(config).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    answer_with(&mut idle, 0).await;
    let mut waiting = TcpStream::connect(server.address).await.unwrap();
    waiting.write_all(GET).await.unwrap();
    server.shutdown.close.cancel();
    let mut answer = Vec::new();
    within("the waiting client's answer", waiting.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 "));
    let mut rest = Vec::new();
    within("the idle connection's end", idle.read_to_end(&mut rest)).await.unwrap();
    within("the server's end", server.task).await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn an_answer_under_way_is_finished_after_close() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = Shutdown::default();
    let started = Arc::new(tokio::sync::Notify::new());
    let go_on = Arc::new(tokio::sync::Notify::new());
    let handler = {
        let (started, go_on) = (Arc::clone(&started), Arc::clone(&go_on));
        move |_: Request<Incoming>| {
            let (started, go_on) = (Arc::clone(&started), Arc::clone(&go_on));
            async move {
                started.notify_one();
                go_on.notified().await;
                reply::text(StatusCode::OK, "done")
            }
        }
    };
    let task = tokio::spawn(serve(listener, handler, shutdown.clone(), HttpConfig::default()));
    let client = tokio::spawn(raw(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    within("the request", started.notified()).await;
    shutdown.close.cancel();
    go_on.notify_one();
    let answer = within("the answer", client).await.unwrap();
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.ends_with("done"), "{answer}");
    within("the server's end", task).await.unwrap();
}

#[tokio::test]
async fn on_http_2_a_close_finishes_what_is_under_way_and_then_ends_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = Shutdown::default();
    let started = Arc::new(tokio::sync::Notify::new());
    let go_on = Arc::new(tokio::sync::Notify::new());
    let handler = {
        let (started, go_on) = (Arc::clone(&started), Arc::clone(&go_on));
        move |_: Request<Incoming>| {
            let (started, go_on) = (Arc::clone(&started), Arc::clone(&go_on));
            async move {
                started.notify_one();
                go_on.notified().await;
                reply::text(StatusCode::OK, "done")
            }
        }
    };
    let task = tokio::spawn(serve(listener, handler, shutdown.clone(), HttpConfig::default()));
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    let connection = tokio::spawn(connection);
    let request = || Request::get("http://x/").body(Empty::new()).unwrap();
    let first = tokio::spawn(sender.send_request(request()));
    within("the request", started.notified()).await;
    shutdown.close.cancel();
    go_on.notify_one();
    let response = within("the answer", first).await.unwrap().unwrap();
    assert_eq!(body::read(response.into_body(), SMALL).await.unwrap(), "done");
    within("the server's end", task).await.unwrap();
    within("the connection's end", connection).await.unwrap().unwrap();
    assert!(sender.ready().await.is_err(), "the connection takes requests after its end");
}

#[tokio::test]
async fn the_deadline_ends_a_server_whose_handler_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = Shutdown::default();
    let seen = Arc::new(AtomicUsize::new(0));
    let handler = {
        let seen = Arc::clone(&seen);
        move |_: Request<Incoming>| {
            seen.fetch_add(1, Ordering::SeqCst);
            std::future::pending::<Response<Body>>()
        }
    };
    let task = tokio::spawn(serve(listener, handler, shutdown.clone(), HttpConfig::default()));
    let client = tokio::spawn(raw(address, GET));
    let began = Instant::now();
    while seen.load(Ordering::SeqCst) == 0 {
        assert!(began.elapsed() < PATIENCE, "the request did not arrive");
        tokio::task::yield_now().await;
    }
    shutdown.close.cancel();
    shutdown.deadline.cancel();
    within("the server's end", task).await.unwrap();
    assert_eq!(within("the client's end", client).await.unwrap(), "");
}

#[tokio::test]
async fn a_connection_past_its_age_is_asked_to_close() {
    let config = HttpConfig {
        max_connection_age: Some(Duration::from_millis(50)),
        max_connection_age_grace: Some(Duration::from_millis(50)),
        ..HttpConfig::default()
    };
    let server = server(config).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::get("http://x/").body(Empty::new()).unwrap();
    let response = within("the answer", sender.send_request(request)).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    drop(within("the connection's end", connection).await);
}

#[tokio::test]
async fn a_body_in_pieces_arrives_whole_and_a_failed_one_breaks_off() {
    let (sender, body) = body::channel(1);
    tokio::spawn(async move {
        for piece in ["a", "", "b"] {
            sender.send(piece).await.unwrap();
        }
    });
    assert_eq!(body::read(body, SMALL).await.unwrap(), "ab");
    let (sender, body) = body::channel(1);
    tokio::spawn(async move {
        sender.send("a").await.unwrap();
        sender.fail("store went away").await;
    });
    assert!(body::read(body, SMALL).await.is_err());
    let (sender, body) = body::channel(1);
    drop(body);
    assert_eq!(sender.send("a").await, Err(body::ClientGone));
}

#[test]
fn retry_later_says_when_in_whole_seconds() {
    let response = reply::retry_later("queue is full", Duration::from_millis(200));
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
}
