//! A span's columns in the table `traces`, both ways. Field order is that of the types in [`schema`](crate::schema), which is
//! compared with the cluster's before anything is written or read.

use std::collections::HashMap;

use jaeger_model::{
    BatchBuilder, Duration, LogView, ProcessIndex, ProcessView, Reference, ReferenceKind, SpanId, SpanView, TagView,
    Tags, Timestamp, TraceId, Value, ValueIn,
};

use super::cells::{CellReader, Cells, Malformed};

/// Go keeps a span's warnings as tags with this key and a number from 1.
const WARNING: &str = "$$span.warning.";

/// The columns of `INSERT INTO traces`, in its order.
pub(crate) fn write(span: SpanView<'_>, row: &mut Vec<u8>) {
    row.bytes(&span.trace_id().0.to_be_bytes());
    row.bigint(span.span_id().0.cast_signed());
    row.bigint(span.identity().0.cast_signed());
    // parent_id: references say it.
    row.bigint(0);
    row.text(span.operation());
    row.int(span.flags().cast_signed());
    row.bigint(span.start().as_micros());
    row.bigint(span.duration().as_micros());
    row.nested(|tags| {
        let warnings = span.warnings();
        count(span.tags().len() + warnings.len(), tags);
        span.tags().for_each(|tag| keyvalue(tag, tags));
        for (number, warning) in warnings.enumerate() {
            let key = format!("{WARNING}{}", number + 1);
            keyvalue(TagView { key: &key, value: Value::Str(warning) }, tags);
        }
    });
    row.nested(|logs| {
        count(span.logs().len(), logs);
        span.logs().for_each(|log| write_log(log, logs));
    });
    row.nested(|references| {
        count(span.references().len(), references);
        span.references().for_each(|reference| span_ref(reference, references));
    });
    row.nested(|process| write_process(span.process(), process));
}

fn count(elements: usize, list: &mut Vec<u8>) {
    list.extend_from_slice(&i32::try_from(elements).unwrap_or(i32::MAX).to_be_bytes());
}

fn tags(tags: Tags<'_>, cell: &mut Vec<u8>) {
    cell.nested(|list| {
        count(tags.len(), list);
        tags.for_each(|tag| keyvalue(tag, list));
    });
}

/// Every column has a value, those of other types their zero, as Go writes it.
fn keyvalue(tag: TagView<'_>, list: &mut Vec<u8>) {
    let (mut text, mut boolean, mut long, mut double, mut binary) = ("", false, 0i64, 0f64, &[][..]);
    let kind = match tag.value {
        Value::Str(value) => {
            text = value;
            "string"
        }
        Value::Bool(value) => {
            boolean = value;
            "bool"
        }
        Value::I64(value) => {
            long = value;
            "int64"
        }
        Value::F64(value) => {
            double = value;
            "float64"
        }
        Value::Bytes(value) => {
            binary = value;
            "binary"
        }
    };
    list.nested(|cell| {
        cell.text(tag.key);
        cell.text(kind);
        cell.text(text);
        cell.bytes(&[u8::from(boolean)]);
        cell.bigint(long);
        cell.bytes(&double.to_be_bytes());
        cell.bytes(binary);
    });
}

fn write_log(log: LogView<'_>, list: &mut Vec<u8>) {
    list.nested(|cell| {
        cell.bigint(log.time().as_micros());
        tags(log.fields(), cell);
    });
}

fn span_ref(reference: Reference, list: &mut Vec<u8>) {
    list.nested(|cell| {
        cell.text(match reference.kind {
            ReferenceKind::ChildOf => "child-of",
            ReferenceKind::FollowsFrom => "follows-from",
        });
        cell.bytes(&reference.trace_id.0.to_be_bytes());
        cell.bigint(reference.span_id.0.cast_signed());
    });
}

fn write_process(process: Option<ProcessView<'_>>, cell: &mut Vec<u8>) {
    cell.text(process.map_or("", |process| process.service()));
    match process {
        Some(process) => tags(process.tags(), cell),
        None => cell.nested(|list| count(0, list)),
    }
}

/// The columns of a row of `traces`, lists and types still as bytes.
pub(crate) struct SpanRow<'a> {
    pub(crate) trace_id: &'a [u8],
    pub(crate) span_id: i64,
    pub(crate) parent_id: i64,
    pub(crate) operation: &'a str,
    pub(crate) flags: i32,
    pub(crate) start: i64,
    pub(crate) duration: i64,
    pub(crate) tags: &'a [u8],
    pub(crate) logs: &'a [u8],
    pub(crate) references: &'a [u8],
    pub(crate) process: &'a [u8],
}

/// Puts rows into a batch. Rows repeat their process; each different one is kept once.
#[derive(Default)]
pub(crate) struct SpanReader {
    builder: BatchBuilder,
    processes: HashMap<Vec<u8>, ProcessIndex>,
}

/// Why a row is no span.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RowError {
    /// The bytes.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// No id of 16 bytes.
    #[error("a trace id of {0} bytes, not 16")]
    TraceId(usize),
    /// A type of tag that no release of Jaeger writes.
    #[error("the tag {key} has the unknown type {kind}")]
    TagType { key: String, kind: String },
    /// A kind of reference that no release of Jaeger writes.
    #[error("a reference of the unknown kind {0}")]
    ReferenceKind(String),
    /// Too much for one batch.
    #[error(transparent)]
    Full(#[from] jaeger_model::Full),
}

