//! Cassandra's settings: `cassandra.*`, and `cassandra-archive.*` for its archive, whose settings are the store's where they are not given.

use std::time::Duration;

use jaeger_service::settings::{Note, Problem, SettingError, Settings};
use jaeger_service::tls::ClientConfig;
use jaeger_storage_cassandra::{CassandraConfig, IndexFilter, Keys, Tls, is_consistency};

use crate::embedded::max_trace_bytes;
use crate::links;

const STORE: &str = "cassandra";
const ARCHIVE: &str = "cassandra-archive";

/// A keyspace, and where archived traces are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CassandraSettings {
    /// The store.
    pub store: CassandraConfig,
    /// Its archive, where one is kept.
    pub archive: Option<CassandraConfig>,
}

impl CassandraSettings {
    pub(crate) fn from_settings(settings: &Settings, notes: &mut Vec<Note>) -> Result<Self, Problem> {
        let store = Flags { settings, prefix: STORE }.config()?;
        if !settings.boolean("cassandra-archive.enabled")? {
            return Ok(Self { store, archive: None });
        }
        let archive = Flags { settings, prefix: ARCHIVE }.config()?;
        if (&archive.servers, &archive.keyspace) == (&store.servers, &store.keyspace) {
            notes.push(Note::Warning(
                "--cassandra-archive.keyspace: archived traces go to the store's own keyspace and expire with it; name another".to_owned(),
            ));
        }
        Ok(Self { store, archive: Some(archive) })
    }
}

/// The flags of one prefix.
#[derive(Clone, Copy)]
struct Flags<'s> {
    settings: &'s Settings,
    prefix: &'static str,
}

impl<'s> Flags<'s> {
    /// The flag itself, or the store's where the archive has none of its own.
    fn name(self, row: &str) -> String {
        let own = format!("{}.{row}", self.prefix);
        if self.settings.is_set(&own) { own } else { format!("{STORE}.{row}") }
    }

    fn text(self, row: &str) -> Result<&'s str, SettingError> {
        self.settings.string(&self.name(row))
    }

    fn list(self, row: &str) -> Result<Vec<String>, SettingError> {
        Ok(self.settings.list(&self.name(row))?.into_iter().map(str::to_owned).collect())
    }

    fn number<T: TryFrom<i128>>(self, row: &str) -> Result<T, SettingError> {
        self.settings.integer(&self.name(row))
    }

    /// A time; 0 is the one that is given here.
    fn time(self, row: &str, zero: Duration) -> Result<Duration, SettingError> {
        let time = self.settings.duration(&self.name(row))?;
        Ok(if time == Duration::ZERO { zero } else { time })
    }

    fn problem(self, row: &str, reason: &str, next: &str) -> Problem {
        self.settings.problem(&self.name(row), reason, next)
    }

    fn config(self) -> Result<CassandraConfig, Problem> {
        let servers = self.list("servers")?;
        if servers.is_empty() {
            return Err(self.problem("servers", "no server", "name one, such as cassandra"));
        }
        let keyspace = self.text("keyspace")?.to_owned();
        if keyspace.is_empty() {
            return Err(self.problem("keyspace", "no keyspace", "name one, such as jaeger_v1_dc1"));
        }
        let consistency = self.text("consistency")?.to_owned();
        if !is_consistency(&consistency) {
            let next = "write one such as LOCAL_ONE or LOCAL_QUORUM";
            return Err(self.problem("consistency", &format!("{consistency} is no consistency"), next));
        }
        let version: u8 = self.number("proto-version")?;
        if !matches!(version, 0 | 4) {
            let reason = format!("version {version} of the protocol is not spoken");
            return Err(self.problem("proto-version", &reason, "leave it out, Cassandra 4 and 5 take version 4"));
        }
        let user = self.text("username")?.to_owned();
        let local_dc = self.text("local-dc")?.to_owned();
        let keep_alive = self.time("socket-keep-alive", Duration::ZERO)?;
        let defaults = CassandraConfig::default();
        Ok(CassandraConfig {
            servers,
            port: self.number("port")?,
            keyspace,
            login: if user.is_empty() { None } else { Some((user, self.text("password")?.to_owned())) },
            authenticators: self.list("basic.allowed-authenticators")?,
            tls: self.tls()?,
            local_dc: (!local_dc.is_empty()).then_some(local_dc),
            consistency,
            connections_per_host: self.number("connections-per-host")?,
            retries: self.number("max-retry-attempts")?,
            timeout: self.time("timeout", defaults.timeout)?,
            connect_timeout: self.time("connect-timeout", defaults.connect_timeout)?,
            keep_alive: (keep_alive > Duration::ZERO).then_some(keep_alive),
            compression: !self.settings.boolean(&self.name("disable-compression"))?,
            names_ttl: self.settings.duration("cassandra.span-store-write-cache-ttl")?,
            index: self.index()?,
            links: links::mode(self.settings),
            is_archive: self.prefix == ARCHIVE,
            max_trace_bytes: max_trace_bytes(self.settings),
        })
    }

    fn tls(self) -> Result<Option<Tls>, Problem> {
        let own = self.settings.is_set(&format!("{}.tls.enabled", self.prefix));
        let prefix = if own { self.prefix } else { STORE };
        Ok(ClientConfig::from_settings(self.settings, prefix)?.map(|tls| Tls::new(tls.rustls())))
    }

    /// What becomes searchable; the archive, which nobody searches in, does as the store does.
    fn index(self) -> Result<IndexFilter, Problem> {
        let store = Self { prefix: STORE, ..self };
        let keys = match (store.list("index.tag-blacklist")?, store.list("index.tag-whitelist")?) {
            (without, only) if !without.is_empty() && !only.is_empty() => {
                let reason = "there is a list of tags to leave out besides";
                return Err(store.problem("index.tag-whitelist", reason, "give one of the two"));
            }
            (without, only) if only.is_empty() && without.is_empty() => Keys::All,
            (without, only) if only.is_empty() => Keys::Without(without),
            (_, only) => Keys::Only(only),
        };
        let boolean = |row: &str| self.settings.boolean(&format!("{STORE}.{row}"));
        Ok(IndexFilter {
            tags: boolean("index.tags")?,
            logs: boolean("index.logs")?,
            process_tags: boolean("index.process-tags")?,
            keys,
        })
    }
}

#[cfg(test)]
mod tests;
