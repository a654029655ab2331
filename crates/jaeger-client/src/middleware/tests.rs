use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, Empty, Full, StreamBody, combinators::UnsyncBoxBody};
use tower_layer::Layer as _;
use tower_service::Service;

use super::*;
use crate::{Batch, Config, Memory, Sampling, SpanHandle, Tracer, Value};

type Answer = Response<UnsyncBoxBody<Bytes, &'static str>>;

fn tracer() -> (Tracer, Memory) {
    let memory = Memory::new();
    let config = Config::new("shop").sampling(Sampling::Const(true)).transport(memory.clone());
    (config.start().expect("a tracer"), memory)
}

/// The one span that was sent, as lines of "key=value" of its tags, then of its logs.
fn told(tracer: &Tracer, memory: &Memory) -> (String, Vec<String>) {
    assert!(tracer.flush(Duration::from_secs(60)));
    let batches = memory.take();
    let spans: Vec<_> = batches.iter().flat_map(Batch::spans).collect();
    assert_eq!(spans.len(), 1, "{spans:?}");
    let pair = |tag: jaeger_model::TagView<'_>| format!("{}={}", tag.key, tag.value.text());
    let tags = spans[0].tags().map(pair).filter(|tag| !tag.starts_with("sampler."));
    let logs = spans[0].logs().map(|log| log.fields().map(pair).collect::<Vec<_>>().join(" "));
    (spans[0].operation().to_owned(), tags.chain(logs).collect())
}

/// A service of one function.
#[derive(Clone)]
struct Handler<F>(F);

impl<B, F: FnMut(Request<B>) -> Result<Answer, &'static str>> Service<Request<B>> for Handler<F> {
    type Response = Answer;
    type Error = &'static str;
    type Future = Ready<Result<Answer, &'static str>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready((self.0)(request))
    }
}

fn frames(frames: Vec<Result<Frame<Bytes>, &'static str>>) -> Answer {
    Response::new(StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync())
}

fn trailers(status: &'static str, message: &'static str) -> Frame<Bytes> {
    let mut map = HeaderMap::new();
    map.insert("grpc-status", status.parse().expect("a value"));
    map.insert("grpc-message", message.parse().expect("a value"));
    Frame::trailers(map)
}

fn grpc() -> Request<Full<Bytes>> {
    // Two messages, the second of no bytes.
    let body = Bytes::from_static(b"\0\0\0\0\x03abc\x01\0\0\0\0");
    Request::post("http://shop:80/shop.Shop/Order")
        .header("content-type", "application/grpc+proto")
        .body(Full::new(body))
        .expect("a request")
}

async fn all<B: Body<Data = Bytes>>(body: B) -> Result<Bytes, B::Error> {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        bytes.extend_from_slice(frame?.data_ref().map_or(&[][..], Bytes::as_ref));
    }
    Ok(bytes.into())
}

#[tokio::test]
async fn a_call_ends_with_its_trailers() {
    let (tracer, memory) = tracer();
    let handler = Handler(|request: Request<Full<Bytes>>| {
        assert!(request.extensions().get::<SpanHandle>().is_some());
        crate::current().tag("handled", true);
        Ok(frames(vec![Ok(Frame::data(Bytes::from_static(b"\0\0\0\0\0"))), Ok(trailers("0", ""))]))
    });
    let answer = TraceLayer::server(&tracer).layer(handler).call(grpc()).await.expect("an answer");
    assert_eq!(tracer.ledger().open, 1, "the stream is not over");
    all(answer.into_body()).await.expect("a body");
    let expected = ["span.kind=server", "component=gRPC", "peer.address=shop:80", "handled=true", "grpc.status_code=0"];
    assert_eq!(told(&tracer, &memory), ("/shop.Shop/Order".into(), expected.map(String::from).to_vec()));
}

