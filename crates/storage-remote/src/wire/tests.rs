//! Both directions of what is not spans.

use jaeger_grpc::{Code, Status};
use jaeger_model::{Duration, Timestamp};
use jaeger_storage::{DependencyLink, ErrorKind, MinuteCalls, Refused, TimeRange, TraceQuery, Written};
use prost::Message as _;

use super::*;

const KINDS: [ErrorKind; 5] =
    [ErrorKind::Unavailable, ErrorKind::Throttled, ErrorKind::Invalid, ErrorKind::Corrupt, ErrorKind::NotFound];

#[test]
fn each_kind_comes_back_as_itself() {
    for kind in KINDS {
        assert_eq!(kind_of(&Status::new(code_of(kind), "x")), kind);
        let written = Written { stored: 0, refused: vec![Refused { kind, message: "m".into(), spans: vec![0] }] };
        let back = written_of(written_to(written), 1).expect("each span once");
        assert_eq!(back.refused[0].kind, kind);
    }
}

#[test]
fn statuses_of_gos_server_have_kinds() {
    for (code, message, kind) in [
        (Code::Unknown, "trace not found", ErrorKind::NotFound),
        (Code::Unknown, "no such host", ErrorKind::Unavailable),
        (Code::ResourceExhausted, "grpc: received message larger than max (5 vs. 4)", ErrorKind::Invalid),
        (Code::DeadlineExceeded, "", ErrorKind::Unavailable),
        (Code::Internal, "grpc: error unmarshalling request: unexpected EOF", ErrorKind::Invalid),
        (Code::Unimplemented, "not implemented", ErrorKind::Invalid),
    ] {
        assert_eq!(kind_of(&Status::new(code, message)), kind, "{code:?} {message}");
    }
}

fn query() -> TraceQuery {
    TraceQuery {
        service: Some("a".into()),
        operation: Some("op".into()),
        tags: vec![("k".into(), "v".into())],
        start: TimeRange { start: Timestamp::from_nanos(-1), end: Timestamp::from_nanos(1_500_000_000) },
        duration_min: Some(Duration::from_nanos(5)),
        duration_max: Some(Duration::from_nanos(1_000_000_007)),
        limit: 7,
    }
}

#[test]
fn a_search_comes_back_as_itself() {
    let query = query();
    assert_eq!(v1_query_of(v1_query_to(&query, 7).expect("v1 can say this")), query);
    assert_eq!(embedded_query_of(embedded_query_to(&query, false)), query);
    let all = TraceQuery::default();
    assert_eq!(v1_query_of(v1_query_to(&all, all.limit).expect("v1 can say this")), all);
    assert_eq!(embedded_query_of(embedded_query_to(&all, true)), all);
}

#[test]
fn what_v1_cannot_say_is_refused_and_not_another_search() {
    let refused = |query: TraceQuery, what: &str| {
        let error = v1_query_to(&query, 1).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(what), "{error}");
    };
    refused(TraceQuery { service: Some(String::new()), ..query() }, "an empty service");
    refused(TraceQuery { operation: Some(String::new()), ..query() }, "an empty operation");
    refused(TraceQuery { duration_max: Some(Duration::ZERO), ..query() }, "no duration");
    let two = vec![("k".into(), "v".into()), ("k".into(), "w".into())];
    refused(TraceQuery { tags: two, ..query() }, "two values");
}

/// As Go's client writes a search that bounds nothing: its empty times are year 1.
#[test]
fn gos_empty_times_bound_nothing() {
    let zero = Some(prost_types::Timestamp { seconds: -62_135_596_800, nanos: 0 });
    assert_eq!(v1_range_of(zero, zero), TimeRange::ALL);
    assert_eq!(v1_range_of(None, None), TimeRange::ALL);
}

#[test]
fn an_answer_must_speak_of_each_span_once() {
    let answer = |stored, spans: &[u32]| {
        let refused = Refused { kind: ErrorKind::Invalid, message: String::new(), spans: spans.to_vec() };
        written_of(written_to(Written { stored, refused: vec![refused] }), 3).is_some()
    };
    assert!(answer(1, &[0, 2]));
    assert!(!answer(1, &[0, 0]), "twice");
    assert!(!answer(1, &[0, 3]), "not in the batch");
    assert!(!answer(2, &[0, 1]), "too many");
    assert!(!answer(0, &[0]), "too few");
}

#[test]
fn links_and_calls_come_back_as_themselves() {
    let link = |calls, errors| DependencyLink {
        parent: "a".into(),
        child: "b".into(),
        call_count: calls,
        error_count: errors,
    };
    assert_eq!(v1_links_of(&v1_links_to(&[link(1, 1), link(2, 0)])).expect("links"), [link(3, 0)]);
    assert_eq!(embedded_links_of(embedded_links_to(vec![link(3, 1)])), [link(3, 1)]);
    let mut calls = MinuteCalls { minute: -5, service: "a".into(), calls: 3, errors: 1, ..MinuteCalls::default() };
    calls.latencies[16] = 3;
    assert_eq!(calls_of(calls_to(std::slice::from_ref(&calls))), [calls]);
}

#[test]
fn a_failure_stands_in_a_chunk_of_its_own() {
    let error = jaeger_storage::StorageError::new(ErrorKind::Corrupt, "part-1.jpart is damaged");
    let chunk = chunk_of(&failure_to(&error)).expect("a chunk");
    let failure = chunk.failure.expect("a failure");
    assert_eq!((failure.kind(), failure.to_string()), (ErrorKind::Corrupt, error.to_string()));
    assert!(chunk_of(&truncated_to(true)).expect("a chunk").truncated);
    assert!(!chunk_of(&truncated_to(false)).expect("a chunk").truncated);
}

/// Bytes written down from the field numbers, as Go's client sends them.
#[test]
fn reads_the_golden_bytes_of_a_search() {
    let golden: &[u8] = &[
        0x0a, 0x1e, // query
        0x0a, 1, b'a', // service_name
        0x12, 2, b'o', b'p', // operation_name
        0x1a, 6, 0x0a, 1, b'k', 0x12, 1, b'v', // tags
        0x22, 2, 0x08, 1, // start_time_min
        0x2a, 2, 0x08, 2, // start_time_max
        0x32, 2, 0x10, 5, // duration_min
        0x40, 7, // num_traces
    ];
    let mut golden = golden.to_vec();
    golden[1] = u8::try_from(golden.len() - 2).expect("short");
    let request = jaeger_wire::generated::storage_v1::FindTracesRequest::decode(&*golden).expect("a request");
    assert_eq!(request.encode_to_vec(), golden);
    let query = v1_query_of(request.query.expect("a query"));
    let second = |seconds: i64| Timestamp::from_nanos(seconds * 1_000_000_000);
    let expected = TraceQuery {
        service: Some("a".into()),
        operation: Some("op".into()),
        tags: vec![("k".into(), "v".into())],
        start: TimeRange { start: second(1), end: second(2) },
        duration_min: Some(Duration::from_nanos(5)),
        duration_max: None,
        limit: 7,
    };
    assert_eq!(query, expected);
}
