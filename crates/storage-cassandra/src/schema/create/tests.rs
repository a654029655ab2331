//! The statements, written down from Go Jaeger's schema.

use expect_test::expect;

use super::*;

#[test]
fn spans_have_their_window_and_indexes_an_hour() {
    let settings = SchemaSettings::from_variables(|name| (name == "KEYSPACE").then(|| "ks".to_owned())).unwrap();
    let all = statements(&settings);
    assert_eq!(all.len(), 1 + TYPES.len() + TABLES.len());
    let of = |begin: &str| all.iter().find(|statement| statement.starts_with(begin)).cloned().unwrap_or_default();
    let shown =
        [of("CREATE KEYSPACE"), of("CREATE TYPE IF NOT EXISTS ks.log"), of("CREATE TABLE IF NOT EXISTS ks.traces")];
    expect![[r#"
        CREATE KEYSPACE IF NOT EXISTS ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'}
        CREATE TYPE IF NOT EXISTS ks.log (
            ts bigint,
            fields frozen<list<frozen<ks.keyvalue>>>
        )
        CREATE TABLE IF NOT EXISTS ks.traces (
            trace_id blob,
            span_id bigint,
            span_hash bigint,
            parent_id bigint,
            operation_name text,
            flags int,
            start_time bigint,
            duration bigint,
            tags list<frozen<ks.keyvalue>>,
            logs list<frozen<ks.log>>,
            refs list<frozen<ks.span_ref>>,
            process frozen<ks.process>,
            PRIMARY KEY (trace_id, span_id, span_hash)
        ) WITH compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_size': '96', 'compaction_window_unit': 'MINUTES'}
            AND default_time_to_live = 172800
            AND speculative_retry = 'NONE'
            AND gc_grace_seconds = 10800"#]]
    .assert_eq(&shown.join("\n"));
    expect![[r#"
        CREATE TABLE IF NOT EXISTS ks.tag_index (
            service_name text,
            tag_key text,
            tag_value text,
            start_time bigint,
            trace_id blob,
            span_id bigint,
            PRIMARY KEY ((service_name, tag_key, tag_value), start_time, trace_id, span_id)
        ) WITH CLUSTERING ORDER BY (start_time DESC, trace_id ASC, span_id ASC)
            AND compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_size': '1', 'compaction_window_unit': 'HOURS'}
            AND default_time_to_live = 172800
            AND speculative_retry = 'NONE'
            AND gc_grace_seconds = 10800"#]]
    .assert_eq(&of("CREATE TABLE IF NOT EXISTS ks.tag_index"));
}
