//! Reads: traces by id, names, and searches, which find ids in an index first.

mod durations;
mod merge;
mod names;
mod newest;
mod scan;
mod search;
mod trace;

use std::sync::Arc;

use scylla::client::session::Session;
use scylla::errors::PrepareError;
use scylla::statement::prepared::PreparedStatement;

use crate::tables::Keyspace;

/// Every SELECT, prepared.
pub(crate) struct Reader {
    pub(crate) session: Arc<Session>,
    pub(crate) keyspace: Keyspace,
    pub(crate) trace: PreparedStatement,
    span: PreparedStatement,
    services: PreparedStatement,
    operations: PreparedStatement,
    by_service: PreparedStatement,
    by_operation: PreparedStatement,
    by_tag: PreparedStatement,
    by_duration: PreparedStatement,
    pub(crate) dependencies: PreparedStatement,
    /// None where there is only the older table, which Spark jobs alone fill.
    pub(crate) insert_dependencies: Option<PreparedStatement>,
    /// None where the older table of dependencies has no days.
    pub(crate) dependency_days: Option<PreparedStatement>,
    max_trace_bytes: usize,
}

impl Reader {
    /// Prepares them.
    pub(crate) async fn prepare(
        session: Arc<Session>,
        keyspace: &Keyspace,
        max_trace_bytes: usize,
    ) -> Result<Self, PrepareError> {
        let prepare = async |statement: String| {
            let mut prepared = session.prepare(statement).await?;
            prepared.set_is_idempotent(true);
            Ok::<_, PrepareError>(prepared)
        };
        Ok(Self {
            trace: prepare(keyspace.select_trace()).await?,
            span: prepare(keyspace.select_span()).await?,
            services: prepare(keyspace.select_services()).await?,
            operations: prepare(keyspace.select_operations()).await?,
            by_service: prepare(keyspace.select_by_service()).await?,
            by_operation: prepare(keyspace.select_by_operation()).await?,
            by_tag: prepare(keyspace.select_by_tag()).await?,
            by_duration: prepare(keyspace.select_by_duration()).await?,
            dependencies: prepare(keyspace.select_dependencies()).await?,
            insert_dependencies: match keyspace.dependencies_v2 {
                true => Some(prepare(keyspace.insert_dependencies()).await?),
                false => None,
            },
            dependency_days: match keyspace.dependencies_v2 {
                true => Some(prepare(keyspace.select_dependency_days()).await?),
                false => None,
            },
            session,
            keyspace: keyspace.clone(),
            max_trace_bytes,
        })
    }
}
