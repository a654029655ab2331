//! Connecting: a session, what the keyspace looks like, and every statement prepared. What cannot get better by waiting is told
//! apart from what can.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::client::{Compression, PoolSize};
use scylla::errors::{
    ConnectionError, ConnectionPoolError, ConnectionSetupRequestErrorKind, DbError, ExecutionError, MetadataError,
    NewSessionError, PrepareError,
};
use scylla::statement::Consistency;

use crate::CassandraConfig;
use crate::login::Login;
use crate::read::Reader;
use crate::schema::check::{self, SchemaError};
use crate::store::Connected;
use crate::tls::{self, Relay};
use crate::write::Writer;

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The setting `flag`, of `cassandra.` or `cassandra-archive.`, cannot be used; waiting does not help.
    #[error("{reason}")]
    Setting {
        /// The setting's name after the prefix.
        flag: &'static str,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The cluster is not there, or not yet.
    #[error("{0}")]
    Unavailable(String),
}

/// Connects once.
///
/// # Errors
/// Why it did not succeed.
pub(crate) async fn connect(config: &CassandraConfig) -> Result<Connected, ConnectError> {
    let session = Arc::new(session(config).await?);
    let keyspace = check::keyspace(&session, &config.keyspace).await.map_err(|error| of_schema(config, error))?;
    let failed = |error| of_schema(config, SchemaError::from(error));
    let writer = Writer::prepare(Arc::clone(&session), &keyspace, config).await.map_err(failed)?;
    let reader = Reader::prepare(session, &keyspace, config.max_trace_bytes).await.map_err(failed)?;
    check::types(&writer, &reader).map_err(|error| of_schema(config, error))?;
    Ok(Connected { writer, reader })
}

/// A session, for whoever needs no tables.
pub(crate) async fn session(config: &CassandraConfig) -> Result<Session, ConnectError> {
    let consistency = consistency(&config.consistency)?;
    let profile = ExecutionProfile::builder()
        .consistency(consistency)
        .request_timeout(Some(config.timeout))
        .build()
        .into_handle();
    let mut builder = SessionBuilder::new()
        .default_execution_profile_handle(profile)
        .connection_timeout(config.connect_timeout)
        .pool_size(PoolSize::PerHost(config.connections_per_host.try_into().unwrap_or(std::num::NonZeroUsize::MIN)))
        .keyspaces_to_fetch([config.keyspace.clone()])
        .compression(config.compression.then_some(Compression::Snappy))
        // A node that no longer answers is found by these, and its statements go to others.
        .keepalive_interval(Duration::from_secs(10))
        .keepalive_timeout(Duration::from_secs(10));
    if let Some(interval) = config.keep_alive {
        builder = builder.tcp_keepalive_interval(interval);
    }
    if let Some((user, password)) = &config.login {
        let (user, password, allowed) = (user.clone(), password.clone(), config.authenticators.clone());
        builder = builder.authenticator_provider(Arc::new(Login { user, password, allowed }));
    }
    if let Some(local_dc) = &config.local_dc {
        builder = builder.prefer_datacenter(local_dc.clone());
    }
    let nodes = config.nodes();
    let Some(tls) = &config.tls else {
        return builder.known_nodes(nodes).build().await.map_err(|error| of_session(config, &error));
    };
    let relay = Arc::new(Relay::new(tls, config.connect_timeout));
    let known = relayed(&relay, &nodes).await.map_err(ConnectError::Unavailable)?;
    let builder = builder.known_nodes_addr(known).address_translator(Arc::new(tls::Shared(Arc::clone(&relay))));
    builder.build().await.map_err(|error| match relay.reason() {
        Some(reason) => ConnectError::Unavailable(reason),
        None => of_session(config, &error),
    })
}

/// Where the relay listens for each address of the nodes.
async fn relayed(relay: &Relay, nodes: &[String]) -> Result<Vec<SocketAddr>, String> {
    let mut known = Vec::new();
    for node in nodes {
        let host = node.rsplit_once(':').map(|(host, _)| host.trim_matches(['[', ']']));
        let addresses = tokio::net::lookup_host(node).await.map_err(|error| format!("{node}: {error}"))?;
        for address in addresses {
            known.push(relay.address_for(address, host).map_err(|error| format!("{node}: {error}"))?);
        }
    }
    Ok(known)
}

fn consistency(name: &str) -> Result<Consistency, ConnectError> {
    Ok(match name.to_ascii_uppercase().as_str() {
        "" | "LOCAL_ONE" => Consistency::LocalOne,
        "ANY" => Consistency::Any,
        "ONE" => Consistency::One,
        "TWO" => Consistency::Two,
        "THREE" => Consistency::Three,
        "QUORUM" => Consistency::Quorum,
        "ALL" => Consistency::All,
        "LOCAL_QUORUM" => Consistency::LocalQuorum,
        "EACH_QUORUM" => Consistency::EachQuorum,
        _ => {
            let reason = format!("{name} is no consistency; write one such as LOCAL_ONE or LOCAL_QUORUM");
            return Err(ConnectError::Setting { flag: "consistency", reason });
        }
    })
}

/// Whether this is the name of a consistency, as in `LOCAL_QUORUM`.
#[must_use]
pub fn is_consistency(name: &str) -> bool {
    consistency(name).is_ok()
}

fn of_session(config: &CassandraConfig, error: &NewSessionError) -> ConnectError {
    if let NewSessionError::MetadataError(MetadataError::ConnectionPoolError(ConnectionPoolError::Broken {
        last_connection_error: ConnectionError::ConnectionSetupRequestError(setup),
    })) = error
    {
        match &setup.error {
            ConnectionSetupRequestErrorKind::DbError(DbError::AuthenticationError, said) => {
                return wrong_login(config, said);
            }
            ConnectionSetupRequestErrorKind::MissingAuthentication => {
                let reason = "the cluster asks for a user; set this and the password".to_owned();
                return ConnectError::Setting { flag: "username", reason };
            }
            _ => {}
        }
    }
    ConnectError::Unavailable(format!("{}: {error}", config.servers.join(", ")))
}

fn wrong_login(config: &CassandraConfig, said: &str) -> ConnectError {
    let user = config.login.as_ref().map_or("", |(user, _)| user);
    let reason = format!("the cluster does not take user {user} with this password ({said}); check both");
    ConnectError::Setting { flag: "username", reason }
}

fn of_schema(config: &CassandraConfig, error: SchemaError) -> ConnectError {
    match error {
        SchemaError::Driver(error) if said_unauthorized(&error) => {
            let reason = format!("this user may not use the keyspace {}: {error}; grant it", config.keyspace);
            ConnectError::Setting { flag: "username", reason }
        }
        SchemaError::Driver(error) => ConnectError::Unavailable(format!("{}: {error}", config.servers.join(", "))),
        other => ConnectError::Setting { flag: "keyspace", reason: other.to_string() },
    }
}

fn said_unauthorized(error: &ExecutionError) -> bool {
    use scylla::errors::RequestAttemptError::DbError as Said;
    matches!(error, ExecutionError::LastAttemptError(Said(DbError::Unauthorized, _)))
}

impl From<PrepareError> for SchemaError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::AllAttemptsFailed { first_attempt } => ExecutionError::from(first_attempt).into(),
            other => ExecutionError::from(other).into(),
        }
    }
}

#[cfg(test)]
mod tests;
