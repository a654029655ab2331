//! `jaeger-agent`: parse, bind, run, drain.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use jaeger_agent::reporter::{GrpcReporter, Reporter, TchannelReporter};
use jaeger_agent::{Agent, Cached, Collectors, Config, SamplingPages, SamplingSource};
use jaeger_service::command::{Checks, Cli, Parsed};
use jaeger_service::http::{self, HttpConfig};
use jaeger_service::ledger::AgentLedger;
use jaeger_service::metrics::AgentMetrics;
use jaeger_service::process::{self, Frame, Plan};
use jaeger_service::settings::{Component, Settings};

fn main() -> ExitCode {
    let problems = |settings: &Settings| Config::from_settings(settings).err().unwrap_or_default();
    let cli = Cli::new(Component::Agent).with_checks(Checks::default().config(&problems));
    let settings = match cli.run(std::env::args_os(), std::env::vars_os()) {
        Parsed::Run(settings) => settings,
        Parsed::Exit(code) => return ExitCode::from(code),
    };
    let config = match Config::from_settings(&settings) {
        Ok(config) => config,
        Err(problems) => return process::refuse(&settings, &problems),
    };
    let ledger = AgentLedger::new();
    let mut plan = Plan::new(&settings);
    config.listeners(&mut plan.listeners);
    plan.ledgers.agent = Some(ledger.clone());
    plan.one_thread = true;
    process::run(&settings, plan, |frame| run(config, ledger, frame))
}

async fn run(config: Config, ledger: AgentLedger, mut frame: Frame) -> anyhow::Result<()> {
    let metrics = AgentMetrics::over(&frame.registry, config.collectors.protocol());
    let (connected, reconnects) = (metrics.collector_connected.clone(), metrics.collector_reconnects.clone());
    let (reporter, source): (Arc<dyn Reporter>, Arc<dyn SamplingSource>) = match &config.collectors {
        Collectors::Grpc(addresses, tls) => {
            let reporter = GrpcReporter::new(addresses, tls.as_ref(), connected, reconnects);
            let reporter = reporter.context("--reporter.grpc.host-port")?;
            (Arc::new(reporter.clone()), Arc::new(Cached::new(reporter)))
        }
        Collectors::Tchannel(settings) => {
            let reporter = TchannelReporter::start(settings, connected, reconnects);
            (Arc::new(reporter.clone()), Arc::new(Cached::new(reporter)))
        }
    };
    let pages = SamplingPages::new(source, metrics.clone(), frame.metrics_page());
    let listener = frame.tcp(jaeger_agent::HTTP_LISTENER)?;
    let handler = move |request| pages.clone().answer(request);
    let serving = tokio::spawn(http::serve(listener, handler, frame.lifecycle.for_servers(), HttpConfig::default()));
    let sockets = config.take_sockets(&mut frame.bound);
    frame.health.ready();
    let protocol = config.collectors.protocol();
    tracing::info!(protocol, collectors = %config.collectors.addresses().join(","), "Starting jaeger-agent");
    Agent { config, ledger, metrics, reporter }.run(sockets, frame.lifecycle.clone()).await?;
    // The pages end with the lame-duck time; a server that panicked has ended too.
    drop(serving.await);
    Ok(())
}
