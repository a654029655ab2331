//! From bytes to tables, with every place checked.

use super::input::{Given, Input};
use super::{BatchFormatError, MARK, log_head, reference_head, span_head, tag_code};
use crate::rows::{Cell, LogRow, NO_PROCESS, ProcessRow, ReferenceRow, Rows, Slice, SpanRow, TagRow};
use crate::view::ReferenceKind;
use crate::{Batch, Duration, MAX_ROWS, MAX_TEXT_BYTES, SpanId, Timestamp, TraceId};

pub(super) fn batch(bytes: &[u8]) -> Result<Batch, BatchFormatError> {
    let mut input = Input::of(bytes);
    let found = u16::from_le_bytes(input.array()?);
    if found != MARK {
        return Err(BatchFormatError::UnknownFormat { found });
    }
    let mut counts = [0; 8];
    for (at, count) in counts.iter_mut().enumerate() {
        *count = input.number()? as usize;
        if *count > if at < 2 { MAX_TEXT_BYTES } else { MAX_ROWS } {
            return Err(input.wrong("more than a batch may hold"));
        }
    }
    let [text_bytes, binary_bytes, tag_rows, reference_rows, warning_rows, log_rows, process_rows, span_rows] = counts;
    input.table = "text";
    let text = input.take(text_bytes)?;
    let text = str::from_utf8(text).map_err(|_| input.wrong("wrong UTF-8"))?;
    input.table = "bytes";
    let binary = input.take(binary_bytes)?;

    let tags = tags(&mut input, tag_rows, text, binary)?;
    let references = references(&mut input, reference_rows)?;
    let warnings = warnings(&mut input, warning_rows, text)?;
    let mut given = Tables {
        tags: Given::of(tag_rows),
        logs: Given::of(log_rows),
        references: Given::of(reference_rows),
        warnings: Given::of(warning_rows),
    };
    let logs = logs(&mut input, log_rows, &mut given)?;
    given.tags.rewind();
    let processes = processes(&mut input, process_rows, text, &mut given)?;
    given.tags.rewind();
    let spans = spans(&mut input, span_rows, text, process_rows, &mut given)?;
    if input.left() > 0 {
        return Err(input.wrong("bytes behind the last span"));
    }
    Ok(Batch { text: text.to_owned(), bytes: binary.to_owned(), processes, spans, tags, logs, references, warnings })
}

struct Tables {
    tags: Given,
    logs: Given,
    references: Given,
    warnings: Given,
}

fn tags(input: &mut Input<'_>, rows: usize, text: &str, binary: &[u8]) -> Result<Vec<TagRow>, BatchFormatError> {
    let mut tags: Vec<TagRow> = input.table("tags", rows, 1)?;
    let mut distance = 0;
    let mut end = 0;
    for at in 0..rows {
        let code = input.byte()?;
        let row = match tags.get(at.wrapping_sub(distance)) {
            Some(before) if code == tag_code::KEY_SAME | tag_code::SAME => *before,
            _ => tag(input, code, &tags, &mut distance, &mut end, text, binary)?,
        };
        tags.push(row);
    }
    Ok(tags)
}

fn tag(
    input: &mut Input<'_>,
    code: u8,
    tags: &[TagRow],
    distance: &mut usize,
    end: &mut u32,
    text: &str,
    binary: &[u8],
) -> Result<TagRow, BatchFormatError> {
    if code & !(tag_code::KEY | tag_code::VALUE) != 0 {
        return Err(input.wrong("a tag of unknown kind"));
    }
    let key_code = code & tag_code::KEY;
    if key_code == tag_code::KEY_DISTANCE {
        *distance = input.number()? as usize;
    }
    let mut before = None;
    let key = match key_code {
        tag_code::KEY_NEXT => input.text(text, end, true)?,
        tag_code::KEY_PLACE => input.text(text, end, false)?,
        _ => {
            // A distance of 0 is the row that is not there yet.
            let row =
                tags.get(tags.len().wrapping_sub(*distance)).ok_or_else(|| input.wrong("a row before the first"))?;
            before = Some(row.value);
            row.key
        }
    };
    let value = match code & tag_code::VALUE {
        tag_code::SAME => before.ok_or_else(|| input.wrong("a value that is not there"))?,
        tag_code::TEXT_NEXT => Cell::Str(input.text(text, end, true)?),
        tag_code::TEXT_PLACE => Cell::Str(input.text(text, end, false)?),
        tag_code::FALSE => Cell::Bool(false),
        tag_code::TRUE => Cell::Bool(true),
        tag_code::I64 => Cell::I64(input.step()?),
        tag_code::F64 => Cell::F64(f64::from_bits(u64::from_le_bytes(input.array()?))),
        _ => {
            let (len, offset) = (input.number()?, input.number()?);
            if offset as usize + len as usize > binary.len() {
                return Err(input.wrong("bytes that are not there"));
            }
            Cell::Bytes(Slice { offset, len })
        }
    };
    Ok(TagRow { key, value })
}

