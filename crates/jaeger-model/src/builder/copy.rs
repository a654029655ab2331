//! Copies out of another batch: how stores regroup spans, and how edits get rid of waste.

use super::{BatchBuilder, Full, ProcessIndex};
use crate::{ProcessView, SpanView};

impl BatchBuilder {
    /// Copies a process of another batch.
    ///
    /// # Errors
    /// [`Full`], and the process is not there.
    pub fn copy_process(&mut self, process: ProcessView<'_>) -> Result<ProcessIndex, Full> {
        for tag in process.tags() {
            self.process_tag(tag.key.as_bytes(), tag.value.into());
        }
        self.process(process.service().as_bytes())
    }

    /// Copies a span of another batch into `process` of this one, warnings included.
    ///
    /// # Errors
    /// [`Full`], and the span is not there.
    pub fn copy_span(&mut self, span: SpanView<'_>, process: Option<ProcessIndex>) -> Result<(), Full> {
        self.begin_span();
        self.span_ids(span.trace_id(), span.span_id());
        self.span_operation(span.operation().as_bytes());
        self.span_flags(span.flags());
        self.span_start(span.start());
        self.span_duration(span.duration());
        if let Some(process) = process {
            self.span_process(process);
        }
        for reference in span.references() {
            self.span_reference(reference);
        }
        for tag in span.tags() {
            self.span_tag(tag.key.as_bytes(), tag.value.into());
        }
        for log in span.logs() {
            self.begin_log(log.time());
            for field in log.fields() {
                self.log_field(field.key.as_bytes(), field.value.into());
            }
        }
        for warning in span.warnings() {
            self.span_warning(warning);
        }
        self.end_span()
    }
}
