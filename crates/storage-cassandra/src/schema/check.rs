//! What a keyspace looks like: its older or newer tables, and whether its types are those that rows are written in.

use std::collections::HashSet;

use scylla::client::session::Session;
use scylla::cluster::metadata::{CollectionType, ColumnType, NativeType};
use scylla::errors::ExecutionError;
use scylla::frame::response::result::ColumnSpec;

use crate::read::Reader;
use crate::tables::{Keyspace, Operations, Table};
use crate::write::Writer;

/// Why a keyspace cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SchemaError {
    /// There is none of this name.
    #[error("the keyspace {0} is not there; make it with jaeger-cassandra-schema, or name another")]
    NoKeyspace(String),
    /// A table is missing.
    #[error(
        "the keyspace {keyspace} has no table {table}; make the schema with jaeger-cassandra-schema, or name another"
    )]
    NoTable { keyspace: String, table: &'static str },
    /// A column has another type than in Go's schema.
    #[error("the column {column} is {found} and not {expected}; this is no schema of Jaeger, name another keyspace")]
    Type { column: String, found: String, expected: &'static str },
    /// The cluster did not answer.
    #[error(transparent)]
    Driver(#[from] Box<ExecutionError>),
}

impl From<ExecutionError> for SchemaError {
    fn from(error: ExecutionError) -> Self {
        Self::Driver(Box::new(error))
    }
}

/// Reads which tables there are.
pub(crate) async fn keyspace(session: &Session, name: &str) -> Result<Keyspace, SchemaError> {
    let names = async |statement: &str| -> Result<HashSet<String>, SchemaError> {
        let rows = session.query_unpaged(statement, (name,)).await?.into_rows_result();
        let rows = rows.map_err(|_| SchemaError::NoKeyspace(name.to_owned()))?;
        let rows = rows.rows::<(String,)>().map_err(|_| SchemaError::NoKeyspace(name.to_owned()))?;
        Ok(rows.flatten().map(|(name,)| name).collect())
    };
    let tables = names("SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?").await?;
    if tables.is_empty() {
        let keyspaces = names("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?").await?;
        if keyspaces.is_empty() {
            return Err(SchemaError::NoKeyspace(name.to_owned()));
        }
    }
    let operations = match tables.contains("operation_names_v2") || !tables.contains("operation_names") {
        true => Operations::V2,
        false => Operations::V1,
    };
    let dependencies_v2 = tables.contains("dependencies_v2") || !tables.contains("dependencies");
    let keyspace = Keyspace { name: name.to_owned(), operations, dependencies_v2 };
    let dependencies = if dependencies_v2 { "dependencies_v2" } else { "dependencies" };
    let needed = Table::ALL.into_iter().map(|table| table.name_in(&keyspace)).chain([dependencies]);
    for table in needed {
        if !tables.contains(table) {
            return Err(SchemaError::NoTable { keyspace: name.to_owned(), table });
        }
    }
    Ok(keyspace)
}

/// Compares the types of what is written as bytes with what the cluster says.
pub(crate) fn types(writer: &Writer, reader: &Reader) -> Result<(), SchemaError> {
    for table in Table::ALL {
        let Some(insert) = writer.insert(table) else { continue };
        insert.get_variable_col_specs().iter().try_for_each(column)?;
    }
    reader.trace.get_current_result_set_col_specs().get().iter().try_for_each(column)?;
    reader.dependencies.get_current_result_set_col_specs().get().iter().try_for_each(column)
}

/// The types that rows are written in, by field.
macro_rules! keyvalues {
    () => {
        "list<{key text, value_type text, value_string text, value_bool boolean, value_long bigint, value_double double, value_binary blob}>"
    };
}

fn column(spec: &ColumnSpec<'_>) -> Result<(), SchemaError> {
    let expected = match spec.name() {
        "trace_id" => "blob",
        "span_id" | "span_hash" | "parent_id" | "start_time" | "duration" => "bigint",
        "flags" => "int",
        "operation_name" | "service_name" | "span_kind" | "tag_key" | "tag_value" => "text",
        "bucket" if spec.table_spec().table_name() == "duration_index" => "timestamp",
        "bucket" => "int",
        "tags" => keyvalues!(),
        "logs" => concat!("list<{ts bigint, fields ", keyvalues!(), "}>"),
        "refs" => "list<{ref_type text, trace_id blob, span_id bigint}>",
        "process" => concat!("{service_name text, tags ", keyvalues!(), "}"),
        "dependencies" => {
            // `source` came later, and is not read.
            let found = shape(spec.typ());
            return match found.starts_with("list<{parent text, child text, call_count bigint") {
                true => Ok(()),
                false => Err(wrong(spec, found, "list<{parent text, child text, call_count bigint}>")),
            };
        }
        _ => return Ok(()),
    };
    let found = shape(spec.typ());
    if found == expected { Ok(()) } else { Err(wrong(spec, found, expected)) }
}

fn wrong(spec: &ColumnSpec<'_>, found: String, expected: &'static str) -> SchemaError {
    let column = format!("{}.{}.{}", spec.table_spec().ks_name(), spec.table_spec().table_name(), spec.name());
    SchemaError::Type { column, found, expected }
}

/// A type without its name and without `frozen`, which differ between Go's schemas and mean nothing for the bytes.
fn shape(typ: &ColumnType<'_>) -> String {
    match typ {
        ColumnType::Native(NativeType::Text | NativeType::Ascii) => "text".to_owned(),
        ColumnType::Native(native) => format!("{native:?}").to_lowercase(),
        ColumnType::Collection { typ: CollectionType::List(element), .. } => format!("list<{}>", shape(element)),
        ColumnType::UserDefinedType { definition, .. } => {
            let field = |(name, typ): &(std::borrow::Cow<'_, str>, ColumnType<'_>)| format!("{name} {}", shape(typ));
            format!("{{{}}}", definition.field_types.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}
