//! `body -> WRITE -> store`: what became of each span goes into the ledger and to the caller.
//!
//! A write goes on when its caller hangs up: then what the store refuses counts as dropped, since nobody was told.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use jaeger_grpc::Status;
use jaeger_model::{Batch, BatchBuilder};
use jaeger_service::ledger::{CollectorDropped, CollectorRefused, InFlight, Origin, RequestRefused};
use jaeger_service::logs::Repeats;
use jaeger_storage::{ErrorKind, Store, Written};
use jaeger_storage_remote::wire;
use jaeger_wire::{DecodeError, api_v2};
use prost::Message as _;
use tokio::sync::oneshot;

use crate::Server;
use crate::body::{Messages, undecoded};
use crate::room::Held;

/// A write under way.
pub(crate) struct Pending {
    spans: usize,
    done: oneshot::Receiver<(Written, InFlight)>,
}

impl Server {
    /// Puts spans into the ledger and begins to write them. A store that answers at once has answered when this returns.
    pub(crate) fn begin_write(&self, store: Arc<dyn Store>, batch: Batch, held: Held) -> Pending {
        let spans = batch.len();
        let in_flight = self.inner().ledger.receive(spans as u64, Origin::Other);
        let (tell, done) = oneshot::channel();
        let mut write = Box::pin(async move {
            let written = store.write(Arc::new(batch)).await;
            drop(held);
            log_refused(&written);
            if let Err((written, mut in_flight)) = tell.send((written, in_flight)) {
                settle(&mut in_flight, &written, false);
            }
        });
        if write.as_mut().now_or_never().is_none() {
            self.inner().writes.spawn(write);
        }
        Pending { spans, done }
    }

    /// `jaeger.embedded.v1.Storage/Write`.
    pub(crate) async fn write_batch(&self, mut messages: Messages) -> Result<Bytes, Status> {
        let mut held = self.inner().room.begin();
        let message = self.counted(messages.only(&mut held).await)?;
        let decoded = wire::write_request_is_archive(&message).and_then(|archive| {
            let mut builder = BatchBuilder::new();
            api_v2::decode_post_spans(&message, &mut builder)?;
            Ok((archive, builder.finish()))
        });
        let (archive, batch) = self.decoded(decoded)?;
        drop(message);
        let store = self.store(archive)?;
        let written = self.begin_write(store, batch, held).written(messages.patience).await?;
        Ok(wire::written_to(written).encode_to_vec().into())
    }

    /// `SpanWriterPlugin/WriteSpan` and `ArchiveSpanWriterPlugin/WriteArchiveSpan`.
    pub(crate) async fn write_span(&self, mut messages: Messages, archive: bool) -> Result<Bytes, Status> {
        let mut held = self.inner().room.begin();
        let message = self.counted(messages.only(&mut held).await)?;
        let mut builder = BatchBuilder::new();
        self.decoded(api_v2::decode_spans(&message, &mut builder))?;
        let store = self.store(archive)?;
        let pending = self.begin_write(store, builder.finish(), held);
        let spans = pending.spans;
        let written = pending.written(messages.patience).await?;
        all_stored(&written, spans).map(|()| Bytes::new())
    }

    pub(crate) fn store(&self, archive: bool) -> Result<Arc<dyn Store>, Status> {
        let store = &self.inner().store;
        match archive {
            false => Ok(Arc::clone(store)),
            true => store
                .archive()
                .ok_or_else(|| Status::unimplemented(format!("the {} store keeps no archive", store.name()))),
        }
    }

    /// Counts a request that broke off or was refused before its spans were known.
    pub(crate) fn counted<T>(&self, read: Result<T, Status>) -> Result<T, Status> {
        read.inspect_err(|status| {
            let reason = match wire::kind_of(status) {
                ErrorKind::Throttled => RequestRefused::Busy,
                ErrorKind::Invalid if status.code() == jaeger_grpc::Code::ResourceExhausted => RequestRefused::TooLarge,
                ErrorKind::Invalid => RequestRefused::Malformed,
                _ => RequestRefused::Unfinished,
            };
            self.inner().ledger.refuse_request(reason);
        })
    }

    pub(crate) fn decoded<T>(&self, decoded: Result<T, DecodeError>) -> Result<T, Status> {
        decoded.map_err(|error| {
            self.inner().ledger.refuse_request(RequestRefused::Malformed);
            undecoded(&error)
        })
    }
}

impl Pending {
    /// What became of the spans, once that is certain. After `patience` the caller is told so, and the write goes on.
    pub(crate) async fn written(mut self, patience: Duration) -> Result<Written, Status> {
        let answer = match self.done.try_recv() {
            Ok(answer) => Ok(answer),
            Err(_) => match tokio::time::timeout(patience, &mut self.done).await {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(_lost)) => Err(Status::internal("the write ended early; send the spans again")),
                Err(_elapsed) => {
                    Err(Status::unavailable(format!("the store did not answer in {patience:?}; send the spans again")))
                }
            },
        };
        let (written, mut in_flight) = answer?;
        settle(&mut in_flight, &written, true);
        Ok(written)
    }
}

/// OK, or the refusal that asks most of the sender.
pub(crate) fn all_stored(written: &Written, spans: usize) -> Result<(), Status> {
    let Some(worst) = written.refused.iter().max_by_key(|refused| urgency(refused.kind)) else {
        return Ok(());
    };
    let refused: usize = written.refused.iter().map(|refused| refused.spans.len()).sum();
    let what = if urgency(worst.kind) == 0 {
        "sending them again does not help"
    } else {
        "their sender keeps them and sends them again"
    };
    let message =
        format!("the store refused {refused} of {spans} spans ({}): {}; {what}", worst.kind.label(), worst.message);
    Err(Status::new(wire::code_of(worst.kind), message))
}

/// 0 where sending again does not help.
fn urgency(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Invalid | ErrorKind::NotFound => 0,
        ErrorKind::Corrupt => 1,
        ErrorKind::Throttled => 2,
        ErrorKind::Unavailable => 3,
    }
}

fn settle(in_flight: &mut InFlight, written: &Written, told: bool) {
    in_flight.store(written.stored as u64);
    for refused in &written.refused {
        let spans = refused.spans.len() as u64;
        match (told, refused.kind) {
            (true, ErrorKind::Unavailable) => in_flight.refuse(CollectorRefused::StoreUnavailable, spans, None),
            (true, ErrorKind::Throttled) => in_flight.refuse(CollectorRefused::StoreThrottled, spans, None),
            (true, ErrorKind::Corrupt) => in_flight.refuse(CollectorRefused::StoreCorrupt, spans, None),
            (true, _) => in_flight.refuse(CollectorRefused::StoreInvalid, spans, None),
            (false, ErrorKind::Unavailable) => in_flight.drop_spans(CollectorDropped::StoreUnavailable, spans, None),
            (false, ErrorKind::Throttled) => in_flight.drop_spans(CollectorDropped::StoreThrottled, spans, None),
            (false, ErrorKind::Corrupt) => in_flight.drop_spans(CollectorDropped::StoreCorrupt, spans, None),
            (false, _) => in_flight.drop_spans(CollectorDropped::StoreInvalid, spans, None),
        }
    }
}

fn log_refused(written: &Written) {
    static REFUSED: Repeats = Repeats::new();
    let Some(first) = written.refused.first() else { return };
    let spans = written.refused.iter().map(|refused| refused.spans.len() as u64).sum();
    if let Some(times) = REFUSED.hit(spans) {
        tracing::warn!(spans = times, kind = first.kind.label(), why = first.message, "The store refused spans");
    }
}
