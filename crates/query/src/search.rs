//! **search** -> assemble -> adjust -> render: asks the store, and writes each trace out before the next is
//! read. One trace is held at a time.

use std::sync::Arc;

use jaeger_model::{Duration, Trace, TraceId};
use jaeger_service::metrics::{Operation, QueryMetrics};
use jaeger_storage::{ErrorKind, StorageError, Store, TraceQuery};

use crate::adjust::adjust;
use crate::answer::{Answer, ClientGone, PIECE_BYTES};
use crate::assemble::assemble;
use crate::budget::Budget;
use crate::draft::Draft;
use crate::each::{Admitted, Sink, Stop, Watch};
use crate::envelope::{self, ErrorItem};
use crate::error::{ApiError, TooLarge};
use crate::metrics::RateSource;
use crate::render::ui_json::TraceWriter;

/// What an answer says went wrong at most; a store that fails for each trace says it once more often.
const MAX_ERRORS: usize = 1_000;
/// A trace of more spans is worked on where other tasks of the thread do not wait for it.
const MANY_SPANS: usize = 2_000;

/// Reads traces of a store and writes them as answers.
#[derive(Clone)]
pub struct Search {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) metrics: QueryMetrics,
    pub(crate) max_trace_bytes: usize,
    pub(crate) budget: Budget,
    pub(crate) rates: Arc<dyn RateSource>,
    pub(crate) max_clock_skew: Duration,
}

impl Search {
    /// Answers a search.
    pub async fn find(self, query: TraceQuery, answer: Answer) {
        let mut list = Listed::open(&self, answer);
        match self.each(&query, &mut list).await {
            Ok(()) => list.list.close(list.answer).await,
            Err(Stop::Refused(error)) => list.answer.refuse(&error),
            Err(Stop::Gone(_)) => {}
        }
    }

    /// Answers with the traces of these ids; those that are not there are told about behind the others.
    pub async fn get_all(self, ids: Vec<TraceId>, mut answer: Answer) {
        let mut list = List::open(&mut answer);
        for id in ids {
            match self.get_admitted(id, answer.nothing_sent()).await {
                Ok(admitted) => {
                    if let Err(gone) = admitted.write(&self, false, &mut list, &mut answer).await {
                        return tracing::debug!(%gone, "Traces were not read to their end");
                    }
                }
                Err(error @ ApiError::Storage(_)) if list.is_empty() => return answer.refuse(&error),
                Err(error @ ApiError::Busy(_)) if answer.nothing_sent() => return answer.refuse(&error),
                Err(error) => list.push_error(error.item(Some(id))),
            }
        }
        list.close(answer).await;
    }

    /// Answers with one trace, as it is stored where it is wanted `raw`.
    pub async fn get_one(self, id: TraceId, raw: bool, mut answer: Answer) {
        let admitted = match self.get_admitted(id, true).await {
            Ok(admitted) => admitted,
            Err(error) => return answer.refuse(&error),
        };
        let mut list = List::open(&mut answer);
        match admitted.write(&self, raw, &mut list, &mut answer).await {
            Ok(()) => list.close(answer).await,
            Err(gone) => tracing::debug!(%gone, "Trace was not read to its end"),
        }
    }

    /// Reads one trace, of the archive where it is there alone.
    ///
    /// # Errors
    /// The store's; `NotFound` for a trace without spans too.
    pub async fn get(&self, id: TraceId) -> Result<Trace, StorageError> {
        let mut watch = Watch::default();
        let trace = watch.during(self.store.get_trace(id)).await;
        let trace = trace.and_then(|trace| {
            let empty = || StorageError::new(ErrorKind::NotFound, "trace not found");
            if trace.is_empty() { Err(empty()) } else { Ok(trace) }
        });
        self.metrics.finished(Operation::GetTrace, trace.is_ok(), watch.0, u64::from(trace.is_ok()));
        match (trace, self.store.archive()) {
            (Err(error), Some(archive)) if error.kind() == ErrorKind::NotFound => archive.get_trace(id).await,
            (trace, _) => trace,
        }
    }

