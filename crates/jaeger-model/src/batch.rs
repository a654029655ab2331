//! The one shape of spans in memory: flat tables over one text.

use crate::rows::{LogRow, ProcessRow, ReferenceRow, Slice, SpanRow, TagRow};
use crate::view::{ProcessView, SpanView};

/// Spans and their processes, unchangeable once built.
///
/// About six allocations however many spans there are; a channel moves it by pointer and a drop frees it
/// in one go. Made by [`BatchBuilder`](crate::BatchBuilder), read through [`SpanView`], changed by
/// [`BatchEdit`](crate::BatchEdit) alone.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) processes: Vec<ProcessRow>,
    pub(crate) spans: Vec<SpanRow>,
    pub(crate) tags: Vec<TagRow>,
    pub(crate) logs: Vec<LogRow>,
    pub(crate) references: Vec<ReferenceRow>,
    pub(crate) warnings: Vec<Slice>,
}

impl Batch {
    /// How many spans there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no span.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The bytes of memory that this batch holds, what is reserved but unused included.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>()
            + self.text.capacity()
            + self.bytes.capacity()
            + self.processes.capacity() * size_of::<ProcessRow>()
            + self.spans.capacity() * size_of::<SpanRow>()
            + self.tags.capacity() * size_of::<TagRow>()
            + self.logs.capacity() * size_of::<LogRow>()
            + self.references.capacity() * size_of::<ReferenceRow>()
            + self.warnings.capacity() * size_of::<Slice>()
    }

    /// The span at `index`, in order of arrival from 0.
    #[must_use]
    pub fn span(&self, index: usize) -> Option<SpanView<'_>> {
        self.spans.get(index).map(|row| SpanView { batch: self, row })
    }

    /// All spans in order of arrival.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = SpanView<'_>> + DoubleEndedIterator + Clone {
        self.spans.iter().map(move |row| SpanView { batch: self, row })
    }

    /// The process at `index`, as [`SpanView::process_index`] names it.
    #[must_use]
    pub fn process(&self, index: usize) -> Option<ProcessView<'_>> {
        self.processes.get(index).map(|row| ProcessView { batch: self, row })
    }

    /// All processes, in order of arrival.
    pub fn processes(&self) -> impl ExactSizeIterator<Item = ProcessView<'_>> + Clone {
        self.processes.iter().map(move |row| ProcessView { batch: self, row })
    }

    /// The bytes of a text of this batch; none for a place that is not its own.
    #[must_use]
    #[inline]
    pub fn text_bytes(&self, place: Slice) -> &[u8] {
        place.of(self.text.as_bytes())
    }

    /// The bytes of a binary value of this batch; none for a place that is not its own.
    #[must_use]
    #[inline]
    pub fn binary(&self, place: Slice) -> &[u8] {
        place.of(&self.bytes)
    }

    /// Gives back reserved memory where more than a quarter of it is unused.
    pub(crate) fn fit(&mut self) {
        fn fit<T>(table: &mut Vec<T>) {
            if table.capacity() > table.len() + table.len() / 3 {
                table.shrink_to_fit();
            }
        }
        if self.text.capacity() > self.text.len() + self.text.len() / 3 {
            self.text.shrink_to_fit();
        }
        fit(&mut self.bytes);
        fit(&mut self.processes);
        fit(&mut self.spans);
        fit(&mut self.tags);
        fit(&mut self.logs);
        fit(&mut self.references);
        fit(&mut self.warnings);
    }
}
