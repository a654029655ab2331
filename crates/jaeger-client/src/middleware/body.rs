//! An answer's body, with which its span ends.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::messages::Messages;
use super::open::Open;

pin_project! {
    /// An answer's body, with which its span ends; one that is not traced passes through.
    #[derive(Debug)]
    pub struct TracedBody<B> {
        #[pin]
        inner: B,
        open: Option<Open>,
        messages: Option<Messages>,
    }
}

impl<B: Body> TracedBody<B> {
    pub(super) fn new(inner: B, mut open: Option<Open>, messages: Option<Messages>) -> Self {
        // Whoever sends it may not ask for what is not there. A call of gRPC waits for its trailers.
        if inner.is_end_stream()
            && let Some(open) = open.as_mut().filter(|open| !open.is_grpc())
        {
            open.whole();
        }
        Self { inner, open, messages }
    }
}

impl<B> Body for TracedBody<B>
where
    B: Body<Data: AsRef<[u8]>, Error: fmt::Display>,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut this = self.project();
        let Some(open) = this.open.as_mut() else { return this.inner.poll_frame(context) };
        // What a stream does while it is polled belongs to the request.
        let entered = open.handle().enter();
        let polled = this.inner.as_mut().poll_frame(context);
        drop(entered);
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => open.whole(),
            Poll::Ready(Some(Err(error))) => open.failed(error),
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    open.trailers(trailers);
                }
                if let (Some(data), Some(messages)) = (frame.data_ref(), this.messages) {
                    messages.see(data.as_ref(), open.handle());
                }
                if this.inner.is_end_stream() && !open.is_grpc() {
                    open.whole();
                }
            }
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