    /// The trace as it is shown.
    #[must_use]
    pub fn draft<'t>(&self, trace: &'t Trace, raw: bool) -> Draft<'t> {
        let mut draft = assemble(trace);
        if !raw {
            adjust(&mut draft, self.max_clock_skew);
        }
        draft
    }

    /// Whether the trace is small enough to be shown.
    ///
    /// # Errors
    /// [`TooLarge`] with what it has and the bound.
    pub fn check(&self, trace: &Trace) -> Result<(), TooLarge> {
        let max = self.max_trace_bytes;
        // Batches hold spans of other traces too: where they are too large, its own spans are measured.
        if trace.size_bytes() <= max {
            return Ok(());
        }
        let bytes = own_bytes(trace);
        let id = trace.trace_id().unwrap_or_default();
        if bytes <= max { Ok(()) } else { Err(TooLarge { id, spans: trace.len(), bytes, max }) }
    }
}

impl Admitted {
    async fn write(self, search: &Search, raw: bool, list: &mut List, answer: &mut Answer) -> Result<(), ClientGone> {
        let Self { trace, room } = self;
        if trace.is_empty() {
            return Ok(());
        }
        {
            let draft = beside_others(trace.len(), || search.draft(&trace, raw));
            let mut writer = TraceWriter::new(&draft);
            list.separate(answer);
            while !writer.step(answer.buffer(), PIECE_BYTES) {
                answer.send_full().await?;
            }
        }
        // All of it is written: the client takes the last piece in its own time.
        drop(trace);
        drop(room);
        answer.send_full().await
    }
}

/// About what a trace's own spans take in memory.
pub(crate) fn own_bytes(trace: &Trace) -> usize {
    const SPAN: usize = 128;
    const ROW: usize = 32;
    let tags = |tags: jaeger_model::Tags<'_>| -> usize {
        let value = |value: jaeger_model::Value<'_>| match value {
            jaeger_model::Value::Str(text) => text.len(),
            jaeger_model::Value::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        tags.map(|tag| ROW + tag.key.len() + value(tag.value)).sum()
    };
    let spans = trace.spans().map(|span| {
        let logs: usize = span.logs().map(|log| ROW + tags(log.fields())).sum();
        SPAN + span.operation().len() + tags(span.tags()) + logs + ROW * span.references().len()
    });
    spans.sum()
}

/// Runs long work on this thread after its other tasks went elsewhere; short work at once.
pub(crate) fn beside_others<T>(spans: usize, work: impl FnOnce() -> T) -> T {
    let can_move = || {
        let runtime = tokio::runtime::Handle::try_current();
        runtime.is_ok_and(|runtime| runtime.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread)
    };
    if spans > MANY_SPANS && can_move() { tokio::task::block_in_place(work) } else { work() }
}

/// The list of traces in an answer.
struct List {
    written: u64,
    errors: Vec<ErrorItem>,
}

impl List {
    fn open(answer: &mut Answer) -> Self {
        answer.buffer().extend_from_slice(envelope::OPEN);
        Self { written: 0, errors: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.written == 0
    }

    fn separate(&mut self, answer: &mut Answer) {
        if self.written > 0 {
            answer.buffer().push(b',');
        }
        self.written += 1;
    }

    fn push_error(&mut self, error: ErrorItem) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        }
    }

    async fn close(self, mut answer: Answer) {
        envelope::close(answer.buffer(), 0, &self.errors);
        if let Err(gone) = answer.finish().await {
            tracing::debug!(%gone, "Answer was not read to its end");
        }
    }
}

/// A search's list with the answer that it is written into.
struct Listed<'s> {
    search: &'s Search,
    list: List,
    answer: Answer,
}

impl<'s> Listed<'s> {
    fn open(search: &'s Search, mut answer: Answer) -> Self {
        Self { search, list: List::open(&mut answer), answer }
    }
}

impl Sink for Listed<'_> {
    fn nothing_sent(&self) -> bool {
        self.answer.nothing_sent()
    }

    fn taken(&self) -> u64 {
        self.list.written
    }

    fn truncated(&mut self) {
        self.answer.truncate();
    }

    fn left_out(&mut self, id: Option<TraceId>, error: ApiError) {
        self.list.push_error(error.item(id));
    }

    async fn take(&mut self, admitted: Admitted) -> Result<(), ClientGone> {
        admitted.write(self.search, false, &mut self.list, &mut self.answer).await
    }
}
