//! Searches by tags.

use jaeger_model::{Batch, Duration, Value};

use super::Case;
use super::spans::{Spans, ids, query};
use crate::{BoxFuture, Store, TraceQuery};

pub(super) const CASES: &[Case] = &[
    Case { name: "a tag is found in span, process and log", batches: places, check: place_check, ordered: false },
    Case { name: "all tags are on one span", batches: places, check: one_span_check, ordered: false },
    Case { name: "values compare by their text", batches: types, check: type_check, ordered: false },
    Case { name: "long values are found", batches: long, check: long_check, ordered: false },
    Case { name: "a rare value among many is found", batches: many, check: many_check, ordered: false },
];

fn tagged(service: &str, tags: &[(&str, &str)]) -> TraceQuery {
    let tags = tags.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    TraceQuery { tags, ..query(service) }
}

fn places() -> Vec<Batch> {
    let process = [("hostname", Value::Str("web-1"))];
    vec![
        Spans::new()
            .span_in(1, 1, "a", &process, "op", 1)
            .tag("http.method", Value::Str("GET"))
            .tag("twice", Value::Str("first"))
            .tag("twice", Value::Str("second"))
            .log(1, &[("event", Value::Str("begun"))])
            .log(2, &[("event", Value::Str("ended")), ("rows", Value::I64(3))])
            .span(1, 2, "a", "op", 2)
            .tag("http.status", Value::I64(200))
            .batch(),
        Spans::new().span(2, 1, "a", "op", 3).took(5000).tag("hostname", Value::Str("web-1")).batch(),
        Spans::new().span(3, 1, "a", "op", 4).log(4, &[("hostname", Value::Str("web-1"))]).batch(),
        Spans::new().span(4, 1, "b", "op", 5).tag("hostname", Value::Str("web-1")).batch(),
    ]
}

fn place_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        assert_eq!(ids(store, &tagged("a", &[("hostname", "web-1")])).await, [3, 2, 1]);
        assert_eq!(ids(store, &tagged("b", &[("hostname", "web-1")])).await, [4]);
        assert_eq!(ids(store, &tagged("a", &[("event", "ended")])).await, [1]);
        assert_eq!(ids(store, &tagged("a", &[("rows", "3")])).await, [1]);
        // Every value of a key counts, and only of that key.
        assert_eq!(ids(store, &tagged("a", &[("twice", "first")])).await, [1]);
        assert_eq!(ids(store, &tagged("a", &[("twice", "second")])).await, [1]);
        assert_eq!(ids(store, &tagged("a", &[("twice", "GET")])).await, []);
        for (key, value) in
            [("hostname", "web-2"), ("hostname", "web"), ("host", "web-1"), ("Hostname", "web-1"), ("hostname", "")]
        {
            assert_eq!(ids(store, &tagged("a", &[(key, value)])).await, [], "{key}={value}");
        }
        if store.capabilities().search_without_service {
            let any = TraceQuery { service: None, ..tagged("", &[("hostname", "web-1")]) };
            assert_eq!(ids(store, &any).await, [4, 3, 2, 1]);
        }
        if store.capabilities().tags_with_duration {
            let slow =
                TraceQuery { duration_min: Some(Duration::from_micros(5000)), ..tagged("a", &[("hostname", "web-1")]) };
            assert_eq!(ids(store, &slow).await, [2]);
        }
    })
}

fn one_span_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let all = [("hostname", "web-1"), ("http.method", "GET"), ("event", "begun"), ("rows", "3")];
        assert_eq!(ids(store, &tagged("a", &all)).await, [1]);
        // The two are on two spans of the trace.
        assert_eq!(ids(store, &tagged("a", &[("http.method", "GET"), ("http.status", "200")])).await, []);
    })
}

