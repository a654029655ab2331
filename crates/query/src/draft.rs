//! A trace while adjusters work on it: flat tables of rows that borrow every text from the store's batches.
//!
//! Between `assemble` (which makes it) and `render` (which reads it). Copying a span here is copying numbers
//! and slices, never text, so that adjusting costs little and leaves the store's batches as they are.

use std::cmp::Ordering;
use std::net::Ipv4Addr;

use jaeger_model::{Duration, Reference, ReferenceKind, SpanId, SpanView, Timestamp, TraceId, Value};

use crate::adjust::Note;

/// A run of rows in one of the draft's tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    start: u32,
    len: u32,
}

/// One trace, open for changes.
#[derive(Debug, Default)]
pub struct Draft<'t> {
    pub(crate) spans: Vec<DraftSpan<'t>>,
    pub(crate) processes: Vec<DraftProcess<'t>>,
    pub(crate) tags: Vec<DraftTag<'t>>,
    pub(crate) logs: Vec<DraftLog>,
    pub(crate) references: Vec<Reference>,
}

/// A span of the draft. What no adjuster changes is read from `view`.
#[derive(Clone, Debug)]
pub struct DraftSpan<'t> {
    pub(crate) view: SpanView<'t>,
    pub(crate) span_id: SpanId,
    pub(crate) start: Timestamp,
    pub(crate) process: u32,
    pub(crate) tags: Rows,
    pub(crate) logs: Rows,
    pub(crate) references: Rows,
    /// What adjusters noted, after the span's own warnings.
    pub(crate) notes: Vec<Note>,
}

/// A process of the draft; several may be equal.
#[derive(Clone, Copy, Debug)]
pub struct DraftProcess<'t> {
    pub(crate) service: &'t str,
    pub(crate) tags: Rows,
}

/// A log of a span.
#[derive(Clone, Copy, Debug)]
pub struct DraftLog {
    pub(crate) time: Timestamp,
    pub(crate) fields: Rows,
}

/// A tag or a log's field.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DraftTag<'t> {
    pub(crate) key: &'t str,
    pub(crate) value: DraftValue<'t>,
}

/// A value as it was stored, or an address that stands for its text.
#[derive(Clone, Copy, Debug)]
pub enum DraftValue<'t> {
    /// As it was stored.
    Stored(Value<'t>),
    /// The text `a.b.c.d`.
    Ipv4(Ipv4Addr),
}

impl Rows {
    /// `len` rows from `start` on. Tables of a trace are far below 2^32 rows: a batch has at most 2^31.
    pub(crate) fn new(start: usize, len: usize) -> Self {
        Self { start: u32::try_from(start).unwrap_or(u32::MAX), len: u32::try_from(len).unwrap_or(0) }
    }

    pub(crate) fn of<T>(self, table: &[T]) -> &[T] {
        table.get(self.range()).unwrap_or(&[])
    }

    pub(crate) fn of_mut<T>(self, table: &mut [T]) -> &mut [T] {
        table.get_mut(self.range()).unwrap_or(&mut [])
    }

    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }

    pub(crate) fn shortened(self, len: usize) -> Self {
        Self { start: self.start, len: self.len.min(u32::try_from(len).unwrap_or(u32::MAX)) }
    }
}

impl Draft<'_> {
    /// The trace's id: its first span's.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.spans.first().map_or(TraceId(0), |span| span.view.trace_id())
    }

    /// The parent of the span at `place`: the first CHILD_OF within the trace, else the first FOLLOWS_FROM
    /// within it; id 0 is no parent.
    pub(crate) fn parent(&self, span: &DraftSpan<'_>) -> Option<SpanId> {
        let trace = span.view.trace_id();
        let mut follows = None;
        for reference in span.references.of(&self.references) {
            if reference.trace_id != trace {
                continue;
            }
            if reference.kind == ReferenceKind::ChildOf {
                return Some(reference.span_id).filter(|id| id.0 != 0);
            }
            follows = follows.or(Some(reference.span_id));
        }
        follows.filter(|id| id.0 != 0)
    }
}

impl DraftSpan<'_> {
    pub(crate) fn duration(&self) -> Duration {
        self.view.duration()
    }
}

impl DraftTag<'_> {
    /// Go's order of tags: key, then type, then value.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        self.key.cmp(other.key).then_with(|| self.value.order(&other.value))
    }
}

/// An address equals its text.
impl PartialEq for DraftValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Equal
    }
}

impl DraftValue<'_> {
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Stored(a), Self::Stored(b)) => stored_order(a, b),
            (Self::Ipv4(a), Self::Ipv4(b)) => a.to_string().cmp(&b.to_string()),
            (Self::Ipv4(a), Self::Stored(Value::Str(b))) => a.to_string().as_str().cmp(b),
            (Self::Stored(Value::Str(a)), Self::Ipv4(b)) => (*a).cmp(b.to_string().as_str()),
            (Self::Ipv4(_), Self::Stored(_)) => Ordering::Less,
            (Self::Stored(_), Self::Ipv4(_)) => Ordering::Greater,
        }
    }
}

fn stored_order(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::I64(a), Value::I64(b)) => a.cmp(b),
        // Not partial_cmp: sorting needs one order for NaN too.
        (Value::F64(a), Value::F64(b)) => a.total_cmp(b),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        _ => a.type_rank().cmp(&b.type_rank()),
    }
}