impl SpanReader {
    /// Adds a row.
    pub(crate) fn push(&mut self, row: &SpanRow<'_>) -> Result<(), RowError> {
        let id = trace_id(row.trace_id)?;
        let process = self.process(row.process)?;
        self.builder.begin_span();
        if let Err(error) = self.fill(row, id) {
            self.builder.abandon_span();
            return Err(error);
        }
        self.builder.span_process(process);
        Ok(self.builder.end_span()?)
    }

    /// Bytes used so far.
    pub(crate) fn used_bytes(&self) -> usize {
        self.builder.used_bytes()
    }

    /// The spans.
    pub(crate) fn finish(self) -> jaeger_model::Batch {
        self.builder.finish()
    }

    fn fill(&mut self, row: &SpanRow<'_>, id: TraceId) -> Result<(), RowError> {
        let builder = &mut self.builder;
        builder.span_ids(id, SpanId(row.span_id.cast_unsigned()));
        builder.span_operation(row.operation.as_bytes());
        builder.span_flags(row.flags.cast_unsigned());
        builder.span_start(time(row.start));
        builder.span_duration(Duration::from_micros(row.duration));
        for tag in CellReader::list(row.tags)? {
            let (key, value) = read_keyvalue(tag?)?;
            match (key.starts_with(WARNING.as_bytes()), value) {
                (true, ValueIn::Str(warning)) => builder.span_warning(&String::from_utf8_lossy(warning)),
                _ => builder.span_tag(key, value),
            }
        }
        for log in CellReader::list(row.logs)? {
            let mut log = CellReader(log?);
            builder.begin_log(time(log.bigint()?));
            for field in CellReader::list(log.text()?)? {
                let (key, value) = read_keyvalue(field?)?;
                builder.log_field(key, value);
            }
        }
        for reference in CellReader::list(row.references)? {
            builder.span_reference(read_reference(reference?)?);
        }
        // Releases before references had a parent alone.
        let parent = SpanId(row.parent_id.cast_unsigned());
        let of_parent = |reference: Reference| reference.trace_id == id && reference.span_id == parent;
        if parent.0 != 0 && !builder.span_references().any(of_parent) {
            builder.span_reference_first(Reference { kind: ReferenceKind::ChildOf, trace_id: id, span_id: parent });
        }
        Ok(())
    }

    fn process(&mut self, cell: &[u8]) -> Result<ProcessIndex, RowError> {
        if let Some(index) = self.processes.get(cell) {
            return Ok(*index);
        }
        let mut reader = CellReader(cell);
        let service = reader.text()?;
        let tags: Vec<_> =
            CellReader::list(reader.text()?)?.map(|tag| read_keyvalue(tag?)).collect::<Result<_, _>>()?;
        for (key, value) in tags {
            self.builder.process_tag(key, value);
        }
        let index = self.builder.process(service)?;
        self.processes.insert(cell.to_vec(), index);
        Ok(index)
    }
}

pub(crate) fn trace_id(bytes: &[u8]) -> Result<TraceId, RowError> {
    let bytes = bytes.try_into().map_err(|_| RowError::TraceId(bytes.len()))?;
    Ok(TraceId(u128::from_be_bytes(bytes)))
}

/// Year 1 is "not set", whose nanoseconds microseconds do not hold.
fn time(micros: i64) -> Timestamp {
    if micros == Timestamp::UNSET.as_micros() { Timestamp::UNSET } else { Timestamp::from_micros(micros) }
}

fn read_keyvalue(cell: &[u8]) -> Result<(&[u8], ValueIn<'_>), RowError> {
    let mut reader = CellReader(cell);
    let (key, kind) = (reader.text()?, reader.text()?);
    let (text, boolean, long) = (reader.text()?, reader.boolean()?, reader.bigint()?);
    let (double, binary) = (reader.double()?, reader.text()?);
    let value = match kind {
        b"string" => ValueIn::Str(text),
        b"bool" => ValueIn::Bool(boolean),
        b"int64" => ValueIn::I64(long),
        b"float64" => ValueIn::F64(double),
        b"binary" => ValueIn::Bytes(binary),
        _ => {
            let [key, kind] = [key, kind].map(|text| String::from_utf8_lossy(text).into_owned());
            return Err(RowError::TagType { key, kind });
        }
    };
    Ok((key, value))
}

fn read_reference(cell: &[u8]) -> Result<Reference, RowError> {
    let mut reader = CellReader(cell);
    let kind = match reader.text()? {
        b"child-of" => ReferenceKind::ChildOf,
        b"follows-from" => ReferenceKind::FollowsFrom,
        other => return Err(RowError::ReferenceKind(String::from_utf8_lossy(other).into_owned())),
    };
    let trace_id = trace_id(reader.text()?)?;
    Ok(Reference { kind, trace_id, span_id: SpanId(reader.bigint()?.cast_unsigned()) })
}

#[cfg(test)]
mod tests;
