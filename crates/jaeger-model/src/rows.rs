//! The rows of a batch's tables: offsets and numbers, nothing that owns memory.

use crate::{Duration, SpanId, Timestamp, TraceId, Value, view::ReferenceKind};

/// A run of bytes in the batch's text (or, for binary values, in its bytes): read by
/// [`Batch::text_bytes`](crate::Batch::text_bytes) and [`Batch::binary`](crate::Batch::binary).
///
/// Within one batch equal places are equal texts, which a store can see without looking at the text; two places may
/// hold the same text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// The first byte's place.
    pub offset: u32,
    /// How many bytes there are.
    pub len: u32,
}

/// A run of rows in one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// A tag's value as the table holds it.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    /// Text, in the batch's text.
    Str(Slice),
    /// True or false.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// A floating-point number.
    F64(f64),
    /// Bytes, in the batch's bytes.
    Bytes(Slice),
}

/// A tag or a log's field as the table holds it.
#[derive(Clone, Copy, Debug)]
pub struct TagRow {
    /// The key, in the batch's text.
    pub key: Slice,
    /// The value.
    pub value: Cell,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct LogRow {
    pub(crate) time: Timestamp,
    pub(crate) fields: Rows,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ReferenceRow {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) kind: ReferenceKind,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ProcessRow {
    pub(crate) service: Slice,
    pub(crate) tags: Rows,
}

/// `process` of a span that brought none.
pub(crate) const NO_PROCESS: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanRow {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) operation: Slice,
    pub(crate) process: u32,
    pub(crate) flags: u32,
    pub(crate) start: Timestamp,
    pub(crate) duration: Duration,
    pub(crate) references: Rows,
    pub(crate) tags: Rows,
    pub(crate) logs: Rows,
    pub(crate) warnings: Rows,
}

impl SpanRow {
    pub(crate) const EMPTY: Self = Self {
        trace_id: TraceId(0),
        span_id: SpanId(0),
        operation: Slice { offset: 0, len: 0 },
        process: NO_PROCESS,
        flags: 0,
        start: Timestamp::from_nanos(0),
        duration: Duration::ZERO,
        references: Rows { start: 0, len: 0 },
        tags: Rows { start: 0, len: 0 },
        logs: Rows { start: 0, len: 0 },
        warnings: Rows { start: 0, len: 0 },
    };
}

impl Slice {
    #[inline]
    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.offset as usize..self.offset as usize + self.len as usize).unwrap_or(&[])
    }

    #[inline]
    pub(crate) fn of_text(self, text: &str) -> &str {
        text.get(self.offset as usize..self.offset as usize + self.len as usize).unwrap_or("")
    }
}

impl Rows {
    #[inline]
    pub(crate) fn of<T>(self, table: &[T]) -> &[T] {
        table.get(self.start as usize..self.start as usize + self.len as usize).unwrap_or(&[])
    }

    pub(crate) fn of_mut<T>(self, table: &mut [T]) -> &mut [T] {
        table.get_mut(self.start as usize..self.start as usize + self.len as usize).unwrap_or(&mut [])
    }
}

impl Cell {
    #[inline]
    pub(crate) fn value<'a>(self, text: &'a str, bytes: &'a [u8]) -> Value<'a> {
        match self {
            Self::Str(slice) => Value::Str(slice.of_text(text)),
            Self::Bool(value) => Value::Bool(value),
            Self::I64(value) => Value::I64(value),
            Self::F64(value) => Value::F64(value),
            Self::Bytes(slice) => Value::Bytes(slice.of(bytes)),
        }
    }
}
