//! Connections of a gRPC port: HTTP/2, with TLS or without, given up in good order after an age and at the end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use jaeger_service::accept::{Listener, greeted};
use jaeger_service::http::Shutdown;
use jaeger_service::logs::Repeats;
use jaeger_service::tls::Stream;
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

use crate::Answer;

/// Bytes of one request that may be on their way, so that a message of 4 MiB needs few round trips.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
/// The same for all requests of a connection.
const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;
/// What a DATA frame may hold. Most requests then come in one piece, which is decoded where it was read; Go's clients send 16 KiB whatever is said here.
const MAX_FRAME_BYTES: u32 = 128 * 1024;
/// Requests under way on one connection.
const MAX_STREAMS: u32 = 1_000;
/// A peer that vanished is noticed after this and the timeout.
const PING_EVERY: Duration = Duration::from_secs(60);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// After an accept that failed, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Limits of a port's connections.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConnectionSettings {
    /// After this a connection takes no more requests; zero never.
    pub max_age: Duration,
    /// How long its last requests have then; zero has no limit.
    pub max_age_grace: Duration,
}

/// Serves a port until it is closed and its last connection has ended.
pub async fn serve<H, F>(listener: impl Into<Listener>, settings: ConnectionSettings, stop: Shutdown, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Answer>> + Send + 'static,
{
    static ACCEPT: Repeats = Repeats::new();
    let Listener { tcp, tls } = listener.into();
    let connections = TaskTracker::new();
    let begin = |stream: TcpStream, peer: SocketAddr| {
        let (tls, stop, handler) = (tls.clone(), stop.clone(), handler.clone());
        connections.spawn(async move {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%peer, %error, "Cannot set TCP_NODELAY");
            }
            if let Some(stream) = greeted(tls, stream, peer, &stop).await {
                connection(stream, peer, settings, stop, handler).await;
            }
        });
    };
    loop {
        let accepted = tokio::select! {
            () = stop.close.cancelled() => break,
            accepted = tcp.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => begin(stream, peer),
            Err(error) => {
                if let Some(times) = ACCEPT.hit(1) {
                    tracing::warn!(times, %error, "Cannot accept gRPC connections; raise the limit of open files if that is what it says");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    // Clients that the kernel has told "connected" already get their answer too.
    while let Some(Ok((stream, peer))) = tcp.accept().now_or_never() {
        begin(stream, peer);
    }
    drop(tcp);
    connections.close();
    connections.wait().await;
}

async fn connection<H, F>(stream: Stream, peer: SocketAddr, settings: ConnectionSettings, stop: Shutdown, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Answer>> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
        .max_concurrent_streams(MAX_STREAMS)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIMEOUT);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));

    let closed = tokio::select! {
        ended = serving.as_mut() => return log_end(peer, ended),
        () = stop.close.cancelled() => true,
        () = old(spread(settings.max_age, peer)) => false,
    };
    // GOAWAY: what was asked is answered, what comes is asked elsewhere.
    serving.as_mut().graceful_shutdown();
    let grace = if closed { Duration::ZERO } else { settings.max_age_grace };
    tokio::select! {
        ended = serving.as_mut() => log_end(peer, ended),
        () = stop.deadline.cancelled() => {}
        () = old(grace) => {}
    }
}

/// The age, give or take a tenth by the peer's port: connections that began together shall not all come back together.
fn spread(age: Duration, peer: SocketAddr) -> Duration {
    age.mul_f64(0.9 + f64::from(peer.port() % 200) / 1000.0)
}

/// Resolves after `age`, never if that is zero.
async fn old(age: Duration) {
    if age.is_zero() {
        std::future::pending::<()>().await;
    } else {
        tokio::time::sleep(age).await;
    }
}

fn log_end(peer: SocketAddr, ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "A gRPC connection broke");
    }
}
