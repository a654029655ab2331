//! The only way into a [`Batch`]: every decoder drives this, in whatever order its wire has.

mod copy;
mod mark;

pub use mark::Mark;

use crate::rows::{Cell, LogRow, NO_PROCESS, ProcessRow, ReferenceRow, Rows, Slice, SpanRow, TagRow};
use crate::{Batch, Duration, Reference, SpanId, Timestamp, TraceId, Value, keys};

/// The most text that one batch holds, in bytes.
pub const MAX_TEXT_BYTES: usize = 1 << 30;
/// The most rows that one table of a batch holds.
pub const MAX_ROWS: usize = 1 << 31;

/// The batch holds no more; finish it and begin another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the batch is full at {MAX_TEXT_BYTES} bytes of text or {MAX_ROWS} rows; finish it and begin another")]
pub struct Full;

/// A process's place within its batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProcessIndex(u32);

/// A value as a wire brings it: text that nobody has checked yet.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ValueIn<'a> {
    /// Text, UTF-8 as the sender claims.
    Str(&'a [u8]),
    /// True or false.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// A floating-point number.
    F64(f64),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl<'a> From<Value<'a>> for ValueIn<'a> {
    fn from(value: Value<'a>) -> Self {
        match value {
            Value::Str(text) => Self::Str(text.as_bytes()),
            Value::Bool(value) => Self::Bool(value),
            Value::I64(value) => Self::I64(value),
            Value::F64(value) => Self::F64(value),
            Value::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

impl<'a> From<&'a str> for ValueIn<'a> {
    fn from(text: &'a str) -> Self {
        Self::Str(text.as_bytes())
    }
}

/// Builds a [`Batch`] from borrowed input.
///
/// Tags of the span under way, its logs, references and the tags of the process under way may come in any
/// order and mixed. Text is copied once; text equal to that of the span before, at the same place, is not
/// copied at all. Wrong UTF-8 is repaired as Go does (one U+FFFD a byte), counted, and noted as a warning
/// of the span.
#[derive(Debug, Default)]
pub struct BatchBuilder {
    batch: Batch,
    format: Option<&'static str>,
    repaired_texts: usize,
    full: bool,
    process_tags: Vec<TagRow>,
    span: Option<SpanRow>,
    span_tags: Vec<TagRow>,
    span_logs: Vec<LogRow>,
    log_fields: Vec<TagRow>,
    span_references: Vec<ReferenceRow>,
    span_warnings: Vec<Slice>,
    /// Where the span under way began, to take it back.
    text_mark: usize,
    bytes_mark: usize,
    repaired_mark: usize,
    /// The tags and the log fields of the span before, whose texts are likely to come again.
    tags_before: Rows,
    fields_before: Rows,
    format_key: Option<(Slice, Slice)>,
}

impl BatchBuilder {
    /// An empty builder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Every span gets `internal.span.format` = `format` as its last tag. For a collector's receivers alone.
    #[must_use]
    pub fn with_format(mut self, format: &'static str) -> Self {
        self.format = Some(format);
        self
    }

    /// Makes room for what is to come; a hint.
    pub fn reserve(&mut self, spans: usize, tags: usize, text_bytes: usize) {
        self.batch.spans.reserve(spans);
        self.batch.tags.reserve(tags);
        self.batch.text.reserve(text_bytes);
    }

    /// How many spans have been built.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batch.spans.len()
    }

    /// Whether no span has been built.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batch.spans.is_empty()
    }

    /// How many texts were wrong UTF-8 and were repaired.
    #[must_use]
    pub fn repaired_texts(&self) -> usize {
        self.repaired_texts
    }

    /// A tag of the process that [`process`](Self::process) will close.
    pub fn process_tag(&mut self, key: &[u8], value: ValueIn<'_>) {
        let before = self.batch.processes.last().map_or(Rows::default(), |process| process.tags);
        let hint = before.of(&self.batch.tags).get(self.process_tags.len()).copied();
        let row = self.tag_row(key, value, hint);
        self.process_tags.push(row);
    }

    /// Closes a process: its service name and the tags since the last one. Equal to the one before, it is that one.
    ///
    /// # Errors
    /// [`Full`], and the process is not there.
    pub fn process(&mut self, service: &[u8]) -> Result<ProcessIndex, Full> {
        let hint = self.batch.processes.last().map(|process| process.service);
        let service = self.text(service, hint);
        if self.full
            || self.no_room(&self.batch.processes, 1)
            || self.no_room(&self.batch.tags, self.process_tags.len())
        {
            self.process_tags.clear();
            return Err(Full);
        }
        if let Some(last) = self.batch.processes.last()
            && last.service == service
            && same_rows(last.tags.of(&self.batch.tags), &self.process_tags)
        {
            self.process_tags.clear();
            return Ok(ProcessIndex(row_number(self.batch.processes.len()) - 1));
        }
        let tags = append(&mut self.batch.tags, &mut self.process_tags);
        self.batch.processes.push(ProcessRow { service, tags });
        Ok(ProcessIndex(row_number(self.batch.processes.len()) - 1))
    }

    /// Begins a span, with every field empty and no process.
    pub fn begin_span(&mut self) {
        self.abandon_span();
        self.text_mark = self.batch.text.len();
        self.bytes_mark = self.batch.bytes.len();
        self.repaired_mark = self.repaired_texts;
        self.span = Some(SpanRow::EMPTY);
    }

    /// The span's ids.
    pub fn span_ids(&mut self, trace_id: TraceId, span_id: SpanId) {
        let span = self.span_mut();
        span.trace_id = trace_id;
        span.span_id = span_id;
    }

    /// What the span did.
    pub fn span_operation(&mut self, operation: &[u8]) {
        let hint = self.batch.spans.last().map(|span| span.operation);
        let operation = self.text(operation, hint);
        self.span_mut().operation = operation;
    }

    /// The span's flag bits.
    pub fn span_flags(&mut self, flags: u32) {
        self.span_mut().flags = flags;
    }

    /// When the span began.
    pub fn span_start(&mut self, start: Timestamp) {
        self.span_mut().start = start;
    }

    /// How long the span took.
    pub fn span_duration(&mut self, duration: Duration) {
        self.span_mut().duration = duration;
    }

    /// The process that the span ran in.
    pub fn span_process(&mut self, process: ProcessIndex) {
        self.span_mut().process = process.0;
    }

    /// A tag of the span.
    pub fn span_tag(&mut self, key: &[u8], value: ValueIn<'_>) {
        let hint = self.before(self.tags_before, self.span_tags.len());
        let row = self.tag_row(key, value, hint);
        self.span_tags.push(row);
    }

    /// Begins a log of the span; [`log_field`](Self::log_field) adds to the log begun last.
    pub fn begin_log(&mut self, time: Timestamp) {
        let fields = Rows { start: row_number(self.log_fields.len()), len: 0 };
        self.span_logs.push(LogRow { time, fields });
    }

    /// When the log begun last happened, for wires that say so after its fields.
    pub fn log_time(&mut self, time: Timestamp) {
        if let Some(log) = self.span_logs.last_mut() {
            log.time = time;
        }
    }

    /// A field of the log begun last; without one, a log at the span's start is begun.
    pub fn log_field(&mut self, key: &[u8], value: ValueIn<'_>) {
        if self.span_logs.is_empty() {
            let start = self.span.map_or(Timestamp::default(), |span| span.start);
            self.begin_log(start);
        }
        let hint = self.before(self.fields_before, self.log_fields.len());
        let row = self.tag_row(key, value, hint);
        self.log_fields.push(row);
        if let Some(log) = self.span_logs.last_mut() {
            log.fields.len += 1;
        }
    }

    /// A reference of the span, after those it has.
    pub fn span_reference(&mut self, reference: Reference) {
        self.span_references.push(reference.into());
    }

    /// A reference of the span, before those it has.
    pub fn span_reference_first(&mut self, reference: Reference) {
        self.span_references.insert(0, reference.into());
    }

    /// The references of the span under way.
    pub fn span_references(&self) -> impl Iterator<Item = Reference> {
        self.span_references.iter().map(|row| (*row).into())
    }

    /// Notes something about the span.
    pub fn span_warning(&mut self, warning: &str) {
        let slice = self.text(warning.as_bytes(), None);
        self.span_warnings.push(slice);
    }

    /// Ends the span under way.
    ///
    /// # Errors
    /// [`Full`], and the span is not there: finish this batch and send the span into another.
    pub fn end_span(&mut self) -> Result<(), Full> {
        if let Some(format) = self.format {
            self.push_format(format);
        }
        let repaired = self.repaired_texts - self.repaired_mark;
        if repaired > 0 {
            self.span_warning(&format!("invalid UTF-8 replaced in {repaired} texts of this span"));
        }
        let room = !self.full
            && !self.no_room(&self.batch.spans, 1)
            && !self.no_room(&self.batch.tags, self.span_tags.len() + self.log_fields.len())
            && !self.no_room(&self.batch.logs, self.span_logs.len())
            && !self.no_room(&self.batch.references, self.span_references.len())
            && !self.no_room(&self.batch.warnings, self.span_warnings.len());
        let Some(mut span) = self.span.take_if(|_| room) else {
            self.abandon_span();
            return Err(Full);
        };
        span.tags = append(&mut self.batch.tags, &mut self.span_tags);
        self.tags_before = span.tags;
        let fields = append(&mut self.batch.tags, &mut self.log_fields);
        for log in &mut self.span_logs {
            log.fields.start += fields.start;
        }
        if fields.len > 0 {
            self.fields_before = fields;
        }
        span.logs = append(&mut self.batch.logs, &mut self.span_logs);
        span.references = append(&mut self.batch.references, &mut self.span_references);
        span.warnings = append(&mut self.batch.warnings, &mut self.span_warnings);
        self.batch.spans.push(span);
        Ok(())
    }

    /// Takes back the span under way, if there is one.
    pub fn abandon_span(&mut self) {
        if self.span.take().is_none() {
            return;
        }
        self.span_tags.clear();
        self.span_logs.clear();
        self.log_fields.clear();
        self.span_references.clear();
        self.span_warnings.clear();
        // A process closed within the span has text behind the mark and stays.
        if self.batch.processes.iter().all(|process| (process.service.offset as usize) < self.text_mark)
            && self.process_tags.is_empty()
        {
            self.batch.text.truncate(self.text_mark);
            self.batch.bytes.truncate(self.bytes_mark);
            if self.format_key.is_some_and(|(key, _)| key.offset as usize >= self.text_mark) {
                self.format_key = None;
            }
            self.full = false;
        }
        self.repaired_texts = self.repaired_mark;
    }

    /// The memory held so far, in bytes, without what is reserved.
    #[must_use]
    pub fn used_bytes(&self) -> usize {
        self.batch.text.len()
            + self.batch.bytes.len()
            + self.batch.spans.len() * size_of::<SpanRow>()
            + self.batch.tags.len() * size_of::<TagRow>()
            + self.batch.logs.len() * size_of::<LogRow>()
    }

    /// The batch, with a span under way taken back.
    #[must_use]
    pub fn finish(mut self) -> Batch {
        self.abandon_span();
        self.batch.fit();
        self.batch
    }

    fn span_mut(&mut self) -> &mut SpanRow {
        self.span.get_or_insert(SpanRow::EMPTY)
    }

    /// The row at `place` of the rows that came before.
    #[inline]
    fn before(&self, rows: Rows, place: usize) -> Option<TagRow> {
        let within = place < rows.len as usize;
        within.then(|| self.batch.tags.get(rows.start as usize + place).copied()).flatten()
    }

    fn push_format(&mut self, format: &'static str) {
        let (key, value) = match self.format_key {
            Some(known) => known,
            None => (self.text(keys::INTERNAL_SPAN_FORMAT.as_bytes(), None), self.text(format.as_bytes(), None)),
        };
        self.format_key = Some((key, value));
        self.span_tags.push(TagRow { key, value: Cell::Str(value) });
    }

    fn tag_row(&mut self, key: &[u8], value: ValueIn<'_>, hint: Option<TagRow>) -> TagRow {
        let key = self.text(key, hint.map(|row| row.key));
        let value = match value {
            ValueIn::Str(text) => {
                let hint = hint.and_then(|row| if let Cell::Str(slice) = row.value { Some(slice) } else { None });
                Cell::Str(self.text(text, hint))
            }
            ValueIn::Bool(value) => Cell::Bool(value),
            ValueIn::I64(value) => Cell::I64(value),
            ValueIn::F64(value) => Cell::F64(value),
            ValueIn::Bytes(bytes) => {
                let slice = slice_of(self.batch.bytes.len(), bytes.len());
                if self.batch.bytes.len().saturating_add(bytes.len()) > MAX_TEXT_BYTES {
                    self.full = true;
                    return TagRow { key, value: Cell::Bytes(Slice::default()) };
                }
                self.batch.bytes.extend_from_slice(bytes);
                Cell::Bytes(slice)
            }
        };
        TagRow { key, value }
    }

    /// Where `bytes` stand in the batch's text: at `hint` if they are equal, else at its end.
    fn text(&mut self, bytes: &[u8], hint: Option<Slice>) -> Slice {
        if let Some(slice) = hint
            && same(slice.of(self.batch.text.as_bytes()), bytes)
        {
            return slice;
        }
        // A repaired byte becomes three.
        if bytes.len() > MAX_TEXT_BYTES / 3 || self.batch.text.len() + 3 * bytes.len() > MAX_TEXT_BYTES {
            self.full = true;
            return Slice::default();
        }
        let start = self.batch.text.len();
        match str::from_utf8(bytes) {
            Ok(text) => self.batch.text.push_str(text),
            Err(_) => {
                self.repaired_texts += 1;
                repair(&mut self.batch.text, bytes);
            }
        }
        slice_of(start, self.batch.text.len() - start)
    }

    fn no_room<T>(&self, table: &[T], more: usize) -> bool {
        table.len().saturating_add(more) >= MAX_ROWS
    }
}

