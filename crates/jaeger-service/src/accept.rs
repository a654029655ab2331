//! Accepts connections until told to close, then waits for those under way: for HTTP, and for every protocol that has its own frames.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use crate::http::Shutdown;
use crate::logs::Repeats;
use crate::tls::{Acceptor, Stream};

/// Waits after an accept that failed, as in Go: from 5 ms, doubled, at most 1 s.
const FIRST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// How long a close waits for a handshake: who says nothing must not hold the process.
const LAST_HANDSHAKE: Duration = Duration::from_millis(500);

/// Between probes of a silent connection.
const KEEPALIVE: Duration = Duration::from_secs(15);

static ACCEPT_FAILED: Repeats = Repeats::new();
static AT_CAPACITY: Repeats = Repeats::new();

/// A listener, and what its connections begin with.
#[derive(Debug)]
pub struct Listener {
    /// Where connections come in.
    pub tcp: TcpListener,
    /// Greets them, where it is to be TLS.
    pub tls: Option<Acceptor>,
}

impl From<TcpListener> for Listener {
    fn from(tcp: TcpListener) -> Self {
        Self { tcp, tls: None }
    }
}

/// A connection once its handshake is done, if there is to be one; `None` where it failed, which is told. It belongs into the connection's own task.
pub async fn greeted(
    tls: Option<Acceptor>,
    stream: TcpStream,
    peer: SocketAddr,
    shutdown: &Shutdown,
) -> Option<Stream> {
    let Some(tls) = tls else { return Some(stream.into()) };
    let closing = async {
        shutdown.close.cancelled().await;
        tokio::time::sleep(LAST_HANDSHAKE).await;
    };
    tokio::select! {
        greeted = tls.accept(stream, peer) => greeted,
        () = closing => None,
    }
}

/// Runs each connection of a listener, at most so many at once; ends when `shutdown.close` was cancelled and all have ended, or at
/// `shutdown.deadline`.
pub async fn each_connection<R, F>(listener: TcpListener, shutdown: &Shutdown, max_connections: usize, run: R)
where
    R: Fn(TcpStream, SocketAddr) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let connections = TaskTracker::new();
    let room = Arc::new(Semaphore::new(max_connections));
    let start = |stream: TcpStream, peer: SocketAddr, permit: Option<OwnedSemaphorePermit>| {
        if let Err(error) = prepare(&stream) {
            tracing::debug!(%peer, %error, "cannot set the connection's options");
        }
        let running = run(stream, peer);
        connections.spawn(async move {
            running.await;
            drop(permit);
        });
    };
    let mut wait = FIRST_WAIT;
    loop {
        let Some(permit) = room_for_one(&room, shutdown, max_connections).await else {
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

/// Answers leave at once; a client whose machine is gone is found out, as by Go's server.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
    SockRef::from(stream).set_tcp_keepalive(&keepalive)
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
