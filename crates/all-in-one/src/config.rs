//! The settings of the three services in one process.

use jaeger_service::listen::Listeners;
use jaeger_service::ports;
use jaeger_service::settings::{Component, Problem, Settings};
use jaeger_stores::StoreSettings;

/// Everything that the process needs to know.
pub(crate) struct Config {
    pub(crate) agent: jaeger_agent::Config,
    pub(crate) collector: jaeger_collector::Config,
    pub(crate) query: jaeger_query::Config,
    pub(crate) stores: StoreSettings,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// Everything that is wrong with them, each once.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Self, Vec<Problem>> {
        let agent = jaeger_agent::Config::from_settings(settings);
        let collector = jaeger_collector::Config::from_settings(settings);
        let query = jaeger_query::Config::from_settings(settings);
        let stores = StoreSettings::from_settings(settings);
        match (agent, collector, query, stores) {
            (Ok(agent), Ok(collector), Ok(query), Ok(stores)) => Ok(Self { agent, collector, query, stores }),
            (agent, collector, query, stores) => {
                let all = [agent.err(), collector.err(), query.err(), stores.err()];
                let mut problems: Vec<Problem> = all.into_iter().flatten().flatten().collect();
                problems.dedup();
                Err(problems)
            }
        }
    }

    /// Names every listener but the admin server's.
    ///
    /// # Errors
    /// An address that is none.
    pub(crate) fn listeners(&self, settings: &Settings) -> Result<Listeners, Problem> {
        let mut listeners = Listeners::new();
        for port in ports::of(Component::AllInOne).filter(|port| port.name != ports::ADMIN.name) {
            let otlp = port.name == ports::COLLECTOR_OTLP_GRPC.name || port.name == ports::COLLECTOR_OTLP_HTTP.name;
            let together = port == ports::QUERY_GRPC && !jaeger_query::Sockets::grpc_apart(settings);
            if (self.collector.otlp || !otlp) && !together {
                port.want(&mut listeners, settings)?;
            }
        }
        Ok(listeners)
    }
}
