//! What a sampled span holds until it ends: rows that point into one buffer of text, bounded in bytes.

use std::ops::Range;
use std::time::{Instant, SystemTime};

use jaeger_model::{BatchBuilder, Duration, Full, Reference, Timestamp, Value, ValueIn};

use crate::context::{SpanContext, cut_at};

/// The most bytes that a span holds; what is more is left out, and the span says so.
pub(crate) const MAX_SPAN_BYTES: usize = 64_000;
/// The most that logs take of it, so that what is said at the end (`error`) finds room.
const MAX_LOG_BYTES: usize = 48_000;
/// Room that an ended span may have and not use.
const SPARE_BYTES: usize = 4096;
/// What a tag, a log or a reference takes besides its text, in memory or on the wire, whichever is more.
const ROW_BYTES: usize = 32;

/// The tag by which a shortened span says what it lost.
pub const SHORTENED: &str = "jaeger.client.shortened";

#[derive(Clone, Debug)]
struct Row {
    key: Range<u32>,
    cell: Cell,
}

#[derive(Clone, Debug)]
enum Cell {
    Str(Range<u32>),
    Bytes(Range<u32>),
    Bool(bool),
    I64(i64),
    F64(f64),
}

#[derive(Debug)]
struct Log {
    time: Timestamp,
    fields: Range<usize>,
}

/// How long a span's time is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began {
    pub(crate) time: Timestamp,
    /// Where the caller gave no time: the clock that never jumps.
    pub(crate) instant: Option<Instant>,
}

impl Began {
    pub(crate) fn now() -> Self {
        Self { time: timestamp(SystemTime::now()), instant: Some(Instant::now()) }
    }

    /// The time since, by the clock that this began with.
    fn elapsed(self, end: Option<SystemTime>) -> Duration {
        match (end, self.instant) {
            (Some(end), _) => timestamp(end).since(self.time),
            (None, Some(instant)) => {
                Duration::from_nanos(i64::try_from(instant.elapsed().as_nanos()).unwrap_or(i64::MAX))
            }
            (None, None) => timestamp(SystemTime::now()).since(self.time),
        }
    }
}

pub(crate) fn timestamp(time: SystemTime) -> Timestamp {
    let nanos = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
    };
    Timestamp::from_nanos(nanos)
}

/// A sampled span.
#[derive(Debug)]
pub(crate) struct Body {
    began: Began,
    duration: Duration,
    operation: String,
    text: Vec<u8>,
    tags: Vec<Row>,
    logs: Vec<Log>,
    fields: Vec<Row>,
    references: Vec<Reference>,
    max_value_bytes: usize,
    bytes: usize,
    left_out: LeftOut,
}

/// What found no room.
#[derive(Clone, Copy, Debug, Default)]
struct LeftOut {
    tags: u32,
    logs: u32,
    references: u32,
}

impl Body {
    /// `max_value_bytes`: where values of tags are cut.
    pub(crate) fn new(operation: &str, began: Began, max_value_bytes: usize) -> Self {
        let operation = cut_at(operation, MAX_LOG_BYTES).to_owned();
        let bytes = operation.len() + 2 * ROW_BYTES;
        Self {
            began,
            duration: Duration::ZERO,
            operation,
            text: Vec::with_capacity(192),
            tags: Vec::with_capacity(8),
            logs: Vec::new(),
            fields: Vec::new(),
            references: Vec::new(),
            max_value_bytes,
            bytes,
            left_out: LeftOut::default(),
        }
    }

