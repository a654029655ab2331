//! The collector's ports, from the first connection to the last span in the store.

use std::io;

use jaeger_grpc::ReflectionError;
use jaeger_service::accept::Listener;
use jaeger_service::health::Health;
use jaeger_service::http::{self, HttpConfig};
use jaeger_service::ledger::CollectorDropped;
use jaeger_service::lifecycle::Lifecycle;
use jaeger_service::listen::Bound;
use jaeger_service::metrics::Registry;
use jaeger_service::ports::{
    COLLECTOR_GRPC, COLLECTOR_HTTP, COLLECTOR_OTLP_GRPC, COLLECTOR_OTLP_HTTP, COLLECTOR_TCHANNEL, COLLECTOR_ZIPKIN,
    Port,
};
use jaeger_storage::BoxFuture;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{GrpcSettings, HttpSettings};
use crate::grpc::{self, ConnectionSettings, Side};
use crate::receive::{grpc as api_v2, http as api, otlp_grpc, otlp_http, tchannel, zipkin};
use crate::start::until_the_store_answers;
use crate::{Collector, Refused};

/// The collector's bound listeners.
#[derive(Debug)]
pub struct Sockets {
    grpc: Listener,
    http: Listener,
    tchannel: Option<Listener>,
    zipkin: Option<Listener>,
    otlp: Option<(Listener, Listener)>,
}

/// Why a collector cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A listener that was bound is not usable.
    #[error("--{flag}: {why}; move it with --{flag}=HOST:PORT")]
    Listener {
        /// The flag that moves it.
        flag: &'static str,
        /// What went wrong.
        why: io::Error,
    },
    /// See there.
    #[error(transparent)]
    Reflection(#[from] ReflectionError),
}

impl Sockets {
    /// Takes what [`Config::listen`](crate::Config::listen) wanted. Must run within a tokio runtime.
    ///
    /// # Errors
    /// [`ServeError::Listener`] for one that is not there or that tokio does not take.
    pub fn take(bound: &mut Bound, otlp: bool) -> Result<Self, ServeError> {
        let has_tchannel = bound.address(COLLECTOR_TCHANNEL.name).is_some();
        let has_zipkin = bound.address(COLLECTOR_ZIPKIN.name).is_some();
        let mut take = |port: Port| bound.take(port.name).map_err(|why| ServeError::Listener { flag: port.flag, why });
        Ok(Self {
            grpc: take(COLLECTOR_GRPC)?,
            http: take(COLLECTOR_HTTP)?,
            tchannel: if has_tchannel { Some(take(COLLECTOR_TCHANNEL)?) } else { None },
            zipkin: if has_zipkin { Some(take(COLLECTOR_ZIPKIN)?) } else { None },
            otlp: if otlp { Some((take(COLLECTOR_OTLP_GRPC)?, take(COLLECTOR_OTLP_HTTP)?)) } else { None },
        })
    }
}

impl Collector {
    /// Serves until the lifecycle closes, then writes what waits and flushes the store; returns when all is done or the deadline came.
    ///
    /// `metrics_page` is what `/metrics` on 14268 shows; `None` serves none. `senders_done` says when parts of this process that [`submit`](Self::submit) have sent their last; a collector alone gives one
    /// that is cancelled already.
    ///
    /// # Errors
    /// [`ServeError`], before the first request.
    pub async fn serve(
        self,
        sockets: Sockets,
        metrics_page: Option<Registry>,
        lifecycle: Lifecycle,
        health: Health,
        senders_done: CancellationToken,
    ) -> Result<(), ServeError> {
        let (writers, servers) = (TaskTracker::new(), TaskTracker::new());
        self.start_workers(&writers);
        self.start_servers(sockets, metrics_page, &lifecycle, &servers).await?;
        servers.close();
        writers.close();

        let (close, deadline) = (lifecycle.close(), lifecycle.deadline());
        tokio::select! {
            () = until_the_store_answers(&self, &health) => {}
            () = close.cancelled() => {}
        }
        let all_received = async {
            close.cancelled().await;
            senders_done.cancelled().await;
            servers.wait().await;
        };
        tokio::select! {
            () = all_received => {}
            () = deadline.cancelled() => {}
        }
        self.inner().queue.close();
        self.inner().begun_at_once.close();
        let written = async {
            writers.wait().await;
            self.inner().begun_at_once.wait().await;
        };
        tokio::select! {
            () = written => self.flush(&deadline).await,
            () = deadline.cancelled() => self.drop_what_waits(),
        }
        Ok(())
    }

