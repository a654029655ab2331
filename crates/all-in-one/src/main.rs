//! `jaeger-all-in-one`: agent, collector and query in one process, without a socket between them.
//!
//! ```text
//! client --UDP--> agent --in_process--> collector --> store <-- query <-- browser
//! ```

mod board;
mod config;
mod in_process;
mod run;
mod screen;

use std::process::ExitCode;

use jaeger_service::command::{Checks, Cli, Parsed};
use jaeger_service::ledger::{AgentLedger, CollectorLedger, Ledgers};
use jaeger_service::metrics::CollectorMetrics;
use jaeger_service::process::{self, Plan};
use jaeger_service::settings::{Component, Settings};

fn main() -> ExitCode {
    let problems = |settings: &Settings| config::Config::from_settings(settings).err().unwrap_or_default();
    let checks = Checks::default().config(&problems).connect(&jaeger_stores::reach);
    let cli = Cli::new(Component::AllInOne).with_checks(checks).with_storage(&jaeger_stores::storage_command);
    let settings = match cli.run(std::env::args_os(), std::env::vars_os()) {
        Parsed::Run(settings) => settings,
        Parsed::Exit(code) => return ExitCode::from(code),
    };
    let config = match config::Config::from_settings(&settings) {
        Ok(config) => config,
        Err(problems) => return process::refuse(&settings, &problems),
    };
    let listeners = match config.listeners(&settings) {
        Ok(listeners) => listeners,
        Err(problem) => return process::refuse(&settings, &[problem]),
    };
    let mut plan = Plan::new(&settings);
    plan.listeners = listeners;
    let metrics = CollectorMetrics::new(&plan.registry, &jaeger_service::machine::hostname());
    let collector = CollectorLedger::new(metrics.spans_dropped.clone());
    plan.ledgers = Ledgers { agent: Some(AgentLedger::new()), collector: Some(collector), ..Ledgers::default() };
    let ledgers = plan.ledgers.clone();
    // In a terminal people see a board; who sets up logs gets logs.
    let screen = screen::Screen::of_terminal(&settings);
    plan.logs_to = screen.as_ref().map(screen::Screen::log_writer);
    process::run(&settings, plan, |frame| run::run(config, ledgers, metrics, frame, screen))
}
