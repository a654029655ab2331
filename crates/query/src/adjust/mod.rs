//! search -> assemble -> **adjust** -> render: repairs what clients and their clocks got wrong, in Go
//! Jaeger's order, since later adjusters see what earlier ones did.

mod clock_skew;
mod dedupe;
mod index;
mod ip_tag;
mod note;
mod otel_tag;
mod parent_reference;
mod references;
mod sort;
mod span_id_uniquifier;

pub use note::Note;

use jaeger_model::Duration;

use crate::draft::Draft;
use index::SpanIndex;

/// Adjusts a whole trace. `max_clock_skew` is the furthest that a span is moved; 0 moves none.
pub fn adjust(draft: &mut Draft<'_>, max_clock_skew: Duration) {
    let mut index = SpanIndex::of(draft);
    if index.has_shared_ids() && span_id_uniquifier::adjust(draft, &index) {
        index = SpanIndex::of(draft);
    }
    clock_skew::adjust(draft, &index, max_clock_skew);
    ip_tag::adjust(draft);
    otel_tag::adjust(draft);
    sort::adjust(draft);
    if index.has_shared_ids() {
        dedupe::adjust(draft);
    }
    references::adjust(draft);
    parent_reference::adjust(draft);
}

#[cfg(test)]
mod tests;
