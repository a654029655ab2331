//! Changes to a built batch, for sanitizers (write path) and adjusters (read path).

use crate::builder::{row_number, slice_of};
use crate::rows::{Cell, NO_PROCESS, ReferenceRow, Rows, Slice, SpanRow, TagRow};
use crate::{Batch, MAX_TEXT_BYTES, ProcessView, Reference, SpanId, SpanView, TagView, Timestamp, Value};

/// A batch being changed. New texts and rows go to the tables' ends; [`into_batch`](Self::into_batch) gives
/// the batch back and compacts it where more than half became waste.
///
/// Positions past the end change nothing.
#[derive(Debug)]
pub struct BatchEdit {
    batch: Batch,
    waste_rows: usize,
}

impl BatchEdit {
    /// Takes the batch.
    #[must_use]
    pub fn of(batch: Batch) -> Self {
        Self { batch, waste_rows: 0 }
    }

    /// The batch as it stands now, to read.
    #[must_use]
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The span at `index`, to read.
    #[must_use]
    pub fn span(&self, index: usize) -> Option<SpanView<'_>> {
        self.batch.span(index)
    }

    /// The process at `index`, to read.
    #[must_use]
    pub fn process(&self, index: usize) -> Option<ProcessView<'_>> {
        self.batch.process(index)
    }

    /// The batch.
    #[must_use]
    pub fn into_batch(mut self) -> Batch {
        if self.waste_rows * 2 > self.batch.tags.len() {
            self.batch = compact(&self.batch);
        }
        self.batch
    }

    /// Gives a process another service name.
    pub fn set_service(&mut self, process: usize, service: &str) {
        let service = self.text(service);
        if let Some(row) = self.batch.processes.get_mut(process) {
            row.service = service;
        }
    }

    /// Adds a process without tags and gives its place.
    pub fn add_process(&mut self, service: &str) -> usize {
        let service = self.text(service);
        self.batch.processes.push(crate::rows::ProcessRow { service, tags: Rows::default() });
        self.batch.processes.len() - 1
    }

    /// Puts a span into another process.
    pub fn set_process(&mut self, span: usize, process: usize) {
        self.with_span(span, |row| row.process = row_number(process));
    }

    /// Gives every span without a process the one at `process`; tells how many had none.
    pub fn set_missing_processes(&mut self, process: usize) -> usize {
        let process = row_number(process);
        let missing = self.batch.spans.iter_mut().filter(|row| row.process == NO_PROCESS);
        missing.map(|row| row.process = process).count()
    }

    /// Gives a span another id.
    pub fn set_span_id(&mut self, span: usize, id: SpanId) {
        self.with_span(span, |row| row.span_id = id);
    }

    /// Moves a span's start.
    pub fn set_start(&mut self, span: usize, start: Timestamp) {
        self.with_span(span, |row| row.start = start);
    }

    /// Gives a span another length.
    pub fn set_duration(&mut self, span: usize, duration: crate::Duration) {
        self.with_span(span, |row| row.duration = duration);
    }

    /// Moves the time of a span's log, by the log's place within the span.
    pub fn set_log_time(&mut self, span: usize, log: usize, time: Timestamp) {
        let Some(rows) = self.batch.spans.get(span).map(|row| row.logs) else { return };
        if let Some(row) = rows.of_mut(&mut self.batch.logs).get_mut(log) {
            row.time = time;
        }
    }

    /// Replaces a span's references.
    pub fn set_references(&mut self, span: usize, references: impl IntoIterator<Item = Reference>) {
        let start = self.batch.references.len();
        self.batch.references.extend(references.into_iter().map(ReferenceRow::from));
        let rows = Rows { start: row_number(start), len: row_number(self.batch.references.len() - start) };
        self.with_span(span, |row| row.references = rows);
    }

    /// Replaces the value of a span's tag, by the tag's place within the span.
    pub fn set_span_tag(&mut self, span: usize, tag: usize, value: Value<'_>) {
        let rows = self.batch.spans.get(span).map(|row| row.tags);
        self.set_tag(rows, tag, value);
    }

    /// Replaces the value of a process's tag, by the tag's place within the process.
    pub fn set_process_tag(&mut self, process: usize, tag: usize, value: Value<'_>) {
        let rows = self.batch.processes.get(process).map(|row| row.tags);
        self.set_tag(rows, tag, value);
    }

    /// Adds tags to a process, after those it has.
    pub fn push_process_tags<'t>(&mut self, process: usize, tags: impl IntoIterator<Item = TagView<'t>>) {
        let Some(before) = self.batch.processes.get(process).map(|row| row.tags) else { return };
        let rows = self.extended(before, tags);
        if let Some(row) = self.batch.processes.get_mut(process) {
            row.tags = rows;
        }
    }

    /// Adds tags to a span, after those it has.
    pub fn push_span_tags<'t>(&mut self, span: usize, tags: impl IntoIterator<Item = TagView<'t>>) {
        let Some(before) = self.batch.spans.get(span).map(|row| row.tags) else { return };
        let rows = self.extended(before, tags);
        self.with_span(span, |row| row.tags = rows);
    }

    /// Keeps of a span's tags those that `keep` says, in their order; rows are rewritten in place.
    pub fn retain_span_tags(&mut self, span: usize, mut keep: impl FnMut(TagView<'_>) -> bool) {
        let Some(rows) = self.batch.spans.get(span).map(|row| row.tags) else { return };
        let kept: Vec<TagRow> =
            rows.of(&self.batch.tags).iter().filter(|row| keep(view(&self.batch, row))).copied().collect();
        let len = row_number(kept.len());
        for (to, from) in rows.of_mut(&mut self.batch.tags).iter_mut().zip(kept) {
            *to = from;
        }
        self.with_span(span, |row| row.tags = Rows { start: rows.start, len });
    }

    /// Sorts a span's tags in place; equal ones keep their order.
    pub fn sort_span_tags(&mut self, span: usize, by: impl FnMut(&TagView<'_>, &TagView<'_>) -> std::cmp::Ordering) {
        let rows = self.batch.spans.get(span).map(|row| row.tags);
        self.sort(rows, by);
    }

    /// Sorts a process's tags in place; equal ones keep their order.
    pub fn sort_process_tags(
        &mut self,
        process: usize,
        by: impl FnMut(&TagView<'_>, &TagView<'_>) -> std::cmp::Ordering,
    ) {
        let rows = self.batch.processes.get(process).map(|row| row.tags);
        self.sort(rows, by);
    }

    /// Sorts the fields of a span's log in place; equal ones keep their order.
    pub fn sort_log_fields(
        &mut self,
        span: usize,
        log: usize,
        by: impl FnMut(&TagView<'_>, &TagView<'_>) -> std::cmp::Ordering,
    ) {
        let logs = self.batch.spans.get(span).map(|row| row.logs);
        let rows = logs.and_then(|logs| logs.of(&self.batch.logs).get(log)).map(|row| row.fields);
        self.sort(rows, by);
    }

    /// Notes something about a span.
    pub fn push_warning(&mut self, span: usize, warning: &str) {
        let slice = self.text(warning);
        let Some(before) = self.batch.spans.get(span).map(|row| row.warnings) else { return };
        let start = self.batch.warnings.len();
        let old: Vec<Slice> = before.of(&self.batch.warnings).to_vec();
        self.batch.warnings.extend(old);
        self.batch.warnings.push(slice);
        let rows = Rows { start: row_number(start), len: before.len + 1 };
        self.with_span(span, |row| row.warnings = rows);
    }

    /// Keeps the spans that `keep` says, by place and view.
    pub fn retain_spans(&mut self, mut keep: impl FnMut(usize, SpanView<'_>) -> bool) {
        let kept: Vec<SpanRow> = (0..)
            .zip(&self.batch.spans)
            .filter_map(|(at, row)| keep(at, SpanView { batch: &self.batch, row }).then_some(*row))
            .collect();
        self.batch.spans = kept;
    }

    fn with_span(&mut self, span: usize, change: impl FnOnce(&mut SpanRow)) {
        if let Some(row) = self.batch.spans.get_mut(span) {
            change(row);
        }
    }

    fn set_tag(&mut self, rows: Option<Rows>, tag: usize, value: Value<'_>) {
        let cell = self.cell(value);
        if let Some(row) = rows.and_then(|rows| rows.of_mut(&mut self.batch.tags).get_mut(tag)) {
            row.value = cell;
        }
    }

    fn extended<'t>(&mut self, before: Rows, tags: impl IntoIterator<Item = TagView<'t>>) -> Rows {
        let start = self.batch.tags.len();
        let old: Vec<TagRow> = before.of(&self.batch.tags).to_vec();
        self.waste_rows += old.len();
        self.batch.tags.extend(old);
        for tag in tags {
            let key = self.text(tag.key);
            let value = self.cell(tag.value);
            self.batch.tags.push(TagRow { key, value });
        }
        Rows { start: row_number(start), len: row_number(self.batch.tags.len() - start) }
    }

    fn sort(&mut self, rows: Option<Rows>, mut by: impl FnMut(&TagView<'_>, &TagView<'_>) -> std::cmp::Ordering) {
        let Some(rows) = rows else { return };
        let mut sorted: Vec<TagRow> = rows.of(&self.batch.tags).to_vec();
        sorted.sort_by(|a, b| by(&view(&self.batch, a), &view(&self.batch, b)));
        for (to, from) in rows.of_mut(&mut self.batch.tags).iter_mut().zip(sorted) {
            *to = from;
        }
    }

    fn cell(&mut self, value: Value<'_>) -> Cell {
        match value {
            Value::Str(text) => Cell::Str(self.text(text)),
            Value::Bool(value) => Cell::Bool(value),
            Value::I64(value) => Cell::I64(value),
            Value::F64(value) => Cell::F64(value),
            Value::Bytes(bytes) => {
                let slice = slice_of(self.batch.bytes.len(), bytes.len());
                self.batch.bytes.extend_from_slice(bytes);
                Cell::Bytes(slice)
            }
        }
    }

    /// Text past the bound is left out: an edit adds names and notes, not bodies.
    fn text(&mut self, text: &str) -> Slice {
        if self.batch.text.len() + text.len() > MAX_TEXT_BYTES {
            return Slice::default();
        }
        let start = self.batch.text.len();
        self.batch.text.push_str(text);
        slice_of(start, text.len())
    }
}

