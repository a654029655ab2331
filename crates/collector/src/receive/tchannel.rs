//! TChannel on 14267: spans from agents up to 1.17 (`submitBatches`, `submitZipkinBatch`), sampling strategies, and the
//! `Meta` methods of every such server.
//!
//! ```text
//! accept -> connection (handshake, frames) -> calls (fragments, bounds, deadlines) -> methods -> take -> answer or error frame
//! ```
//!
//! A call's bytes are admitted frame by frame, as a body over HTTP is; it is answered when the store has its spans.

mod answer;
mod calls;
mod connection;
mod methods;

use jaeger_service::accept::each_connection;
use jaeger_service::http::Shutdown;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::Collector;

/// Connections at once, as on the other ports.
const MAX_CONNECTIONS: usize = 4_096;

/// Serves until the shutdown's `close` and the last answer, or its deadline.
pub(crate) async fn serve(
    listener: TcpListener,
    collector: Collector,
    shutdown: Shutdown,
    stopping: CancellationToken,
) {
    each_connection(listener, &shutdown, MAX_CONNECTIONS, |stream, peer| {
        connection::run(collector.clone(), stream, peer, shutdown.clone(), stopping.clone())
    })
    .await;
}
