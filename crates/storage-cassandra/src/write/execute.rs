//! Statements on their way: so many at once, again where that may help, and what became of each span.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jaeger_model::Batch;
use jaeger_storage::{ErrorKind, Refused, Written};
use scylla::client::session::Session;
use scylla::errors::ExecutionError;
use scylla::statement::batch::{Batch as CqlBatch, BatchType};
use scylla::statement::prepared::PreparedStatement;
use tokio::sync::Semaphore;

use super::names::Names;
use super::rows::{Rows as BatchRows, Rules};
use super::statements::{MOST_ROWS, Statement, statements};
use crate::config::IndexFilter;
use crate::cql::row::Rows;
use crate::error;
use crate::figures::{self, Figures};
use crate::tables::{Keyspace, Table};

/// Statements under way at once, over all writes of a store.
const UNDER_WAY: usize = 512;
/// The first wait before a statement is tried again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Writes batches.
pub(crate) struct Writer {
    session: Arc<Session>,
    inserts: Vec<Insert>,
    names: Names,
    index: IndexFilter,
    keyspace: Keyspace,
    retries: u32,
    room: Semaphore,
    skipped_tags: metrics::Counter,
}

/// The INSERT of a table, alone and as often as a statement has rows.
struct Insert {
    figures: Figures,
    one: PreparedStatement,
    many: Vec<OnceLock<CqlBatch>>,
}

impl Insert {
    /// An unlogged batch of so many: all rows are of one partition, so that there is nothing to log.
    fn batch(&self, rows: usize) -> Option<&CqlBatch> {
        let made = self.many.get(rows)?;
        Some(made.get_or_init(|| {
            let one = || self.one.clone().into();
            let mut batch =
                CqlBatch::new_with_statements(BatchType::Unlogged, std::iter::repeat_with(one).take(rows).collect());
            batch.set_is_idempotent(true);
            batch
        }))
    }
}

impl Writer {
    /// Prepares the statements.
    pub(crate) async fn prepare(
        session: Arc<Session>,
        keyspace: &Keyspace,
        config: &crate::CassandraConfig,
    ) -> Result<Self, scylla::errors::PrepareError> {
        let mut inserts = Vec::new();
        for table in Table::ALL {
            let mut one = session.prepare(table.insert(keyspace)).await?;
            one.set_is_idempotent(true);
            inserts.push(Insert {
                figures: Figures::of(table, config.is_archive),
                one,
                many: std::iter::repeat_with(OnceLock::new).take(MOST_ROWS + 1).collect(),
            });
        }
        Ok(Self {
            session,
            inserts,
            names: Names::new(config.names_ttl),
            index: config.index.clone(),
            keyspace: keyspace.clone(),
            retries: config.retries,
            room: Semaphore::new(UNDER_WAY),
            skipped_tags: figures::skipped_tags(config.is_archive),
        })
    }

    /// The prepared INSERT of a table.
    pub(crate) fn insert(&self, table: Table) -> Option<&PreparedStatement> {
        self.inserts.get(table as usize).map(|insert| &insert.one)
    }

    /// Writes a batch; every span is stored once all its rows are.
    pub(crate) async fn write(&self, batch: &Batch) -> Written {
        let rules = Rules { index: &self.index, operations: self.keyspace.operations, names: &self.names };
        let rows = BatchRows::of(batch, rules);
        let statements = statements(&rows);
        self.skipped_tags.increment(rows.skipped_tags);
        let mut fate = Fate::of(batch.len());
        let cells = &rows.cells;
        let mut under_way: FuturesUnordered<_> = statements
            .iter()
            .map(|statement| async move { (statement, self.execute(statement, cells).await) })
            .collect();
        while let Some((statement, result)) = under_way.next().await {
            if let Err(error) = result {
                fate.failed(&rows, statement, &error);
            }
        }
        if fate.messages.is_empty() {
            self.names.stored(&rows.names);
        }
        fate.written(&rows)
    }

    async fn execute(&self, statement: &Statement, cells: &[u8]) -> Result<(), ExecutionError> {
        // Never closed.
        let _room = self.room.acquire().await;
        let mut wait = FIRST_WAIT;
        for _ in 0..self.retries {
            match self.attempt(statement, cells).await {
                Err(error) if error::kind(&error) != ErrorKind::Invalid => {}
                result => return result,
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        self.attempt(statement, cells).await
    }

    async fn attempt(&self, statement: &Statement, cells: &[u8]) -> Result<(), ExecutionError> {
        let Some(insert) = self.inserts.get(statement.table as usize) else { return Ok(()) };
        let rows = Rows { cells, places: &statement.places };
        let began = Instant::now();
        let done = match (rows.row(0), insert.batch(statement.places.len())) {
            (Some(row), _) if statement.places.len() == 1 => self.session.execute_unpaged(&insert.one, row).await,
            (_, Some(batch)) => self.session.batch(batch, rows).await,
            // No statement is empty or longer than the longest.
            (_, None) => return Ok(()),
        };
        insert.figures.attempted(statement.places.len(), began.elapsed(), done.is_ok());
        done.map(drop)
    }
}

/// What is known of each span while statements come back.
struct Fate {
    /// The place in `messages` of what went wrong, for each span.
    failed: Vec<Option<u8>>,
    messages: Vec<(ErrorKind, String)>,
}

impl Fate {
    fn of(spans: usize) -> Self {
        Self { failed: vec![None; spans], messages: Vec::new() }
    }

    fn failed(&mut self, rows: &BatchRows, statement: &Statement, error: &ExecutionError) {
        let kind = error::kind(error);
        let known = self.messages.iter().position(|(known, _)| *known == kind);
        let reason = known.unwrap_or_else(|| {
            let table = statement.table.name();
            self.messages.push((kind, format!("cassandra did not store rows of {table}: {error}")));
            self.messages.len() - 1
        });
        let reason = u8::try_from(reason).ok();
        let mut mark = |span: u32| {
            if let Some(failed) = self.failed.get_mut(span as usize) {
                *failed = failed.or(reason);
            }
        };
        for row in &statement.rows {
            rows.places.get(*row).into_iter().for_each(|place| mark(place.span));
        }
        rows.shared
            .iter()
            .filter(|(row, _)| statement.rows.binary_search(row).is_ok())
            .for_each(|(_, span)| mark(*span));
    }

    fn written(mut self, rows: &BatchRows) -> Written {
        for (original, copy) in &rows.copies {
            let reason = self.failed.get(*original as usize).copied().flatten();
            if let Some(failed) = self.failed.get_mut(*copy as usize) {
                *failed = reason;
            }
        }
        let refused = self.messages.into_iter().zip(0u8..).map(|((kind, message), reason)| {
            let spans = (0u32..).zip(&self.failed).filter(|(_, failed)| **failed == Some(reason));
            Refused { kind, message, spans: spans.map(|(span, _)| span).collect() }
        });
        let refused = refused.filter(|refused| !refused.spans.is_empty());
        Written { refused: refused.collect(), stored: self.failed.iter().filter(|failed| failed.is_none()).count() }
    }
}
