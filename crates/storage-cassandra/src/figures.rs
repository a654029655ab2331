//! What is counted of writes, under Go Jaeger's names and by table; and how many statements the rows took.

use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

use crate::tables::Table;

/// Handles of one table, made once.
pub(crate) struct Figures {
    attempts: Counter,
    inserts: Counter,
    errors: Counter,
    latency_ok: Histogram,
    latency_err: Histogram,
    statements: Counter,
}

fn name(archive: bool, name: &str) -> String {
    format!("jaeger_cassandra{}_{name}", if archive { "_archive" } else { "" })
}

impl Figures {
    pub(crate) fn of(table: Table, archive: bool) -> Self {
        let table = table.name();
        let count = |of: &str| counter!(name(archive, of), "table" => table);
        let time = |of: &str| histogram!(name(archive, of), "table" => table);
        Self {
            attempts: count("attempts_total"),
            inserts: count("inserts_total"),
            errors: count("errors_total"),
            latency_ok: time("latency_ok"),
            latency_err: time("latency_err"),
            statements: count("statements_total"),
        }
    }

    /// One statement came back. Go has one a row.
    pub(crate) fn attempted(&self, rows: usize, took: Duration, stored: bool) {
        let rows = rows as u64;
        self.statements.increment(1);
        self.attempts.increment(rows);
        let (outcome, latency) =
            if stored { (&self.inserts, &self.latency_ok) } else { (&self.errors, &self.latency_err) };
        outcome.increment(rows);
        latency.record(took.as_secs_f64());
    }
}

/// Tags that are stored and cannot be searched by.
pub(crate) fn skipped_tags(archive: bool) -> Counter {
    counter!(name(archive, "tag_index_skipped_total"))
}
