//! HTTP/1.1 and HTTP/2 on one port, with TLS or without, for every service: accept, greet, time, bound, close gracefully.
//!
//! A handler is `Fn(Request<Incoming>) -> Future<Output = Response<_>>`; the client's address is in the request's extensions as [`Peer`]. tonic's
//! routes are such a handler too.

pub mod body;
mod clocked;
mod connection;
pub mod reply;
mod serve;

use std::net::SocketAddr;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

pub use body::{Body, BoxError, ReadError, ReadLimits, read as read_body};
pub use serve::serve;

/// When a server stops.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// Stop accepting; say GOAWAY and `Connection: close`; end what is under way.
    pub close: CancellationToken,
    /// Drop what is left.
    pub deadline: CancellationToken,
}

/// The client's address, in the extensions of each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Times and bounds of a server. A time of `None` means for ever, which is what Go's `0s` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpConfig {
    /// From a connection's start, or a request's first byte, until the request's head is whole. HTTP/1 only.
    pub read_header_timeout: Option<Duration>,
    /// Without a request for so long, a connection is closed.
    pub idle_timeout: Option<Duration>,
    /// A connection older than this is asked to close (GOAWAY), so that load spreads.
    pub max_connection_age: Option<Duration>,
    /// How long it may then go on.
    pub max_connection_age_grace: Option<Duration>,
    /// Connections at once; more wait in the kernel.
    pub max_connections: usize,
    /// HTTP/2 requests at once on one connection.
    pub max_streams: u32,
}

impl Default for HttpConfig {
    fn default() -> Self {
        HttpConfig {
            read_header_timeout: Some(Duration::from_secs(10)),
            idle_timeout: None,
            max_connection_age: None,
            max_connection_age_grace: None,
            max_connections: 4_096,
            max_streams: 256,
        }
    }
}

#[cfg(test)]
mod tests;
