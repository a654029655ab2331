//! Which binary the settings are for: each has a flag table of its own.

use std::fmt;

/// One of the binaries that take their settings from the flag table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Component {
    /// `jaeger-agent`: UDP in, gRPC out.
    Agent,
    /// `jaeger-collector`: every wire in, a store out.
    Collector,
    /// `jaeger-query`: a store in, the HTTP API out.
    Query,
    /// `jaeger-all-in-one`: the three above in one process.
    AllInOne,
    /// `jaeger-remote-storage`: a store served over gRPC to collectors and queries in other processes.
    RemoteStorage,
}

impl Component {
    /// Every component, in the order of a span's way.
    pub const ALL: [Self; 5] = [Self::Agent, Self::Collector, Self::Query, Self::AllInOne, Self::RemoteStorage];

    /// The name of the binary, as in `jaeger-collector`.
    pub const fn binary(self) -> &'static str {
        match self {
            Self::Agent => "jaeger-agent",
            Self::Collector => "jaeger-collector",
            Self::Query => "jaeger-query",
            Self::AllInOne => "jaeger-all-in-one",
            Self::RemoteStorage => "jaeger-remote-storage",
        }
    }

    /// What the binary does, in a line.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Agent => "Receives spans over UDP beside an application and forwards them to a collector.",
            Self::Collector => "Receives spans from agents and clients and writes them to a store.",
            Self::Query => "Serves the traces of a store over Jaeger's HTTP API.",
            Self::AllInOne => "Agent, collector and query in one process, with the store inside.",
            Self::RemoteStorage => {
                "Serves a store over gRPC, so that collectors and queries in other processes share it."
            }
        }
    }

    /// Position in tables that hold something for each component.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Agent => 0,
            Self::Collector => 1,
            Self::Query => 2,
            Self::AllInOne => 3,
            Self::RemoteStorage => 4,
        }
    }

    /// Whether the process holds its store's files itself, so that the commands of `storage` are its own.
    pub const fn holds_a_store(self) -> bool {
        matches!(self, Self::AllInOne | Self::RemoteStorage)
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.binary())
    }
}
