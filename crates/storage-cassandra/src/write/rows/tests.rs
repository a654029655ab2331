//! Which rows a batch becomes.

use std::time::Duration;

use jaeger_model::Value;
use jaeger_storage::conformance::Spans;

use super::*;
use crate::config::Keys;
use crate::cql::cells::CellReader;
use crate::write::statements::{MOST_ROWS, statements};

fn rows(batch: &Batch, index: &IndexFilter, names: &Names) -> Rows {
    Rows::of(batch, Rules { index, operations: Operations::V2, names })
}

fn plain(batch: &Batch) -> Rows {
    rows(batch, &IndexFilter::default(), &names())
}

fn names() -> Names {
    Names::new(Duration::from_secs(3600))
}

fn count(rows: &Rows, table: Table) -> usize {
    rows.places.iter().filter(|place| place.table == table).count()
}

fn searchable(rows: &Rows) -> Vec<String> {
    let of_tags = rows.places.iter().filter(|place| place.table == Table::TagIndex);
    let cell = |cells: &mut CellReader<'_>| String::from_utf8_lossy(cells.text().unwrap()).into_owned();
    let show = |place: &RowPlace| {
        let mut cells = CellReader(&rows.cells[place.cells.0..place.cells.1]);
        let (_service, key, value) = (cell(&mut cells), cell(&mut cells), cell(&mut cells));
        format!("{key}={value}")
    };
    of_tags.map(show).collect()
}

fn tagged() -> Batch {
    let long = "x".repeat(256);
    Spans::new()
        .span_in(1, 1, "shop", &[("hostname", Value::Str("web"))], "get", 1)
        .tag("http.method", Value::Str("GET"))
        .tag("twice", Value::I64(1))
        .tag("twice", Value::Str("1"))
        .tag("long", Value::Str(&long))
        .log(1, &[("event", Value::Str("begun"))])
        .batch()
}

#[test]
fn a_span_has_the_rows_that_go_writes_and_equal_ones_once() {
    let rows = plain(&tagged());
    for (table, expected) in [
        (Table::Traces, 1),
        (Table::ServiceNames, 1),
        (Table::OperationNames, 1),
        (Table::ServiceNameIndex, 1),
        (Table::ServiceOperationIndex, 1),
        (Table::DurationIndex, 2),
        (Table::TagIndex, 4),
    ] {
        assert_eq!(count(&rows, table), expected, "{table:?}");
    }
    assert_eq!(searchable(&rows), ["http.method=GET", "twice=1", "hostname=web", "event=begun"]);
    assert_eq!(rows.skipped_tags, 1);
}

#[test]
fn what_the_settings_leave_out_is_not_searchable() {
    let of = |index: IndexFilter| searchable(&rows(&tagged(), &index, &names()));
    let all = IndexFilter::default();
    assert_eq!(of(IndexFilter { tags: false, ..all.clone() }), ["hostname=web", "event=begun"]);
    assert_eq!(of(IndexFilter { process_tags: false, logs: false, ..all.clone() }), ["http.method=GET", "twice=1"]);
    let without = Keys::Without(vec!["twice".to_owned(), "event".to_owned()]);
    assert_eq!(of(IndexFilter { keys: without, ..all.clone() }), ["http.method=GET", "hostname=web"]);
    assert_eq!(of(IndexFilter { keys: Keys::Only(vec!["event".to_owned()]), ..all }), ["event=begun"]);
}

#[test]
fn a_firehose_span_is_found_by_its_service_alone() {
    let batch = Spans::new().span(1, 1, "a", "op", 1).flags(8).tag("k", Value::Str("v")).batch();
    let rows = plain(&batch);
    assert_eq!(count(&rows, Table::ServiceNameIndex), 1);
    assert_eq!(count(&rows, Table::DurationIndex) + count(&rows, Table::TagIndex), 0);
}

#[test]
fn names_that_are_known_are_not_written() {
    let (batch, names) = (tagged(), names());
    let first = rows(&batch, &IndexFilter::default(), &names);
    names.stored(&first.names);
    let second = rows(&batch, &IndexFilter::default(), &names);
    assert_eq!(count(&second, Table::ServiceNames) + count(&second, Table::OperationNames), 0);
}

#[test]
fn traces_that_begin_together_have_buckets_of_their_own() {
    let spans = (1..=3).fold(Spans::new(), |spans, trace| spans.span(trace, 1, "a", "op", 5));
    let rows = plain(&spans.batch());
    let keys = rows.places.iter().filter(|place| place.table == Table::ServiceNameIndex);
    let keys: std::collections::HashSet<_> = keys
        .map(|place| {
            let row = &rows.cells[place.cells.0..place.cells.1];
            row[crate::cql::cells::first_cells(row, 3)].to_vec()
        })
        .collect();
    assert_eq!(keys.len(), 3);
}

#[test]
fn copies_in_one_batch_are_one_row_and_share_its_fate() {
    let span = |way: &str| Spans::new().span(1, 1, "a", "op", 1).tag("way", Value::Str(way));
    let batch = span("first").span(1, 1, "a", "op", 1).tag("way", Value::Str("second")).batch();
    let rows = plain(&batch);
    assert_eq!((count(&rows, Table::Traces), &rows.copies[..]), (1, &[(0, 1)][..]));
}

#[test]
fn rows_of_one_partition_share_a_statement_up_to_its_bounds() {
    let spans = (0..200u64).fold(Spans::new(), |spans, n| {
        spans.span(1, n + 1, "a", "op", i64::try_from(n).unwrap()).tag("k", Value::Str("v"))
    });
    let rows = plain(&spans.batch());
    let statements = statements(&rows);
    let of = |table| statements.iter().filter(move |statement| statement.table == table);
    assert_eq!(of(Table::TagIndex).map(|statement| statement.rows.len()).collect::<Vec<_>>(), [64, 64, 64, 8]);
    for statement in &statements {
        let bytes: usize = statement.places.iter().map(|(from, to)| to - from).sum();
        assert!(statement.rows.len() == 1 || bytes <= 5_000 && statement.rows.len() <= MOST_ROWS);
    }
    let all: usize = statements.iter().map(|statement| statement.rows.len()).sum();
    assert_eq!(all, rows.places.len(), "every row is in one statement");
}
