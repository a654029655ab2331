//! The frame of every binary: logs, sockets, health, metrics and the admin server around what the service does.
//!
//! A `main` parses, declares its listeners and ledgers as a [`Plan`], and hands [`run`] a function from [`Frame`] to a
//! future. The future ends when the service has drained.

use std::fmt::Display;
use std::process::ExitCode;

use crate::accept::Listener;
use crate::admin::{self, AdminState};
use crate::health::Health;
use crate::ledger::Ledgers;
use crate::lifecycle::Lifecycle;
use crate::listen::{Bound, Listeners};
use crate::logs;
use crate::machine;
use crate::metrics::{self, Registry};
use crate::settings::{Component, Problem, ProcessConfig, Settings};
use crate::tls;

/// The name of the admin listener.
const ADMIN: &str = "admin";
const ADMIN_FLAG: &str = "admin.http.host-port";

/// What a process needs before it starts.
#[derive(Debug)]
pub struct Plan {
    /// Where its metrics are registered.
    pub registry: Registry,
    /// Its listeners, but for the admin server's.
    pub listeners: Listeners,
    /// Its ledgers.
    pub ledgers: Ledgers,
    /// Where logs go instead of stderr.
    pub logs_to: Option<LogWriter>,
    /// One thread drives all tasks: for a process whose work is done by threads of its own, where a second one would
    /// only wake the first.
    pub one_thread: bool,
}

impl Plan {
    /// No listeners, no ledgers, logs to stderr.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let registry = metrics::install(match settings.component() {
            Component::Agent => Some("agent"),
            Component::Collector => Some("collector"),
            Component::Query => Some("query"),
            Component::AllInOne | Component::RemoteStorage => None,
        });
        Self { registry, listeners: Listeners::new(), ledgers: Ledgers::default(), logs_to: None, one_thread: false }
    }
}

/// A writer of logs, for a terminal that shows something else.
pub struct LogWriter(pub Box<dyn std::io::Write + Send>);

impl std::fmt::Debug for LogWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogWriter")
    }
}

/// What a service gets to run in.
#[derive(Debug)]
pub struct Frame {
    /// Start and stop.
    pub lifecycle: Lifecycle,
    /// Not Ready until the service says so.
    pub health: Health,
    /// Where its metrics are registered.
    pub registry: Registry,
    /// Whether metrics pages are served.
    pub serves_metrics: bool,
    /// Its sockets, bound.
    pub bound: Bound,
}

impl Frame {
    /// Takes a TCP listener into the runtime, with its TLS.
    ///
    /// # Errors
    /// When the plan did not name it.
    pub fn tcp(&mut self, name: &str) -> std::io::Result<Listener> {
        self.bound.take(name)
    }

    /// The registry, where metrics pages are served.
    #[must_use]
    pub fn metrics_page(&self) -> Option<Registry> {
        self.serves_metrics.then(|| self.registry.clone())
    }
}

/// Runs a service from start to end and gives the process's exit code.
pub fn run<F, E>(settings: &Settings, plan: Plan, service: impl FnOnce(Frame) -> F) -> ExitCode
where
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    machine::raise_open_files();
    let result = prepare(settings, plan).and_then(|(runtime, mut frame, state)| {
        runtime.block_on(async {
            let listener = frame.tcp(ADMIN).map_err(|error| error.to_string())?;
            frame.lifecycle.watch_signals().map_err(|error| format!("cannot hear signals: {error}"))?;
            let lifecycle = frame.lifecycle.clone();
            let health = frame.health.clone();
            tokio::spawn(async move { health.log_waits().await });
            let serving = tokio::spawn(admin::serve(listener, state, lifecycle.for_admin()));
            let result = service(frame).await.map_err(|error| format!("{error:#}"));
            lifecycle.finish();
            // The admin server ends with the lifecycle; one that panicked has ended too.
            drop(serving.await);
            result
        })
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Where logs do not go to the terminal, the reason still does.
            eprintln!("{}: {message}", settings.component().binary());
            ExitCode::FAILURE
        }
    }
}

/// Says every problem of a configuration, and gives the exit code for it.
#[must_use]
pub fn refuse(settings: &Settings, problems: &[Problem]) -> ExitCode {
    for problem in problems {
        eprintln!("{}: {problem}", settings.component().binary());
    }
    ExitCode::FAILURE
}

fn prepare(settings: &Settings, mut plan: Plan) -> Result<(tokio::runtime::Runtime, Frame, AdminState), String> {
    let config = ProcessConfig::from_settings(settings).map_err(|problems| lines(&problems))?;
    match plan.logs_to.take() {
        Some(LogWriter(writer)) => logs::init_to(config.log_level, config.log_encoding, writer),
        None => logs::init(config.log_level, config.log_encoding),
    }
    settings.log_notes();
    let tls = tls::listeners(settings).map_err(|problems| lines(&problems))?;
    plan.listeners.tcp(ADMIN, ADMIN_FLAG, &config.admin);
    let mut bound = plan.listeners.bind().map_err(|errors| errors.to_string())?;
    if let Some(path) = &config.ports_file {
        bound.write_ports_file(path).map_err(|error| error.to_string())?;
    }

    let health = Health::new();
    let lifecycle = Lifecycle::new(config.shutdown, health.clone());
    lifecycle.set_ledgers(plan.ledgers.clone());
    let registry = plan.registry;
    plan.ledgers.register(&registry);
    tls::register(&registry);
    let state = AdminState {
        health: health.clone(),
        metrics: config.metrics.then(|| registry.clone()),
        metrics_route: config.metrics_route,
        ledgers: plan.ledgers,
    };
    let mut builder = match plan.one_thread {
        true => tokio::runtime::Builder::new_current_thread(),
        false => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = builder
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start threads: {error}; raise the limit on threads"))?;
    for (name, address) in bound.addresses() {
        tracing::info!(name, %address, tls = tls.contains_key(name), "Listening");
    }
    bound.set_tls(tls);
    Ok((runtime, Frame { lifecycle, health, registry, serves_metrics: config.metrics, bound }, state))
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
