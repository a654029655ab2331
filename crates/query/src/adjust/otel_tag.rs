//! What an OpenTelemetry library says of itself on each span belongs to the process.

use crate::draft::{Draft, DraftProcess, DraftTag, Rows};

const PREFIX: &str = "telemetry.";
const KEYS: [&str; 5] = [
    "telemetry.sdk.language",
    "telemetry.sdk.name",
    "telemetry.sdk.version",
    "telemetry.distro.name",
    "telemetry.distro.version",
];

pub(super) fn adjust(draft: &mut Draft<'_>) {
    for place in 0..draft.spans.len() {
        let Some(span) = draft.spans.get(place) else { continue };
        if span.tags.of(&draft.tags).iter().any(moves) {
            move_tags(draft, place);
        }
    }
}

fn moves(tag: &DraftTag<'_>) -> bool {
    tag.key.starts_with(PREFIX) && KEYS.contains(&tag.key)
}

/// The span gets a process of its own: others of the same process may have no such tags. Equal processes
/// become one again when they are written.
fn move_tags(draft: &mut Draft<'_>, place: usize) {
    let Some(span) = draft.spans.get_mut(place) else { return };
    let Some(process) = draft.processes.get(span.process as usize).copied() else { return };
    let rows = span.tags.of_mut(&mut draft.tags);
    // A stable partition: what stays keeps its order, and so does what moves.
    rows.sort_by_key(moves);
    let stay = rows.iter().take_while(|tag| !moves(tag)).count();
    let moved = rows.get(stay..).unwrap_or_default().to_vec();
    span.tags = span.tags.shortened(stay);
    span.process = u32::try_from(draft.processes.len()).unwrap_or(u32::MAX);

    let start = draft.tags.len();
    draft.tags.extend_from_within(process.tags.range());
    draft.tags.extend(moved);
    let tags = Rows::new(start, draft.tags.len() - start);
    draft.processes.push(DraftProcess { service: process.service, tags });
}