fn types() -> Vec<Batch> {
    let one = |trace: u128, value: Value<'_>| {
        let micros = i64::try_from(trace).expect("small");
        Spans::new().span(trace, 1, "t", "op", micros).tag("v", value).batch()
    };
    vec![
        one(1, Value::Str("true")),
        one(2, Value::Bool(true)),
        one(3, Value::I64(200)),
        one(4, Value::Str("200")),
        one(5, Value::F64(200.0)),
        one(6, Value::F64(0.25)),
        one(7, Value::Bytes(&[0xca, 0xfe])),
        one(8, Value::Str("cafe")),
        one(9, Value::I64(-7)),
        one(10, Value::Bool(false)),
        one(11, Value::Str("")),
        one(12, Value::F64(1e21)),
    ]
}

fn type_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        for (value, expected) in [
            ("true", &[2, 1][..]),
            ("false", &[10]),
            ("200", &[5, 4, 3]),
            ("200.0", &[]),
            ("0200", &[]),
            ("+200", &[]),
            ("0.25", &[6]),
            (".25", &[]),
            ("cafe", &[8, 7]),
            ("CAFE", &[]),
            ("-7", &[9]),
            ("", &[11]),
            ("1e+21", &[12]),
            ("1e21", &[]),
        ] {
            assert_eq!(ids(store, &tagged("t", &[("v", value)])).await, expected, "{value:?}");
        }
    })
}

fn long_text(bytes: usize) -> String {
    "x".repeat(bytes - 1) + "!"
}

fn long() -> Vec<Batch> {
    let one = |trace: u128, bytes: usize| {
        Spans::new().span(trace, 1, "l", "op", 1).tag("sql", Value::Str(&long_text(bytes))).batch()
    };
    vec![one(1, 256), one(2, 257), one(3, 5000)]
}

fn long_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        let longest = store.capabilities().max_tag_value_bytes.unwrap_or(usize::MAX);
        for (trace, bytes) in [(1, 256), (2, 257), (3, 5000)] {
            if bytes <= longest {
                assert_eq!(ids(store, &tagged("l", &[("sql", &long_text(bytes))])).await, [trace]);
            }
        }
        assert_eq!(ids(store, &tagged("l", &[("sql", &long_text(255))])).await, []);
    })
}

fn many() -> Vec<Batch> {
    let batch = |batch: u32| {
        let mut spans = Spans::new();
        for n in 0..100 {
            let number = batch * 100 + n;
            let url = format!("http://svc/api/v1/resource/{number}");
            let user = format!("{:08x}-0000-4000-8000-{:012x}", number.wrapping_mul(2_654_435_761), number);
            let word: String = format!("{number}").bytes().map(|digit| char::from(digit + b'a' - b'0')).collect();
            spans = spans
                .span(u128::from(number) + 1, 1, "m", "op", i64::from(number))
                .tag("url", Value::Str(&url))
                .tag("user", Value::Str(&user))
                .tag("word", Value::Str(&word))
                .tag("number", Value::I64(i64::from(number) * 1_000_003))
                .log(0, &[("rows", Value::I64(i64::from(number)))]);
        }
        spans.batch()
    };
    (0..5).map(batch).collect()
}

fn many_check(store: &dyn Store) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        for (key, value, expected) in [
            ("url", "http://svc/api/v1/resource/123", &[124][..]),
            ("url", "http://svc/api/v1/resource/0123", &[]),
            ("url", "http://svc/api/v1/resource/500", &[]),
            ("url", "http://svc/api/v1/resource/", &[]),
            ("user", "9e3779b1-0000-4000-8000-000000000001", &[2]),
            ("user", "9e3779b1-0000-4000-8000-000000000002", &[]),
            ("user", "9E3779B1-0000-4000-8000-000000000001", &[]),
            ("word", "bcd", &[124]),
            ("word", "zzz", &[]),
            ("number", "123000369", &[124]),
            ("number", "123000370", &[]),
            ("rows", "499", &[500]),
        ] {
            assert_eq!(ids(store, &tagged("m", &[(key, value)])).await, expected, "{key}={value}");
        }
    })
}
