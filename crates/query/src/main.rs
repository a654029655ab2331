//! The binary jaeger-query: reads its settings, opens the store, serves until told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use jaeger_query::{Config, Query, Sockets, Surroundings, load};
use jaeger_service::command::{Checks, Cli, Parsed};
use jaeger_service::ports::{QUERY_GRPC, QUERY_HTTP};
use jaeger_service::process::{self, Frame, Plan};
use jaeger_service::settings::{Component, Problem, Settings};
use jaeger_stores::StoreSettings;

fn main() -> ExitCode {
    let problems = |settings: &Settings| configured(settings).err().unwrap_or_default();
    let checks = Checks::default().config(&problems).connect(&jaeger_stores::reach);
    let cli = Cli::new(Component::Query).with_checks(checks);
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
    for port in [Some(QUERY_HTTP), Sockets::grpc_apart(settings).then_some(QUERY_GRPC)].into_iter().flatten() {
        if let Err(error) = port.want(&mut plan.listeners, settings) {
            return process::refuse(settings, &[error.into()]);
        }
    }
    process::run(settings, plan, |frame| serve(settings, config, stores, frame))
}

fn configured(settings: &Settings) -> Result<(Config, StoreSettings), Vec<Problem>> {
    match (Config::from_settings(settings), StoreSettings::from_settings(settings)) {
        (Ok(config), Ok(stores)) => Ok((config, stores)),
        (config, stores) => Err([config.err(), stores.err()].into_iter().flatten().flatten().collect()),
    }
}

async fn serve(settings: &Settings, config: Config, stores: StoreSettings, mut frame: Frame) -> anyhow::Result<()> {
    let opened = jaeger_stores::open(&stores, &frame.health)?;
    let store = Arc::clone(&opened.store);
    if let Some(file) = settings.file("memory.load")? {
        let spans = load::load(&*store, &file).await?;
        tracing::info!(spans, file = %file.display(), "Filled the store");
    }
    let sockets = Sockets::take(&mut frame.bound).context("the listeners of the API")?;
    let surroundings = Surroundings { metrics_page: frame.metrics_page(), ..Surroundings::default() };
    let health = frame.health.part("query");
    let query = Query::new(config, store, &frame.registry, surroundings);
    health.ready();
    let serving = async {
        query.serve(sockets, frame.lifecycle.clone()).await?;
        Ok(())
    };
    opened.serve(serving).await
}
