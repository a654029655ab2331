//! `collector -> WRITE -> channel`: a batch becomes a request; its answer means durable, an error that it is written again.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use jaeger_grpc::Status;
use jaeger_model::{Batch, SpanView};
use jaeger_storage::{ErrorKind, Refused, StorageError, Written};
use jaeger_wire::api_v2;
use jaeger_wire::generated::embedded_v1;

use crate::peer::Speaks;
use crate::store::Client;
use crate::wire::{paths, write_request, written_of};

/// How long the server may take to store a batch; a collector's own senders wait 10 s.
const PATIENCE: Duration = Duration::from_secs(15);
/// What a span takes in a request, about.
const SPAN_BYTES: usize = 450;
/// Calls of one span each that one batch has under way.
const UNARY_AT_ONCE: usize = 64;

impl Client {
    pub(crate) async fn write(&self, batch: &Batch, archive: bool) -> Written {
        let spans = batch.len();
        if spans == 0 {
            return Written::all(0);
        }
        match self.try_write(batch, archive).await {
            Ok(written) => written,
            Err(error) => Written::none(spans, &error),
        }
    }

    async fn try_write(&self, batch: &Batch, archive: bool) -> Result<Written, StorageError> {
        let peer = self.peer().await?;
        match peer.speaks {
            Speaks::Embedded => Ok(self.write_batch(batch, archive, peer.max_message_bytes).await),
            Speaks::Streams if !archive => self.write_stream(batch).await,
            Speaks::Streams | Speaks::Spans => Ok(self.write_spans(batch, archive).await),
        }
    }

    /// A call of ours: for a batch that is too long for one, several.
    async fn write_batch(&self, batch: &Batch, archive: bool, max_bytes: usize) -> Written {
        let mut written = Written::default();
        let mut left: Vec<Range<usize>> = std::iter::once(0..batch.len()).collect();
        while let Some(range) = left.pop() {
            let request = write_request(spans(batch, &range), archive);
            if request.len() > max_bytes && range.len() > 1 {
                let middle = range.start + range.len() / 2;
                left.push(middle..range.end);
                left.push(range.start..middle);
                continue;
            }
            match self.write_part(request, range.len()).await {
                Ok(part) => {
                    written.stored += part.stored;
                    written.refused.extend(part.refused.into_iter().map(|refused| moved(refused, range.start)));
                }
                Err(status) => {
                    let none = Written::none(range.len(), &self.error(&status));
                    written.refused.extend(none.refused.into_iter().map(|refused| moved(refused, range.start)));
                }
            }
        }
        written
    }

    async fn write_part(&self, request: Vec<u8>, spans: usize) -> Result<Written, Status> {
        let reply = self.channel.call(paths::EMBEDDED_WRITE, Bytes::from(request), PATIENCE).await?;
        let response: embedded_v1::WriteResponse = self.decoded(paths::EMBEDDED_WRITE, &reply.only().await?)?;
        written_of(response, spans).ok_or_else(|| {
            Status::unavailable(format!(
                "the answer does not speak of each of {spans} spans once; they are written again"
            ))
        })
    }

    /// A stream a batch, half-closed: its one answer is for all of it.
    async fn write_stream(&self, batch: &Batch) -> Result<Written, StorageError> {
        let mut request = Vec::with_capacity(batch.len() * SPAN_BYTES);
        api_v2::encode_span_stream(batch.spans(), &mut request);
        let stored =
            async { self.channel.call(paths::WRITE_SPAN_STREAM, Bytes::from(request), PATIENCE).await?.only().await };
        stored.await.map_err(|status| self.error(&status))?;
        Ok(Written::all(batch.len()))
    }

    /// A call a span, for servers without streams, and for archives in v1.
    async fn write_spans(&self, batch: &Batch, archive: bool) -> Written {
        let path = if archive { paths::WRITE_ARCHIVE_SPAN } else { paths::WRITE_SPAN };
        let calls = batch.spans().zip(0u32..).map(|(span, place)| async move {
            let _permit = self.unary.acquire().await;
            let mut request = Vec::with_capacity(SPAN_BYTES);
            api_v2::encode_span_stream(std::iter::once(span), &mut request);
            let stored = async { self.channel.call(path, Bytes::from(request), PATIENCE).await?.only().await };
            stored.await.err().map(|status| (place, self.error(&status)))
        });
        let calls: Vec<_> = calls.collect();
        let mut answers = stream::iter(calls).buffer_unordered(UNARY_AT_ONCE);
        let mut written = Written::default();
        while let Some(answer) = answers.next().await {
            match answer {
                None => written.stored += 1,
                Some((place, error)) => refuse(&mut written, place, &error),
            }
        }
        written
    }
}

/// Spans that were refused for one kind of reason stand together.
fn refuse(written: &mut Written, place: u32, error: &StorageError) {
    let kind: ErrorKind = error.kind();
    match written.refused.iter_mut().find(|refused| refused.kind == kind) {
        Some(refused) => refused.spans.push(place),
        None => written.refused.push(Refused { kind, message: error.to_string(), spans: vec![place] }),
    }
}

fn spans<'a>(batch: &'a Batch, range: &Range<usize>) -> impl Iterator<Item = SpanView<'a>> + Clone {
    range.clone().filter_map(|place| batch.span(place))
}

/// Places in a part of a batch that begins at `start`.
fn moved(mut refused: Refused, start: usize) -> Refused {
    let start = u32::try_from(start).unwrap_or(u32::MAX);
    for place in &mut refused.spans {
        *place = place.saturating_add(start);
    }
    refused
}
