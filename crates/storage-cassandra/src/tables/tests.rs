//! The statements, written down from Go Jaeger's schema.

use expect_test::{Expect, expect};

use super::*;

fn keyspace() -> Keyspace {
    Keyspace { name: "jaeger_v1_dc1".to_owned(), operations: Operations::V2, dependencies_v2: true }
}

fn check(statement: &str, expected: &Expect) {
    expected.assert_eq(statement);
}

#[test]
fn each_table_has_its_insert() {
    let inserts: Vec<String> = Table::ALL.iter().map(|table| table.insert(&keyspace())).collect();
    check(
        &inserts.join("\n"),
        &expect![[r#"
            INSERT INTO "jaeger_v1_dc1".traces (trace_id, span_id, span_hash, parent_id, operation_name, flags, start_time, duration, tags, logs, refs, process) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            INSERT INTO "jaeger_v1_dc1".service_names (service_name) VALUES (?)
            INSERT INTO "jaeger_v1_dc1".operation_names_v2 (service_name, span_kind, operation_name) VALUES (?, ?, ?)
            INSERT INTO "jaeger_v1_dc1".service_name_index (service_name, bucket, start_time, trace_id) VALUES (?, ?, ?, ?)
            INSERT INTO "jaeger_v1_dc1".service_operation_index (service_name, operation_name, start_time, trace_id) VALUES (?, ?, ?, ?)
            INSERT INTO "jaeger_v1_dc1".duration_index (service_name, operation_name, bucket, duration, start_time, trace_id) VALUES (?, ?, ?, ?, ?, ?)
            INSERT INTO "jaeger_v1_dc1".tag_index (service_name, tag_key, tag_value, start_time, trace_id, span_id) VALUES (?, ?, ?, ?, ?, ?)"#]],
    );
}

#[test]
fn searches_ask_for_both_bounds_and_the_newest_first() {
    let keyspace = keyspace();
    let selects = [
        keyspace.select_trace(),
        keyspace.select_by_service(),
        keyspace.select_by_operation(),
        keyspace.select_by_tag(),
        keyspace.select_by_duration(),
        keyspace.select_services(),
        keyspace.select_operations(),
        keyspace.select_dependencies(),
        keyspace.insert_dependencies(),
    ];
    check(
        &selects.join("\n"),
        &expect![[r#"
            SELECT trace_id, span_id, parent_id, operation_name, flags, start_time, duration, tags, logs, refs, process FROM "jaeger_v1_dc1".traces WHERE trace_id = ?
            SELECT start_time, trace_id FROM "jaeger_v1_dc1".service_name_index WHERE service_name = ? AND bucket = ? AND start_time >= ? AND start_time <= ? ORDER BY start_time DESC
            SELECT start_time, trace_id FROM "jaeger_v1_dc1".service_operation_index WHERE service_name = ? AND operation_name = ? AND start_time >= ? AND start_time <= ? ORDER BY start_time DESC
            SELECT start_time, trace_id, span_id FROM "jaeger_v1_dc1".tag_index WHERE service_name = ? AND tag_key = ? AND tag_value = ? AND start_time >= ? AND start_time <= ? ORDER BY start_time DESC
            SELECT start_time, trace_id FROM "jaeger_v1_dc1".duration_index WHERE service_name = ? AND operation_name = ? AND bucket = ? AND duration >= ? AND duration <= ?
            SELECT service_name FROM "jaeger_v1_dc1".service_names
            SELECT operation_name, span_kind FROM "jaeger_v1_dc1".operation_names_v2 WHERE service_name = ?
            SELECT dependencies FROM "jaeger_v1_dc1".dependencies_v2 WHERE ts_bucket = ? AND ts >= ? AND ts <= ?
            INSERT INTO "jaeger_v1_dc1".dependencies_v2 (ts_bucket, ts, dependencies) VALUES (?, ?, ?) IF NOT EXISTS"#]],
    );
}

#[test]
fn keyspaces_before_1_17_and_1_15_have_the_older_tables() {
    let old = Keyspace { operations: Operations::V1, dependencies_v2: false, ..keyspace() };
    check(
        &[Table::OperationNames.insert(&old), old.select_operations(), old.select_dependencies()].join("\n"),
        &expect![[r#"
            INSERT INTO "jaeger_v1_dc1".operation_names (service_name, operation_name) VALUES (?, ?)
            SELECT operation_name FROM "jaeger_v1_dc1".operation_names WHERE service_name = ?
            SELECT dependencies FROM "jaeger_v1_dc1".dependencies WHERE ts_index >= ? AND ts_index <= ?"#]],
    );
}

#[test]
fn an_hour_of_durations_begins_half_an_hour_before_it() {
    const MINUTE: i64 = 60_000_000;
    for (start, hour) in
        [(0, 0), (29 * MINUTE, 0), (30 * MINUTE, 1), (89 * MINUTE, 1), (90 * MINUTE, 2), (-31 * MINUTE, -1)]
    {
        assert_eq!(hour_of(start), hour, "{start}");
        assert!(hour_begins(hour) <= start && start < hour_begins(hour + 1));
    }
}
