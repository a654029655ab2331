//! Makes a keyspace and its tables, each where it is missing. What there is already is left as it is.

use scylla::errors::ExecutionError;

use super::SchemaSettings;
use crate::connect::{ConnectError, session};

/// Why there is no schema.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The cluster.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A statement.
    #[error("the cluster refuses {statement}: {source}")]
    Refused {
        /// Its first words.
        statement: String,
        /// What the cluster says.
        source: Box<ExecutionError>,
    },
}

/// Connects and runs every statement.
///
/// # Errors
/// The first one that did not succeed.
pub async fn create(settings: &SchemaSettings) -> Result<(), CreateError> {
    let session = session(&settings.connection).await?;
    for statement in statements(settings) {
        let done = session.query_unpaged(statement.as_str(), &[]).await;
        done.map_err(|source| match source {
            // The cluster went away, or its nodes are not reached yet.
            ExecutionError::ConnectionPoolError(error) => ConnectError::Unavailable(error.to_string()).into(),
            source => CreateError::Refused {
                statement: statement.lines().next().unwrap_or_default().to_owned(),
                source: Box::new(source),
            },
        })?;
    }
    Ok(())
}

const TYPES: [(&str, &[&str]); 5] = [
    (
        "keyvalue",
        &[
            "key text",
            "value_type text",
            "value_string text",
            "value_bool boolean",
            "value_long bigint",
            "value_double double",
            "value_binary blob",
        ],
    ),
    ("log", &["ts bigint", "fields frozen<list<frozen<KEYSPACE.keyvalue>>>"]),
    ("span_ref", &["ref_type text", "trace_id blob", "span_id bigint"]),
    ("process", &["service_name text", "tags frozen<list<frozen<KEYSPACE.keyvalue>>>"]),
    ("dependency", &["parent text", "child text", "call_count bigint", "source text"]),
];

/// How a table is compacted, and how long its rows live.
#[derive(Clone, Copy)]
enum Kind {
    /// By time, in the configurable window.
    Spans,
    /// By time, an hour a window.
    Index,
    /// By size, as long as traces.
    Names,
    /// By size, as long as dependencies.
    Dependencies,
    /// As Cassandra does by itself, for ever.
    Plain,
}

/// Name, columns, primary key, clustering order.
type TableOf = (&'static str, Kind, &'static [&'static str], &'static str, &'static str);

const TABLES: [TableOf; 11] = [
    (
        "traces",
        Kind::Spans,
        &[
            "trace_id blob",
            "span_id bigint",
            "span_hash bigint",
            "parent_id bigint",
            "operation_name text",
            "flags int",
            "start_time bigint",
            "duration bigint",
            "tags list<frozen<KEYSPACE.keyvalue>>",
            "logs list<frozen<KEYSPACE.log>>",
            "refs list<frozen<KEYSPACE.span_ref>>",
            "process frozen<KEYSPACE.process>",
        ],
        "trace_id, span_id, span_hash",
        "",
    ),
    ("service_names", Kind::Names, &["service_name text"], "service_name", ""),
    (
        "operation_names_v2",
        Kind::Names,
        &["service_name text", "span_kind text", "operation_name text"],
        "(service_name), span_kind, operation_name",
        "",
    ),
    (
        "service_operation_index",
        Kind::Index,
        &["service_name text", "operation_name text", "start_time bigint", "trace_id blob"],
        "(service_name, operation_name), start_time",
        "start_time DESC",
    ),
    (
        "service_name_index",
        Kind::Index,
        &["service_name text", "bucket int", "start_time bigint", "trace_id blob"],
        "(service_name, bucket), start_time",
        "start_time DESC",
    ),
    (
        "duration_index",
        Kind::Index,
        &[
            "service_name text",
            "operation_name text",
            "bucket timestamp",
            "duration bigint",
            "start_time bigint",
            "trace_id blob",
        ],
        "(service_name, operation_name, bucket), duration, start_time, trace_id",
        "duration DESC, start_time DESC, trace_id ASC",
    ),
    (
        "tag_index",
        Kind::Index,
        &[
            "service_name text",
            "tag_key text",
            "tag_value text",
            "start_time bigint",
            "trace_id blob",
            "span_id bigint",
        ],
        "(service_name, tag_key, tag_value), start_time, trace_id, span_id",
        "start_time DESC, trace_id ASC, span_id ASC",
    ),
    (
        "dependencies_v2",
        Kind::Dependencies,
        &["ts_bucket timestamp", "ts timestamp", "dependencies list<frozen<KEYSPACE.dependency>>"],
        "ts_bucket, ts",
        "ts DESC",
    ),
    ("operation_throughput", Kind::Plain, &["bucket int", "ts timeuuid", "throughput text"], "bucket, ts", "ts DESC"),
    (
        "sampling_probabilities",
        Kind::Plain,
        &["bucket int", "ts timeuuid", "hostname text", "probabilities text"],
        "bucket, ts",
        "ts DESC",
    ),
    ("leases", Kind::Plain, &["name text", "owner text"], "name", ""),
];

const BY_SIZE: &str =
    "compaction = {'class': 'SizeTieredCompactionStrategy', 'min_threshold': '4', 'max_threshold': '32'}";

/// Every statement, in order. The keyspace's name is letters, digits and underscores, and is not quoted, as in Go's script.
fn statements(settings: &SchemaSettings) -> Vec<String> {
    let keyspace = &settings.connection.keyspace;
    let fields = |fields: &[&str]| fields.join(",\n    ").replace("KEYSPACE", keyspace);
    let mut all =
        vec![format!("CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = {}", settings.replication.cql())];
    for (name, columns) in TYPES {
        all.push(format!("CREATE TYPE IF NOT EXISTS {keyspace}.{name} (\n    {}\n)", fields(columns)));
    }
    for (name, kind, columns, key, order) in TABLES {
        let mut with = Vec::new();
        if !order.is_empty() {
            with.push(format!("CLUSTERING ORDER BY ({order})"));
        }
        with.extend(options(kind, settings));
        let with = if with.is_empty() { String::new() } else { format!(" WITH {}", with.join("\n    AND ")) };
        all.push(format!(
            "CREATE TABLE IF NOT EXISTS {keyspace}.{name} (\n    {},\n    PRIMARY KEY ({key})\n){with}",
            fields(columns)
        ));
    }
    all
}

fn options(kind: Kind, settings: &SchemaSettings) -> Vec<String> {
    let by_time = |size: u64, unit: &str| {
        format!(
            "compaction = {{'class': 'TimeWindowCompactionStrategy', 'compaction_window_size': '{size}', \
             'compaction_window_unit': '{unit}'}}"
        )
    };
    let compaction = match kind {
        Kind::Plain => return Vec::new(),
        Kind::Dependencies => {
            return vec![BY_SIZE.to_owned(), format!("default_time_to_live = {}", settings.dependencies_ttl)];
        }
        Kind::Spans => by_time(settings.window.0, settings.window.1),
        Kind::Index => by_time(1, "HOURS"),
        Kind::Names => BY_SIZE.to_owned(),
    };
    vec![
        compaction,
        format!("default_time_to_live = {}", settings.trace_ttl),
        "speculative_retry = 'NONE'".to_owned(),
        // A node may be away for three hours.
        "gc_grace_seconds = 10800".to_owned(),
    ]
}

#[cfg(test)]
mod tests;
