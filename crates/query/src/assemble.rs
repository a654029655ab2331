//! store -> search -> **assemble** -> adjust -> render: lays the spans that a store returned, out of several
//! batches, into one draft. No text is copied.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use jaeger_model::{ProcessView, Tags, Trace};

use crate::draft::{Draft, DraftLog, DraftProcess, DraftSpan, DraftTag, DraftValue, Rows};

/// The draft of a trace, spans in the store's order.
#[must_use]
pub fn assemble(trace: &Trace) -> Draft<'_> {
    let mut draft = Draft::default();
    draft.spans.reserve_exact(trace.len());
    let mut places = Places::default();
    for (span, at) in trace.spans().zip(trace.order()) {
        let process = places.place((at.batch, span.process_index()), || push_process(&mut draft, span.process()));
        if draft.tags.is_empty() || draft.spans.is_empty() {
            // Spans of a trace resemble each other: room for all by the measure of the first.
            draft.tags.reserve(trace.len().min(MAX_RESERVED_SPANS) * (span.tags().len() + 1));
        }
        let tags = push_tags(&mut draft.tags, span.tags());
        let logs_from = draft.logs.len();
        for log in span.logs() {
            let fields = push_tags(&mut draft.tags, log.fields());
            draft.logs.push(DraftLog { time: log.time(), fields });
        }
        let references_from = draft.references.len();
        draft.references.extend(span.references());
        draft.spans.push(DraftSpan {
            view: span,
            span_id: span.span_id(),
            start: span.start(),
            process,
            tags,
            logs: Rows::new(logs_from, draft.logs.len() - logs_from),
            references: Rows::new(references_from, draft.references.len() - references_from),
            notes: Vec::new(),
        });
    }
    draft
}

/// Beyond this many spans the table grows as it fills.
const MAX_RESERVED_SPANS: usize = 4096;

fn push_process<'t>(draft: &mut Draft<'t>, process: Option<ProcessView<'t>>) -> u32 {
    let (service, tags) = match process {
        Some(process) => (process.service(), push_tags(&mut draft.tags, process.tags())),
        None => ("", Rows::default()),
    };
    draft.processes.push(DraftProcess { service, tags });
    u32::try_from(draft.processes.len() - 1).unwrap_or(u32::MAX)
}

fn push_tags<'t>(table: &mut Vec<DraftTag<'t>>, tags: Tags<'t>) -> Rows {
    let from = table.len();
    table.extend(tags.map(|tag| DraftTag { key: tag.key, value: DraftValue::Stored(tag.value) }));
    Rows::new(from, table.len() - from)
}

/// Which process of which batch stands where in the draft.
#[derive(Default)]
struct Places {
    /// The first few, which is nearly always all of them.
    few: Vec<(Key, u32)>,
    many: HashMap<Key, u32, RandomState>,
}

type Key = (u32, Option<usize>);

const FEW: usize = 8;

impl Places {
    fn place(&mut self, key: Key, push: impl FnOnce() -> u32) -> u32 {
        if let Some((_, place)) = self.few.iter().find(|(known, _)| *known == key) {
            return *place;
        }
        if self.few.len() < FEW {
            let place = push();
            self.few.push((key, place));
            return place;
        }
        *self.many.entry(key).or_insert_with(push)
    }
}
