//! The page takes the first reference for the parent: the right one is swapped to the front.

use jaeger_model::{Reference, ReferenceKind};

use crate::draft::Draft;

pub(super) fn adjust(draft: &mut Draft<'_>) {
    for span in &draft.spans {
        let trace = span.view.trace_id();
        let rows = span.references.of_mut(&mut draft.references);
        if rows.len() < 2 {
            continue;
        }
        let own = |r: &Reference| r.trace_id == trace;
        let child_of = rows.iter().position(|r| own(r) && r.kind == ReferenceKind::ChildOf);
        if let Some(parent) = child_of.or_else(|| rows.iter().position(own)) {
            rows.swap(0, parent);
        }
    }
}
