//! `jaeger-remote-storage`: parse, bind, open the store, serve, drain.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use jaeger_remote_storage::{Config, Server};
use jaeger_service::command::{Checks, Cli, Parsed};
use jaeger_service::ledger::CollectorLedger;
use jaeger_service::ports::REMOTE_STORAGE;
use jaeger_service::process::{self, Frame, Plan};
use jaeger_service::settings::{Component, Problem, Settings};
use jaeger_stores::StoreSettings;

fn main() -> ExitCode {
    let problems = |settings: &Settings| StoreSettings::from_settings(settings).err().unwrap_or_default();
    let checks = Checks::default().config(&problems).connect(&jaeger_stores::reach);
    let cli = Cli::new(Component::RemoteStorage).with_checks(checks).with_storage(&jaeger_stores::storage_command);
    match cli.run(std::env::args_os(), std::env::vars_os()) {
        Parsed::Run(settings) => start(&settings),
        Parsed::Exit(code) => ExitCode::from(code),
    }
}

fn start(settings: &Settings) -> ExitCode {
    let stores = match StoreSettings::from_settings(settings) {
        Ok(stores) => stores,
        Err(problems) => return process::refuse(settings, &problems),
    };
    let mut plan = Plan::new(settings);
    if let Err(error) = REMOTE_STORAGE.want(&mut plan.listeners, settings) {
        return process::refuse(settings, &[Problem::from(error)]);
    }
    let ledger = CollectorLedger::default();
    plan.ledgers.remote_storage = Some(ledger.clone());
    let lines = plan.ledgers.stores.clone();
    process::run(settings, plan, |frame| async move {
        let opened = jaeger_stores::open(&stores, &frame.health)?;
        let store = Arc::clone(&opened.store);
        jaeger_stores::watch(&lines, &store);
        opened.serve(serve(Server::new(Config::default(), store, ledger), frame)).await
    })
}

async fn serve(server: Server, mut frame: Frame) -> anyhow::Result<()> {
    let listener = frame.tcp(REMOTE_STORAGE.name).context("the listener of the store")?;
    let health = frame.health.part("remote-storage");
    tracing::info!("Starting jaeger-remote-storage");
    // What is not open yet answers so itself, and keeps the process from being Ready.
    health.ready();
    Ok(server.serve(listener, frame.lifecycle.clone()).await?)
}
