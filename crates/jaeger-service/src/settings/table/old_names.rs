//! Names of earlier releases, so that a manifest of any 1.x goes on working.

use super::super::value::parse_bool;
use super::{EVERYWHERE, On, WITH_AGENT, WITH_COLLECTOR, WITH_QUERY, WITH_STORE};

/// What to do with a value given under an old name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// The same value under this name.
    Same(&'static str),
    /// A port: `:N` under this name, 0 is off.
    Port(&'static str),
    /// The same value under this name, but for one word that has another spelling now.
    Word { new: &'static str, from: &'static str, to: &'static str },
    /// The opposite under this name.
    Not(&'static str),
    /// Nothing: taken with a line that says why it has no effect.
    Nothing(&'static str),
    /// Nothing that this version can do: the reason and the next step.
    Refused(&'static str),
}

/// One name of an earlier release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OldName {
    pub(crate) name: &'static str,
    pub(crate) on: On,
    pub(crate) means: Means,
    /// True where the bare flag meant true.
    pub(crate) bare: bool,
}

impl OldName {
    /// Today's name, where there is one.
    pub(crate) fn new_name(&self) -> Option<&'static str> {
        match self.means {
            Means::Same(new) | Means::Port(new) | Means::Not(new) | Means::Word { new, .. } => Some(new),
            Means::Nothing(_) | Means::Refused(_) => None,
        }
    }

    /// Why it is refused, where it is.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        if let Means::Refused(reason) = self.means { Some(reason) } else { None }
    }

    /// Why it has no effect, where it has none.
    pub(crate) fn needless(&self) -> Option<&'static str> {
        if let Means::Nothing(reason) = self.means { Some(reason) } else { None }
    }

    /// The value as it is written under today's name.
    pub(crate) fn translate(&self, value: String) -> String {
        match self.means {
            Means::Port(_) if value == "0" => String::new(),
            Means::Port(_) if value.bytes().all(|b| b.is_ascii_digit()) && !value.is_empty() => format!(":{value}"),
            Means::Word { from, to, .. } if value == from => to.to_owned(),
            Means::Not(_) => parse_bool(&value).map_or(value, |value| (!value).to_string()),
            _ => value,
        }
    }
}

const fn same(name: &'static str, new: &'static str, on: On) -> OldName {
    OldName { name, on, means: Means::Same(new), bare: false }
}

const fn port(name: &'static str, new: &'static str, on: On) -> OldName {
    OldName { name, on, means: Means::Port(new), bare: false }
}

const fn gone(name: &'static str, reason: &'static str, on: On) -> OldName {
    OldName { name, on, means: Means::Refused(reason), bare: false }
}

const fn not(name: &'static str, new: &'static str, on: On) -> OldName {
    OldName { name, on, means: Means::Not(new), bare: false }
}

const fn bare(mut old: OldName) -> OldName {
    old.bare = true;
    old
}

const PLUGIN: &str =
    "storage plugins were removed from Jaeger in 1.54 and are not run here, set SPAN_STORAGE_TYPE=memory";

/// Both generations: what 1.22 removed, and what 1.6 to 1.21 had.
pub(crate) const OLD_NAMES: &[OldName] = &[
    same("span-storage.type", "SPAN_STORAGE_TYPE", WITH_STORE),
    OldName {
        name: "SAMPLING_TYPE",
        on: WITH_STORE,
        means: Means::Word { new: "SAMPLING_CONFIG_TYPE", from: "static", to: "file" },
        bare: false,
    },
    port("health-check-http-port", "admin.http.host-port", EVERYWHERE),
    port("admin-http-port", "admin.http.host-port", EVERYWHERE),
    same("jaeger.tags", "agent.tags", [true, false, false, false, false]),
    same("collector.host-port", "reporter.tchannel.host-port", WITH_AGENT),
    same("discovery.min-peers", "reporter.tchannel.discovery.min-peers", WITH_AGENT),
    same("discovery.conn-check-timeout", "reporter.tchannel.discovery.conn-check-timeout", WITH_AGENT),
    bare(same("reporter.grpc.tls", "reporter.grpc.tls.enabled", WITH_AGENT)),
    port("collector.port", "collector.tchan-server.host-port", WITH_COLLECTOR),
    port("collector.http-port", "collector.http-server.host-port", WITH_COLLECTOR),
    port("collector.grpc-port", "collector.grpc-server.host-port", WITH_COLLECTOR),
    port("collector.zipkin.http-port", "collector.zipkin.host-port", WITH_COLLECTOR),
    same("collector.zipkin.allowed-origins", "collector.zipkin.cors.allowed-origins", WITH_COLLECTOR),
    same("collector.zipkin.allowed-headers", "collector.zipkin.cors.allowed-headers", WITH_COLLECTOR),
    same("collector.write-cache-ttl", "cassandra.span-store-write-cache-ttl", WITH_COLLECTOR),
    bare(same("collector.grpc.tls", "collector.grpc.tls.enabled", WITH_COLLECTOR)),
    same("collector.grpc.tls.client.ca", "collector.grpc.tls.client-ca", WITH_COLLECTOR),
    port("query.port", "query.http-server.host-port", WITH_QUERY),
    same("query.host-port", "query.http-server.host-port", WITH_QUERY),
    bare(same("query.grpc.tls", "query.grpc.tls.enabled", WITH_QUERY)),
    same("es.max-num-spans", "es.max-doc-count", WITH_STORE),
    same("es-archive.max-num-spans", "es-archive.max-doc-count", WITH_STORE),
    bare(same("es.tls", "es.tls.enabled", WITH_STORE)),
    bare(same("es-archive.tls", "es-archive.tls.enabled", WITH_STORE)),
    bare(same("cassandra.tls", "cassandra.tls.enabled", WITH_STORE)),
    bare(same("cassandra-archive.tls", "cassandra-archive.tls.enabled", WITH_STORE)),
    bare(not("cassandra.tls.verify-host", "cassandra.tls.skip-host-verify", WITH_STORE)),
    bare(not("cassandra-archive.tls.verify-host", "cassandra-archive.tls.skip-host-verify", WITH_STORE)),
    bare(OldName {
        name: "cassandra.enable-dependencies-v2",
        on: WITH_STORE,
        means: Means::Nothing("the table that the keyspace has is used"),
        bare: false,
    }),
    bare(OldName {
        name: "cassandra-archive.enable-dependencies-v2",
        on: WITH_STORE,
        means: Means::Nothing("the table that the keyspace has is used"),
        bare: false,
    }),
    bare(OldName {
        name: "badger.truncate",
        on: WITH_STORE,
        means: Means::Nothing("a torn last write is always cut off when the store opens"),
        bare: false,
    }),
    bare(same("kafka.producer.tls", "kafka.producer.tls.enabled", WITH_STORE)),
    gone("grpc-storage-plugin.binary", PLUGIN, WITH_STORE),
    gone("grpc-storage-plugin.configuration-file", PLUGIN, WITH_STORE),
    gone("grpc-storage-plugin.log-level", PLUGIN, WITH_STORE),
];
