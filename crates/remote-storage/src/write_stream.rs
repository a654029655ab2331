//! `WriteSpanStream`: a span a message, gathered into batches; the one answer comes when all of them are stored.

use std::collections::VecDeque;

use bytes::Bytes;
use jaeger_grpc::Status;
use jaeger_model::BatchBuilder;
use jaeger_storage::Written;
use jaeger_wire::api_v2;

use crate::Server;
use crate::body::Messages;
use crate::room::Held;
use crate::write::{Pending, all_stored};

/// What makes a batch full.
const BATCH_SPANS: usize = 4_000;
const BATCH_BYTES: usize = 4 << 20;
/// Batches of one stream that are written at once. The sender waits beyond that, since nothing more is read.
const AT_ONCE: usize = 4;

/// What of a stream was read and what became of it.
struct Stream<'a> {
    server: &'a Server,
    messages: Messages,
    held: Held,
    gathered: Vec<Bytes>,
    bytes: usize,
    writes: VecDeque<Pending>,
    written: Written,
    spans: usize,
}

impl Server {
    pub(crate) async fn write_stream(&self, messages: Messages) -> Result<Bytes, Status> {
        let held = self.inner().room.begin();
        let mut stream = Stream {
            server: self,
            messages,
            held,
            gathered: Vec::new(),
            bytes: 0,
            writes: VecDeque::new(),
            written: Written::default(),
            spans: 0,
        };
        stream.read().await?;
        all_stored(&stream.written, stream.spans).map(|()| Bytes::new())
    }
}

impl Stream<'_> {
    async fn read(&mut self) -> Result<(), Status> {
        while let Some(message) = self.server.counted(self.messages.next(&mut self.held).await)? {
            self.bytes += message.len();
            self.gathered.push(message);
            if self.gathered.len() >= BATCH_SPANS || self.bytes >= BATCH_BYTES {
                self.write()?;
                while self.writes.len() >= AT_ONCE {
                    self.answered().await?;
                }
                if !self.written.refused.is_empty() {
                    break;
                }
            }
        }
        self.write()?;
        while !self.writes.is_empty() {
            self.answered().await?;
        }
        Ok(())
    }

    /// Begins to write what was gathered.
    fn write(&mut self) -> Result<(), Status> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let mut builder = BatchBuilder::new();
        // Usual spans have a tag in 40 bytes, and new text in one byte of five.
        builder.reserve(self.gathered.len(), self.bytes / 40, self.bytes / 5);
        let decoded = api_v2::decode_span_stream(self.gathered.iter().map(|message| &**message), &mut builder);
        self.server.decoded(decoded)?;
        self.gathered.clear();
        self.bytes = 0;
        let batch = builder.finish();
        self.spans += batch.len();
        let store = self.server.store(false)?;
        self.writes.push_back(self.server.begin_write(store, batch, self.held.split()));
        Ok(())
    }

    /// Waits for the oldest write.
    async fn answered(&mut self) -> Result<(), Status> {
        if let Some(pending) = self.writes.pop_front() {
            let written = pending.written(self.messages.patience).await?;
            self.written.stored += written.stored;
            self.written.refused.extend(written.refused);
        }
        Ok(())
    }
}
