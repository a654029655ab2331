//! One connection.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::body::BoxError;
use super::clocked::{Clock, Clocked, UnderWay, Verdict};
use super::serve::Answer;
use super::{HttpConfig, Peer, Shutdown};
use crate::tls::Stream;

/// How long a close waits for the first request of a connection that has none yet: the client may have sent it already.
const FRESH_PATIENCE: Duration = Duration::from_millis(500);

/// Serves one connection until it ends, is closed by a timer, or the deadline comes.
pub(super) async fn run<H, F, B>(stream: Stream, peer: SocketAddr, handler: H, shutdown: Shutdown, config: HttpConfig)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<BoxError>,
{
    let clock = Arc::new(Clock::new());
    let io = TokioIo::new(Clocked::new(stream, Arc::clone(&clock)));
    let service = {
        let clock = Arc::clone(&clock);
        service_fn(move |mut request: Request<Incoming>| {
            let under_way = UnderWay::begin(&clock);
            request.extensions_mut().insert(Peer(peer));
            let answer = handler(request);
            async move {
                let answer: Answer<Timed<B>> = Ok(answer.await.map(|body| Timed { body, _under_way: under_way }));
                answer
            }
        })
    };
    let mut builder = Builder::new(TokioExecutor::new());
    // hyper's own timer would also close a connection that only waits for its next request: `Clock` tells the two apart.
    builder.http1().header_read_timeout(None);
    builder.http2().max_concurrent_streams(config.max_streams);
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut closing = false;
    // Set while a close waits for the first request of a connection that came just before it.
    let mut patience = None;
    let mut check = clock.first_check(&config);
    loop {
        tokio::select! {
            // In this order: an answer that ends after the close says so.
            biased;
            () = shutdown.deadline.cancelled() => return,
            () = shutdown.close.cancelled(), if !closing => {
                closing = true;
                if clock.is_fresh() {
                    patience = Some(Instant::now() + FRESH_PATIENCE);
                } else {
                    connection.as_mut().graceful_shutdown();
                }
            }
            () = first_request_or(&clock, patience), if patience.is_some() => {
                patience = None;
                connection.as_mut().graceful_shutdown();
            }
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, error = %error, "connection ended early");
                }
                return;
            }
            () = sleep_until(check.unwrap_or_else(Instant::now)), if check.is_some() => {
                match clock.judge(&config) {
                    Verdict::Check(next) => check = next,
                    Verdict::Cut => return,
                    Verdict::Close(next) => {
                        check = next;
                        connection.as_mut().graceful_shutdown();
                    }
                }
            }
        }
    }
}

async fn first_request_or(clock: &Clock, patience: Option<Instant>) {
    if let Some(until) = patience {
        // Either way the close goes on.
        drop(timeout_at(until, clock.first_request()).await);
    }
}

/// A body that keeps its request "under way" until it is sent.
struct Timed<B> {
    body: B,
    _under_way: UnderWay,
}

impl<B: Body + Unpin> Body for Timed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
