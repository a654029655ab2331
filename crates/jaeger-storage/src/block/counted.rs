//! What the counts by the minute need of a span, from its columns alone.

use super::{Block, Reading};

/// A span as it is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Counted {
    /// The place of the service among the block's.
    pub(crate) service: usize,
    /// The place of the operation among the block's.
    pub(crate) operation: usize,
    /// A number for its `span.kind`, where one tells.
    pub(crate) kind: Option<u64>,
    pub(crate) start: i64,
    pub(crate) duration: i64,
    pub(crate) failed: bool,
}

impl Block {
    #[inline]
    pub(crate) fn counted(&self, row: usize, reading: &mut Reading) -> Counted {
        Counted {
            service: self.service_of(row),
            operation: self.operation.index_at(row),
            kind: self.tags.kind_code(row),
            start: self.starts.signed_at(row),
            duration: self.durations.signed_at(row),
            failed: self.tags.failed(row, reading),
        }
    }

    /// How many operations there are.
    pub(crate) fn operations(&self) -> usize {
        self.operations.len()
    }

    /// The name of an operation, by place.
    pub(crate) fn operation_name(&self, place: usize) -> &str {
        self.operations.text(place)
    }

    /// Calls `with` with the row's `span.kind`, empty where it has none.
    pub(crate) fn with_kind(&self, row: usize, reading: &mut Reading, with: impl FnMut(&str)) {
        self.tags.with_kind(row, reading, with);
    }
}
