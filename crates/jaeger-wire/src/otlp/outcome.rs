//! What became of the spans of one request: a span with ids that mean nothing is refused by itself.

use jaeger_model::{SpanId, TraceId};

/// What became of a request's spans.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// How many are in the builder.
    pub accepted: usize,
    /// How many are not, since their ids are not what OTLP asks for.
    pub rejected: usize,
    /// Why, to be told to the sender; `None` where none was refused.
    pub reason: Option<String>,
}

/// Which id of a span is why it is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refusal {
    Trace,
    Span,
    Parent,
    Link,
}

/// Counts what becomes of spans while a request is read.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) accepted: usize,
    refused: [usize; 4],
}

impl Tally {
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        let [trace, span, parent, link] = &mut self.refused;
        *match refusal {
            Refusal::Trace => trace,
            Refusal::Span => span,
            Refusal::Parent => parent,
            Refusal::Link => link,
        } += 1;
    }

    pub(super) fn outcome(&self) -> Outcome {
        let rejected: usize = self.refused.iter().sum();
        let reason = (rejected > 0).then(|| {
            let what = [
                "a trace id that is zero or not 16 bytes",
                "a span id that is zero or not 8 bytes",
                "a parent span id that is not 8 bytes",
                "a link to ids that are not 16 and 8 bytes",
            ];
            let each = self.refused.iter().zip(what).filter(|(count, _)| **count > 0);
            let each: Vec<String> = each.map(|(count, what)| format!("{count} with {what}")).collect();
            format!("spans refused: {}; the others were taken", each.join(", "))
        });
        Outcome { accepted: self.accepted, rejected, reason }
    }
}

/// A span's ids as bytes, checked.
pub(super) fn span_ids(trace_id: &[u8], span_id: &[u8]) -> Result<(TraceId, SpanId), Refusal> {
    let trace_id = match <[u8; 16]>::try_from(trace_id).map(u128::from_be_bytes) {
        Ok(id @ 1..) => TraceId(id),
        _ => return Err(Refusal::Trace),
    };
    match <[u8; 8]>::try_from(span_id).map(u64::from_be_bytes) {
        Ok(id @ 1..) => Ok((trace_id, SpanId(id))),
        _ => Err(Refusal::Span),
    }
}

/// A parent's id; none of them and zero both say that there is no parent.
pub(super) fn parent_id(bytes: &[u8]) -> Result<Option<SpanId>, Refusal> {
    match <[u8; 8]>::try_from(bytes).map(u64::from_be_bytes) {
        Ok(0) => Ok(None),
        Ok(id) => Ok(Some(SpanId(id))),
        Err(_) if bytes.is_empty() => Ok(None),
        Err(_) => Err(Refusal::Parent),
    }
}

/// A link's ids; absent ones are zero, as in Go.
pub(super) fn link_ids(trace_id: &[u8], span_id: &[u8]) -> Result<(TraceId, SpanId), Refusal> {
    let trace = match <[u8; 16]>::try_from(trace_id) {
        Ok(id) => u128::from_be_bytes(id),
        Err(_) if trace_id.is_empty() => 0,
        Err(_) => return Err(Refusal::Link),
    };
    let span = match <[u8; 8]>::try_from(span_id) {
        Ok(id) => u64::from_be_bytes(id),
        Err(_) if span_id.is_empty() => 0,
        Err(_) => return Err(Refusal::Link),
    };
    Ok((TraceId(trace), SpanId(span)))
}