/// Whether two texts are equal. Keys and most values are short, where a call to compare costs more than comparing.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len()
        && match a.len() {
            4..8 => a.first_chunk::<4>() == b.first_chunk::<4>() && a.last_chunk::<4>() == b.last_chunk::<4>(),
            8..=16 => a.first_chunk::<8>() == b.first_chunk::<8>() && a.last_chunk::<8>() == b.last_chunk::<8>(),
            17..=32 => a.first_chunk::<16>() == b.first_chunk::<16>() && a.last_chunk::<16>() == b.last_chunk::<16>(),
            _ => a == b,
        }
}

/// Appends `bytes` with each byte that is no UTF-8 as one U+FFFD, as Go's JSON encoder does.
fn repair(text: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, chunk.invalid().len()));
    }
}

fn append<T: Copy>(table: &mut Vec<T>, rows: &mut Vec<T>) -> Rows {
    let range = Rows { start: row_number(table.len()), len: row_number(rows.len()) };
    table.extend_from_slice(rows);
    rows.clear();
    range
}

/// Rows whose texts stand at the same place; equal texts at two places count as different.
fn same_rows(before: &[TagRow], now: &[TagRow]) -> bool {
    before.len() == now.len()
        && before.iter().zip(now).all(|(a, b)| {
            a.key == b.key
                && match (a.value, b.value) {
                    (Cell::Str(a), Cell::Str(b)) => a == b,
                    (Cell::Bool(a), Cell::Bool(b)) => a == b,
                    (Cell::I64(a), Cell::I64(b)) => a == b,
                    (Cell::F64(a), Cell::F64(b)) => a.to_bits() == b.to_bits(),
                    _ => false,
                }
        })
}

/// Tables and texts are bounded by `MAX_ROWS` and `MAX_TEXT_BYTES`, both under 2^32.
pub(crate) fn row_number(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(NO_PROCESS)
}

pub(crate) fn slice_of(offset: usize, len: usize) -> Slice {
    Slice { offset: row_number(offset), len: row_number(len) }
}

impl From<Reference> for ReferenceRow {
    fn from(reference: Reference) -> Self {
        Self { trace_id: reference.trace_id, span_id: reference.span_id, kind: reference.kind }
    }
}

impl From<ReferenceRow> for Reference {
    fn from(row: ReferenceRow) -> Self {
        Self { trace_id: row.trace_id, span_id: row.span_id, kind: row.kind }
    }
}

#[cfg(test)]
mod tests;