    /// Memory that the span holds, at most.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn rename(&mut self, operation: &str) {
        cut_at(operation, MAX_LOG_BYTES).clone_into(&mut self.operation);
    }

    pub(crate) fn reference(&mut self, reference: Reference) {
        match self.take(ROW_BYTES, MAX_LOG_BYTES) {
            true => self.references.push(reference),
            false => self.left_out.references += 1,
        }
    }

    /// Sets a tag; one of this key is replaced.
    pub(crate) fn tag(&mut self, key: &str, value: Value<'_>) {
        let value = self.cut(value);
        if !self.take(key.len() + value_bytes(value) + ROW_BYTES, MAX_SPAN_BYTES) {
            self.left_out.tags += 1;
            return;
        }
        let cell = self.cell(value);
        let known = self.tags.iter().position(|row| slice(&self.text, &row.key) == key.as_bytes());
        match known.and_then(|at| self.tags.get_mut(at)) {
            Some(row) => row.cell = cell,
            None => {
                let key = self.push_text(key.as_bytes());
                self.tags.push(Row { key, cell });
            }
        }
    }

    pub(crate) fn log(&mut self, time: SystemTime, fields: &[(&str, Value<'_>)]) {
        let needed: usize = fields.iter().map(|(key, value)| key.len() + value_bytes(*value) + ROW_BYTES).sum();
        if !self.take(needed + ROW_BYTES, MAX_LOG_BYTES) {
            self.left_out.logs += 1;
            return;
        }
        let start = self.fields.len();
        for (key, value) in fields {
            let cell = self.cell(*value);
            let key = self.push_text(key.as_bytes());
            self.fields.push(Row { key, cell });
        }
        self.logs.push(Log { time: timestamp(time), fields: start..self.fields.len() });
    }

    pub(crate) fn end(&mut self, end: Option<SystemTime>) {
        self.duration = self.began.elapsed(end);
        // A buffer doubles as it grows; what waits in the queue is no larger than it says.
        if self.text.capacity() - self.text.len() > SPARE_BYTES {
            self.text.shrink_to_fit();
        }
    }

    /// Takes room, where there is some up to `max`.
    fn take(&mut self, bytes: usize, max: usize) -> bool {
        let room = self.bytes.saturating_add(bytes) <= max;
        if room {
            self.bytes += bytes;
        }
        room
    }

    fn cut<'v>(&self, value: Value<'v>) -> Value<'v> {
        match value {
            Value::Str(text) => Value::Str(cut_at(text, self.max_value_bytes)),
            Value::Bytes(bytes) => Value::Bytes(bytes.get(..self.max_value_bytes).unwrap_or(bytes)),
            other => other,
        }
    }

    fn cell(&mut self, value: Value<'_>) -> Cell {
        match value {
            Value::Str(text) => Cell::Str(self.push_text(text.as_bytes())),
            Value::Bytes(bytes) => Cell::Bytes(self.push_text(bytes)),
            Value::Bool(value) => Cell::Bool(value),
            Value::I64(number) => Cell::I64(number),
            Value::F64(number) => Cell::F64(number),
        }
    }

    /// `take` has seen to it that all text is far below 2^32.
    #[expect(clippy::cast_possible_truncation, reason = "a span holds 64,000 bytes at most")]
    fn push_text(&mut self, bytes: &[u8]) -> Range<u32> {
        let start = self.text.len() as u32;
        self.text.extend_from_slice(bytes);
        start..self.text.len() as u32
    }

    fn value(&self, cell: &Cell) -> ValueIn<'_> {
        match cell {
            Cell::Str(range) => ValueIn::Str(slice(&self.text, range)),
            Cell::Bytes(range) => ValueIn::Bytes(slice(&self.text, range)),
            Cell::Bool(value) => ValueIn::Bool(*value),
            Cell::I64(number) => ValueIn::I64(*number),
            Cell::F64(number) => ValueIn::F64(*number),
        }
    }

    /// Appends the span to a batch.
    pub(crate) fn build(
        &self,
        context: &SpanContext,
        process: jaeger_model::ProcessIndex,
        builder: &mut BatchBuilder,
    ) -> Result<(), Full> {
        builder.begin_span();
        builder.span_ids(context.trace_id, context.span_id);
        builder.span_process(process);
        builder.span_operation(self.operation.as_bytes());
        builder.span_flags(context.flags.into());
        builder.span_start(self.began.time);
        builder.span_duration(self.duration);
        self.references.iter().for_each(|reference| builder.span_reference(*reference));
        for row in &self.tags {
            builder.span_tag(slice(&self.text, &row.key), self.value(&row.cell));
        }
        if let Some(what) = self.left_out.text() {
            builder.span_tag(SHORTENED.as_bytes(), ValueIn::Str(what.as_bytes()));
        }
        for log in &self.logs {
            builder.begin_log(log.time);
            for row in self.fields.get(log.fields.clone()).unwrap_or_default() {
                builder.log_field(slice(&self.text, &row.key), self.value(&row.cell));
            }
        }
        builder.end_span()
    }
}

impl LeftOut {
    fn text(self) -> Option<String> {
        let Self { tags, logs, references } = self;
        (tags + logs + references > 0)
            .then(|| format!("the span was full: {tags} tags, {logs} logs and {references} references were left out"))
    }
}

fn slice<'t>(text: &'t [u8], range: &Range<u32>) -> &'t [u8] {
    text.get(range.start as usize..range.end as usize).unwrap_or_default()
}

fn value_bytes(value: Value<'_>) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use jaeger_model::{Batch, SpanId, TraceId};

    use super::*;

    fn built(body: &Body) -> Batch {
        let mut builder = BatchBuilder::new();
        let process = builder.process(b"shop").expect("room");
        body.build(&SpanContext::new(TraceId(1), SpanId(1), true), process, &mut builder).expect("room");
        builder.finish()
    }

    fn body() -> Body {
        Body::new("op", Began::now(), 256)
    }

    #[test]
    fn a_tag_set_again_is_replaced() {
        let mut body = body();
        body.tag("a", "1".into());
        body.tag("b", true.into());
        body.tag("a", 2.into());
        let batch = built(&body);
        let tags = batch.span(0).expect("a span").tags();
        let tags: Vec<_> = tags.map(|tag| (tag.key, tag.value)).collect();
        assert_eq!(tags, [("a", Value::I64(2)), ("b", Value::Bool(true))]);
    }

    #[test]
    fn values_of_tags_are_cut_between_characters() {
        let mut body = body();
        body.tag("text", "ü".repeat(200).as_str().into());
        body.tag("bytes", [7; 300].as_slice().into());
        let batch = built(&body);
        let span = batch.span(0).expect("a span");
        assert_eq!(span.tag("text"), Some(Value::Str(&"ü".repeat(128))));
        assert_eq!(span.tag("bytes"), Some(Value::Bytes(&[7; 256])));
    }

    #[test]
    fn what_has_no_room_is_left_out_and_the_span_says_so() {
        let mut body = body();
        let long = "x".repeat(1000);
        for _ in 0..100 {
            body.log(SystemTime::now(), &[("event", long.as_str().into())]);
        }
        body.tag("error", true.into());
        let batch = built(&body);
        let span = batch.span(0).expect("a span");
        assert!(body.bytes() <= MAX_SPAN_BYTES);
        assert_eq!(span.tag("error"), Some(Value::Bool(true)), "what comes last has room");
        let logs = span.logs().len();
        assert!((40..50).contains(&logs), "{logs}");
        let mark = format!("the span was full: 0 tags, {} logs and 0 references were left out", 100 - logs);
        assert_eq!(span.tag(SHORTENED), Some(Value::Str(&mark)));
    }

    #[test]
    fn times_before_1970_are_negative() {
        let before = SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1);
        assert_eq!(timestamp(before), Timestamp::from_micros(-1_000_000));
    }
}
