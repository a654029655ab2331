//! chunks -> **stream**: messages on their way to a client, and the status behind them. A client that takes nothing is
//! given up, so that a trace and the store's stream are not held for it.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use jaeger_grpc::{Framed, Status, streamed};
use jaeger_model::TraceId;
use jaeger_storage::TraceQuery;
use tokio::sync::mpsc;

use super::chunks::Shape;
use super::{Answered, refusal};
use crate::answer::ClientGone;
use crate::caller;
use crate::each::{Admitted, Sink, Stop};
use crate::error::ApiError;
use crate::search::Search;

/// Messages that wait for the client.
const WAITING: usize = 2;
/// A client that takes no message for so long is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A message, or with none the good end, or the bad one.
type Part = Result<Option<Bytes>, Status>;

/// The writing end.
pub(super) struct Out {
    parts: mpsc::Sender<Part>,
    sent: bool,
}

impl Out {
    pub(super) async fn send(&mut self, message: Bytes) -> Result<(), ClientGone> {
        self.sent = true;
        self.part(Ok(Some(message))).await
    }

    /// Ends the answer; dropped without, it ends as broken off.
    pub(super) async fn end(self, result: Result<(), Status>) {
        if let Err(gone) = self.part(result.map(|()| None)).await {
            tracing::debug!(%gone, "Answer was not read to its end");
        }
    }

    async fn part(&self, part: Part) -> Result<(), ClientGone> {
        match tokio::time::timeout(PATIENCE, self.parts.send(part)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(ClientGone),
        }
    }
}

/// The answer that a task of its own writes. What goes wrong before the first message is the whole answer.
pub(super) async fn written_by<F: Future<Output = ()> + Send + 'static>(write: impl FnOnce(Out) -> F) -> Answered {
    let (sender, mut parts) = mpsc::channel(WAITING);
    caller::spawn(write(Out { parts: sender, sent: false }));
    let first = parts.recv().await;
    if let Some(Err(status)) = first {
        return Err(status);
    }
    let rest = stream::poll_fn(move |context| parts.poll_recv(context).map(Some));
    let messages = stream::once(async { first }).chain(rest).scan(false, |ended, part| {
        let message = match part {
            _ if *ended => None,
            Some(Ok(Some(message))) => Some(Ok(message)),
            Some(Ok(None)) => None,
            Some(Err(status)) => Some(Err(status)),
            None => Some(Err(Status::aborted("the answer broke off or was not read in time; ask again"))),
        };
        *ended = !matches!(message, Some(Ok(_)));
        std::future::ready(message)
    });
    Ok(streamed(Box::pin(messages) as Framed))
}

/// Answers with one trace; `refused` says how an error reads.
pub(super) async fn one(search: Search, id: TraceId, shape: Shape, refused: fn(&ApiError) -> Status) -> Answered {
    written_by(move |out| async move {
        match search.get_admitted(id, true).await {
            Ok(admitted) => {
                let mut traces = Traces { out, shape, taken: 0, left_out: None };
                match traces.take(admitted).await {
                    Ok(()) => traces.out.end(Ok(())).await,
                    Err(gone) => tracing::debug!(%gone, "Trace was not read to its end"),
                }
            }
            Err(error) => out.end(Err(refused(&error))).await,
        }
    })
    .await
}

/// Answers a search. A trace that is left out is the status behind the others.
pub(super) async fn found(search: Search, query: TraceQuery, shape: Shape) -> Answered {
    written_by(move |out| async move {
        let mut traces = Traces { out, shape, taken: 0, left_out: None };
        match search.each(&query, &mut traces).await {
            Ok(()) => {
                let left_out = traces.left_out.map_or(Ok(()), |error| Err(refusal::of(&error)));
                traces.out.end(left_out).await;
            }
            Err(Stop::Refused(error)) => traces.out.end(Err(refusal::of(&error))).await,
            Err(Stop::Gone(_)) => {}
        }
    })
    .await
}

struct Traces {
    out: Out,
    shape: Shape,
    taken: u64,
    left_out: Option<ApiError>,
}

impl Sink for Traces {
    fn nothing_sent(&self) -> bool {
        !self.out.sent
    }

    fn taken(&self) -> u64 {
        self.taken
    }

    fn left_out(&mut self, _id: Option<TraceId>, error: ApiError) {
        self.left_out.get_or_insert(error);
    }

    async fn take(&mut self, Admitted { trace, room }: Admitted) -> Result<(), ClientGone> {
        let mut next = 0;
        while next < trace.len() {
            let (message, to) = self.shape.message(&trace, next);
            next = to;
            self.out.send(message).await?;
        }
        self.taken += 1;
        drop(trace);
        drop(room);
        Ok(())
    }
}
