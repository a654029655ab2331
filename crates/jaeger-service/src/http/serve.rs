//! Accepts connections until told to close, then waits for those under way.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use super::body::BoxError;
use super::connection;
use super::{HttpConfig, Shutdown};
use crate::logs::Repeats;

/// Waits after an accept that failed, as in Go: from 5 ms, doubled, at most 1 s.
const FIRST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

static ACCEPT_FAILED: Repeats = Repeats::new();
static AT_CAPACITY: Repeats = Repeats::new();

/// Serves a listener; ends when `shutdown.close` was cancelled and all connections have ended, or at `shutdown.deadline`.
pub async fn serve<H, F, B>(listener: TcpListener, handler: H, shutdown: Shutdown, config: HttpConfig)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<BoxError>,
{
    let connections = TaskTracker::new();
    let room = Arc::new(Semaphore::new(config.max_connections));
    let start = |stream: TcpStream, peer: SocketAddr, permit: Option<OwnedSemaphorePermit>| {
        let handler = handler.clone();
        let shutdown = shutdown.clone();
        connections.spawn(async move {
            connection::run(stream, peer, handler, shutdown, config).await;
            drop(permit);
        });
    };
    let mut wait = FIRST_WAIT;
    loop {
        let Some(permit) = room_for_one(&room, &shutdown, config.max_connections).await else {
            break;
        };
        let accepted = tokio::select! {
            biased;
            () = shutdown.close.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                wait = FIRST_WAIT;
                start(stream, peer, Some(permit));
            }
            // The client gave up before we accepted it.
            Err(error) if is_clients(&error) => {}
            // No file descriptors or memory left: spinning would make it worse.
            Err(error) => {
                if let Some(times) = ACCEPT_FAILED.hit(1) {
                    tracing::warn!(times, %error, "Cannot accept connections, trying again");
                }
                tokio::select! {
                    () = shutdown.close.cancelled() => break,
                    () = tokio::time::sleep(wait) => {}
                }
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
    }
    // Clients that the kernel has already told "connected" get their answer too.
    for (stream, peer) in waiting(listener) {
        start(stream, peer, None);
    }
    connections.close();
    tokio::select! {
        () = connections.wait() => {}
        () = shutdown.deadline.cancelled() => {}
    }
}

async fn room_for_one(room: &Arc<Semaphore>, shutdown: &Shutdown, limit: usize) -> Option<OwnedSemaphorePermit> {
    if let Ok(permit) = Arc::clone(room).try_acquire_owned() {
        return Some(permit);
    }
    if AT_CAPACITY.hit(1).is_some() {
        tracing::warn!(limit, "All connections are in use, new ones wait");
    }
    tokio::select! {
        () = shutdown.close.cancelled() => None,
        permit = Arc::clone(room).acquire_owned() => permit.ok(),
    }
}

/// The connections that wait in the kernel; the listener is closed after the last.
fn waiting(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let mut found = Vec::new();
    let Ok(listener) = listener.into_std() else {
        return found;
    };
    // The kernel's backlog bounds this.
    while let Ok((stream, peer)) = listener.accept() {
        if let Ok(stream) = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream)) {
            found.push((stream, peer));
        }
    }
    found
}

fn is_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// The result type of a handler that answers everything itself.
pub(super) type Answer<B> = Result<Response<B>, Infallible>;
