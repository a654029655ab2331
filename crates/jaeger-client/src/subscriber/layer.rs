//! Spans of `tracing` as spans.

use std::cell::RefCell;

use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::visit::{Fields, Tags};
use crate::{Entered, Span, SpanHandle, Tracer, Value};

/// Traces what `tracing` instruments.
pub struct TracingLayer {
    tracer: Tracer,
}

/// A span's own, kept with it by the registry.
pub(super) struct Open(pub(super) Span);

thread_local! {
    /// Spans that this thread has entered, and what to go back to.
    static ENTERED: RefCell<Vec<(Id, Entered)>> = const { RefCell::new(Vec::new()) };
}

impl TracingLayer {
    /// Spans go to this tracer.
    #[must_use]
    pub fn new(tracer: &Tracer) -> Self {
        Self { tracer: tracer.clone() }
    }
}

/// Does something with the span that belongs to `id`.
fn with_open<S, T>(context: &Context<'_, S>, id: &Id, work: impl FnOnce(&SpanHandle) -> T) -> Option<T>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    let span = context.span(id)?;
    let extensions = span.extensions();
    extensions.get::<Open>().map(|open| work(&open.0))
}

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for TracingLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let name = attributes.metadata().name();
        let parent = span.parent().and_then(|parent| parent.extensions().get::<Open>().map(|open| open.0.handle()));
        let parent = parent.or_else(|| if attributes.is_root() { None } else { crate::try_current() });
        let begun = match &parent {
            // Of the parent's own tracer, where a process has several.
            Some(parent) => parent.child(name),
            None => self.tracer.span(name),
        };
        if begun.is_recording() {
            attributes.record(&mut Tags(&begun));
        }
        span.extensions_mut().insert(Open(begun));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        with_open(&context, id, |open| values.record(&mut Tags(open)));
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        if let Some(cause) = with_open(&context, follows, |cause| cause.context().clone()) {
            with_open(&context, id, |open| {
                open.follows_from(&cause);
            });
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(span) = context.event_span(event) else { return };
        let extensions = span.extensions();
        let Some(Open(open)) = extensions.get::<Open>().filter(|open| open.0.is_recording()) else { return };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        let level = metadata.level().as_str().to_ascii_lowercase();
        let mut all: Vec<(&str, Value<'_>)> = Vec::with_capacity(fields.all.len() + 2);
        all.extend(fields.all.iter().map(|(key, value)| match *key {
            // As clients call what happened.
            "message" => ("event", value.borrow()),
            key => (key, value.borrow()),
        }));
        all.push(("level", level.as_str().into()));
        all.push(("target", metadata.target().into()));
        open.log(&all);
        if *metadata.level() == Level::ERROR {
            open.tag("error", true);
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(handle) = with_open(&context, id, SpanHandle::clone) {
            let entered = (id.clone(), handle.enter());
            // At a thread's end there may be nowhere to keep it.
            let _kept = ENTERED.try_with(|all| all.borrow_mut().push(entered));
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        let left = ENTERED.try_with(|all| {
            let mut all = all.borrow_mut();
            let place = all.iter().rposition(|(known, _)| known == id)?;
            let (_, left) = all.remove(place);
            match all.get_mut(place) {
                // Entered after it and not left yet: that one goes back to what was before this.
                Some((_, above)) => {
                    left.leave_to(above);
                    None
                }
                None => Some(left),
            }
        });
        drop(left);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let open = context.span(&id).and_then(|span| span.extensions_mut().remove::<Open>());
        drop(open);
    }
}
