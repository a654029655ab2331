//! Going back: a message that turned out malformed leaves nothing in its builder.

use super::BatchBuilder;
use crate::rows::Rows;

/// A point that a builder can go back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    spans: usize,
    processes: usize,
    tags: usize,
    logs: usize,
    references: usize,
    warnings: usize,
    text: usize,
    bytes: usize,
    repaired_texts: usize,
}

impl BatchBuilder {
    /// This point, between two spans, to [`rollback`](Self::rollback) to.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            spans: self.batch.spans.len(),
            processes: self.batch.processes.len(),
            tags: self.batch.tags.len(),
            logs: self.batch.logs.len(),
            references: self.batch.references.len(),
            warnings: self.batch.warnings.len(),
            text: self.batch.text.len(),
            bytes: self.batch.bytes.len(),
            repaired_texts: self.repaired_texts,
        }
    }

    /// Takes back every span and process since `mark`: a message that turned out malformed leaves nothing.
    pub fn rollback(&mut self, mark: Mark) {
        self.abandon_span();
        self.process_tags.clear();
        let batch = &mut self.batch;
        batch.spans.truncate(mark.spans);
        batch.processes.truncate(mark.processes);
        batch.tags.truncate(mark.tags);
        batch.logs.truncate(mark.logs);
        batch.references.truncate(mark.references);
        batch.warnings.truncate(mark.warnings);
        batch.text.truncate(mark.text);
        batch.bytes.truncate(mark.bytes);
        self.repaired_texts = mark.repaired_texts;
        (self.tags_before, self.fields_before) = (Rows::default(), Rows::default());
        self.format_key = None;
        self.full = false;
    }
}
