//! Tags in one order, so that traces can be compared; of a log, what happened comes first.

use jaeger_model::{Value, keys};

use crate::draft::{Draft, DraftTag, DraftValue};

pub(super) fn adjust(draft: &mut Draft<'_>) {
    for span in &draft.spans {
        sort(span.tags.of_mut(&mut draft.tags));
    }
    for process in &draft.processes {
        sort(process.tags.of_mut(&mut draft.tags));
    }
    for log in &draft.logs {
        let fields = log.fields.of_mut(&mut draft.tags);
        let event = fields
            .iter()
            .position(|field| field.key == keys::EVENT && matches!(field.value, DraftValue::Stored(Value::Str(_))));
        match event {
            Some(event) => {
                fields.swap(0, event);
                sort(fields.get_mut(1..).unwrap_or_default());
            }
            None => sort(fields),
        }
    }
}

fn sort(tags: &mut [DraftTag<'_>]) {
    tags.sort_by(DraftTag::order);
}
