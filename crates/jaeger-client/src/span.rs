//! A span under way: [`Span`] owns it and ends it, [`SpanHandle`] is what others add tags, logs and children by.
//!
//! A span that is not sampled is its ids and nothing else: no clock is read, no tracer held, nothing allocated.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use jaeger_model::{Reference, ReferenceKind, Value};

use crate::builder::SpanBuilder;
use crate::context::SpanContext;
use crate::counts;
use crate::recording::Body;
use crate::shared::Shared;

/// A span, which ends when this is dropped or [`finish`](Self::finish)ed.
///
/// Everything else is done through the [`SpanHandle`] that it derefs to.
#[must_use = "a span ends when it is dropped; keep it as long as the work goes on"]
pub struct Span {
    handle: SpanHandle,
}

/// A span to add to: cheap to clone, sent to other tasks and threads, and without effect once the span has ended.
#[derive(Clone)]
pub struct SpanHandle {
    pub(crate) context: SpanContext,
    pub(crate) recording: Option<Arc<Recording>>,
}

/// A sampled span until it ends.
pub(crate) struct Recording {
    pub(crate) shared: Arc<Shared>,
    body: Mutex<Option<Box<Body>>>,
}

impl Span {
    #[inline]
    pub(crate) fn not_sampled(context: SpanContext) -> Self {
        Self { handle: SpanHandle { context, recording: None } }
    }

    pub(crate) fn sampled(context: SpanContext, shared: Arc<Shared>, body: Body) -> Self {
        shared.book.started();
        let recording = Arc::new(Recording { shared, body: Mutex::new(Some(Box::new(body))) });
        Self { handle: SpanHandle { context, recording: Some(recording) } }
    }

    /// The span for others to add to, and to make the current one.
    #[must_use]
    pub fn handle(&self) -> SpanHandle {
        self.handle.clone()
    }

    /// Ends the span. Never waits: where too many spans wait to be sent, this one is dropped and counted.
    #[inline]
    pub fn finish(self) {}

    /// Ends the span with an end of the caller's.
    pub fn finish_at(self, end: SystemTime) {
        if let Some(recording) = &self.handle.recording {
            recording.finish(&self.handle.context, Some(end));
        }
    }
}

impl Drop for Span {
    #[inline]
    fn drop(&mut self) {
        match &self.handle.recording {
            None => counts::span_finished(),
            Some(recording) => recording.finish(&self.handle.context, None),
        }
    }
}

impl Deref for Span {
    type Target = SpanHandle;

    #[inline]
    fn deref(&self) -> &SpanHandle {
        &self.handle
    }
}

impl DerefMut for Span {
    #[inline]
    fn deref_mut(&mut self) -> &mut SpanHandle {
        &mut self.handle
    }
}

impl SpanHandle {
    /// A span that nobody sees.
    #[must_use]
    pub fn none() -> Self {
        Self { context: SpanContext::default(), recording: None }
    }

    /// What the span says of itself to others.
    #[inline]
    #[must_use]
    pub fn context(&self) -> &SpanContext {
        &self.context
    }

    /// Whether what is added is recorded: look before making something costly only for a tag.
    #[inline]
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    /// Begins a child now.
    pub fn child(&self, operation: &str) -> Span {
        self.build_child(operation).start()
    }

    /// A child with more than a name.
    pub fn build_child<'a>(&'a self, operation: &'a str) -> SpanBuilder<'a> {
        let shared = self.recording.as_ref().map(|recording| &recording.shared);
        SpanBuilder::new(shared, operation).child_of(&self.context).local()
    }

    /// Sets a tag: text, a whole number, a number, true or false, or bytes. One with this key is replaced.
    #[inline]
    pub fn tag<'v>(&self, key: &str, value: impl Into<Value<'v>>) -> &Self {
        if let Some(recording) = &self.recording {
            recording.edit(|body| body.tag(key, value.into()));
        }
        self
    }

    /// Another name for what the span does.
    pub fn rename(&self, operation: &str) -> &Self {
        if let Some(recording) = &self.recording {
            recording.edit(|body| body.rename(operation));
        }
        self
    }

    /// Notes another span that caused this one.
    pub fn follows_from(&self, cause: &SpanContext) -> &Self {
        if let Some(recording) = &self.recording {
            let reference =
                Reference { kind: ReferenceKind::FollowsFrom, trace_id: cause.trace_id(), span_id: cause.span_id() };
            recording.edit(|body| body.reference(reference));
        }
        self
    }

    /// Logs an event now: `("event", "cache miss".into())`, and what belongs to it.
    #[inline]
    pub fn log(&self, fields: &[(&str, Value<'_>)]) -> &Self {
        if self.recording.is_some() {
            self.log_at(SystemTime::now(), fields);
        }
        self
    }

    /// Logs an event at a time of the caller's.
    pub fn log_at(&self, time: SystemTime, fields: &[(&str, Value<'_>)]) -> &Self {
        if let Some(recording) = &self.recording {
            recording.edit(|body| body.log(time, fields));
        }
        self
    }

    /// Marks the span as failed (`error`=true) and logs why.
    pub fn error(&self, why: &dyn fmt::Display) -> &Self {
        if self.is_recording() {
            self.tag(jaeger_model::keys::ERROR, true);
            self.log(&[("event", "error".into()), ("message", Value::Str(&why.to_string()))]);
        }
        self
    }

    /// Sets a baggage item, which every span below gets that is begun from now on, in this process and in others.
    ///
    /// Handles cloned before do not have it. Values past 2,048 bytes are cut; at most 180 items are carried.
    pub fn set_baggage(&mut self, key: &str, value: &str) -> &mut Self {
        let stored = self.context.put_baggage(key, value);
        counts::baggage(stored);
        if self.is_recording() {
            use crate::context::Stored;
            let mut fields: Vec<(&str, Value<'_>)> =
                vec![("event", "baggage".into()), ("key", key.into()), ("value", value.into())];
            match stored {
                Stored::Whole => {}
                Stored::Cut => fields.push(("truncated", true.into())),
                Stored::Refused => fields.push(("invalid", true.into())),
            }
            self.log(&fields);
        }
        self
    }

    /// The value of a baggage item.
    #[must_use]
    pub fn baggage(&self, key: &str) -> Option<&str> {
        self.context.baggage_item(key)
    }
}

impl Recording {
    fn edit(&self, edit: impl FnOnce(&mut Body)) {
        // Whoever panicked within has left whole rows.
        if let Some(body) = &mut *self.body.lock().unwrap_or_else(PoisonError::into_inner) {
            edit(body);
        }
    }

    /// Only the first time.
    fn finish(&self, context: &SpanContext, end: Option<SystemTime>) {
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut body) = body {
            body.end(end);
            self.shared.report(context.clone(), body);
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}

impl fmt::Debug for SpanHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Span").field("context", &self.context).field("recording", &self.is_recording()).finish()
    }
}
