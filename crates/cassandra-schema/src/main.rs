//! `jaeger-cassandra-schema`: waits for Cassandra, makes the keyspace, the types and the tables that are missing, and ends.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use jaeger_service::tls::{ClientConfig, ClientSettings};
use jaeger_storage_cassandra::schema::{CreateError, SchemaSettings, create};
use jaeger_storage_cassandra::{ConnectError, Tls};

const PAUSE: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("jaeger-cassandra-schema: {reason}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let variable = |name| std::env::var(name).ok();
    let mut settings = SchemaSettings::from_variables(variable).map_err(|error| error.to_string())?;
    settings.connection.tls = tls()?;
    let servers = settings.connection.servers.join(", ");
    let end = Instant::now() + settings.wait;
    loop {
        match create(&settings).await {
            Ok(()) => {
                eprintln!("The keyspace {} on {servers} has every table", settings.connection.keyspace);
                return Ok(());
            }
            Err(CreateError::Connect(ConnectError::Unavailable(reason))) if Instant::now() < end => {
                eprintln!("Cassandra does not answer yet: {reason}");
            }
            Err(CreateError::Connect(ConnectError::Unavailable(reason))) => {
                let waited = settings.wait.as_secs();
                return Err(format!("waited {waited} s for {reason}; start Cassandra, or set CASSANDRA_WAIT_TIMEOUT"));
            }
            Err(error) => return Err(error.to_string()),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// `CQLSH_SSL=--ssl` is TLS; the authority, and whether it is asked, are in cqlsh's own variables.
fn tls() -> Result<Option<Tls>, String> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    if set("CQLSH_SSL").is_none() {
        return Ok(None);
    }
    let settings = ClientSettings {
        prefix: "cassandra".to_owned(),
        ca: set("SSL_CERTFILE").map(Into::into),
        identity: None,
        server_name: None,
        skip_host_verify: set("SSL_VALIDATE").is_some_and(|value| value == "false"),
    };
    let config = ClientConfig::new(settings).map_err(|error| format!("SSL_CERTFILE: {error}"))?;
    Ok(Some(Tls::new(config.rustls())))
}
