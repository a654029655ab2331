//! From tables to bytes.

use super::output::Output;
use super::{MARK, log_head, reference_head, span_head, tag_code};
use crate::rows::{Cell, LogRow, ProcessRow, ReferenceRow, Rows, Slice, SpanRow, TagRow};
use crate::view::ReferenceKind;
use crate::{Batch, SpanId, TraceId};

/// Where keys were seen last, by a few bits of their place.
const KEYS: usize = 64;

pub(super) fn batch(batch: &Batch, out: &mut Vec<u8>) {
    if shares_rows(batch) {
        // The reader takes no row twice, since whoever copies such a batch pays for each.
        return self::batch(&crate::edit::compact(batch), out);
    }
    let texts = Texts { text: &batch.text, bytes: &batch.bytes };
    let rows = batch.tags.len() * 4 + batch.spans.len() * 48 + batch.logs.len() * 12 + batch.references.len() * 16;
    out.reserve(batch.text.len() + batch.bytes.len() + rows + 256);
    let mut output = Output::to(out);
    output.array(MARK.to_le_bytes());
    for rows in [
        batch.text.len(),
        batch.bytes.len(),
        batch.tags.len(),
        batch.references.len(),
        batch.warnings.len(),
        batch.logs.len(),
        batch.processes.len(),
        batch.spans.len(),
    ] {
        output.varint(rows as u64);
    }
    output.flush();
    out.extend_from_slice(batch.text.as_bytes());
    out.extend_from_slice(&batch.bytes);
    let mut output = Output::to(out);
    tags(&batch.tags, texts, &mut output);
    references(&batch.references, &mut output);
    warnings(&batch.warnings, texts, &mut output);
    logs(&batch.logs, batch.tags.len(), &mut output);
    processes(&batch.processes, batch.tags.len(), texts, &mut output);
    spans(batch, texts, &mut output);
    output.flush();
}

/// Whether rows belong to two owners.
fn shares_rows(batch: &Batch) -> bool {
    let own = |rows: Rows, table: usize| if within(rows, table) { u64::from(rows.len) } else { 0 };
    let (mut tags, mut logs, mut references, mut warnings) = (0, 0, 0, 0);
    for span in &batch.spans {
        tags += own(span.tags, batch.tags.len());
        logs += own(span.logs, batch.logs.len());
        references += own(span.references, batch.references.len());
        warnings += own(span.warnings, batch.warnings.len());
    }
    tags += batch.processes.iter().map(|process| own(process.tags, batch.tags.len())).sum::<u64>();
    tags += batch.logs.iter().map(|log| own(log.fields, batch.tags.len())).sum::<u64>();
    tags > batch.tags.len() as u64
        || logs > batch.logs.len() as u64
        || references > batch.references.len() as u64
        || warnings > batch.warnings.len() as u64
}

fn within(rows: Rows, table: usize) -> bool {
    rows.start as usize + rows.len as usize <= table
}

/// What places point into. A place that is not there reads as empty, and is written as that.
#[derive(Clone, Copy)]
struct Texts<'a> {
    text: &'a str,
    bytes: &'a [u8],
}

impl Texts<'_> {
    fn text(self, place: Slice) -> Slice {
        let (start, end) = (place.offset as usize, place.offset as usize + place.len as usize);
        if self.text.is_char_boundary(start) && self.text.is_char_boundary(end) { place } else { Slice::default() }
    }

    fn bytes(self, place: Slice) -> Slice {
        if place.offset as usize + place.len as usize <= self.bytes.len() { place } else { Slice::default() }
    }
}

fn tags(tags: &[TagRow], texts: Texts<'_>, out: &mut Output<'_>) {
    let mut last = [0u32; KEYS];
    let mut distance = 0;
    let mut end = 0;
    for (at, row) in (0u32..).zip(tags) {
        out.row();
        let seen = &mut last[place_of(row.key)];
        let mut before = tags.get((at - distance) as usize).filter(|before| distance > 0 && before.key == row.key);
        if let Some(before) = before
            && same(before.value, row.value)
        {
            *seen = at;
            out.byte(tag_code::KEY_SAME | tag_code::SAME);
            continue;
        }
        let code_at = out.later();
        let mut code = tag_code::KEY_SAME;
        if before.is_none() {
            before = tags.get(*seen as usize).filter(|before| *seen < at && before.key == row.key);
            code = if before.is_some() {
                distance = at - *seen;
                out.varint(u64::from(distance));
                tag_code::KEY_DISTANCE
            } else {
                text(out, texts.text(row.key), &mut end, tag_code::KEY_NEXT, tag_code::KEY_PLACE)
            };
        }
        *seen = at;
        code |= match row.value {
            value if before.is_some_and(|before| same(before.value, value)) => tag_code::SAME,
            Cell::Str(place) => text(out, texts.text(place), &mut end, tag_code::TEXT_NEXT, tag_code::TEXT_PLACE),
            Cell::Bool(false) => tag_code::FALSE,
            Cell::Bool(true) => tag_code::TRUE,
            Cell::I64(number) => {
                out.step(number);
                tag_code::I64
            }
            Cell::F64(number) => {
                out.array(number.to_bits().to_le_bytes());
                tag_code::F64
            }
            Cell::Bytes(place) => {
                let place = texts.bytes(place);
                out.varint(u64::from(place.len));
                out.varint(u64::from(place.offset));
                tag_code::BYTES
            }
        };
        out.set(code_at, code);
    }
}

#[inline(always)]
fn place_of(key: Slice) -> usize {
    (key.offset.wrapping_mul(0x9e37_79b1) >> 26) as usize % KEYS
}

