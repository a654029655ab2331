//! The current span of a thread, or of a future while it is polled: how a function far below finds the span that its
//! work belongs to. Nothing is carried into another task or thread unless the caller says so.

use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::span::SpanHandle;

thread_local! {
    static CURRENT: RefCell<Option<SpanHandle>> = const { RefCell::new(None) };
}

/// The current span; without one, a handle whose tags go nowhere and whose children are not recorded.
#[must_use]
pub fn current() -> SpanHandle {
    try_current().unwrap_or_else(SpanHandle::none)
}

/// The current span, if there is one.
#[must_use]
pub fn try_current() -> Option<SpanHandle> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

fn replace(with: Option<SpanHandle>) -> Option<SpanHandle> {
    CURRENT.try_with(|current| current.replace(with)).ok().flatten()
}

impl SpanHandle {
    /// Makes this the thread's current span until the guard is dropped. Not across an `.await`: see [`InSpan`].
    pub fn enter(&self) -> Entered {
        Entered { before: replace(Some(self.clone())), _stays: PhantomData }
    }
}

/// The thread's current span is another until this is dropped.
#[must_use = "the span is the current one until this is dropped"]
pub struct Entered {
    before: Option<SpanHandle>,
    /// Dropped on the thread that it was made on.
    _stays: PhantomData<*const ()>,
}

impl Entered {
    /// This one is left before `above`, which was made after it.
    #[cfg(feature = "tracing")]
    pub(crate) fn leave_to(mut self, above: &mut Self) {
        above.before = self.before.take();
        std::mem::forget(self);
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        drop(replace(self.before.take()));
    }
}

/// Futures with a current span.
pub trait InSpan: Sized {
    /// While this future is polled, `span` is the current one: across every `.await`, on whatever thread.
    fn in_span(self, span: SpanHandle) -> WithSpan<Self> {
        WithSpan { future: self, span }
    }

    /// Keeps the span that is current now, for a future that is spawned: `tokio::spawn(work().in_current_span())`.
    fn in_current_span(self) -> WithSpan<Self> {
        self.in_span(current())
    }
}

impl<F: Future> InSpan for F {}

pin_project! {
    /// A future with a current span: [`InSpan`].
    #[must_use = "futures do nothing unless they are polled"]
    pub struct WithSpan<F> {
        #[pin]
        future: F,
        span: SpanHandle,
    }
}

impl<F: Future> Future for WithSpan<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.span.enter();
        this.future.poll(context)
    }
}

#[cfg(test)]
mod tests {
    use jaeger_model::{SpanId, TraceId};

    use super::*;
    use crate::SpanContext;

    fn handle(id: u64) -> SpanHandle {
        SpanHandle { context: SpanContext::new(TraceId(1), SpanId(id), true), recording: None }
    }

    fn current_id() -> u64 {
        current().context().span_id().0
    }

    #[test]
    fn guards_nest_and_give_back_what_was() {
        assert!(try_current().is_none());
        let outer = handle(1).enter();
        {
            let _inner = handle(2).enter();
            assert_eq!(current_id(), 2);
        }
        assert_eq!(current_id(), 1);
        drop(outer);
        assert!(try_current().is_none());
    }

    #[tokio::test]
    async fn a_span_is_current_across_awaits_and_in_its_own_task_alone() {
        let work = async {
            assert_eq!(current_id(), 7);
            tokio::task::yield_now().await;
            let with = tokio::spawn(async { current_id() }.in_current_span());
            let without = tokio::spawn(async { current_id() });
            assert_eq!(current_id(), 7);
            (with.await.expect("a task"), without.await.expect("a task"))
        };
        assert_eq!(work.in_span(handle(7)).await, (7, 0));
        assert!(try_current().is_none());
    }
}
