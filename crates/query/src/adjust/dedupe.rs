//! Spans that are equal in everything, notes included, are one. Called only where ids are shared.

use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::draft::{Draft, DraftLog, DraftSpan};

pub(super) fn adjust(draft: &mut Draft<'_>) {
    let state = RandomState::default();
    let hash = |span: &DraftSpan<'_>| {
        state.hash_one((span.span_id, span.start, span.duration(), span.view.operation(), &span.notes))
    };
    let mut seen: HashTable<usize> = HashTable::with_capacity(draft.spans.len());
    let mut copies = Vec::new();
    for (place, span) in draft.spans.iter().enumerate() {
        let key = hash(span);
        let equal = |other: &usize| draft.spans.get(*other).is_some_and(|other| is_copy(draft, span, other));
        if seen.find(key, equal).is_some() {
            copies.push(place);
        } else {
            seen.insert_unique(key, place, |other| draft.spans.get(*other).map_or(0, &hash));
        }
    }
    if copies.is_empty() {
        return;
    }
    let mut place = 0;
    draft.spans.retain(|_| {
        place += 1;
        copies.binary_search(&(place - 1)).is_err()
    });
}

fn is_copy(draft: &Draft<'_>, a: &DraftSpan<'_>, b: &DraftSpan<'_>) -> bool {
    let process = |span: &DraftSpan<'_>| draft.processes.get(span.process as usize).copied();
    let same_process = a.process == b.process
        || match (process(a), process(b)) {
            (Some(a), Some(b)) => a.service == b.service && a.tags.of(&draft.tags) == b.tags.of(&draft.tags),
            _ => false,
        };
    let same_log =
        |(a, b): (&DraftLog, &DraftLog)| a.time == b.time && a.fields.of(&draft.tags) == b.fields.of(&draft.tags);
    let (logs_a, logs_b) = (a.logs.of(&draft.logs), b.logs.of(&draft.logs));
    a.span_id == b.span_id
        && a.start == b.start
        && a.duration() == b.duration()
        && a.view.trace_id() == b.view.trace_id()
        && a.view.flags() == b.view.flags()
        && a.view.operation() == b.view.operation()
        && a.notes == b.notes
        && a.view.warnings().eq(b.view.warnings())
        && a.references.of(&draft.references) == b.references.of(&draft.references)
        && a.tags.of(&draft.tags) == b.tags.of(&draft.tags)
        && logs_a.len() == logs_b.len()
        && logs_a.iter().zip(logs_b).all(same_log)
        && same_process
}
