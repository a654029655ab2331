//! The server's port, from the first connection to the last span in the store.

use jaeger_grpc::{ConnectionSettings, ReflectionError, Side, serve};
use jaeger_service::accept::Listener;
use jaeger_service::lifecycle::Lifecycle;
use jaeger_wire::generated::{EMBEDDED_V1_DESCRIPTORS, STORAGE_V1_DESCRIPTORS};
use tokio_util::sync::CancellationToken;

use crate::Server;
use crate::route::{SERVICES, handle};

impl Server {
    /// Serves until the lifecycle closes, then waits for the writes under way and flushes the store; returns when all is done or the
    /// deadline came.
    ///
    /// # Errors
    /// [`ReflectionError`], before the first request.
    pub async fn serve(self, listener: impl Into<Listener>, lifecycle: Lifecycle) -> Result<(), ReflectionError> {
        let side = Side::new(&SERVICES).await;
        let side = side.with_reflection(&[STORAGE_V1_DESCRIPTORS, EMBEDDED_V1_DESCRIPTORS])?;
        let tell = (side.clone(), lifecycle.stopping());
        let telling = tokio::spawn(async move {
            tell.1.cancelled().await;
            tell.0.stopping().await;
        });
        let deadline = lifecycle.deadline();
        let this = self.clone();
        let handler = move |request| handle(this.clone(), side.clone(), request);
        let served = async {
            serve(listener, ConnectionSettings::default(), lifecycle.for_servers(), handler).await;
            self.inner().writes.close();
            self.inner().writes.wait().await;
        };
        tokio::select! {
            () = served => self.flush(&deadline).await,
            () = deadline.cancelled() => tracing::error!("Writes were under way at the shutdown deadline"),
        }
        telling.abort();
        Ok(())
    }

    async fn flush(&self, deadline: &CancellationToken) {
        tokio::select! {
            flushed = self.inner().store.flush() => if let Err(error) = flushed {
                tracing::error!(%error, "The store could not be flushed; its spans were never reported as stored");
            },
            () = deadline.cancelled() => tracing::error!("The store was not flushed before the shutdown deadline"),
        }
    }
}
