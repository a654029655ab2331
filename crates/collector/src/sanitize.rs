//! `queue -> SANITIZE -> write`: names for spans that bring none, and the collector's own tags. Once a process, never once a span.

use std::cmp::Ordering;
use std::sync::Arc;

use jaeger_model::{Batch, BatchEdit, TagView, Value};

use crate::counts::Counts;

/// The service of spans that come without a process.
pub const NULL_PROCESS: &str = "null-process-and-service-name";
/// The service of processes that come without a name.
pub const EMPTY_SERVICE: &str = "empty-service-name";

/// Makes batches fit to be stored, by Go Jaeger 1.62's rules. Odd times and durations stay as they are, as there.
#[derive(Clone, Debug, Default)]
pub struct Sanitizer {
    /// `--collector.tags`
    tags: Vec<(String, String)>,
}

impl Sanitizer {
    /// Adds these tags to every process that does not have them.
    #[must_use]
    pub fn new(tags: Vec<(String, String)>) -> Self {
        Self { tags }
    }

    /// The batch with what it lacks; the same one where it lacks nothing.
    pub(crate) fn sanitize(&self, batch: Arc<Batch>, counts: &Counts) -> Arc<Batch> {
        let without_process = !counts.all_have_processes();
        let without_name = batch.processes().any(|process| process.service().is_empty());
        if self.tags.is_empty() && !without_process && !without_name {
            return batch;
        }
        let mut edit = BatchEdit::of(Arc::unwrap_or_clone(batch));
        let processes = edit.batch().processes().len();
        if without_name {
            for process in 0..processes {
                if edit.process(process).is_some_and(|process| process.service().is_empty()) {
                    edit.set_service(process, EMPTY_SERVICE);
                }
            }
        }
        if without_process {
            let process = edit.add_process(NULL_PROCESS);
            edit.set_missing_processes(process);
        }
        if !self.tags.is_empty() {
            let processes = edit.batch().processes().len();
            for process in 0..processes {
                self.add_tags(&mut edit, process);
            }
        }
        Arc::new(edit.into_batch())
    }

    fn add_tags(&self, edit: &mut BatchEdit, process: usize) {
        let Some(view) = edit.process(process) else { return };
        let has = |key: &str, value: &str| view.tags().any(|tag| tag.key == key && tag.value.text_is(value));
        let missing: Vec<_> = self.tags.iter().filter(|(key, value)| !has(key, value)).collect();
        edit.push_process_tags(process, missing.iter().map(|(key, value)| TagView { key, value: Value::Str(value) }));
        edit.sort_process_tags(process, in_gos_order);
    }
}

/// By key, then type, then value.
fn in_gos_order(a: &TagView<'_>, b: &TagView<'_>) -> Ordering {
    let values = || match (a.value, b.value) {
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(&b),
        (Value::I64(a), Value::I64(b)) => a.cmp(&b),
        (Value::F64(a), Value::F64(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        _ => Ordering::Equal,
    };
    a.key.cmp(b.key).then_with(|| a.value.type_rank().cmp(&b.value.type_rank())).then_with(values)
}

#[cfg(test)]
mod tests {
    use jaeger_model::{BatchBuilder, SpanId, TraceId};

    use super::*;

    /// One span for each service; `None` has no process.
    fn batch(services: &[Option<&str>]) -> Arc<Batch> {
        let mut builder = BatchBuilder::new();
        for (id, service) in (1..).zip(services) {
            let process = service.map(|service| {
                builder.process_tag(b"zone", "b".into());
                builder.process_tag(b"host", Value::I64(7).into());
                builder.process(service.as_bytes()).expect("room")
            });
            builder.begin_span();
            builder.span_ids(TraceId(1), SpanId(id));
            if let Some(process) = process {
                builder.span_process(process);
            }
            builder.end_span().expect("room");
        }
        Arc::new(builder.finish())
    }

    fn sanitized(sanitizer: &Sanitizer, batch: Arc<Batch>) -> Arc<Batch> {
        let counts = Counts::of(&batch);
        sanitizer.sanitize(batch, &counts)
    }

    #[test]
    fn spans_without_a_name_get_gos_names() {
        let clean = sanitized(&Sanitizer::default(), batch(&[Some("shop"), Some(""), None, Some("")]));
        let services: Vec<_> = clean.spans().map(|span| span.service()).collect();
        assert_eq!(services, ["shop", EMPTY_SERVICE, NULL_PROCESS, EMPTY_SERVICE]);
    }

    #[test]
    fn a_batch_that_lacks_nothing_is_not_touched() {
        let before = batch(&[Some("shop")]);
        assert!(Arc::ptr_eq(&before, &sanitized(&Sanitizer::default(), Arc::clone(&before))));
    }

    #[test]
    fn collector_tags_are_added_unless_there_and_then_all_are_sorted() {
        let tags = [("zone", "b"), ("host", "7"), ("cluster", "east"), ("zone", "c")];
        let sanitizer = Sanitizer::new(tags.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec());
        let clean = sanitized(&sanitizer, batch(&[Some("shop"), None]));
        let tags = |span: usize| {
            let process = clean.span(span).and_then(|span| span.process()).expect("a process");
            process.tags().map(|tag| format!("{}={}", tag.key, tag.value.text())).collect::<Vec<_>>()
        };
        assert_eq!(tags(0), ["cluster=east", "host=7", "zone=b", "zone=c"]);
        assert_eq!(tags(1), ["cluster=east", "host=7", "zone=b", "zone=c"]);
        assert_eq!(
            clean.span(0).and_then(|span| span.process()?.tags().nth(1)).map(|tag| tag.value),
            Some(Value::I64(7))
        );
    }
}
