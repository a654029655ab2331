//! One partition of an index, read newest first, a page at a time.

use std::collections::VecDeque;

use jaeger_model::TraceId;
use jaeger_storage::StorageError;
use scylla::client::session::Session;
use scylla::response::PagingState;
use scylla::response::query_result::QueryRowsResult;
use scylla::statement::prepared::PreparedStatement;

use crate::cql::row::Row;
use crate::cql::span;
use crate::error;

/// What an index row says; the order is that of searches: newest first, then by trace and span.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Hit {
    pub(super) start: std::cmp::Reverse<i64>,
    pub(super) trace: TraceId,
    /// In the tag index alone, else 0.
    pub(super) span: i64,
}

/// The pages of one statement.
pub(super) struct Scan<'a> {
    session: &'a Session,
    statement: PreparedStatement,
    key: Vec<u8>,
    next_page: Option<PagingState>,
    hits: VecDeque<Hit>,
    /// Whether rows have a span's id.
    spans: bool,
}

const WHAT: &str = "searching";
/// What the first page need not guess, the next ones take.
const PAGE: i32 = 5_000;

impl<'a> Scan<'a> {
    /// Begins; `first` rows are asked for first.
    pub(super) fn new(session: &'a Session, statement: &PreparedStatement, key: Vec<u8>, first: usize) -> Self {
        let mut statement = statement.clone();
        statement.set_page_size(i32::try_from(first).unwrap_or(PAGE).clamp(1, PAGE));
        Self { session, statement, key, next_page: Some(PagingState::start()), hits: VecDeque::new(), spans: false }
    }

    /// Its rows have a span's id in the third column.
    pub(super) fn of_spans(self) -> Self {
        Self { spans: true, ..self }
    }

    /// The next row, if there is one.
    pub(super) async fn next(&mut self) -> Result<Option<Hit>, StorageError> {
        while self.hits.is_empty() {
            let Some(at) = self.next_page.take() else { return Ok(None) };
            let page = self.session.execute_single_page(&self.statement, Row(&self.key), at).await;
            let (page, next) = page.map_err(|error| error::storage(WHAT, error))?;
            let rows = page.into_rows_result().map_err(|error| error::corrupt(WHAT, error))?;
            self.hits = hits(&rows, self.spans).map_err(|error| error::corrupt(WHAT, error))?.into();
            if let std::ops::ControlFlow::Continue(next) = next.into_paging_control_flow() {
                self.next_page = Some(next);
                let larger = self.statement.get_page_size().saturating_mul(4).min(PAGE);
                self.statement.set_page_size(larger);
            }
        }
        Ok(self.hits.pop_front())
    }
}

/// The rows of a page, with a span's id in the third column or none.
pub(super) fn hits(page: &QueryRowsResult, spans: bool) -> Result<Vec<Hit>, Box<dyn std::error::Error + Send + Sync>> {
    let hit =
        |start, trace: &[u8], span| Ok(Hit { start: std::cmp::Reverse(start), trace: span::trace_id(trace)?, span });
    if spans {
        page.rows::<(i64, &[u8], i64)>()?
            .map(|row| row.map_err(Into::into).and_then(|(s, t, p)| hit(s, t, p)))
            .collect()
    } else {
        page.rows::<(i64, &[u8])>()?.map(|row| row.map_err(Into::into).and_then(|(s, t)| hit(s, t, 0))).collect()
    }
}
