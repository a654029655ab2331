//! What a search asks for.

use jaeger_model::Duration;
use jaeger_storage::TimeRange;

use super::*;

fn query() -> TraceQuery {
    let time = Timestamp::from_nanos;
    TraceQuery {
        service: Some("shop".into()),
        operation: Some("GET /".into()),
        tags: vec![("http.method".into(), "GE.*".into())],
        start: TimeRange { start: time(1_000_001), end: time(5_999_999) },
        duration_min: Some(Duration::from_nanos(1_500)),
        duration_max: None,
        limit: 20,
    }
}

#[test]
fn one_span_satisfies_everything_and_values_are_expressions_as_in_go() {
    let nested = |path: &str| {
        let (key, value) = (format!("{path}.key"), format!("{path}.value"));
        let query = json!({"bool": {"must": [{"term": {key: "http.method"}}, {"regexp": {value: {"value": "GE.*"}}}]}});
        json!({"nested": {"path": path, "query": query, "ignore_unmapped": true}})
    };
    assert_eq!(
        conditions(&query(), TagMatch::Regexp, "@"),
        [
            json!({"range": {"duration": {"gte": 2}}}),
            json!({"range": {"startTime": {"gte": 1001, "lte": 5999}}}),
            json!({"term": {"process.serviceName": "shop"}}),
            json!({"term": {"operationName": "GET /"}}),
            json!({"bool": {"should": [
                {"regexp": {"tag.http@method": {"value": "GE.*"}}},
                {"regexp": {"process.tag.http@method": {"value": "GE.*"}}},
                nested("tags"),
                nested("process.tags"),
                nested("logs.fields"),
            ]}}),
        ]
    );
    let exact = conditions(&query(), TagMatch::Exact, "_");
    assert_eq!(exact[4]["bool"]["should"][0], json!({"term": {"tag.http_method": "GE.*"}}));
}

#[test]
fn bounds_before_1970_are_bounds_too() {
    let query =
        TraceQuery { start: TimeRange::ALL, duration_max: Some(Duration::from_nanos(2_999)), ..TraceQuery::default() };
    let all = conditions(&query, TagMatch::Exact, "@");
    assert_eq!(all[0], json!({"range": {"duration": {"lte": 2}}}));
    let (least, most) = (i64::MIN.div_euclid(1000) + 1, i64::MAX / 1000);
    assert_eq!(all[1], json!({"range": {"startTime": {"gte": least, "lte": most}}}));
    assert_eq!(all.len(), 2);
}
