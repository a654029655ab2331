//! A trace by its id: rows, a page at a time, into one batch.

use jaeger_model::{Trace, TraceId};
use jaeger_storage::{ErrorKind, StorageError};
use scylla::response::PagingState;
use scylla::response::query_result::QueryRowsResult;
use scylla::statement::prepared::PreparedStatement;

use super::Reader;
use crate::cql::cells::Cells;
use crate::cql::raw::Raw;
use crate::cql::row::Row;
use crate::cql::span::{SpanReader, SpanRow};
use crate::error;

type Columns<'a> = (
    Option<&'a [u8]>,
    Option<i64>,
    Option<i64>,
    Option<&'a str>,
    Option<i32>,
    Option<i64>,
    Option<i64>,
    Raw<'a>,
    Raw<'a>,
    Raw<'a>,
    Raw<'a>,
);

impl Reader {
    /// The trace, each span once.
    pub(crate) async fn get_trace(&self, id: TraceId) -> Result<Trace, StorageError> {
        let mut key = Vec::new();
        key.bytes(&id.0.to_be_bytes());
        let mut trace = self.rows(&self.trace, &key, id).await?;
        if trace.is_empty() {
            return Err(StorageError::new(ErrorKind::NotFound, format!("trace {id} is not in cassandra")));
        }
        trace.drop_copies();
        Ok(trace)
    }

    /// The spans with one id in a trace.
    pub(crate) async fn spans_with_id(&self, id: TraceId, span: i64) -> Result<Trace, StorageError> {
        let mut key = Vec::new();
        key.bytes(&id.0.to_be_bytes());
        key.bigint(span);
        self.rows(&self.span, &key, id).await
    }

    async fn rows(&self, statement: &PreparedStatement, key: &[u8], id: TraceId) -> Result<Trace, StorageError> {
        let mut spans = SpanReader::default();
        self.pages(statement, key, "reading a trace", |page| {
            push_rows(&page, &mut spans).map_err(|error| error::corrupt(&format!("reading trace {id}"), error))?;
            if spans.used_bytes() <= self.max_trace_bytes {
                return Ok(());
            }
            let message = format!(
                "trace {id} takes more than {} bytes of memory; --query.max-trace-bytes allows half of what is read",
                self.max_trace_bytes
            );
            Err(StorageError::new(ErrorKind::Corrupt, message))
        })
        .await?;
        Ok(Trace::of_batch(spans.finish()))
    }

    /// Gives every page of an answer to `take`.
    pub(crate) async fn pages(
        &self,
        statement: &PreparedStatement,
        key: &[u8],
        what: &str,
        mut take: impl FnMut(QueryRowsResult) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let mut at = PagingState::start();
        loop {
            let page = self.session.execute_single_page(statement, Row(key), at).await;
            let (page, next) = page.map_err(|error| error::storage(what, error))?;
            take(page.into_rows_result().map_err(|error| error::corrupt(what, error))?)?;
            match next.into_paging_control_flow() {
                std::ops::ControlFlow::Continue(next) => at = next,
                std::ops::ControlFlow::Break(()) => return Ok(()),
            }
        }
    }
}

fn push_rows(page: &QueryRowsResult, spans: &mut SpanReader) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    for row in page.rows::<Columns<'_>>()? {
        let (trace_id, span_id, parent_id, operation, flags, start, duration, tags, logs, references, process) = row?;
        spans.push(&SpanRow {
            trace_id: trace_id.unwrap_or_default(),
            span_id: span_id.unwrap_or_default(),
            parent_id: parent_id.unwrap_or_default(),
            operation: operation.unwrap_or_default(),
            flags: flags.unwrap_or_default(),
            start: start.unwrap_or_default(),
            duration: duration.unwrap_or_default(),
            tags: tags.0,
            logs: logs.0,
            references: references.0,
            process: process.0,
        })?;
    }
    Ok(())
}