fn view<'a>(batch: &'a Batch, row: &TagRow) -> TagView<'a> {
    TagView { key: row.key.of_text(&batch.text), value: row.value.value(&batch.text, &batch.bytes) }
}

/// The same spans in tables without waste.
pub(crate) fn compact(batch: &Batch) -> Batch {
    let mut builder = crate::BatchBuilder::new();
    let mut places = Vec::with_capacity(batch.processes.len());
    for process in batch.processes() {
        places.push(builder.copy_process(process).ok());
    }
    for span in batch.spans() {
        let process = span.process_index().and_then(|at| places.get(at).copied().flatten());
        if builder.copy_span(span, process).is_err() {
            return batch.clone();
        }
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchBuilder, TraceId};

    fn batch() -> Batch {
        let mut b = BatchBuilder::new();
        b.process_tag(b"z", Value::I64(1).into());
        let process = b.process(b"shop").expect("room");
        for id in 1..=3 {
            b.begin_span();
            b.span_ids(TraceId(9), SpanId(id));
            b.span_process(process);
            b.span_tag(b"b", Value::I64(2).into());
            b.span_tag(b"a", "x".into());
            b.begin_log(Timestamp::from_nanos(1));
            b.log_field(b"event", "e".into());
            b.end_span().expect("room");
        }
        b.finish()
    }

    #[test]
    fn changes_one_span_and_no_other() {
        let mut edit = BatchEdit::of(batch());
        edit.set_span_tag(0, 0, Value::Str("new"));
        edit.push_warning(0, "first");
        edit.push_warning(0, "second");
        edit.sort_span_tags(0, |a, b| a.key.cmp(b.key));
        edit.set_log_time(0, 0, Timestamp::from_nanos(7));
        let batch = edit.into_batch();
        let first = batch.span(0).expect("three");
        assert_eq!(first.tags().map(|t| t.key).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(first.tag("b"), Some(Value::Str("new")));
        assert_eq!(first.warnings().collect::<Vec<_>>(), ["first", "second"]);
        let other = batch.span(1).expect("three");
        assert_eq!(other.tags().map(|t| t.key).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(other.logs().next().expect("one").time(), Timestamp::from_nanos(1));
    }

    #[test]
    fn adding_process_tags_keeps_those_there() {
        let mut edit = BatchEdit::of(batch());
        edit.push_process_tags(0, [TagView { key: "a", value: Value::Bool(true) }]);
        edit.sort_process_tags(0, |a, b| a.key.cmp(b.key));
        let batch = edit.into_batch();
        let process = batch.process(0).expect("one");
        assert_eq!(process.tags().map(|t| t.key).collect::<Vec<_>>(), ["a", "z"]);
    }

    #[test]
    fn retains_and_compacts_without_change_to_what_stays() {
        let before = batch();
        let mut edit = BatchEdit::of(before.clone());
        for _ in 0..20 {
            edit.push_span_tags(1, []);
        }
        edit.retain_spans(|at, _| at > 0);
        edit.retain_span_tags(0, |tag| tag.key != "a");
        let after = edit.into_batch();
        assert_eq!(after.len(), 2);
        assert_eq!(after.span(0).expect("two").tags().len(), 1);
        assert_eq!(after.span(1), before.span(2));
        assert!(after.tags.len() < 20, "{} rows are left", after.tags.len());
    }
}
