//! Which stores a process uses, read off its settings. Nothing is opened or made here, so that `check` can ask too.

use jaeger_service::settings::{Note, Problem, Problems, Settings};

use crate::{CassandraSettings, ElasticsearchSettings, EmbeddedSettings, MemoryBounds, RemoteSettings, badger};

const KIND: &str = "SPAN_STORAGE_TYPE";

/// The stores that spans are written to; the first one is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreSettings {
    pub(crate) stores: Vec<StoreKind>,
    pub(crate) notes: Vec<Note>,
}

/// One store with what it is made from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreKind {
    /// `memory`.
    Memory(MemoryBounds),
    /// `embedded` or `badger`.
    Embedded(EmbeddedSettings),
    /// `grpc`.
    Remote(RemoteSettings),
    /// `elasticsearch` or `opensearch`.
    Elasticsearch(Box<ElasticsearchSettings>),
    /// `cassandra`.
    Cassandra(Box<CassandraSettings>),
    /// `blackhole`.
    Blackhole,
}

impl StoreSettings {
    /// Reads them.
    ///
    /// # Errors
    /// Everything that is wrong with the settings of the stores that are named.
    pub fn from_settings(settings: &Settings) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let mut this = Self { stores: Vec::new(), notes: Vec::new() };
        for name in problems.take(settings.list(KIND)) {
            match this.kind(settings, name) {
                Ok(kind) if this.stores.contains(&kind) => problems.push(settings.problem(
                    KIND,
                    &format!("{name} stands there twice"),
                    "name each store once; badger is the embedded store",
                )),
                Ok(kind) => this.stores.push(kind),
                Err(problem) => problems.push(problem),
            }
        }
        problems.end_with(this)
    }

    /// The stores, in the order of their names.
    #[must_use]
    pub fn stores(&self) -> &[StoreKind] {
        &self.stores
    }

    fn kind(&mut self, settings: &Settings, name: &str) -> Result<StoreKind, Problem> {
        match name {
            "memory" => Ok(StoreKind::Memory(MemoryBounds::from_settings(settings)?)),
            "embedded" => self.embedded(settings),
            "badger" => {
                self.notes.extend(badger::own_files(settings)?.map(Note::Warning));
                self.embedded(settings)
            }
            "grpc" => Ok(StoreKind::Remote(RemoteSettings::from_settings(settings)?)),
            "elasticsearch" | "opensearch" => {
                Ok(StoreKind::Elasticsearch(Box::new(ElasticsearchSettings::from_settings(settings)?)))
            }
            "cassandra" => {
                Ok(StoreKind::Cassandra(Box::new(CassandraSettings::from_settings(settings, &mut self.notes)?)))
            }
            "blackhole" => Ok(StoreKind::Blackhole),
            _ => Err(settings.problem(KIND, &format!("{name} is no store"), "write embedded, memory or grpc")),
        }
    }

    fn embedded(&mut self, settings: &Settings) -> Result<StoreKind, Problem> {
        match EmbeddedSettings::writable(settings)? {
            Ok(store) => Ok(StoreKind::Embedded(store)),
            // Who asked for it gets it or is told; who did not gets what works, and is told too.
            Err(not) if settings.is_set(KIND) || settings.is_set("embedded.directory") => Err(not.problem(settings)),
            Err(not) => {
                self.notes.push(Note::Warning(not.warning()));
                Ok(StoreKind::Memory(MemoryBounds::from_settings(settings)?))
            }
        }
    }
}

#[cfg(test)]
mod tests;
