//! The settings of the three services in one process.

use std::sync::Arc;

use jaeger_service::listen::Listeners;
use jaeger_service::settings::{Component, Problem, SettingError, Settings};
use jaeger_service::{machine, ports};
use jaeger_storage::{MemoryBounds, OpenError, Store};

/// Everything that the process needs to know.
pub(crate) struct Config {
    pub(crate) agent: jaeger_agent::Config,
    pub(crate) collector: jaeger_collector::Config,
    pub(crate) query: jaeger_query::Config,
    pub(crate) store: StoreChoice,
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
        let store = store(settings).map_err(|problem| vec![problem]);
        match (agent, collector, query, store) {
            (Ok(agent), Ok(collector), Ok(query), Ok(store)) => Ok(Self { agent, collector, query, store }),
            (agent, collector, query, store) => {
                let all = [agent.err(), collector.err(), query.err(), store.err()];
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
            if self.collector.otlp || !otlp {
                port.want(&mut listeners, settings)?;
            }
        }
        Ok(listeners)
    }
}

fn store(settings: &Settings) -> Result<StoreChoice, Problem> {
    let choice = || -> Result<StoreChoice, SettingError> {
        Ok(StoreChoice {
            name: settings.string("SPAN_STORAGE_TYPE")?.to_owned(),
            bounds: MemoryBounds {
                max_bytes: settings.integer("memory.max-bytes")?,
                default_bytes: machine::default_store_bytes(),
                max_traces: settings.integer("memory.max-traces")?,
            },
        })
    };
    Ok(choice()?)
}

/// The store that the settings name.
pub(crate) struct StoreChoice {
    name: String,
    bounds: MemoryBounds,
}

impl StoreChoice {
    /// Opens it.
    ///
    /// # Errors
    /// A name that has no store.
    pub(crate) fn open(&self) -> Result<Arc<dyn Store>, OpenError> {
        jaeger_storage::open(&self.name, self.bounds)
    }
}
