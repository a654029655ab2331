//! What encoders, stores and searches read: borrowed views over a batch's tables.

use crate::rows::{LogRow, NO_PROCESS, ProcessRow, ReferenceRow, Slice, SpanRow, TagRow};
use crate::{Batch, Duration, SpanId, Timestamp, TraceId, Value, keys};

/// How a span refers to another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum ReferenceKind {
    /// The other span waits for this one.
    #[default]
    ChildOf,
    /// The other span caused this one and does not wait.
    FollowsFrom,
}

/// A reference from a span to another, which may be in another trace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Reference {
    /// How it refers.
    pub kind: ReferenceKind,
    /// The trace of the span referred to.
    pub trace_id: TraceId,
    /// The span referred to.
    pub span_id: SpanId,
}

/// One span of a [`Batch`].
#[derive(Clone, Copy, Debug)]
pub struct SpanView<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) row: &'a SpanRow,
}

/// One process of a [`Batch`].
#[derive(Clone, Copy, Debug)]
pub struct ProcessView<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) row: &'a ProcessRow,
}

/// One log of a span.
#[derive(Clone, Copy, Debug)]
pub struct LogView<'a> {
    batch: &'a Batch,
    row: &'a LogRow,
}

/// A tag of a span or a process, or a field of a log.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TagView<'a> {
    /// The key; keys may repeat.
    pub key: &'a str,
    /// The value.
    pub value: Value<'a>,
}

impl<'a> SpanView<'a> {
    /// The trace that it belongs to.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.row.trace_id
    }

    /// Its id within the trace; not always unique there (Zipkin's shared spans, retries).
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.row.span_id
    }

    /// What it did.
    #[must_use]
    pub fn operation(&self) -> &'a str {
        self.row.operation.of_text(&self.batch.text)
    }

    /// Bits: 1 sampled, 2 debug, 8 firehose.
    #[must_use]
    pub fn flags(&self) -> u32 {
        self.row.flags
    }

    /// When it began.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.row.start
    }

    /// How long it took.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.row.duration
    }

    /// The process that it ran in, if it brought one.
    #[must_use]
    pub fn process(&self) -> Option<ProcessView<'a>> {
        self.batch.process(self.row.process as usize)
    }

    /// The process's place in [`Batch::processes`].
    #[must_use]
    pub fn process_index(&self) -> Option<usize> {
        (self.row.process != NO_PROCESS).then_some(self.row.process as usize)
    }

    /// The process's service name, empty without a process.
    #[must_use]
    pub fn service(&self) -> &'a str {
        self.process().map_or("", |process| process.service())
    }

    /// Its own tags.
    #[must_use]
    pub fn tags(&self) -> Tags<'a> {
        Tags { batch: self.batch, rows: self.row.tags.of(&self.batch.tags).iter() }
    }

    /// Its own tags as the table holds them, for a store that tells equal texts by their places.
    #[must_use]
    #[inline]
    pub fn tag_rows(&self) -> &'a [TagRow] {
        self.row.tags.of(&self.batch.tags)
    }

    /// Where its operation stands in the batch's text.
    #[must_use]
    #[inline]
    pub fn operation_place(&self) -> Slice {
        self.row.operation
    }

    /// The first tag with this key.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<Value<'a>> {
        self.tags().find(|tag| tag.key == key).map(|tag| tag.value)
    }

    /// Its logs.
    #[must_use]
    pub fn logs(&self) -> Logs<'a> {
        Logs { batch: self.batch, rows: self.row.logs.of(&self.batch.logs).iter() }
    }

    /// Its references.
    #[must_use]
    pub fn references(&self) -> References<'a> {
        References { rows: self.row.references.of(&self.batch.references).iter() }
    }

    /// What parts of the backend noted about it.
    #[must_use]
    pub fn warnings(&self) -> Warnings<'a> {
        Warnings { batch: self.batch, rows: self.row.warnings.of(&self.batch.warnings).iter() }
    }

    /// Its parent: the first CHILD_OF within the trace, else the first FOLLOWS_FROM within it.
    #[must_use]
    pub fn parent(&self) -> Option<SpanId> {
        let own = |reference: &Reference| reference.trace_id == self.trace_id();
        let of_kind = |kind| self.references().find(|r| own(r) && r.kind == kind).map(|r| r.span_id);
        of_kind(ReferenceKind::ChildOf).or_else(|| of_kind(ReferenceKind::FollowsFrom))
    }

    /// The text of its `span.kind` tag, if it has one that is text.
    #[must_use]
    pub fn kind(&self) -> Option<&'a str> {
        match self.tag(keys::SPAN_KIND) {
            Some(Value::Str(kind)) => Some(kind),
            _ => None,
        }
    }
}

