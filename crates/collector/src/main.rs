//! `jaeger-collector`: parse, bind, open the store, serve, drain.

use std::process::ExitCode;
use std::sync::Arc;

use jaeger_collector::{Collector, Config, SamplingStrategies, Sockets};
use jaeger_service::command::{Checks, Cli, Parsed};
use jaeger_service::ledger::CollectorLedger;
use jaeger_service::machine;
use jaeger_service::metrics::CollectorMetrics;
use jaeger_service::process::{self, Frame, Plan};
use jaeger_service::settings::{Component, Problem, SettingError, Settings};
use jaeger_storage::{MemoryBounds, Store};
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let config = |settings: &Settings| Config::from_settings(settings).err().unwrap_or_default();
    let cli = Cli::new(Component::Collector).with_checks(Checks::default().config(&config));
    match cli.run(std::env::args_os(), std::env::vars_os()) {
        Parsed::Run(settings) => start(&settings),
        Parsed::Exit(code) => ExitCode::from(code),
    }
}

fn start(settings: &Settings) -> ExitCode {
    let (config, store) = match (Config::from_settings(settings), store(settings)) {
        (Ok(config), Ok(store)) => (config, store),
        (config, store) => {
            let mut problems = config.err().unwrap_or_default();
            problems.extend(store.err());
            return process::refuse(settings, &problems);
        }
    };
    let mut plan = Plan::new(settings);
    config.listen(&mut plan.listeners);
    let metrics = CollectorMetrics::new(&plan.registry, &machine::hostname());
    let ledger = CollectorLedger::new(metrics.spans_dropped.clone());
    plan.ledgers.collector = Some(ledger.clone());
    process::run(settings, plan, |frame| serve(config, store, ledger, metrics, frame))
}

fn store(settings: &Settings) -> Result<Arc<dyn Store>, Problem> {
    let bounds = || -> Result<MemoryBounds, SettingError> {
        Ok(MemoryBounds {
            max_bytes: settings.integer("memory.max-bytes")?,
            default_bytes: machine::default_store_bytes(),
            max_traces: settings.integer("memory.max-traces")?,
        })
    };
    let name = settings.string("SPAN_STORAGE_TYPE")?;
    jaeger_storage::open(name, bounds()?).map_err(|error| Problem::other(error.to_string()))
}

async fn serve(
    config: Config,
    store: Arc<dyn Store>,
    ledger: CollectorLedger,
    metrics: CollectorMetrics,
    mut frame: Frame,
) -> anyhow::Result<()> {
    let sockets = Sockets::take(&mut frame.bound, config.otlp)?;
    let strategies = SamplingStrategies::start(config.sampling.clone(), frame.lifecycle.ended()).await?;
    tracing::info!(store = store.name(), bounds = store.status().description, "Starting jaeger-collector");
    let collector = Collector::new(config, store, ledger, metrics, strategies);
    let no_other_senders = CancellationToken::new();
    no_other_senders.cancel();
    let (page, health) = (frame.metrics_page(), frame.health.clone());
    collector.serve(sockets, page, frame.lifecycle.clone(), health, no_other_senders).await?;
    Ok(())
}
