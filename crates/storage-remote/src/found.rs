//! Chunks of spans as traces, one at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::stream;
use jaeger_grpc::{Reply, Status};
use jaeger_model::{Trace, TraceId};
use jaeger_storage::{BoxStream, StorageError};

use crate::store::Client;
use crate::wire::{Chunk, chunk_of};

/// The traces of an answer that is coming in: where the trace id changes another one begins.
pub(crate) struct Found {
    client: Arc<Client>,
    reply: Reply,
    begun: Trace,
    id: Option<TraceId>,
    whole: VecDeque<Result<Trace, StorageError>>,
    /// Whether copies may come, as from stores that are not ours.
    drop_copies: bool,
    ended: bool,
}

impl Found {
    pub(crate) fn new(client: Arc<Client>, reply: Reply, drop_copies: bool) -> Self {
        Self { client, reply, begun: Trace::new(), id: None, whole: VecDeque::new(), drop_copies, ended: false }
    }

    /// The next chunk as it is, for what stands before the traces.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Chunk>, Status> {
        match self.reply.message().await? {
            None => Ok(None),
            Some(message) => {
                let undecoded = |error| Status::data_loss(format!("a chunk of spans does not decode: {error}"));
                chunk_of(&message).map(Some).map_err(undecoded)
            }
        }
    }

    /// The next trace.
    pub(crate) async fn next(&mut self) -> Option<Result<Trace, StorageError>> {
        loop {
            if let Some(trace) = self.whole.pop_front() {
                return Some(trace);
            }
            if self.ended {
                return None;
            }
            match self.chunk().await {
                Ok(Some(chunk)) => self.take(chunk),
                Ok(None) => {
                    self.ended = true;
                    self.end_trace();
                }
                Err(status) => {
                    // The trace that was coming in may be half of it.
                    self.ended = true;
                    self.whole.push_back(Err(self.client.error(&status)));
                }
            }
        }
    }

    /// As a stream.
    pub(crate) fn traces<'a>(self) -> BoxStream<'a, Result<Trace, StorageError>> {
        Box::pin(stream::unfold(self, |mut found| async move { found.next().await.map(|trace| (trace, found)) }))
    }

    fn take(&mut self, chunk: Chunk) {
        let batch = Arc::new(chunk.batch);
        let ids: Vec<TraceId> = batch.spans().map(|span| span.trace_id()).collect();
        let mut from = 0;
        for run in ids.chunk_by(|a, b| a == b) {
            let id = run.first().copied();
            if self.id != id {
                self.end_trace();
                self.id = id;
            }
            self.begun.push_spans(Arc::clone(&batch), from..from + run.len());
            from += run.len();
        }
        if let Some(error) = chunk.failure {
            self.end_trace();
            self.whole.push_back(Err(error));
        }
    }

    fn end_trace(&mut self) {
        self.id = None;
        let mut trace = std::mem::take(&mut self.begun);
        if !trace.is_empty() {
            if self.drop_copies {
                trace.drop_copies();
            }
            self.whole.push_back(Ok(trace));
        }
    }
}