#[inline(always)]
fn same(a: Cell, b: Cell) -> bool {
    match (a, b) {
        (Cell::Str(a), Cell::Str(b)) | (Cell::Bytes(a), Cell::Bytes(b)) => a == b,
        (Cell::Bool(a), Cell::Bool(b)) => a == b,
        (Cell::I64(a), Cell::I64(b)) => a == b,
        (Cell::F64(a), Cell::F64(b)) => a.to_bits() == b.to_bits(),
        _ => false,
    }
}

/// A text's length, and its place where it is not at `end`; tells which of the two codes is true.
#[inline(always)]
fn text(out: &mut Output<'_>, place: Slice, end: &mut u32, next: u8, elsewhere: u8) -> u8 {
    out.varint(u64::from(place.len));
    let code = if place.offset == *end {
        next
    } else {
        out.step(i64::from(place.offset) - i64::from(*end));
        elsewhere
    };
    *end = place.offset + place.len;
    code
}

/// A text's length and place, the place from the end of the one before.
#[inline(always)]
fn slice(out: &mut Output<'_>, place: Slice, end: &mut u32) {
    out.varint(u64::from(place.len));
    out.step(i64::from(place.offset) - i64::from(*end));
    *end = place.offset + place.len;
}

/// How many rows, and where they begin, from the end of those before.
#[inline(always)]
fn rows(out: &mut Output<'_>, rows: Rows, table: usize, end: &mut u32) {
    if rows.len == 0 || !within(rows, table) {
        out.byte(0);
        return;
    }
    out.varint(u64::from(rows.len));
    out.step(i64::from(rows.start) - i64::from(*end));
    *end = rows.start + rows.len;
}

fn references(references: &[ReferenceRow], out: &mut Output<'_>) {
    let mut trace = TraceId(0);
    for row in references {
        out.row();
        let kind = match row.kind {
            ReferenceKind::ChildOf => 0,
            ReferenceKind::FollowsFrom => reference_head::FOLLOWS_FROM,
        };
        if row.trace_id == trace {
            out.byte(kind | reference_head::SAME_TRACE);
        } else {
            out.byte(kind);
            out.array(row.trace_id.0.to_le_bytes());
            trace = row.trace_id;
        }
        out.array(row.span_id.0.to_le_bytes());
    }
}

fn warnings(warnings: &[Slice], texts: Texts<'_>, out: &mut Output<'_>) {
    let mut end = 0;
    for place in warnings {
        out.row();
        slice(out, texts.text(*place), &mut end);
    }
}

fn logs(logs: &[LogRow], tags: usize, out: &mut Output<'_>) {
    let (mut time, mut end) = (0, 0);
    for row in logs {
        out.row();
        let head_at = out.later();
        let wide = instant(out, row.time.as_nanos(), &mut time);
        out.set(head_at, if wide { log_head::WIDE_TIME } else { 0 });
        rows(out, row.fields, tags, &mut end);
    }
}

fn processes(processes: &[ProcessRow], tags: usize, texts: Texts<'_>, out: &mut Output<'_>) {
    let (mut text_end, mut rows_end) = (0, 0);
    for row in processes {
        out.row();
        slice(out, texts.text(row.service), &mut text_end);
        rows(out, row.tags, tags, &mut rows_end);
    }
}

fn spans(batch: &Batch, texts: Texts<'_>, out: &mut Output<'_>) {
    let mut before = SpanRow::EMPTY;
    let mut start = 0;
    let (mut text_end, mut tags_end, mut logs_end, mut references_end, mut warnings_end) = (0, 0, 0, 0, 0);
    for row in &batch.spans {
        out.row();
        let head_at = out.later();
        let mut head = 0;
        if row.trace_id == before.trace_id {
            head |= span_head::SAME_TRACE;
        } else {
            out.array(row.trace_id.0.to_le_bytes());
        }
        let SpanId(id) = row.span_id;
        out.array(id.to_le_bytes());
        if instant(out, row.start.as_nanos(), &mut start) {
            head |= span_head::WIDE_START;
        }
        match u32::try_from(row.duration.as_nanos()) {
            Ok(nanos) => out.array(nanos.to_le_bytes()),
            Err(_) => {
                head |= span_head::WIDE_DURATION;
                out.array(row.duration.as_nanos().to_le_bytes());
            }
        }
        if row.operation == before.operation {
            head |= span_head::SAME_OPERATION;
        } else {
            slice(out, texts.text(row.operation), &mut text_end);
        }
        if row.process == before.process {
            head |= span_head::SAME_PROCESS;
        } else {
            // 0 is none, and so is a process that is not there.
            let known = (row.process as usize) < batch.processes.len();
            out.varint(if known { u64::from(row.process) + 1 } else { 0 });
        }
        if row.flags == before.flags {
            head |= span_head::SAME_FLAGS;
        } else {
            out.varint(u64::from(row.flags));
        }
        rows(out, row.tags, batch.tags.len(), &mut tags_end);
        rows(out, row.logs, batch.logs.len(), &mut logs_end);
        rows(out, row.references, batch.references.len(), &mut references_end);
        if row.warnings.len > 0 {
            head |= span_head::WARNINGS;
            rows(out, row.warnings, batch.warnings.len(), &mut warnings_end);
        }
        out.set(head_at, head);
        before = *row;
    }
}

/// A point in time as six bytes from the one before, which reaches 39 hours, else as eight; tells whether eight.
#[inline(always)]
fn instant(out: &mut Output<'_>, nanos: i64, before: &mut i64) -> bool {
    let step = nanos.wrapping_sub(*before);
    *before = nanos;
    let wide = step << 16 >> 16 != step;
    if wide {
        out.array(nanos.to_le_bytes());
    } else {
        let [a, b, c, d, e, f, ..] = step.to_le_bytes();
        out.array([a, b, c, d, e, f]);
    }
    wide
}
