//! `jaeger-collector`: parse, bind, open the store, serve, drain.

use std::process::ExitCode;
use std::sync::Arc;

use jaeger_collector::{Collector, Config, SamplingStrategies, Sockets};
use jaeger_service::command::{Checks, Cli, Parsed};
use jaeger_service::ledger::{CollectorLedger, StoreLines};
use jaeger_service::machine;
use jaeger_service::metrics::CollectorMetrics;
use jaeger_service::process::{self, Frame, Plan};
use jaeger_service::settings::{Component, Problem, Settings};
use jaeger_stores::StoreSettings;
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let problems = |settings: &Settings| configured(settings).err().unwrap_or_default();
    let checks = Checks::default().config(&problems).connect(&jaeger_stores::reach);
    let cli = Cli::new(Component::Collector).with_checks(checks);
    match cli.run(std::env::args_os(), std::env::vars_os()) {
        Parsed::Run(settings) => start(&settings),
        Parsed::Exit(code) => ExitCode::from(code),
    }
}

fn start(settings: &Settings) -> ExitCode {
    let (config, stores) = match configured(settings) {
        Ok(configured) => configured,
        Err(problems) => return process::refuse(settings, &problems),
    };
    let mut plan = Plan::new(settings);
    config.listen(&mut plan.listeners);
    let metrics = CollectorMetrics::new(&plan.registry, &machine::hostname());
    let ledger = CollectorLedger::new(metrics.spans_dropped.clone());
    plan.ledgers.collector = Some(ledger.clone());
    let lines = plan.ledgers.stores.clone();
    process::run(settings, plan, |frame| serve(config, stores, (ledger, lines), metrics, frame))
}

fn configured(settings: &Settings) -> Result<(Config, StoreSettings), Vec<Problem>> {
    match (Config::from_settings(settings), StoreSettings::from_settings(settings)) {
        (Ok(config), Ok(stores)) => Ok((config, stores)),
        (config, stores) => Err([config.err(), stores.err()].into_iter().flatten().flatten().collect()),
    }
}

async fn serve(
    config: Config,
    stores: StoreSettings,
    (ledger, lines): (CollectorLedger, StoreLines),
    metrics: CollectorMetrics,
    mut frame: Frame,
) -> anyhow::Result<()> {
    let opened = jaeger_stores::open(&stores, &frame.health)?;
    let store = Arc::clone(&opened.store);
    jaeger_stores::watch(&lines, &store);
    let sockets = Sockets::take(&mut frame.bound, config.otlp)?;
    let strategies = SamplingStrategies::start(config.sampling.clone(), frame.lifecycle.ended()).await?;
    tracing::info!(store = store.name(), bounds = store.status().description, "Starting jaeger-collector");
    let collector = Collector::new(config, store, ledger, metrics, strategies);
    let no_other_senders = CancellationToken::new();
    no_other_senders.cancel();
    let (page, health) = (frame.metrics_page(), frame.health.part("collector"));
    let serving = collector.serve(sockets, page, frame.lifecycle.clone(), health, no_other_senders);
    opened.serve(async { Ok(serving.await?) }).await
}