fn references(input: &mut Input<'_>, rows: usize) -> Result<Vec<ReferenceRow>, BatchFormatError> {
    let mut references = input.table("references", rows, 9)?;
    let mut trace_id = TraceId(0);
    for _ in 0..rows {
        let head = input.byte()?;
        if head & !reference_head::ALL != 0 {
            return Err(input.wrong("a reference of unknown kind"));
        }
        if head & reference_head::SAME_TRACE == 0 {
            trace_id = TraceId(u128::from_le_bytes(input.array()?));
        }
        let span_id = SpanId(u64::from_le_bytes(input.array()?));
        let follows = head & reference_head::FOLLOWS_FROM != 0;
        let kind = if follows { ReferenceKind::FollowsFrom } else { ReferenceKind::ChildOf };
        references.push(ReferenceRow { trace_id, span_id, kind });
    }
    Ok(references)
}

fn warnings(input: &mut Input<'_>, rows: usize, text: &str) -> Result<Vec<Slice>, BatchFormatError> {
    let mut warnings = input.table("warnings", rows, 2)?;
    let mut end = 0;
    for _ in 0..rows {
        warnings.push(input.text(text, &mut end, false)?);
    }
    Ok(warnings)
}

fn logs(input: &mut Input<'_>, rows: usize, given: &mut Tables) -> Result<Vec<LogRow>, BatchFormatError> {
    let mut logs = input.table("logs", rows, 8)?;
    let mut time = 0;
    for _ in 0..rows {
        let head = input.byte()?;
        if head & !log_head::ALL != 0 {
            return Err(input.wrong("a log of unknown kind"));
        }
        let time = Timestamp::from_nanos(input.instant(head & log_head::WIDE_TIME != 0, &mut time)?);
        logs.push(LogRow { time, fields: input.rows(&mut given.tags)? });
    }
    Ok(logs)
}

fn processes(
    input: &mut Input<'_>,
    rows: usize,
    text: &str,
    given: &mut Tables,
) -> Result<Vec<ProcessRow>, BatchFormatError> {
    let mut processes = input.table("processes", rows, 3)?;
    let mut end = 0;
    for _ in 0..rows {
        let service = input.text(text, &mut end, false)?;
        processes.push(ProcessRow { service, tags: input.rows(&mut given.tags)? });
    }
    Ok(processes)
}

fn spans(
    input: &mut Input<'_>,
    rows: usize,
    text: &str,
    processes: usize,
    given: &mut Tables,
) -> Result<Vec<SpanRow>, BatchFormatError> {
    let mut spans = input.table("spans", rows, 22)?;
    let mut row = SpanRow::EMPTY;
    let mut start = 0;
    let mut end = 0;
    for _ in 0..rows {
        let head = input.byte()?;
        if head & !span_head::ALL != 0 {
            return Err(input.wrong("a span of unknown kind"));
        }
        if head & span_head::SAME_TRACE == 0 {
            row.trace_id = TraceId(u128::from_le_bytes(input.array()?));
        }
        row.span_id = SpanId(u64::from_le_bytes(input.array()?));
        row.start = Timestamp::from_nanos(input.instant(head & span_head::WIDE_START != 0, &mut start)?);
        row.duration = Duration::from_nanos(if head & span_head::WIDE_DURATION == 0 {
            i64::from(u32::from_le_bytes(input.array()?))
        } else {
            i64::from_le_bytes(input.array()?)
        });
        if head & span_head::SAME_OPERATION == 0 {
            row.operation = input.text(text, &mut end, false)?;
        }
        if head & span_head::SAME_PROCESS == 0 {
            row.process = match input.number()? {
                0 => NO_PROCESS,
                number if number as usize <= processes => number - 1,
                _ => return Err(input.wrong("a process that is not there")),
            };
        }
        if head & span_head::SAME_FLAGS == 0 {
            row.flags = input.number()?;
        }
        row.tags = input.rows(&mut given.tags)?;
        row.logs = input.rows(&mut given.logs)?;
        row.references = input.rows(&mut given.references)?;
        row.warnings =
            if head & span_head::WARNINGS == 0 { Rows::default() } else { input.rows(&mut given.warnings)? };
        spans.push(row);
    }
    Ok(spans)
}
