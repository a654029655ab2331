//! Rows as releases of Go Jaeger write them are read whole, and rows that are written here are those that Go reads.

mod common;

use jaeger_model::{Reference, ReferenceKind, SpanId, Timestamp, TraceId, Value};
use jaeger_storage::conformance::Spans;
use jaeger_storage::linker::Mode;
use jaeger_storage::{Operation, SpanReader as _, SpanWriter as _, TraceQuery};
use jaeger_storage_cassandra::CassandraConfig;
use jaeger_test_servers::cassandra::Cassandra;
use scylla::client::session::Session;

/// The types of the schema's third version, whose lists Cassandra 3 did not want frozen.
const TYPES_3: [&str; 3] = [
    "keyvalue (key text, value_type text, value_string text, value_bool boolean, value_long bigint, value_double double, value_binary blob)",
    "log (ts bigint, fields list<frozen<KS.keyvalue>>)",
    "process (service_name text, tags list<frozen<KS.keyvalue>>)",
];

/// Two spans: one of a release with references, one of the time before, which had a parent alone.
const ROWS: [&str; 12] = [
    "traces (trace_id, span_id, span_hash, parent_id, operation_name, flags, start_time, duration, tags, logs, refs, process) VALUES \
     (0x00000000000000000102030405060708, 17, -5, 0, 'GET /', 1, 1795478400000010, 2500, \
     [{key: 'span.kind', value_type: 'string', value_string: 'server', value_bool: false, value_long: 0, value_double: 0, value_binary: 0x}, \
      {key: 'status', value_type: 'int64', value_string: '', value_bool: false, value_long: 200, value_double: 0, value_binary: 0x}, \
      {key: 'share', value_type: 'float64', value_string: '', value_bool: false, value_long: 0, value_double: 0.25, value_binary: 0x}, \
      {key: 'ok', value_type: 'bool', value_string: '', value_bool: true, value_long: 0, value_double: 0, value_binary: 0x}, \
      {key: 'raw', value_type: 'binary', value_string: '', value_bool: false, value_long: 0, value_double: 0, value_binary: 0xcafe}, \
      {key: '$$span.warning.1', value_type: 'string', value_string: 'clock skew'}], \
     [{ts: 1795478400000011, fields: [{key: 'event', value_type: 'string', value_string: 'begun'}]}], \
     [{ref_type: 'child-of', trace_id: 0x00000000000000000102030405060708, span_id: -1}, \
      {ref_type: 'follows-from', trace_id: 0x0a000000000000000000000000000009, span_id: 2}], \
     {service_name: 'shop', tags: [{key: 'hostname', value_type: 'string', value_string: 'web-1'}]})",
    "traces (trace_id, span_id, span_hash, parent_id, operation_name, flags, start_time, duration, tags, logs, refs, process) VALUES \
     (0x00000000000000000102030405060708, 18, 9, 17, 'query', 0, 1795478400000020, 0, null, null, null, {service_name: 'db'})",
    "service_names (service_name) VALUES ('shop')",
    "service_names (service_name) VALUES ('db')",
    "operation_names_v2 (service_name, span_kind, operation_name) VALUES ('shop', 'server', 'GET /')",
    "operation_names_v2 (service_name, span_kind, operation_name) VALUES ('db', 'unspecified', 'query')",
    "operation_names_v2 (service_name, span_kind, operation_name) VALUES ('db', '', 'query')",
    "service_name_index (service_name, bucket, start_time, trace_id) VALUES ('shop', 7, 1795478400000010, 0x00000000000000000102030405060708)",
    "service_operation_index (service_name, operation_name, start_time, trace_id) VALUES \
     ('shop', 'GET /', 1795478400000010, 0x00000000000000000102030405060708)",
    "tag_index (service_name, tag_key, tag_value, start_time, trace_id, span_id) VALUES \
     ('shop', 'status', '200', 1795478400000010, 0x00000000000000000102030405060708, 17)",
    "duration_index (service_name, operation_name, bucket, duration, start_time, trace_id) VALUES \
     ('shop', '', '2026-11-24 00:00:00+0000', 2500, 1795478400000010, 0x00000000000000000102030405060708)",
    "dependencies_v2 (ts_bucket, ts, dependencies) VALUES ('2026-11-24 00:00:00+0000', '2026-11-24 00:00:00+0000', \
     [{parent: 'shop', child: 'db', call_count: 7}])",
];

async fn run(session: &Session, statement: &str, keyspace: &str) {
    session.query_unpaged(statement.replace("KS", keyspace), &[]).await.expect("a statement");
}