    async fn start_servers(
        &self,
        sockets: Sockets,
        metrics_page: Option<Registry>,
        lifecycle: &Lifecycle,
        servers: &TaskTracker,
    ) -> Result<(), ServeError> {
        let stop = lifecycle.for_servers();
        let config = &self.inner().config;
        let side = Side::new(&["jaeger.api_v2.CollectorService", "jaeger.api_v2.SamplingManager"]).await;
        let side = side.with_reflection(&[jaeger_wire::generated::API_V2_DESCRIPTORS])?;
        let otlp_side = Side::new(&["opentelemetry.proto.collector.trace.v1.TraceService"]).await;
        let tell = (side.clone(), otlp_side.clone(), lifecycle.stopping());
        servers.spawn(async move {
            tell.2.cancelled().await;
            tell.0.stopping().await;
            tell.1.stopping().await;
        });

        let this = self.clone();
        let handler = move |request| api_v2::handle(this.clone(), side.clone(), request);
        servers.spawn(grpc::serve(sockets.grpc, connections(&config.grpc), stop.clone(), handler));

        if let Some(listener) = sockets.tchannel {
            servers.spawn(tchannel::serve(listener.tcp, self.clone(), stop.clone(), lifecycle.stopping()));
        }

        if let Some(listener) = sockets.zipkin {
            let this = self.clone();
            let handler = move |request| -> BoxFuture<'static, _> { Box::pin(zipkin::handle(this.clone(), request)) };
            servers.spawn(http::serve(listener, handler, stop.clone(), HttpConfig::default()));
        }

        let this = self.clone();
        let handler = move |request| -> BoxFuture<'static, _> {
            Box::pin(api::handle(this.clone(), metrics_page.clone(), request))
        };
        servers.spawn(http::serve(sockets.http, handler, stop.clone(), http_config(&config.http)));

        if let Some((otlp_grpc, otlp_http)) = sockets.otlp {
            let this = self.clone();
            let handler = move |request| otlp_grpc::handle(this.clone(), otlp_side.clone(), request);
            servers.spawn(grpc::serve(otlp_grpc, connections(&config.otlp_grpc), stop.clone(), handler));

            let this = self.clone();
            let handler = move |request| otlp_http::handle(this.clone(), request);
            servers.spawn(http::serve(otlp_http, handler, stop, http_config(&config.otlp_http.http)));
        }
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

    /// What still waits at the deadline: its senders are told, and nobody has it any more.
    fn drop_what_waits(&self) {
        let mut spans = 0;
        for popped in self.inner().queue.drain() {
            let mut envelope = popped.item;
            envelope.in_flight.drop_spans(CollectorDropped::ShutdownDeadline, popped.spans, None);
            if let Some(reply) = envelope.reply {
                reply.send(Err(Refused::Stopping));
            }
            spans += popped.spans;
        }
        tracing::error!(spans, "Dropped spans that waited at the shutdown deadline");
    }
}

fn connections(settings: &GrpcSettings) -> ConnectionSettings {
    ConnectionSettings { max_age: settings.max_age, max_age_grace: settings.max_age_grace }
}

fn http_config(settings: &HttpSettings) -> HttpConfig {
    HttpConfig {
        read_header_timeout: settings.read_header_timeout,
        idle_timeout: settings.idle_timeout,
        ..HttpConfig::default()
    }
}
