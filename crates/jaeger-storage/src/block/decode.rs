//! Gives a trace's rows back as a batch.

use jaeger_model::{Batch, BatchBuilder, Duration, Full, ProcessIndex, Reference, SpanId, Timestamp, TraceId};

use super::references::Referred;
use super::{Block, Reading};

impl Block {
    /// The spans of the trace at `trace`, in order of arrival.
    ///
    /// # Errors
    /// [`Full`] where they fit in no batch, which the batches that they came in did.
    pub fn decode(&self, trace: usize, reading: &mut Reading) -> Result<Batch, Full> {
        let rows = self.rows(trace);
        let Some(id) = self.trace_ids.get(trace).copied() else { return Ok(Batch::default()) };
        let mut builder = BatchBuilder::new();
        builder.reserve(rows.len(), rows.len() * 10, rows.len() * 100);
        let mut processes: Vec<(usize, ProcessIndex)> = Vec::new();
        let mut reference = self.references.first(trace);
        let mut log = self.logs.first.index_at(trace);
        for row in rows.clone() {
            let process = match self.process.index_at(row).checked_sub(1) {
                None => None,
                Some(process) => match processes.iter().find(|(known, _)| *known == process) {
                    Some((_, index)) => Some(*index),
                    None => {
                        let index = self.decode_process(process, &mut builder, reading)?;
                        processes.push((process, index));
                        Some(index)
                    }
                },
            };
            builder.begin_span();
            if let Some(process) = process {
                builder.span_process(process);
            }
            let start = Timestamp::from_nanos(self.starts.signed_at(row));
            builder.span_ids(id, SpanId(self.span_ids.get(row).copied().unwrap_or(0)));
            builder.span_operation(self.operations.get(self.operation.index_at(row)));
            builder.span_flags(u32::try_from(self.flags.at(row)).unwrap_or(0));
            builder.span_start(start);
            builder.span_duration(Duration::from_nanos(self.durations.signed_at(row)));
            for _ in 0..self.references.count(row) {
                builder.span_reference(self.reference(reference, id, rows.start));
                reference += 1;
            }
            self.tags.read(row, reading, |key, value| builder.span_tag(key, value));
            for _ in 0..self.logs.counts.index_at(row) {
                let time = start.as_nanos().wrapping_add(self.logs.times.signed_at(log));
                builder.begin_log(Timestamp::from_nanos(time));
                self.logs.fields.read(log, reading, |key, value| builder.log_field(key, value));
                log += 1;
            }
            for warning in self.warnings_of(row) {
                builder.span_warning(warning);
            }
            builder.end_span()?;
        }
        Ok(builder.finish())
    }

    fn decode_process(
        &self,
        process: usize,
        builder: &mut BatchBuilder,
        reading: &mut Reading,
    ) -> Result<ProcessIndex, Full> {
        self.processes.tags.read(process, reading, |key, value| builder.process_tag(key, value));
        let service = self.processes.service.index_at(process + 1);
        builder.process(self.processes.services.get(service))
    }

    /// Reference number `at`, of a span of the trace `id`, whose rows begin at `first`.
    fn reference(&self, at: usize, id: TraceId, first: usize) -> Reference {
        match self.references.get(at) {
            Referred::Foreign(reference) => reference,
            Referred::Own(span, kind) => Reference { kind, trace_id: id, span_id: SpanId(span) },
            Referred::Local(place, kind) => {
                let span = self.span_ids.get(first + place).copied().unwrap_or(0);
                Reference { kind, trace_id: id, span_id: SpanId(span) }
            }
        }
    }

    fn warnings_of(&self, row: usize) -> &[Box<str>] {
        let place = self.warnings.binary_search_by_key(&row, |(row, _)| *row as usize);
        place.ok().and_then(|place| self.warnings.get(place)).map_or(&[][..], |(_, texts)| texts)
    }
}
