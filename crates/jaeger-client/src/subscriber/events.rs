//! Lines of the log that say which span they belong to.

use std::fmt;
use std::time::SystemTime;

use tracing_core::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::layer::Open;
use super::visit::{Fields, Owned};
use crate::SpanContext;

/// The span that an event belongs to: that of its span in `tracing`, else the current one.
fn context_of<S, N>(context: &FmtContext<'_, S, N>, event: &Event<'_>) -> Option<SpanContext>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
    N: for<'w> FormatFields<'w> + 'static,
{
    let span = match event.parent() {
        Some(parent) => context.span(parent),
        None if event.is_contextual() => context.lookup_current(),
        None => None,
    };
    let own = span.and_then(|span| span.extensions().get::<Open>().map(|open| open.0.context().clone()));
    let found = own.or_else(|| crate::try_current().map(|current| current.context().clone()));
    found.filter(SpanContext::is_valid)
}

/// Another format with `trace_id=… span_id=…` before each line.
#[derive(Clone, Debug, Default)]
pub struct WithIds<F> {
    inner: F,
}

impl<F> WithIds<F> {
    /// `inner` writes the rest of the line.
    #[must_use]
    pub fn new(inner: F) -> Self {
        Self { inner }
    }
}

impl<S, N, F> FormatEvent<S, N> for WithIds<F>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
    N: for<'w> FormatFields<'w> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if let Some(span) = context_of(context, event) {
            write!(writer, "trace_id={} span_id={} ", span.trace_id(), span.span_id())?;
        }
        self.inner.format_event(context, writer, event)
    }
}

/// One JSON object a line, flat: `ts` in seconds, `level`, `target`, `msg`, the event's fields, and the ids of its span.
#[derive(Clone, Copy, Debug)]
pub struct JsonEvents {
    ids: bool,
}

impl Default for JsonEvents {
    fn default() -> Self {
        Self::new()
    }
}

impl JsonEvents {
    /// With `trace_id` and `span_id`.
    #[must_use]
    pub fn new() -> Self {
        Self { ids: true }
    }

    /// With or without `trace_id` and `span_id`.
    #[must_use]
    pub fn ids(mut self, ids: bool) -> Self {
        self.ids = ids;
        self
    }
}

impl<S, N> FormatEvent<S, N> for JsonEvents
where
    S: Subscriber + for<'l> LookupSpan<'l>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let level = metadata.level().as_str().to_ascii_lowercase();
        write!(writer, "{{\"ts\":{}.{:06},\"level\":\"{level}\",\"target\":", now.as_secs(), now.subsec_micros())?;
        text(&mut writer, metadata.target())?;
        let mut fields = Fields::default();
        event.record(&mut fields);
        for (key, value) in &fields.all {
            writer.write_char(',')?;
            text(&mut writer, if *key == "message" { "msg" } else { key })?;
            writer.write_char(':')?;
            match value {
                Owned::Str(value) => text(&mut writer, value)?,
                Owned::Bool(value) => write!(writer, "{value}")?,
                Owned::I64(number) => write!(writer, "{number}")?,
                Owned::U64(number) => write!(writer, "{number}")?,
                Owned::F64(number) if number.is_finite() => write!(writer, "{number}")?,
                // JSON has no such number.
                Owned::F64(number) => write!(writer, "\"{number}\"")?,
            }
        }
        if let Some(span) = context_of(context, event).filter(|_| self.ids) {
            write!(writer, ",\"trace_id\":\"{}\",\"span_id\":\"{}\"", span.trace_id(), span.span_id())?;
        }
        writer.write_str("}\n")
    }
}

fn text(writer: &mut Writer<'_>, text: &str) -> fmt::Result {
    writer.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => writer.write_str("\\\"")?,
            '\\' => writer.write_str("\\\\")?,
            '\n' => writer.write_str("\\n")?,
            control if u32::from(control) < 0x20 => write!(writer, "\\u{:04x}", u32::from(control))?,
            other => writer.write_char(other)?,
        }
    }
    writer.write_char('"')
}
