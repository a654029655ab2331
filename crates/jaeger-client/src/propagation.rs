//! How a context travels to another process, in a map of text: Jaeger's own `uber-trace-id` with baggage, B3 in two
//! forms, and W3C's `traceparent`.

mod b3;
mod carrier;
mod jaeger;
pub(crate) mod percent;
mod w3c;

use std::sync::Arc;

use jaeger_model::{SpanId, TraceId};

pub use carrier::{Extract, Inject};

use crate::context::{Carried, MAX_BAGGAGE_BYTES, MAX_BAGGAGE_ITEMS, SpanContext};

/// A form in which contexts travel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// `uber-trace-id`, `uberctx-*`, `jaeger-debug-id` and `jaeger-baggage`.
    Jaeger,
    /// `x-b3-traceid` and its siblings, `baggage-*`. Reads the single header too.
    B3,
    /// `b3`, all in one. Reads the several headers too.
    B3Single,
    /// `traceparent`, `tracestate` and `baggage`.
    W3c,
}

impl Format {
    /// By its name in `JAEGER_PROPAGATION`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "jaeger" => Self::Jaeger,
            "b3" => Self::B3,
            "b3single" => Self::B3Single,
            "w3c" => Self::W3c,
            _ => return None,
        })
    }
}

/// Why a context that is there cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{header}={value:?} is no context: {why}; a trace of its own begins here")]
pub struct ExtractError {
    /// The header.
    pub header: &'static str,
    /// Its value, cut.
    pub value: String,
    /// What is wrong.
    pub why: &'static str,
}

impl ExtractError {
    fn new(header: &'static str, value: &str, why: &'static str) -> Self {
        Self { header, value: crate::context::cut_at(value, 128).to_owned(), why }
    }
}

/// The forms that a tracer writes and reads.
pub(crate) struct Propagation {
    formats: Vec<Format>,
}

impl Propagation {
    /// Without any, Jaeger's own.
    pub(crate) fn new(mut formats: Vec<Format>) -> Self {
        if formats.is_empty() {
            formats.push(Format::Jaeger);
        }
        Self { formats }
    }

    pub(crate) fn inject(&self, context: &SpanContext, into: &mut dyn Inject) {
        if !context.is_valid() {
            return;
        }
        for format in &self.formats {
            match format {
                Format::Jaeger => jaeger::inject(context, into),
                Format::B3 => b3::inject(context, into),
                Format::B3Single => b3::inject_single(context, into),
                Format::W3c => w3c::inject(context, into),
            }
        }
    }

    /// The first format with a trace wins; without one, what only carries a debug id or baggage.
    pub(crate) fn extract(&self, from: &dyn Extract) -> Result<Option<SpanContext>, ExtractError> {
        let mut seed = None;
        let mut wrong = None;
        for format in &self.formats {
            let found = match format {
                Format::Jaeger => jaeger::extract(from),
                Format::B3 | Format::B3Single => b3::extract(from),
                Format::W3c => w3c::extract(from),
            };
            match found {
                Ok(Some(context)) if context.is_valid() => return Ok(Some(context)),
                Ok(found) => seed = seed.or(found),
                Err(error) => wrong = wrong.or(Some(error)),
            }
        }
        match (seed, wrong) {
            (None, Some(error)) => Err(error),
            (seed, _) => Ok(seed),
        }
    }
}

/// A context being read.
#[derive(Default)]
struct Found {
    trace_id: TraceId,
    span_id: SpanId,
    parent_id: SpanId,
    flags: u8,
    carried: Carried,
}

impl Found {
    /// Baggage within bounds; what is beyond is left out.
    fn baggage(&mut self, key: &str, value: &str) {
        let room = self.carried.baggage.len() < MAX_BAGGAGE_ITEMS && value.len() <= MAX_BAGGAGE_BYTES;
        if room && !key.is_empty() && key.len() <= MAX_BAGGAGE_BYTES {
            self.carried.baggage.push((key.to_owned(), value.to_owned()));
        }
    }

    fn finish(self) -> Option<SpanContext> {
        let Self { trace_id, span_id, parent_id, flags, carried } = self;
        let carried = (carried != Carried::default()).then(|| Arc::new(carried));
        (trace_id.0 != 0 || carried.is_some()).then_some(SpanContext { trace_id, span_id, parent_id, flags, carried })
    }
}

/// Ids as all forms but W3C's have them.
fn trace_id(text: &str) -> Result<TraceId, &'static str> {
    match TraceId::from_hex(text) {
        Ok(TraceId(0)) => Err("a trace id of zero"),
        Ok(id) => Ok(id),
        Err(_) => Err("a trace id is 1 to 32 hex digits"),
    }
}

fn span_id(text: &str) -> Result<SpanId, &'static str> {
    SpanId::from_hex(text).map_err(|_| "a span id is 1 to 16 hex digits")
}

#[cfg(test)]
mod tests;
