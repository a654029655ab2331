//! Serves HTTP on a listener.

use std::convert::Infallible;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};

use super::body::BoxError;
use super::connection;
use super::{HttpConfig, Shutdown};
use crate::accept::{Listener, each_connection, greeted};

/// Serves a listener; ends when `shutdown.close` was cancelled and all connections have ended, or at `shutdown.deadline`.
pub async fn serve<H, F, B>(listener: impl Into<Listener>, handler: H, shutdown: Shutdown, config: HttpConfig)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<BoxError>,
{
    let Listener { tcp, tls } = listener.into();
    each_connection(tcp, &shutdown, config.max_connections, |stream, peer| {
        let (tls, handler, shutdown) = (tls.clone(), handler.clone(), shutdown.clone());
        async move {
            if let Some(stream) = greeted(tls, stream, peer, &shutdown).await {
                connection::run(stream, peer, handler, shutdown, config).await;
            }
        }
    })
    .await;
}

/// The result type of a handler that answers everything itself.
pub(super) type Answer<B> = Result<Response<B>, Infallible>;