async fn check(keyspace: &str, version: &str) {
    let node = Cassandra::shared().expect("a node");
    let session = common::session(node).await;
    if version == "v003" {
        let replication = "{'class': 'SimpleStrategy', 'replication_factor': '1'}";
        run(&session, &format!("CREATE KEYSPACE KS WITH replication = {replication}"), keyspace).await;
        for of_type in TYPES_3 {
            run(&session, &format!("CREATE TYPE KS.{of_type}"), keyspace).await;
        }
    }
    let config = common::keyspace(node, keyspace, &[("TEMPLATE", version)]).await;
    for row in ROWS {
        run(&session, &format!("INSERT INTO KS.{row}"), keyspace).await;
    }
    let store = common::store(&config, None).await;
    let trace = store.get_trace(TraceId(0x0102_0304_0506_0708)).await.expect("a trace");
    let mut spans: Vec<_> = trace.spans().collect();
    spans.sort_by_key(|span| span.span_id());
    let [get, query] = spans[..] else { panic!("{} spans", spans.len()) };
    assert_eq!((get.service(), get.operation(), get.flags()), ("shop", "GET /", 1));
    assert_eq!(get.start(), Timestamp::from_micros(1_795_478_400_000_010));
    assert_eq!(get.duration().as_micros(), 2500);
    let tags: Vec<_> = get.tags().map(|tag| (tag.key, tag.value)).collect();
    let expected = [
        ("span.kind", Value::Str("server")),
        ("status", Value::I64(200)),
        ("share", Value::F64(0.25)),
        ("ok", Value::Bool(true)),
        ("raw", Value::Bytes(&[0xca, 0xfe])),
    ];
    assert_eq!(tags, expected);
    assert_eq!(get.warnings().collect::<Vec<_>>(), ["clock skew"]);
    let log = get.logs().next().expect("a log");
    assert_eq!(
        log.fields().map(|field| (field.key, field.value)).collect::<Vec<_>>(),
        [("event", Value::Str("begun"))]
    );
    let own = TraceId(0x0102_0304_0506_0708);
    let references = [
        Reference { kind: ReferenceKind::ChildOf, trace_id: own, span_id: SpanId(u64::MAX) },
        Reference { kind: ReferenceKind::FollowsFrom, trace_id: TraceId((0x0a << 120) | 9), span_id: SpanId(2) },
    ];
    assert_eq!(get.references().collect::<Vec<_>>(), references);
    assert_eq!(get.process().expect("a process").tags().map(|tag| tag.key).collect::<Vec<_>>(), ["hostname"]);
    assert_eq!((query.service(), query.parent()), ("db", Some(SpanId(17))));

    let search = |tags: &[(&str, &str)], duration| TraceQuery {
        service: Some("shop".to_owned()),
        tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        duration_min: duration,
        ..TraceQuery::default()
    };
    let long = Some(jaeger_model::Duration::from_micros(2500));
    for query in [
        search(&[], None),
        search(&[("status", "200")], None),
        search(&[], long),
        search(&[("status", "200")], long),
        TraceQuery { operation: Some("GET /".to_owned()), ..search(&[], None) },
    ] {
        assert_eq!(store.find_trace_ids(&query).await.expect("a search"), (vec![own], false), "{query:?}");
    }
    assert_eq!(store.services().await.expect("services"), ["db", "shop"]);
    let operation = |name: &str, kind: &str| Operation { name: name.to_owned(), kind: kind.to_owned() };
    assert_eq!(store.operations("db", None).await.expect("operations"), [operation("query", "")]);
    assert_eq!(store.operations("shop", Some("server")).await.expect("operations"), [operation("GET /", "server")]);
    let links = store.dependencies(jaeger_storage::TimeRange::ALL).await.expect("links");
    assert_eq!(
        links.iter().map(|link| (&*link.parent, &*link.child, link.call_count)).collect::<Vec<_>>(),
        [("shop", "db", 7)]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_the_schemas_third_version_are_read() {
    check("stored_v003", "v003").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_the_schemas_fourth_version_are_read() {
    check("stored_v004", "v004").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_span_is_written_in_the_columns_that_go_reads() {
    let node = Cassandra::shared().expect("a node");
    let config = common::keyspace(node, "read_by_go", &[]).await;
    let store = common::store(&config, None).await;
    let batch = Spans::new()
        .span_in(7, 9, "shop", &[("cores", Value::I64(8))], "GET /", 10)
        .tag("yes", Value::Bool(true))
        .log(11, &[("event", Value::Str("begun"))])
        .child_of(3)
        .batch();
    let written = store.write(batch.into()).await;
    assert_eq!((written.stored, written.refused.len()), (1, 0));
    let session = common::session(node).await;
    let json = async |columns: &str, table: &str| {
        let rows = session.query_unpaged(format!("SELECT JSON {columns} FROM read_by_go.{table}"), &[]).await;
        let rows = rows.expect("a select").into_rows_result().expect("rows");
        let mut rows: Vec<String> =
            rows.rows::<(String,)>().expect("texts").map(|row| row.expect("a text").0).collect();
        rows.sort();
        rows.join("\n")
    };
    let all = "trace_id, span_id, parent_id, operation_name, flags, start_time, duration, tags, logs, refs, process";
    let keyvalue = |key: &str, kind: &str, text: &str, boolean: bool, long: i64| {
        format!(
            "{{\"key\": \"{key}\", \"value_type\": \"{kind}\", \"value_string\": \"{text}\", \"value_bool\": {boolean}, \
             \"value_long\": {long}, \"value_double\": 0.0, \"value_binary\": \"0x\"}}"
        )
    };
    let expected = format!(
        "{{\"trace_id\": \"0x00000000000000000000000000000007\", \"span_id\": 9, \"parent_id\": 0, \"operation_name\": \"GET /\", \
         \"flags\": 1, \"start_time\": 1795478400000010, \"duration\": 1000, \"tags\": [{}], \
         \"logs\": [{{\"ts\": 1795478400000011, \"fields\": [{}]}}], \
         \"refs\": [{{\"ref_type\": \"child-of\", \"trace_id\": \"0x00000000000000000000000000000007\", \"span_id\": 3}}], \
         \"process\": {{\"service_name\": \"shop\", \"tags\": [{}]}}}}",
        keyvalue("yes", "bool", "", true, 0),
        keyvalue("event", "string", "begun", false, 0),
        keyvalue("cores", "int64", "", false, 8),
    );
    assert_eq!(json(all, "traces").await, expected);
    assert_eq!(
        json("service_name, span_kind, operation_name", "operation_names_v2").await,
        r#"{"service_name": "shop", "span_kind": "unspecified", "operation_name": "GET /"}"#
    );
    let tags = json("tag_key, tag_value, span_id", "tag_index").await;
    assert_eq!(
        tags,
        "{\"tag_key\": \"cores\", \"tag_value\": \"8\", \"span_id\": 9}\n\
         {\"tag_key\": \"event\", \"tag_value\": \"begun\", \"span_id\": 9}\n\
         {\"tag_key\": \"yes\", \"tag_value\": \"true\", \"span_id\": 9}"
    );
    let durations = json("operation_name, bucket, duration", "duration_index").await;
    assert_eq!(
        durations,
        "{\"operation_name\": \"\", \"bucket\": \"2026-11-24 00:00:00.000Z\", \"duration\": 1000}\n\
         {\"operation_name\": \"GET /\", \"bucket\": \"2026-11-24 00:00:00.000Z\", \"duration\": 1000}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_are_not_written_beside_those_of_a_spark_job() {
    let node = Cassandra::shared().expect("a node");
    let config = common::keyspace(node, "beside_spark", &[]).await;
    let session = common::session(node).await;
    let today = std::time::UNIX_EPOCH.elapsed().expect("a time").as_millis();
    let today = i64::try_from(today).expect("a time") / 86_400_000 * 86_400_000;
    let row = format!(
        "INSERT INTO beside_spark.dependencies_v2 (ts_bucket, ts, dependencies) VALUES ({today}, {today}, \
         [{{parent: 'a', child: 'b', call_count: 5, source: 'jaeger'}}])"
    );
    session.query_unpaged(row, &[]).await.expect("a row");
    let links = async |mode| {
        let store = common::store(&CassandraConfig { links: mode, ..config.clone() }, None).await;
        let batch = Spans::new().span(1, 1, "a", "op", 1).span(1, 2, "b", "op", 2).child_of(1).batch();
        store.write(batch.into()).await;
        store.flush().await.expect("a flush");
        let links = store.dependencies(jaeger_storage::TimeRange::ALL).await.expect("links");
        links.iter().map(|link| link.call_count).sum::<u64>()
    };
    assert_eq!(links(Mode::Auto).await, 5, "the job's alone");
    assert_eq!(links(Mode::Off).await, 5);
    assert_eq!(links(Mode::On).await, 6);
}
