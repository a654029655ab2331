//! Spans to columns and back.

use jaeger_storage::conformance::Spans;

use super::*;

fn read(row: &[u8]) -> Result<jaeger_model::Batch, RowError> {
    let mut cells = CellReader(row);
    let trace_id = cells.text()?;
    let (span_id, _hash, parent_id) = (cells.bigint()?, cells.bigint()?, cells.bigint()?);
    let operation = std::str::from_utf8(cells.text()?).unwrap_or_default();
    let flags = cells.text()?.try_into().map(i32::from_be_bytes).unwrap_or_default();
    let (start, duration) = (cells.bigint()?, cells.bigint()?);
    let (tags, logs, references, process) = (cells.text()?, cells.text()?, cells.text()?, cells.text()?);
    let mut reader = SpanReader::default();
    let row =
        SpanRow { trace_id, span_id, parent_id, operation, flags, start, duration, tags, logs, references, process };
    reader.push(&row)?;
    Ok(reader.finish())
}

fn rich() -> jaeger_model::Batch {
    let process = [("hostname", Value::Str("web-1"))];
    Spans::new()
        .span_in(7, 1, "shop", &process, "GET /cart", 10)
        .flags(3)
        .tag("text", Value::Str("käse"))
        .tag("yes", Value::Bool(true))
        .tag("large", Value::I64(i64::MIN))
        .tag("half", Value::F64(0.5))
        .tag("binary", Value::Bytes(&[0, 255]))
        .log(11, &[("event", Value::Str("retry")), ("attempt", Value::I64(2))])
        .log(12, &[])
        .child_of(9)
        .refers(ReferenceKind::FollowsFrom, 8, 2)
        .batch()
}

#[test]
fn a_span_comes_back_from_its_columns() {
    let (batch, mut row) = (rich(), Vec::new());
    let span = batch.span(0).unwrap();
    write(span, &mut row);
    assert!(read(&row).unwrap().span(0).unwrap() == span);
}

#[test]
fn a_tag_is_the_bytes_that_go_writes() {
    let mut list = Vec::new();
    keyvalue(TagView { key: "k", value: Value::I64(-2) }, &mut list);
    let expected = [
        &[0, 0, 0, 59][..],
        &[0, 0, 0, 1, b'k'],
        &[0, 0, 0, 5, b'i', b'n', b't', b'6', b'4'],
        &[0, 0, 0, 0],
        &[0, 0, 0, 1, 0],
        &[0, 0, 0, 8, 255, 255, 255, 255, 255, 255, 255, 254],
        &[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0, 0],
    ]
    .concat();
    assert_eq!(list, [&u32::try_from(expected.len() - 4).unwrap().to_be_bytes()[..], &expected[4..]].concat());
}

#[test]
fn warnings_are_numbered_tags() {
    let mut builder = BatchBuilder::new();
    builder.begin_span();
    builder.span_warning("clock skew");
    builder.span_warning("too long");
    builder.end_span().unwrap();
    let (batch, mut row) = (builder.finish(), Vec::new());
    write(batch.span(0).unwrap(), &mut row);
    let text = String::from_utf8_lossy(&row).into_owned();
    assert!(text.contains("$$span.warning.1") && text.contains("$$span.warning.2"));
    let back = read(&row).unwrap();
    let span = back.span(0).unwrap();
    assert_eq!(span.warnings().collect::<Vec<_>>(), ["clock skew", "too long"]);
    assert_eq!(span.tags().len(), 0);
}

#[test]
fn a_year_that_is_not_set_stays_so() {
    assert_eq!(time(Timestamp::UNSET.as_micros()), Timestamp::UNSET);
    assert_eq!(time(5), Timestamp::from_micros(5));
}

#[test]
fn any_cut_and_any_changed_byte_is_a_span_or_an_error() {
    let (batch, mut row) = (rich(), Vec::new());
    write(batch.span(0).unwrap(), &mut row);
    for at in 0..row.len() {
        drop(read(&row[..at]));
        for change in [1, 0x80, 0xff] {
            let mut changed = row.clone();
            changed[at] ^= change;
            drop(read(&changed));
        }
    }
}
