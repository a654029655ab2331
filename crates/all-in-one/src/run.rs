//! The three services side by side, and the order in which they end: agent, then collector, query beside them.

use std::sync::Arc;

use jaeger_agent::{Agent, SamplingPages};
use jaeger_collector::{Collector, SamplingStrategies, Sockets};
use jaeger_query::{Query, Surroundings};
use jaeger_service::http::{self, HttpConfig};
use jaeger_service::ledger::Ledgers;
use jaeger_service::metrics::{AgentMetrics, CollectorMetrics};
use jaeger_service::ports;
use jaeger_service::process::Frame;
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::config::Config;
use crate::in_process::InProcess;
use crate::screen::Screen;

pub(crate) async fn run(
    config: Config,
    ledgers: Ledgers,
    collector_metrics: CollectorMetrics,
    mut frame: Frame,
    screen: Option<Screen>,
) -> anyhow::Result<()> {
    let opened = jaeger_stores::open(&config.stores, &frame.health)?;
    let store = Arc::clone(&opened.store);
    jaeger_stores::watch(&ledgers.stores, &store);
    let surroundings = Surroundings {
        ledgers: ledgers.clone(),
        addresses: frame.bound.addresses().map(|(name, address)| (name.to_owned(), address)).collect(),
        metrics_page: frame.metrics_page(),
    };
    let board = Board::new(&surroundings, &config.query.base_path, Arc::clone(&store), frame.health.clone());

    let strategies = SamplingStrategies::start(config.collector.sampling.clone(), frame.lifecycle.ended()).await?;
    let collector = Collector::new(
        config.collector.clone(),
        Arc::clone(&store),
        ledgers.collector.clone().unwrap_or_default(),
        collector_metrics,
        strategies,
    );
    let in_process = Arc::new(InProcess(collector.clone()));

    let metrics = AgentMetrics::new(&frame.registry);
    let pages = SamplingPages::new(in_process.clone(), metrics.clone(), frame.metrics_page());
    let pages_listener = frame.tcp(ports::AGENT_HTTP.name)?;
    let sockets = config.agent.take_sockets(&mut frame.bound);
    let agent = Agent {
        config: config.agent,
        ledger: ledgers.agent.clone().unwrap_or_default(),
        metrics,
        reporter: in_process,
    };
    let query_sockets = jaeger_query::Sockets::take(&mut frame.bound)?;
    let query_health = frame.health.part("query");
    let query = Query::new(config.query, store, &frame.registry, surroundings);
    let collector_sockets = Sockets::take(&mut frame.bound, config.collector.otlp)?;

    let lifecycle = frame.lifecycle.clone();
    let handler = move |request| pages.clone().answer(request);
    let pages = http::serve(pages_listener, handler, lifecycle.for_servers(), HttpConfig::default());
    let drained = CancellationToken::new();
    let showing = screen.map(|screen| tokio::spawn(screen.show(board, ledgers, drained.clone())));
    let agent_done = CancellationToken::new();
    let agent = async {
        let result = agent.run(sockets, lifecycle.clone()).await;
        agent_done.cancel();
        result
    };
    let collector_health = frame.health.part("collector");
    let collector = collector.serve(
        collector_sockets,
        frame.metrics_page(),
        lifecycle.clone(),
        collector_health,
        agent_done.clone(),
    );
    query_health.ready();
    tracing::info!(version = jaeger_service::version::VERSION, "Starting jaeger-all-in-one");
    let serving = async {
        let (agent, collector, query, ()) =
            tokio::join!(agent, collector, query.serve(query_sockets, lifecycle.clone()), pages);
        agent?;
        query?;
        collector?;
        Ok(())
    };
    let served = opened.serve(serving).await;
    drained.cancel();
    if let Some(showing) = showing {
        // A screen that panicked shows nothing more.
        drop(showing.await);
    }
    served
}
