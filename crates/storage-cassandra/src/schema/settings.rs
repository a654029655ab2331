//! What a schema is made from: the variables of Go's image `jaeger-cassandra-schema`.

use std::time::Duration;

use crate::CassandraConfig;

/// A keyspace to make.
#[derive(Clone, Debug)]
pub struct SchemaSettings {
    /// Where the cluster is, and the keyspace's name.
    pub connection: CassandraConfig,
    /// How long to wait for the cluster.
    pub wait: Duration,
    pub(crate) replication: Replication,
    /// Seconds that spans live; 0 is for ever.
    pub(crate) trace_ttl: u32,
    /// Seconds that dependencies live; 0 is for ever.
    pub(crate) dependencies_ttl: u32,
    /// The window in which spans are compacted: size and unit.
    pub(crate) window: (u64, &'static str),
}

/// How many copies, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Replication {
    /// `MODE=test`: anywhere.
    Simple(u32),
    /// `MODE=prod`: in one data centre.
    DataCenter(String, u32),
}

impl Replication {
    pub(crate) fn cql(&self) -> String {
        match self {
            Self::Simple(copies) => format!("{{'class': 'SimpleStrategy', 'replication_factor': '{copies}'}}"),
            Self::DataCenter(name, copies) => {
                format!("{{'class': 'NetworkTopologyStrategy', '{}': '{copies}'}}", name.replace('\'', "''"))
            }
        }
    }
}

/// A variable that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{variable}={value}: {reason}")]
pub struct SettingsError {
    variable: &'static str,
    value: String,
    reason: &'static str,
}

impl SchemaSettings {
    /// Reads them; `variable` gives the value of a variable that is set.
    ///
    /// # Errors
    /// The first one that is wrong.
    pub fn from_variables(variable: impl Fn(&'static str) -> Option<String>) -> Result<Self, SettingsError> {
        let text = |name, default: &str| {
            variable(name).filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
        };
        let number = |name, default: &str| {
            let value = text(name, default);
            value.parse::<u32>().map_err(|_| SettingsError { variable: name, value, reason: "write a whole number" })
        };
        let data_center = text("DATACENTER", "dc1");
        let mode = text("MODE", "test");
        let replication = match mode.as_str() {
            "test" => Replication::Simple(number("REPLICATION_FACTOR", "1")?),
            "prod" => Replication::DataCenter(data_center.clone(), number("REPLICATION_FACTOR", "2")?),
            _ => return Err(SettingsError { variable: "MODE", value: mode, reason: "write prod or test" }),
        };
        let keyspace = text("KEYSPACE", &format!("jaeger_v1_{data_center}"));
        if !keyspace.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            let reason = "write letters, digits and underscores";
            return Err(SettingsError { variable: "KEYSPACE", value: keyspace, reason });
        }
        let trace_ttl = number("TRACE_TTL", "172800")?;
        let port = text("CQLSH_PORT", "9042");
        let port = port.parse().map_err(|_| SettingsError {
            variable: "CQLSH_PORT",
            value: port.clone(),
            reason: "write a port",
        })?;
        let user = text("CASSANDRA_USERNAME", "");
        Ok(Self {
            connection: CassandraConfig {
                servers: vec![text("CQLSH_HOST", "cassandra")],
                port,
                keyspace: keyspace.to_lowercase(),
                login: (!user.is_empty()).then(|| (user, text("CASSANDRA_PASSWORD", ""))),
                timeout: Duration::from_secs(60),
                connections_per_host: 1,
                ..CassandraConfig::default()
            },
            wait: Duration::from_secs(number("CASSANDRA_WAIT_TIMEOUT", "60")?.into()),
            replication,
            trace_ttl,
            dependencies_ttl: number("DEPENDENCIES_TTL", "0")?,
            window: window(&text("TEMPLATE", ""), &text("COMPACTION_WINDOW", ""), trace_ttl)?,
        })
    }
}

/// Version 3 of the schema has an hour, version 4 what is given, or what makes thirty windows of the time to live.
fn window(template: &str, given: &str, trace_ttl: u32) -> Result<(u64, &'static str), SettingsError> {
    if given.is_empty() {
        return Ok(match template.contains("v003") || trace_ttl == 0 {
            true => (1, "HOURS"),
            false => (u64::from(trace_ttl.div_ceil(60).div_ceil(30)), "MINUTES"),
        });
    }
    let unit =
        [('m', "MINUTES"), ('h', "HOURS"), ('d', "DAYS")].into_iter().find(|(letter, _)| given.ends_with(*letter));
    let size = unit
        .and_then(|(letter, name)| Some((given.strip_suffix(letter)?.parse().ok().filter(|size| *size > 0)?, name)));
    size.ok_or_else(|| SettingsError {
        variable: "COMPACTION_WINDOW",
        value: given.to_owned(),
        reason: "write a number and m, h or d, such as 30m",
    })
}

#[cfg(test)]
mod tests;