#[tokio::test]
async fn errors_of_calls_become_tags_and_whose_fault_they_are_counts() {
    for (layer, code, is_error) in [
        (TraceLayer::server as fn(&Tracer) -> TraceLayer, "5", false),
        (TraceLayer::server, "13", true),
        (TraceLayer::client, "5", true),
    ] {
        let (tracer, memory) = tracer();
        let handler = Handler(|_: Request<Full<Bytes>>| Ok(frames(vec![Ok(trailers(code, "no%20such%20order"))])));
        let answer = layer(&tracer).layer(handler).call(grpc()).await.expect("an answer");
        all(answer.into_body()).await.expect("a body");
        let (_, lines) = told(&tracer, &memory);
        assert_eq!(lines.contains(&"error=true".to_owned()), is_error, "{code} {lines:?}");
        assert!(lines.contains(&format!("grpc.status_code={code}")), "{lines:?}");
        assert!(lines.contains(&"event=error message=no such order".to_owned()), "{lines:?}");
    }
}

#[tokio::test]
async fn an_answer_of_trailers_alone_ends_the_call() {
    let (tracer, memory) = tracer();
    let handler = Handler(|_: Request<Full<Bytes>>| {
        let answer = Response::builder().header("grpc-status", "12");
        Ok(answer.body(Empty::new().map_err(|never: Infallible| match never {}).boxed_unsync()).expect("an answer"))
    });
    drop(TraceLayer::server(&tracer).layer(handler).call(grpc()).await.expect("an answer"));
    let (_, lines) = told(&tracer, &memory);
    assert!(lines.contains(&"grpc.status_code=12".to_owned()), "{lines:?}");
    assert!(!lines.contains(&"cancelled=true".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn a_stream_that_is_dropped_leaves_no_span_open() {
    let (tracer, memory) = tracer();
    let handler = Handler(|_: Request<Full<Bytes>>| Ok(frames(vec![Ok(Frame::data(Bytes::new()))])));
    let mut service = TraceLayer::server(&tracer).layer(handler);
    drop(service.call(grpc()).await.expect("an answer"));
    let (_, lines) = told(&tracer, &memory);
    assert!(lines.contains(&"cancelled=true".to_owned()), "{lines:?}");
    drop(service.call(grpc()));
    let (_, lines) = told(&tracer, &memory);
    assert!(lines.contains(&"cancelled=true".to_owned()), "{lines:?}");
    assert_eq!(tracer.ledger().open, 0);
}

#[tokio::test]
async fn a_body_or_a_service_that_fails_is_an_error() {
    let (tracer, memory) = tracer();
    let broken = Handler(|_: Request<Full<Bytes>>| Ok(frames(vec![Err("broken pipe")])));
    let answer = TraceLayer::client(&tracer).layer(broken).call(grpc()).await.expect("an answer");
    all(answer.into_body()).await.expect_err("a broken body");
    assert!(told(&tracer, &memory).1.contains(&"event=error message=broken pipe".to_owned()));
    let away = Handler(|_: Request<Full<Bytes>>| Err("nobody there"));
    TraceLayer::client(&tracer).layer(away).call(grpc()).await.expect_err("no answer");
    let (_, lines) = told(&tracer, &memory);
    assert!(lines.contains(&"error=true".to_owned()), "{lines:?}");
    assert!(lines.contains(&"event=error message=nobody there".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn messages_are_logged_both_ways_where_that_is_asked_for() {
    let (tracer, memory) = tracer();
    // The request is read while the handler runs, byte by byte; the answer's message is cut in two.
    let handler = Handler(|request: Request<MessageBody<Full<Bytes>>>| {
        let mut body = request.into_body();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        while let Poll::Ready(Some(_)) = pin!(&mut body).poll_frame(&mut context) {}
        let parts = [b"\0\0\0".as_slice(), b"\0\x02h", b"i"].map(|part| Ok(Frame::data(Bytes::from_static(part))));
        Ok(frames(parts.into_iter().chain([Ok(trailers("0", ""))]).collect()))
    });
    let layer = TraceLayer::server(&tracer).log_messages(|body| body);
    let answer = layer.layer(handler).call(grpc()).await.expect("an answer");
    all(answer.into_body()).await.expect("a body");
    let (_, lines) = told(&tracer, &memory);
    let messages: Vec<_> = lines.iter().filter(|line| line.starts_with("event=message")).collect();
    let line = |way, id, bytes, compressed| {
        format!(
            "event=message message.type={way} message.id={id} message.bytes={bytes} message.compressed={compressed}"
        )
    };
    assert_eq!(messages, [&line("RECEIVED", 1, 3, false), &line("RECEIVED", 2, 0, true), &line("SENT", 1, 2, false)]);
}

#[tokio::test]
async fn what_the_filter_leaves_out_passes_untraced() {
    let (tracer, memory) = tracer();
    let handler = Handler(|request: Request<Full<Bytes>>| {
        assert!(request.extensions().get::<SpanHandle>().is_none());
        Ok(frames(vec![Ok(trailers("0", ""))]))
    });
    let layer = TraceLayer::server(&tracer).filter(|head| !head.uri.path().starts_with("/shop.Shop/"));
    let answer = layer.layer(handler).call(grpc()).await.expect("an answer");
    all(answer.into_body()).await.expect("a body");
    assert!(tracer.flush(Duration::from_secs(60)));
    assert!(memory.take().is_empty());
}

#[tokio::test]
async fn http_is_named_by_its_method_and_joined_by_its_headers() {
    let (tracer, memory) = tracer();
    let request = Request::get("/cart?id=7").header("host", "shop").header("uber-trace-id", "abc:12:0:1");
    let handler = Handler(|_: Request<Empty<Bytes>>| {
        let body = Full::new(Bytes::from_static(b"hi")).map_err(|never| match never {});
        Ok(Response::builder().status(503).body(body.boxed_unsync()).expect("an answer"))
    });
    let request = request.body(Empty::new()).expect("a request");
    let answer = TraceLayer::server(&tracer).layer(handler).call(request).await.expect("an answer");
    assert_eq!(all(answer.into_body()).await, Ok(Bytes::from_static(b"hi")));
    let expected = [
        "span.kind=server",
        "component=http",
        "http.method=GET",
        "http.url=http://shop/cart?id=7",
        "http.status_code=503",
        "error=true",
    ];
    assert_eq!(told(&tracer, &memory), ("HTTP GET".into(), expected.map(String::from).to_vec()));
}

#[tokio::test]
async fn a_client_tells_the_server_of_its_span_under_the_current_one() {
    let (tracer, memory) = tracer();
    let root = tracer.span("root");
    let handler = Handler(|request: Request<Empty<Bytes>>| {
        let text = request.headers().get("uber-trace-id").and_then(|value| value.to_str().ok()).expect("a context");
        let text = text.to_owned();
        Ok(Response::new(Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync()))
    });
    let request = Request::get("http://user:secret@shop/cart").body(Empty::new()).expect("a request");
    let entered = root.enter();
    let call = TraceLayer::client(&tracer).name(|head| head.uri.path().to_owned().into()).layer(handler).call(request);
    drop(entered);
    let text = all(call.await.expect("an answer").into_body()).await.expect("a body");
    let parts: Vec<_> = std::str::from_utf8(&text).expect("text").split(':').collect();
    assert_eq!(parts[0], root.context().trace_id().to_string());
    assert_eq!(parts[2], root.context().span_id().to_string());
    assert!(tracer.flush(Duration::from_secs(60)));
    let batches = memory.take();
    let span = batches[0].span(0).expect("the client's");
    assert_eq!((span.operation(), span.span_id().to_string().as_str()), ("/cart", parts[1]));
    assert_eq!(span.tag("http.url"), Some(Value::Str("http://shop/cart")));
    drop(root);
}
