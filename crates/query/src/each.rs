//! **search** -> each trace of an answer: the store's stream read one trace at a time into whatever the answer is
//! written as, within `--query.max-trace-bytes` and the budget.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use jaeger_model::{Trace, TraceId};
use jaeger_service::metrics::Operation;
use jaeger_storage::{ErrorKind, TraceQuery};

use crate::answer::ClientGone;
use crate::budget::{Room, held_bytes};
use crate::error::ApiError;
use crate::search::Search;

/// Where the traces of a search go.
pub(crate) trait Sink: Send {
    /// Whether the answer can still become an error: then whoever asks can be sent away instead of waiting.
    fn nothing_sent(&self) -> bool;

    /// How many traces it took.
    fn taken(&self) -> u64;

    /// More traces matched than the limit let through; told before the first trace.
    fn truncated(&mut self) {}

    /// A trace that matches and is not in the answer.
    fn left_out(&mut self, id: Option<TraceId>, error: ApiError);

    /// Writes a trace.
    fn take(&mut self, admitted: Admitted) -> impl Future<Output = Result<(), ClientGone>> + Send;
}

/// Why a search ended before its last trace.
#[derive(Debug)]
pub(crate) enum Stop {
    Gone(ClientGone),
    /// Nothing is written: the whole answer is this.
    Refused(ApiError),
}

/// A trace with the room that it takes.
pub(crate) struct Admitted {
    pub(crate) trace: Trace,
    pub(crate) room: Room,
}

impl Search {
    /// Reads the traces of a search into a sink.
    pub(crate) async fn each(&self, query: &TraceQuery, sink: &mut impl Sink) -> Result<(), Stop> {
        let mut watch = Watch::default();
        let mut ok = true;
        let read = self.read(query, sink, &mut watch, &mut ok).await;
        let (ok, taken) = match &read {
            // Whoever waits for room elsewhere is not the store's failure.
            Err(Stop::Refused(error)) => (matches!(error, ApiError::Busy(_)), 0),
            Err(Stop::Gone(gone)) => {
                tracing::debug!(%gone, "Search was not read to its end");
                (ok, sink.taken())
            }
            Ok(()) => (ok, sink.taken()),
        };
        self.metrics.finished(Operation::FindTraces, ok, watch.0, taken);
        read
    }

    async fn read(
        &self,
        query: &TraceQuery,
        sink: &mut impl Sink,
        watch: &mut Watch,
        ok: &mut bool,
    ) -> Result<(), Stop> {
        let found = watch.during(self.store.find_traces(query)).await;
        let found = found.map_err(|error| Stop::Refused(error.into()))?;
        if found.truncated {
            sink.truncated();
        }
        let mut traces = found.traces;
        while let Some(trace) = watch.during(traces.next()).await {
            match trace {
                Ok(trace) => {
                    let id = trace.trace_id();
                    match self.admit(trace, sink.nothing_sent()).await {
                        Ok(admitted) if admitted.trace.is_empty() => {}
                        Ok(admitted) => sink.take(admitted).await.map_err(Stop::Gone)?,
                        Err(error @ ApiError::Busy(_)) if sink.nothing_sent() => return Err(Stop::Refused(error)),
                        Err(error) => sink.left_out(id, error),
                    }
                }
                // The other traces of the search are not to blame for a broken one.
                Err(error) if error.kind() == ErrorKind::Corrupt => {
                    *ok = false;
                    sink.left_out(None, error.into());
                }
                Err(error) if sink.taken() == 0 => return Err(Stop::Refused(error.into())),
                Err(error) => {
                    *ok = false;
                    sink.left_out(None, error.into());
                    break;
                }
            }
        }
        Ok(())
    }

    /// Reads one trace and makes room for it.
    pub(crate) async fn get_admitted(&self, id: TraceId, nothing_sent: bool) -> Result<Admitted, ApiError> {
        let trace = self.get(id).await?;
        self.admit(trace, nothing_sent).await
    }

    /// Makes room for a trace that may be shown. Who was sent nothing can be sent away; others wait.
    pub(crate) async fn admit(&self, trace: Trace, nothing_sent: bool) -> Result<Admitted, ApiError> {
        self.check(&trace)?;
        let bytes = held_bytes(&trace);
        match self.budget.take(bytes) {
            Ok(room) => Ok(Admitted { trace, room }),
            Err(busy) if nothing_sent => Err(busy.into()),
            Err(_) => {
                // Whoever waits for memory must not hold it: the trace is read once more.
                let id = trace.trace_id().unwrap_or_default();
                drop(trace);
                let room = self.budget.wait(bytes).await?;
                Ok(Admitted { trace: self.get(id).await?, room })
            }
        }
    }
}

/// Time spent in the store: what a client takes to read is not the store's.
#[derive(Default)]
pub(crate) struct Watch(pub(crate) Duration);

impl Watch {
    pub(crate) async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let since = Instant::now();
        let done = work.await;
        self.0 += since.elapsed();
        done
    }
}
