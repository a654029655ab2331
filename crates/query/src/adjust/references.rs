//! References to no trace are left out, and the span says so.

use jaeger_model::TraceId;

use super::Note;
use crate::draft::Draft;

pub(super) fn adjust(draft: &mut Draft<'_>) {
    for span in &mut draft.spans {
        let rows = span.references.of_mut(&mut draft.references);
        if rows.iter().all(|reference| reference.trace_id != TraceId(0)) {
            continue;
        }
        for removed in rows.iter().filter(|reference| reference.trace_id == TraceId(0)) {
            span.notes.push(Note::ReferenceRemoved(*removed));
        }
        rows.sort_by_key(|reference| reference.trace_id == TraceId(0));
        let stay = rows.iter().take_while(|reference| reference.trace_id != TraceId(0)).count();
        span.references = span.references.shortened(stay);
    }
}
