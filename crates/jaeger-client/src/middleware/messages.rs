//! Messages of gRPC within a body: counted and logged as they pass, whatever frames they come in.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::{SpanHandle, Value};

/// Reads where messages begin: a byte that says whether it is compressed, four of length, the message.
#[derive(Debug)]
pub(super) struct Messages {
    /// Which way they go.
    way: &'static str,
    count: u64,
    prefix: [u8; 5],
    /// Bytes of the prefix that have come.
    have: usize,
    /// Bytes of the message that are still to come.
    left: usize,
}

impl Messages {
    pub(super) fn new(way: &'static str) -> Self {
        Self { way, count: 0, prefix: [0; 5], have: 0, left: 0 }
    }

    pub(super) fn see(&mut self, mut bytes: &[u8], span: &SpanHandle) {
        while !bytes.is_empty() {
            let passed = self.left.min(bytes.len());
            self.left -= passed;
            bytes = bytes.get(passed..).unwrap_or_default();
            while self.left == 0
                && let Some((byte, rest)) = bytes.split_first()
            {
                if let Some(place) = self.prefix.get_mut(self.have) {
                    *place = *byte;
                }
                self.have += 1;
                bytes = rest;
                if self.have == self.prefix.len() {
                    self.begins(span);
                }
            }
        }
    }

    fn begins(&mut self, span: &SpanHandle) {
        let [compressed, length @ ..] = self.prefix;
        let length = u32::from_be_bytes(length);
        (self.have, self.left) = (0, length as usize);
        self.count += 1;
        span.log(&[
            ("event", "message".into()),
            ("message.type", self.way.into()),
            ("message.id", self.count.into()),
            ("message.bytes", length.into()),
            ("message.compressed", Value::Bool(compressed != 0)),
        ]);
    }
}

pin_project! {
    /// A request's body whose messages are logged.
    #[derive(Debug)]
    pub struct MessageBody<B> {
        #[pin]
        inner: B,
        watched: Option<(Messages, SpanHandle)>,
    }
}

impl<B> MessageBody<B> {
    /// Nobody watches.
    pub(super) fn plain(inner: B) -> Self {
        Self { inner, watched: None }
    }

    pub(super) fn watched(inner: B, messages: Messages, span: SpanHandle) -> Self {
        Self { inner, watched: Some((messages, span)) }
    }
}

impl<B: Body<Data: AsRef<[u8]>>> Body for MessageBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.project();
        let polled = this.inner.poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let (Some(data), Some((messages, span))) = (frame.data_ref(), this.watched)
        {
            messages.see(data.as_ref(), span);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
