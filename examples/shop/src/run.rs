//! Starts services, waits for SIGTERM or Ctrl-C, and ends: no new requests, those under way are answered, the tracers
//! are closed last.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use jaeger_client::subscriber::{JsonEvents, TracingLayer};
use jaeger_client::{Config, Sampling, Tracer};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::arguments::{Arguments, Part};
use crate::{driver, frontend, load, route};

/// How long spans may take to leave.
const CLOSE: Duration = Duration::from_secs(3);

/// What runs.
#[derive(Default)]
struct Running {
    services: JoinSet<anyhow::Result<()>>,
    tracers: Vec<(&'static str, Tracer)>,
    stop: CancellationToken,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    // The layer's own tracer begins traces only where no request did, and nobody does here.
    tracing_subscriber::registry()
        .with(tracing_subscriber::filter::LevelFilter::INFO)
        .with(TracingLayer::new(&Tracer::disabled()))
        .with(tracing_subscriber::fmt::layer().event_format(JsonEvents::new()).with_writer(std::io::stderr))
        .init();
    let mut terminated = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let (mut running, mut arguments) = (Running::default(), arguments);
    if matches!(arguments.part, Part::All | Part::Driver) {
        let address = running.start_driver(&arguments).await?;
        if arguments.part == Part::All {
            arguments.driver = format!("http://{address}");
        }
    }
    if matches!(arguments.part, Part::All | Part::Route) {
        let address = running.start_route(&arguments).await?;
        if arguments.part == Part::All {
            arguments.route = format!("http://{address}");
        }
    }
    if matches!(arguments.part, Part::All | Part::Frontend) {
        running.start_frontend(&arguments).await?;
    }
    tokio::select! {
        _ = terminated.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted.context("listening for Ctrl-C")?,
        Some(ended) = running.services.join_next() => ended.context("a service ended")??,
    }
    running.end().await
}

impl Running {
    fn tracer(&mut self, name: &'static str, arguments: &Arguments) -> anyhow::Result<Tracer> {
        let mut config = Config::from_env_or(name)?;
        if arguments.part == Part::All {
            config = config.service(name);
        }
        if arguments.sample_all {
            config = config.sampling(Sampling::Const(true));
        }
        let tracer = config.start()?;
        self.tracers.push((name, tracer.clone()));
        Ok(tracer)
    }

    async fn start_driver(&mut self, arguments: &Arguments) -> anyhow::Result<SocketAddr> {
        let tracer = self.tracer("driver", arguments)?;
        let (listener, address) = listen("driver", arguments, Part::Driver).await?;
        self.services.spawn(driver::serve(listener, tracer, self.stop.clone()));
        Ok(address)
    }

    async fn start_route(&mut self, arguments: &Arguments) -> anyhow::Result<SocketAddr> {
        let tracer = self.tracer("route", arguments)?;
        let (listener, address) = listen("route", arguments, Part::Route).await?;
        self.services.spawn(route::serve(listener, tracer, self.stop.clone()));
        Ok(address)
    }

    async fn start_frontend(&mut self, arguments: &Arguments) -> anyhow::Result<()> {
        let tracer = self.tracer("frontend", arguments)?;
        let (listener, address) = listen("frontend", arguments, Part::Frontend).await?;
        let others = frontend::Others::connect(&tracer, &arguments.driver, &arguments.route)?;
        self.services.spawn(frontend::serve(listener, tracer, others, self.stop.clone()));
        if arguments.load > 0.0 {
            self.services.spawn(load::orders(address, arguments.load, self.stop.clone()));
        }
        Ok(())
    }

    async fn end(mut self) -> anyhow::Result<()> {
        tracing::info!("ending: requests under way are answered first");
        self.stop.cancel();
        while let Some(ended) = self.services.join_next().await {
            ended.context("a service panicked")??;
        }
        // Closing waits; here nothing else has to go on meanwhile.
        for (name, tracer) in self.tracers {
            match tracer.close(CLOSE) {
                Ok(ledger) => tracing::info!(service = name, "{ledger}"),
                Err(unsent) => tracing::warn!(service = name, "{unsent}"),
            }
        }
        Ok(())
    }
}

/// Where a part listens: as it was told, or, in one process with others, on any port for the frontend to know.
async fn listen(name: &str, arguments: &Arguments, part: Part) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let own = arguments.part == part || part == Part::Frontend;
    let wanted = if own { arguments.listen } else { any };
    let listener = TcpListener::bind(wanted).await.with_context(|| format!("{name} cannot listen on {wanted}"))?;
    let address = listener.local_addr()?;
    tracing::info!(service = name, address = %address, "listens");
    Ok((listener, address))
}
