//! Serves HTTP on a listener.

use std::convert::Infallible;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use tokio::net::TcpListener;

use super::body::BoxError;
use super::connection;
use super::{HttpConfig, Shutdown};
use crate::accept::each_connection;

/// Serves a listener; ends when `shutdown.close` was cancelled and all connections have ended, or at `shutdown.deadline`.
pub async fn serve<H, F, B>(listener: TcpListener, handler: H, shutdown: Shutdown, config: HttpConfig)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<BoxError>,
{
    each_connection(listener, &shutdown, config.max_connections, |stream, peer| {
        connection::run(stream, peer, handler.clone(), shutdown.clone(), config)
    })
    .await;
}

/// The result type of a handler that answers everything itself.
pub(super) type Answer<B> = Result<Response<B>, Infallible>;
