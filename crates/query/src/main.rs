//! The binary jaeger-query: reads its settings, opens the store, serves until told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use jaeger_query::{Config, Query, Surroundings, load};
use jaeger_service::command::{Checks, Cli, Parsed};
use jaeger_service::machine;
use jaeger_service::ports::QUERY_HTTP;
use jaeger_service::process::{self, Frame, Plan};
use jaeger_service::settings::{Component, Problem, SettingError, Settings};
use jaeger_storage::{MemoryBounds, Store};

fn main() -> ExitCode {
    let config = |settings: &Settings| Config::from_settings(settings).err().unwrap_or_default();
    let cli = Cli::new(Component::Query).with_checks(Checks::default().config(&config));
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
    match settings.host_port(QUERY_HTTP.flag) {
        Ok(address) => plan.listeners.tcp(QUERY_HTTP.name, QUERY_HTTP.flag, &address.to_string()),
        Err(error) => return process::refuse(settings, &[error.into()]),
    }
    process::run(settings, plan, |frame| serve(settings, config, store, frame))
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

async fn serve(settings: &Settings, config: Config, store: Arc<dyn Store>, mut frame: Frame) -> anyhow::Result<()> {
    if let Some(file) = settings.file("memory.load")? {
        let spans = load::load(&*store, &file).await?;
        tracing::info!(spans, file = %file.display(), "Filled the store");
    }
    let listener = frame.tcp(QUERY_HTTP.name).context("the listener of the HTTP API")?;
    let surroundings = Surroundings { metrics_page: frame.metrics_page(), ..Surroundings::default() };
    let query = Query::new(config, store, frame.health.clone(), &frame.registry, surroundings);
    frame.health.ready();
    query.serve(listener, frame.lifecycle.for_servers()).await;
    Ok(())
}