impl<'a> ProcessView<'a> {
    /// Its tags as the table holds them.
    #[must_use]
    #[inline]
    pub fn tag_rows(&self) -> &'a [TagRow] {
        self.row.tags.of(&self.batch.tags)
    }

    /// The service's name.
    #[must_use]
    pub fn service(&self) -> &'a str {
        self.row.service.of_text(&self.batch.text)
    }

    /// Its tags.
    #[must_use]
    pub fn tags(&self) -> Tags<'a> {
        Tags { batch: self.batch, rows: self.row.tags.of(&self.batch.tags).iter() }
    }
}

/// Equal where name and tags are, in their order.
impl PartialEq for ProcessView<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.row, other.row) || self.service() == other.service() && self.tags().eq(other.tags())
    }
}

impl<'a> LogView<'a> {
    /// When it happened.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.row.time
    }

    /// What it says as the table holds it.
    #[must_use]
    #[inline]
    pub fn field_rows(&self) -> &'a [TagRow] {
        self.row.fields.of(&self.batch.tags)
    }

    /// What it says.
    #[must_use]
    pub fn fields(&self) -> Tags<'a> {
        Tags { batch: self.batch, rows: self.row.fields.of(&self.batch.tags).iter() }
    }
}

impl PartialEq for LogView<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.time() == other.time() && self.fields().eq(other.fields())
    }
}

/// Equal where every field is, the process included, warnings too; ids of the tables don't count.
impl PartialEq for SpanView<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.trace_id() == other.trace_id()
            && self.span_id() == other.span_id()
            && self.start() == other.start()
            && self.duration() == other.duration()
            && self.flags() == other.flags()
            && self.operation() == other.operation()
            && self.process() == other.process()
            && self.references().eq(other.references())
            && self.tags().eq(other.tags())
            && self.logs().eq(other.logs())
            && self.warnings().eq(other.warnings())
    }
}

macro_rules! rows {
    ($(#[$doc:meta])* $name:ident, $row:ty, $item:ty, |$batch:ident, $one:ident| $make:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name<'a> {
            batch: &'a Batch,
            rows: std::slice::Iter<'a, $row>,
        }

        impl<'a> Iterator for $name<'a> {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<Self::Item> {
                let $batch = self.batch;
                self.rows.next().map(|$one| $make)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.rows.size_hint()
            }
        }

        impl ExactSizeIterator for $name<'_> {}
    };
}

rows!(
    /// The tags of a span or a process, or the fields of a log, in order of arrival.
    Tags, TagRow, TagView<'a>, |batch, row| TagView {
        key: row.key.of_text(&batch.text),
        value: row.value.value(&batch.text, &batch.bytes),
    }
);
rows!(
    /// The logs of a span.
    Logs, LogRow, LogView<'a>, |batch, row| LogView { batch, row }
);
rows!(
    /// What was noted about a span.
    Warnings, Slice, &'a str, |batch, row| row.of_text(&batch.text)
);

/// The references of a span.
#[derive(Clone, Debug)]
pub struct References<'a> {
    rows: std::slice::Iter<'a, ReferenceRow>,
}

impl Iterator for References<'_> {
    type Item = Reference;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next().map(|row| Reference { kind: row.kind, trace_id: row.trace_id, span_id: row.span_id })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

impl ExactSizeIterator for References<'_> {}
