//! search.each -> **chunks**: a trace as framed messages that every client takes.

use bytes::Bytes;
use jaeger_model::{SpanView, Trace};
use jaeger_wire::api_v2::framed;

/// A message of several spans has at most so many bytes: clients take 4 MiB.
const MAX_BYTES: usize = 2 << 20;

/// How spans become a message.
pub(super) type Encode = fn(&mut dyn Iterator<Item = SpanView<'_>>, &mut Vec<u8>);

/// What a service's messages hold.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Spans of a message at most.
    pub(super) spans: usize,
    pub(super) encode: Encode,
}

impl Shape {
    /// The message that begins with the span at `from`, and where the next one begins.
    pub(super) fn message(self, trace: &Trace, from: usize) -> (Bytes, usize) {
        let mut spans = self.spans.max(1);
        loop {
            let to = trace.len().min(from + spans);
            let mut out = Vec::new();
            framed(&mut out, |out| (self.encode)(&mut (from..to).filter_map(|place| trace.span(place)), out));
            if out.len() <= MAX_BYTES || spans == 1 {
                return (out.into(), to);
            }
            spans /= 2;
        }
    }
}
