//! `Collector::submitBatches`: a list of batches in, for each of them "ok" or not out. The Zipkin method answers the same.

use jaeger_model::{Batch, BatchBuilder, ProcessView, SpanView};

use crate::DecodeError;
use crate::error::Fault;
use crate::jaeger::{self, BatchMeta};
use crate::thrift::{BinaryReader, BinaryWriter, Kind, Reader as _, Writer as _, skip};

const BATCHES: &str = "submitBatches.batches";
const RESULT: &str = "result.success";

/// Reads the arguments of `submitBatches` and says how many batches there were. Nothing may stand behind them.
///
/// # Errors
/// [`DecodeError`] with the place in the arguments; the builder is then as it was before.
pub fn decode_submit(body: &[u8], builder: &mut BatchBuilder) -> Result<usize, DecodeError> {
    let before = builder.mark();
    whole(body, |reader| batches(reader, builder)).inspect_err(|_| builder.rollback(before))
}

/// How many elements the list in the arguments of a method says that it has; 0 where there is none. So many can stand in
/// the bytes at hand.
#[must_use]
pub fn count_elements(body: &[u8]) -> usize {
    let mut reader = BinaryReader::new(body);
    let mut id = 0;
    while let Ok(Some(field)) = reader.field(id) {
        id = field.id;
        if field.id == 1 && field.kind == Kind::List {
            return reader.list(BATCHES).map_or(0, |(_, len)| len);
        }
        if skip(&mut reader, field.kind).is_err() {
            break;
        }
    }
    0
}

/// Reads a struct that fills all of `body`.
pub(super) fn whole<'a, T>(
    body: &'a [u8],
    read: impl FnOnce(&mut BinaryReader<'a>) -> Result<T, Fault>,
) -> Result<T, DecodeError> {
    let mut reader = BinaryReader::new(body);
    let value = read(&mut reader).map_err(|fault| fault.at(reader.offset()))?;
    if reader.remaining() > 0 {
        let why = format!("{} bytes behind it", reader.remaining());
        return Err(DecodeError::malformed("body of a call", why).at(reader.offset()));
    }
    Ok(value)
}

fn batches(reader: &mut BinaryReader<'_>, builder: &mut BatchBuilder) -> Result<usize, Fault> {
    let mut count = 0;
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::List) => {
                let len = structs(reader, BATCHES)?;
                for _ in 0..len {
                    jaeger::read_batch(reader, builder)?;
                }
                count += len;
            }
            _ => skip(reader, field.kind)?,
        }
    }
    Ok(count)
}

fn structs(reader: &mut BinaryReader<'_>, what: &'static str) -> Result<usize, Fault> {
    let (kind, len) = reader.list(what)?;
    if kind != Kind::Struct {
        return Err(DecodeError::malformed(what, format!("a list of {kind:?}, not of structs")).into());
    }
    Ok(len)
}

/// Writes the arguments of `submitBatches`: for each run of spans of one process a batch.
///
/// Thrift carries microseconds and no warnings: finer times are cut toward zero, warnings left out.
pub fn encode_submit<'a>(batches: impl IntoIterator<Item = &'a Batch>, out: &mut Vec<u8>) {
    BinaryWriter::field(out, 0, 1, Kind::List);
    BinaryWriter::list(out, Kind::Struct, 0);
    let count_at = out.len() - 4;
    let mut count: u32 = 0;
    // Spans without a process travel under one without a name.
    let nobody = nobody();
    for batch in batches {
        let mut rest = 0..batch.len();
        while let Some(first) = rest.next() {
            let process = batch.span(first).and_then(|span| span.process_index());
            let same = |at: &usize| batch.span(*at).is_some_and(|span| span.process_index() == process);
            let end = rest.clone().take_while(same).last().map_or(first + 1, |last| last + 1);
            rest = end..batch.len();
            let spans = (first..end).filter_map(|at| batch.span(at));
            if let Some(process) = process.and_then(|index| batch.process(index)).or_else(|| nobody.process(0)) {
                one(process, spans, out);
                count = count.saturating_add(1);
            }
        }
    }
    if let Some(place) = out.get_mut(count_at..count_at + 4) {
        place.copy_from_slice(&count.to_be_bytes());
    }
    BinaryWriter::stop(out);
}

fn one<'a>(process: ProcessView<'_>, spans: impl Iterator<Item = SpanView<'a>> + Clone, out: &mut Vec<u8>) {
    jaeger::write_batch::<BinaryWriter>(process, spans, &BatchMeta::default(), out);
}

fn nobody() -> Batch {
    let mut builder = BatchBuilder::new();
    builder.begin_span();
    // An empty batch has room for one process.
    if let Ok(process) = builder.process(b"") {
        builder.span_process(process);
    }
    let _fits = builder.end_span();
    builder.finish()
}

/// Writes the answer: `ok` for each of `batches` (or spans, where they are Zipkin's).
pub fn encode_submitted(batches: usize, ok: bool, out: &mut Vec<u8>) {
    BinaryWriter::field(out, 0, 0, Kind::List);
    BinaryWriter::list(out, Kind::Struct, batches);
    out.reserve(batches.saturating_mul(5));
    for _ in 0..batches {
        BinaryWriter::bool_field(out, 0, 1, ok);
        BinaryWriter::stop(out);
    }
    BinaryWriter::stop(out);
}

/// Reads the answer: whether each batch is ok.
///
/// # Errors
/// [`DecodeError`] with the place in the answer.
pub fn decode_submitted(body: &[u8]) -> Result<bool, DecodeError> {
    whole(body, |reader| {
        let mut all = None;
        let mut id = 0;
        while let Some(field) = reader.field(id)? {
            id = field.id;
            match (field.id, field.kind) {
                (0, Kind::List) => {
                    let mut every = true;
                    for _ in 0..structs(reader, RESULT)? {
                        every &= ok(reader)?;
                    }
                    all = Some(every);
                }
                _ => skip(reader, field.kind)?,
            }
        }
        all.ok_or_else(|| DecodeError::missing(RESULT))
    })
}

fn ok(reader: &mut BinaryReader<'_>) -> Result<bool, Fault> {
    const OK: &str = "BatchSubmitResponse.ok";
    let mut ok = None;
    let mut id = 0;
    while let Some(field) = reader.field(id)? {
        id = field.id;
        match (field.id, field.kind) {
            (1, Kind::Bool) => ok = Some(reader.bool(field.kind, OK)?),
            _ => skip(reader, field.kind)?,
        }
    }
    ok.ok_or_else(|| DecodeError::missing(OK))
}
